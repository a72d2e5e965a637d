//! What a server tells of its work while it works: lines of a log on standard error, none of which holds
//! what a caller sent, and spans to an OpenTelemetry collector where the environment names one.

#[cfg(feature = "otlp")]
mod otlp;

use std::io::{self, IsTerminal};

use chofuku_server::ContinueTrace;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{Log, LogFormat};

type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

/// Logs and traces, running.
#[derive(Debug)]
pub(crate) struct Telemetry {
    #[cfg(feature = "otlp")]
    traces: Option<otlp::Traces>,
}

impl Telemetry {
    /// Begins to log, and to export spans where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector.
    ///
    /// # Errors
    ///
    /// When the filter of the log or the environment's word about spans cannot be read.
    pub(crate) fn start(log: &Log) -> anyhow::Result<Self> {
        let is_terminal = io::stderr().is_terminal();
        let as_json = match log.format {
            LogFormat::Auto => !is_terminal,
            LogFormat::Text => false,
            LogFormat::Json => true,
        };
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        let lines = if as_json {
            lines.json().flatten_event(true).with_span_list(false).boxed()
        } else {
            lines.with_ansi(is_terminal).boxed()
        };
        let filter = EnvFilter::try_new(&log.filter)?;
        let mut layers: Layers = vec![lines.with_filter(filter).boxed()];
        let telemetry = Self::spans(&mut layers)?;
        tracing_subscriber::registry().with(layers).init();
        Ok(telemetry)
    }
}

#[cfg(feature = "otlp")]
impl Telemetry {
    fn spans(layers: &mut Layers) -> anyhow::Result<Self> {
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
    fn spans(_: &mut Layers) -> anyhow::Result<Self> {
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
