//! What a server tells of its work while it works: lines of a log on standard error, and spans to an
//! OpenTelemetry collector where the environment names one.

#[cfg(feature = "otlp")]
mod otlp;

use std::io::IsTerminal;

use chofuku_server::ContinueTrace;
use clap::{Args, ValueEnum};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

/// How the log is written. `RUST_LOG` chooses how much: `info` by default;
/// `info,chofuku_server::request=debug` adds a line for each request.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// How lines of the log are written: for people, or one JSON object each.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

/// Logs and traces, running.
#[derive(Debug)]
pub(crate) struct Telemetry {
    #[cfg(feature = "otlp")]
    traces: Option<otlp::Traces>,
}

impl LogArgs {
    /// Begins to log, and to export spans where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector.
    pub(crate) fn start(&self) -> anyhow::Result<Telemetry> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let lines = match self.log_format {
            LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
            LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        };
        let mut layers: Layers = vec![lines.with_filter(filter).boxed()];
        let telemetry = Telemetry::start(&mut layers)?;
        tracing_subscriber::registry().with(layers).init();
        Ok(telemetry)
    }
}

#[cfg(feature = "otlp")]
impl Telemetry {
    fn start(layers: &mut Layers) -> anyhow::Result<Self> {
        let traces = otlp::Traces::start(layers)?;
        Ok(Self { traces })
    }

    /// How the span of a request learns of its caller's trace.
    pub(crate) fn continue_trace(&self) -> Option<ContinueTrace> {
        self.traces.as_ref().map(|_| otlp::CONTINUE_TRACE)
    }

    /// Sends the last spans.
    pub(crate) fn finish(self) {
        if let Some(traces) = self.traces {
            traces.finish();
        }
    }
}

#[cfg(not(feature = "otlp"))]
impl Telemetry {
    fn start(_: &mut Layers) -> anyhow::Result<Self> {
        if std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_some() {
            crate::output::Output::note(
                "warning: built without the feature `otlp`, so no spans are exported",
            );
        }
        Ok(Self {})
    }

    pub(crate) const fn continue_trace(&self) -> Option<ContinueTrace> {
        None
    }

    pub(crate) fn finish(self) {}
}
