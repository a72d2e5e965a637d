//! Spans to an OpenTelemetry collector, over OTLP as protobuf on HTTP, by the standard environment
//! variables. Off unless they name an endpoint.

use std::env;
use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use chofuku_server::{ContinueTrace, REQUEST};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::Layers;

/// What the service is called where the environment gives it no name.
const SERVICE: &str = "chofuku";
/// For how long a collector may take, where the environment does not say.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of a collector's answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Makes the span of a request a part of the trace that the header `traceparent` names.
pub(super) const CONTINUE_TRACE: ContinueTrace = |span, headers| {
    let context = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Without the header this is the empty context, in which a trace begins.
    if let Err(error) = span.set_parent(context) {
        tracing::trace!(%error, "a span stands alone");
    }
};

/// Spans on their way to a collector.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to export spans, if the environment says where to.
    pub(super) fn start(layers: &mut Layers) -> anyhow::Result<Option<Self>> {
        if !is_wanted()? {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new()?)
            .build()
            .context("OTEL_EXPORTER_OTLP_ENDPOINT: no spans can be exported there")?;
        let mut resource = Resource::builder();
        let attributes = env::var("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        if env::var_os("OTEL_SERVICE_NAME").is_none() && !attributes.contains("service.name=") {
            resource = resource.with_service_name(SERVICE);
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false);
        // The spans of requests and nothing else: what other libraries note may hold anything.
        let requests = Targets::new().with_target(REQUEST, LevelFilter::DEBUG);
        layers.push(layer.with_filter(requests).boxed());
        Ok(Some(Self(provider)))
    }

    /// Sends the last spans.
    pub(super) fn finish(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans may not have been exported");
        }
    }
}

/// Whether the environment asks for spans, in a way that is served here.
fn is_wanted() -> anyhow::Result<bool> {
    let get = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let either = |traces: &str, all: &str| get(traces).or_else(|| get(all));
    if get("OTEL_SDK_DISABLED").is_some_and(|disabled| disabled.eq_ignore_ascii_case("true")) {
        return Ok(false);
    }
    match get("OTEL_TRACES_EXPORTER").as_deref() {
        None | Some("otlp") => {}
        Some("none") => return Ok(false),
        Some(other) => bail!("OTEL_TRACES_EXPORTER={other}: there are `otlp` and `none`"),
    }
    let endpoint = either("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
    let Some(endpoint) = endpoint else { return Ok(false) };
    if !endpoint.starts_with("http://") {
        bail!(
            "OTEL_EXPORTER_OTLP_ENDPOINT: spans are exported over http:// only; name a collector on \
             this machine, which may go on over TLS"
        );
    }
    let protocol = either("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
    match protocol.as_deref() {
        None | Some("http/protobuf") => Ok(true),
        Some(other) => {
            bail!("OTEL_EXPORTER_OTLP_PROTOCOL={other}: there is `http/protobuf`, on port 4318")
        }
    }
}

/// Carries what is exported. The exporter has a thread of its own and no runtime, so that this brings
/// one along.
#[derive(Debug)]
struct Collector {
    runtime: Runtime,
    timeout: Duration,
}

impl Collector {
    fn new() -> anyhow::Result<Self> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().context("no runtime for the exporter")?;
        let written = env::var("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
            .or_else(|_| env::var("OTEL_EXPORTER_OTLP_TIMEOUT"));
        let timeout = written.ok().and_then(|written| written.parse().ok());
        Ok(Self { runtime, timeout: timeout.map_or(TIMEOUT, Duration::from_millis) })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = async { tokio::time::timeout(self.timeout, send(request)).await };
        self.runtime.block_on(sent)?
    }
}

/// One request on a connection of its own: there is one every few seconds.
async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let (mut head, body) = request.into_parts();
    let authority = head.uri.authority().ok_or("the endpoint names no host")?.clone();
    let port = authority.port_u16().unwrap_or(80);
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    head.headers.insert(hyper::header::HOST, authority.as_str().parse()?);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    head.uri = path.parse()?;
    let answer = sender.send_request(Request::from_parts(head, Full::new(body))).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await?.to_bytes();
    drop(sender);
    connection.abort();
    Ok(Response::from_parts(head, body))
}
