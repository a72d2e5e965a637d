//! One connection: HTTP/1 or, by prior knowledge, HTTP/2, until it ends, expires or is drained.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::body::Body;
use crate::config::Limits;
use crate::handler;
use crate::idle::{Activity, InFlight};
use crate::metrics::Counted;
use crate::state::State;
use crate::watched::Watched;

/// How connections are served: the protocol, set up once, and what requests need.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    protocol: Builder<TokioExecutor>,
    state: Arc<State>,
    /// True from the moment at which connections are to end.
    drain: watch::Receiver<bool>,
}

impl Server {
    pub(crate) fn new(state: Arc<State>, drain: watch::Receiver<bool>) -> Self {
        Self { protocol: protocol(&state.config.limits), state, drain }
    }

    /// Serves a connection to its end.
    pub(crate) async fn serve(self, socket: TcpStream) {
        let Self { protocol, state, mut drain } = self;
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "the socket is gone before its first request");
            return;
        }
        let activity = Arc::new(Activity::new());
        let expiry = Arc::clone(&activity).expiry(state.config.limits);
        let io = TokioIo::new(Watched::new(socket, Arc::clone(&activity)));
        let service = service_fn(|request: Request<Incoming>| {
            let in_flight = activity.begin();
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(answer(&state, request, in_flight).await) }
        });
        let mut connection = pin!(protocol.serve_connection(io, service));
        // A server that is gone drains as well.
        let draining = async { drop(drain.wait_for(|drain| *drain).await) };
        tokio::select! {
            biased;
            ended = connection.as_mut() => match ended {
                Ok(()) => tracing::trace!("the peer ended the connection"),
                Err(error) => tracing::debug!(%error, "the connection broke"),
            },
            () = pin!(draining) => {
                connection.as_mut().graceful_shutdown();
                // The request in flight is answered; the listener bounds how long that may take.
                match connection.await {
                    Ok(()) => tracing::debug!("the connection is drained"),
                    Err(error) => tracing::debug!(%error, "the connection broke while draining"),
                }
            }
            why = pin!(expiry) => tracing::debug!(%why, "the connection is closed"),
        }
    }
}

/// Everything that hyper is told, in one place.
fn protocol(limits: &Limits) -> Builder<TokioExecutor> {
    let mut protocol = Builder::new(TokioExecutor::new());
    protocol
        .http1()
        .timer(TokioTimer::new())
        // Its timer would also run between requests and costs an allocation for each; expiry
        // bounds heads instead.
        .header_read_timeout(None)
        .max_buf_size(usize::try_from(limits.header_bytes_max).unwrap_or(usize::MAX));
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams_max)
        .max_header_list_size(limits.header_bytes_max);
    protocol
}

/// An answer that keeps its request in flight until it is written or given up.
async fn answer(
    state: &Arc<State>,
    request: Request<Incoming>,
    in_flight: InFlight,
) -> Response<Held> {
    let counted = Counted::new(state);
    let response = handler::answer(state, request).await;
    response.map(|body| Held { body, in_flight, counted })
}

/// A body and the request that it answers.
#[derive(Debug)]
struct Held {
    body: Body,
    #[expect(dead_code, reason = "dropped with the body, which ends the request")]
    in_flight: InFlight,
    #[expect(dead_code, reason = "as above, for the metrics")]
    counted: Counted,
}

impl hyper::body::Body for Held {
    type Data = <Body as hyper::body::Body>::Data;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Infallible>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
