//! `chofuku serve`: checks over HTTP until told to stop.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chofuku_engine::generation;
use chofuku_server::{App, Config, Drained, Policies};
use clap::Args;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

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
        log_to_stderr();
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
            ..Config::default()
        };
        let generation = index.manifest().generation;
        let patients = index.history().dictionary().patients();
        let registry = registry::open(&self.data.data, Arc::new(index))?;
        let runtime = Runtime::new().context("no threads for the server")?;
        runtime.block_on(async {
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
        })
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

/// Logs go to standard error; `RUST_LOG` chooses how much.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}
