//! `chofuku serve`: checks over HTTP until told to stop.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chofuku_engine::generation;
use chofuku_server::{App, Config, Drained, Hooks, Policies};
use clap::Args;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::command::telemetry::LogArgs;
use crate::command::{DataArgs, explain, registry, thousands};
use crate::output::Output;

/// Serve checks over HTTP.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    policies: PolicyArgs,
    /// Where to listen, as address and port; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Refuse prescriptions of which a finding is not acknowledged.
    #[arg(long)]
    require_acknowledgement: bool,
    /// The time of the day in Japan at which what was registered becomes a new generation, such as
    /// 03:30; without it, only by `POST /v1/admin/compact` and `chofuku compact`.
    #[arg(long, value_name = "HH:MM")]
    compact_at: Option<jiff::civil::Time>,
    /// Where `POST /v1/admin/backup` makes its copies.
    #[arg(long, value_name = "DIR")]
    backups: Option<PathBuf>,
    /// Read and check all rows of the history before the first request, instead of when a check
    /// first needs them.
    #[arg(long)]
    populate: bool,
    #[command(flatten)]
    hooks: HookArgs,
    #[command(flatten)]
    logs: LogArgs,
}

/// What CDS Hooks are answered with; `docs/cds-hooks.md` says more.
#[derive(Debug, Args)]
struct HookArgs {
    /// Who asks by CDS Hooks where a request does not say so, such as
    /// medical_institution:1311234567.
    #[arg(long, value_name = "KIND:CODE", value_parser = actor)]
    cds_actor: Option<(String, String)>,
    /// Refuse CDS Hooks requests that bring no insured identity, instead of taking the FHIR id of the
    /// patient.
    #[arg(long)]
    cds_require_insured: bool,
    /// The origin of browser pages that may use CDS Hooks; may be given several times, `*` for all.
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    cors_origins: Vec<String>,
    /// Where people reach this server; cards of CDS Hooks link there.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl HookArgs {
    fn hooks(&self) -> Hooks {
        let public_url = self.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        Hooks {
            actor: self.cds_actor.clone(),
            require_insured: self.cds_require_insured,
            cors_origins: self.cors_origins.clone(),
            public_url,
        }
    }
}

/// An actor on the command line.
fn actor(written: &str) -> Result<(String, String), String> {
    let (kind, code) = written.split_once(':').unwrap_or_default();
    let is_code = code.len() == 10 && code.bytes().all(|digit| digit.is_ascii_digit());
    if !["medical_institution", "pharmacy"].contains(&kind) || !is_code {
        return Err("write medical_institution:CODE or pharmacy:CODE, with ten digits".to_owned());
    }
    Ok((kind.to_owned(), code.to_owned()))
}

/// Policies beside the built-in ones.
#[derive(Debug, Default, Args)]
pub(crate) struct PolicyArgs {
    /// A TOML file of policies by name; fields left out are as in the official policy.
    #[arg(long = "policies", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl PolicyArgs {
    pub(crate) fn read(&self) -> anyhow::Result<Policies> {
        let Some(path) = &self.file else { return Ok(Policies::default()) };
        let place = || format!("{}: no usable policies", path.display());
        let text = std::fs::read_to_string(path).with_context(place)?;
        let policies: BTreeMap<String, _> = toml::from_str(&text).with_context(place)?;
        Policies::new(policies).with_context(place)
    }
}

impl Serve {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let telemetry = self.logs.start()?;
        let (index, key) = generation::open_with_key(&self.data.data).map_err(explain)?;
        if !index.has_history() {
            Output::note(
                "warning: no history was ever compiled, so every check is refused; \
                 run `chofuku compile` with --history",
            );
        }
        if self.populate {
            index.populate().context("the history cannot be read")?;
        }
        let config = Config {
            listen: self.listen,
            data: Some(self.data.data.clone()),
            compact_at: self.compact_at,
            backups: self.backups.clone(),
            require_acknowledgement: self.require_acknowledgement,
            policies: self.policies.read()?,
            hooks: self.hooks.hooks(),
            continue_trace: telemetry.continue_trace(),
            ..Config::default()
        };
        let generation = index.manifest().generation;
        let patients = index.history().dictionary().patients();
        let registry = registry::open(&self.data.data, Arc::new(index))?;
        let runtime = Runtime::new().context("no threads for the server")?;
        let ended = runtime.block_on(async {
            let app = App::bind_registry(config, registry, key)
                .await
                .with_context(|| format!("{}: cannot be listened on", self.listen))?;
            Output::line(format_args!(
                "chofuku {} serves generation {generation} ({} patients) on http://{}",
                env!("CARGO_PKG_VERSION"),
                thousands(patients),
                app.local_addr(),
            ))?;
            Ok(drained(app.serve(told_to_stop()?).await))
        });
        telemetry.finish();
        ended
    }
}

/// Reports how serving ended.
pub(crate) fn drained(drained: Drained) -> ExitCode {
    match drained {
        Drained::Whole => Output::note("stopped; every request in flight was answered"),
        Drained::Cut { connections } => {
            Output::note(format_args!("stopped; {connections} connections were cut"));
        }
    }
    ExitCode::SUCCESS
}

/// Ends with the first interrupt or termination signal.
pub(crate) fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
