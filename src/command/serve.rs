//! `chofuku serve`: checks over HTTP until told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chofuku_engine::generation;
use chofuku_server::{App, Drained};
use clap::Args;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::command::{cannot_listen, explain, registry};
use crate::config::{Configured, Flag, LogFormat, NO_DATA, SiteArgs};
use crate::greeting::Greeting;
use crate::supervisor;
use crate::telemetry::Telemetry;

/// Serve checks over HTTP.
///
/// Every option is a setting: of defaults, the configuration, the environment and options, the later one
/// counts. `chofuku config check` shows what is in force and where each value came from.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    flags: ServeFlags,
}

/// Settings of a server that can be given as flags.
#[derive(Debug, Default, Args)]
pub(crate) struct ServeFlags {
    /// Where to listen, as address and port; port 0 takes any free one. 127.0.0.1:8080 if nothing is said.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Refuse prescriptions of which a finding is not acknowledged.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    require_acknowledgement: Option<bool>,
    /// The time of the day in Japan at which what was registered becomes a new generation, such as
    /// 03:30; without it, only by `POST /v1/admin/compact` and `chofuku compact`.
    #[arg(long, value_name = "HH:MM")]
    compact_at: Option<jiff::civil::Time>,
    /// Where `POST /v1/admin/backup` makes its copies.
    #[arg(long, value_name = "DIR")]
    backups: Option<PathBuf>,
    /// Read and check all rows of the history before the first request, instead of when a check
    /// first needs them.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    populate: Option<bool>,
    /// How lines of the log look; `auto` is text on a terminal and JSON elsewhere.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    #[command(flatten)]
    hooks: HookFlags,
}

/// What CDS Hooks are answered with; `docs/cds-hooks.md` says more.
#[derive(Debug, Default, Args)]
struct HookFlags {
    /// Who asks by CDS Hooks where a request does not say so, such as
    /// `medical_institution:1311234567`.
    #[arg(long, value_name = "KIND:CODE")]
    cds_actor: Option<String>,
    /// Refuse CDS Hooks requests that bring no insured identity, instead of taking the FHIR id of the
    /// patient.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    cds_require_insured: Option<bool>,
    /// The origin of browser pages that may use CDS Hooks; may be given several times, `*` for all.
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    cors_origins: Vec<String>,
    /// Where people reach this server; cards of CDS Hooks link there.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl HookFlags {
    /// The flags that were given.
    fn given(&self) -> impl Iterator<Item = Flag> {
        let text = |flag, key, text: &Option<String>| {
            text.as_ref().map(|text| Flag::new(flag, key, text.clone()))
        };
        let origins = Some(&self.cors_origins).filter(|origins| !origins.is_empty());
        let flags = [
            text("--cds-actor", "hooks.actor", &self.cds_actor),
            self.cds_require_insured.map(|is_required| {
                Flag::new("--cds-require-insured", "hooks.require_insured", is_required)
            }),
            origins
                .map(|origins| Flag::new("--cors-origin", "hooks.cors_origins", origins.clone())),
            text("--public-url", "hooks.public_url", &self.public_url),
        ];
        flags.into_iter().flatten()
    }
}

impl ServeFlags {
    /// The flags that were given.
    pub(crate) fn given(&self) -> Vec<Flag> {
        let Self {
            listen,
            require_acknowledgement,
            compact_at,
            backups,
            populate,
            log_format,
            hooks,
        } = self;
        let format = log_format.map(|format| match format {
            LogFormat::Auto => "auto",
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        });
        let flags = [
            listen.map(|listen| Flag::new("--listen", "listen", listen.to_string())),
            require_acknowledgement.map(|is_required| {
                Flag::new("--require-acknowledgement", "require_acknowledgement", is_required)
            }),
            compact_at.map(|time| Flag::new("--compact-at", "compact_at", time.to_string())),
            backups.as_ref().map(|backups| Flag::path("--backups", "backups", backups)),
            populate.map(|populate| Flag::new("--populate", "populate", populate)),
            format.map(|format| Flag::new("--log-format", "log.format", format)),
        ];
        flags.into_iter().flatten().chain(hooks.given()).collect()
    }
}

impl Serve {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let Configured { settings, unknown, .. } = self.site.configured(self.flags.given())?;
        let mut config = settings.server().context("the configuration cannot be used")?;
        let data = settings.data.clone().context(NO_DATA)?;
        let telemetry = Telemetry::start(&settings.log)?;
        config.continue_trace = telemetry.continue_trace();
        for name in unknown {
            tracing::warn!("{name} is no setting; `chofuku config check` lists them");
        }
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        supervisor::says("opening the generation in force");
        let (index, key) = generation::open_with_key(&data).map_err(explain)?;
        if !index.has_history() {
            tracing::warn!(
                "no history was ever compiled, so every check is refused; \
                 run `chofuku compile` with --history"
            );
        }
        if settings.populate {
            supervisor::says("reading the whole history");
            index.populate().context("the history cannot be read")?;
        }
        let registry = registry::open(&data, Arc::new(index))?;
        let greeting = Greeting::of(&config, registry.live());
        let runtime = Runtime::new().context("no threads for the server")?;
        let ended = runtime.block_on(async {
            let listen = config.listen;
            let app = App::bind_registry(config, registry, key)
                .await
                .map_err(|error| cannot_listen(listen, error))?;
            let told = told_to_stop()?;
            greeting.serving(app.local_addr())?;
            supervisor::is_ready(app.local_addr());
            let stop = async {
                told.await;
                supervisor::is_stopping();
            };
            match app.serve(stop).await {
                Drained::Whole => tracing::info!("stopped; every request in flight was answered"),
                Drained::Cut { connections } => {
                    tracing::warn!(connections, "stopped; connections were cut");
                }
            }
            Ok(ExitCode::SUCCESS)
        });
        telemetry.finish();
        ended
    }
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
