//! Every setting, with its default.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use chofuku_engine::policy::Policy;
use chofuku_server::{Config, Limits, Policies};
use clap::ValueEnum;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use super::{Faults, NO_DATA};

/// What an operator decides. Nothing in it is secret: the key of the patients lies in the data directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The data directory.
    pub(crate) data: Option<PathBuf>,
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// Whether the whole history is read and checked before the first request.
    pub(crate) populate: bool,
    /// Whether a prescription is refused of which a finding is not acknowledged.
    pub(crate) require_acknowledgement: bool,
    /// The time of the day in Japan of the daily compaction.
    pub(crate) compact_at: Option<Time>,
    /// Where a running server makes its backups.
    pub(crate) backups: Option<PathBuf>,
    /// What the server logs.
    pub(crate) log: Log,
    /// What CDS Hooks are answered with.
    pub(crate) hooks: Hooks,
    /// What the server takes and how long it waits.
    pub(crate) limits: Limits,
    /// Policies by name, beside the built-in ones.
    pub(crate) policies: BTreeMap<String, Policy>,
}

/// Keys without a default, which the default of [`Settings`] does not show.
pub(super) const OPTIONAL: [&str; 5] =
    ["data", "compact_at", "backups", "hooks.actor", "hooks.public_url"];
/// Keys whose values are paths; in a file they count from its folder.
pub(super) const PATHS: [&str; 2] = ["data", "backups"];

/// What the server logs, on standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// How a line looks.
    pub(crate) format: LogFormat,
    /// Which lines, as `RUST_LOG` has it: `info`, `warn`, `chofuku_server=debug`.
    pub(crate) filter: String,
}

/// What CDS Hooks are answered with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Hooks {
    /// Who asks where a request does not say so: kind and code, with a colon between them.
    pub(crate) actor: Option<String>,
    /// Whether a request is refused that brings no insured identity.
    pub(crate) require_insured: bool,
    /// The origins of browser pages that may read the answers; `*` for every one.
    pub(crate) cors_origins: Vec<String>,
    /// Where people reach this server; cards link there.
    pub(crate) public_url: Option<String>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        let server = Config::default();
        Self {
            data: None,
            listen: server.listen,
            populate: false,
            require_acknowledgement: server.require_acknowledgement,
            compact_at: server.compact_at,
            backups: server.backups,
            log: Log::default(),
            hooks: Hooks::default(),
            limits: server.limits,
            policies: BTreeMap::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Auto, filter: "info".to_owned() }
    }
}

impl Settings {
    /// The built-in policies and those of the configuration.
    ///
    /// # Errors
    ///
    /// When a policy cannot be used under its name.
    pub(crate) fn policies(&self) -> Result<Policies, Faults> {
        Policies::new(self.policies.clone()).map_err(|error| Faults(vec![error.to_string()]))
    }

    /// Why a server cannot be started so, every reason.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.data.is_none() {
            faults.push(NO_DATA.to_owned());
        }
        faults.extend(self.policies().err().into_iter().flat_map(|Faults(reasons)| reasons));
        faults.extend(self.limits.faults().iter().map(ToString::to_string));
        faults.extend(self.hooks.actor().err());
        if let Err(error) = EnvFilter::try_new(&self.log.filter) {
            faults.push(format!("log.filter: {error}; write a level, such as info or warn"));
        }
        faults
    }

    /// What is allowed and may still not be meant.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        // A volume may still be mounted, and checks must not wait for it.
        if let Some(backups) = self.backups.as_ref().filter(|backups| !backups.is_dir()) {
            warnings.push(format!(
                "backups: {} is no directory, so that no backup can be made; make it, or mount it",
                backups.display()
            ));
        }
        if !self.listen.ip().is_loopback() {
            warnings.push(format!(
                "the server listens on {} with no TLS and no authentication: whoever reaches it can \
                 ask and register. Put something in front that has them",
                self.listen
            ));
        }
        warnings
    }

    /// The server as it is configured.
    ///
    /// # Errors
    ///
    /// Every reason why it cannot be started so.
    pub(crate) fn server(&self) -> Result<Config, Faults> {
        Faults::none(self.faults())?;
        Ok(Config {
            listen: self.listen,
            data: self.data.clone(),
            compact_at: self.compact_at,
            backups: self.backups.clone(),
            policies: self.policies()?,
            require_acknowledgement: self.require_acknowledgement,
            hooks: self.hooks.server().map_err(|reason| Faults(vec![reason]))?,
            limits: self.limits,
            ..Config::default()
        })
    }
}

impl Hooks {
    /// The kind and the code of who asks.
    fn actor(&self) -> Result<Option<(String, String)>, String> {
        let Some(written) = &self.actor else { return Ok(None) };
        let (kind, code) = written.split_once(':').unwrap_or_default();
        let is_code = code.len() == 10 && code.bytes().all(|digit| digit.is_ascii_digit());
        if !["medical_institution", "pharmacy"].contains(&kind) || !is_code {
            return Err(format!(
                "hooks.actor: {written:?} is not who asks; write medical_institution:CODE or \
                 pharmacy:CODE, with ten digits"
            ));
        }
        Ok(Some((kind.to_owned(), code.to_owned())))
    }

    fn server(&self) -> Result<chofuku_server::Hooks, String> {
        let public_url = self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        Ok(chofuku_server::Hooks {
            actor: self.actor()?,
            require_insured: self.require_insured,
            cors_origins: self.cors_origins.clone(),
            public_url,
        })
    }
}
