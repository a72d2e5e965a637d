//! From a request to its answer: one file for each call, and what they have in common.

pub(crate) mod admin;
pub(crate) mod batch;
mod cds;
mod check;
mod console;
pub(crate) mod convert;
mod describe;
mod documents;
mod drug;
pub(crate) mod drugs;
pub(crate) mod health;
mod history;
mod intake;
mod metrics;
mod query;
mod respond;
mod status;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chofuku_live::Command;
use hyper::body::Incoming;
use hyper::header::HeaderName;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Request, Response};
use tracing::Instrument;

use crate::body::{self, Body};
use crate::call::Call;
use crate::error::ApiError;
use crate::route::Route;
use crate::state::State;
use crate::{cors, trace};

/// The last event that the caller has seen.
const MIN_EVENT: HeaderName = HeaderName::from_static("min-event");
/// For how long a request waits for it.
const MIN_EVENT_WAIT: Duration = Duration::from_secs(2);

/// Answers a request. Every refusal and failure is an answer too.
pub(crate) async fn answer(state: &Arc<State>, request: Request<Incoming>) -> Response<Body> {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let origins = state.config.hooks.cors_origins.as_slice();
    let (call, mut response) = if let Some(preflight) = cors::preflight(origins, &head) {
        (Call::Preflight, preflight)
    } else {
        let admitted = admit(state, &head);
        let call = admitted.as_ref().map_or(Call::Unknown, |route| Call::from(*route));
        let span = trace::begin(&state.config, call, &head.headers);
        let answering = answer_admitted(state, admitted, &head, body);
        let response = answering.instrument(span.clone()).await;
        trace::end(&span, call, response.status(), began.elapsed());
        (call, response)
    };
    state.metrics.answered(call, response.status(), began.elapsed());
    cors::allow(origins, &head, &mut response);
    response
}

async fn answer_admitted(
    state: &Arc<State>,
    admitted: Result<Route<'_>, ApiError>,
    head: &Parts,
    body: Incoming,
) -> Response<Body> {
    let answered = match admitted {
        Ok(route) => dispatch(state, route, head, body).await,
        Err(refusal) => {
            // Read all the same, so that the connection can be used again.
            body::discard(&head.headers, body, &state.config.limits).await;
            Err(refusal)
        }
    };
    answered.unwrap_or_else(|error| respond::error(&error))
}

/// Finds the call of a head, unless the head alone shows that it is refused.
fn admit<'h>(state: &State, head: &'h Parts) -> Result<Route<'h>, ApiError> {
    let limits = &state.config.limits;
    let written = head.uri.path_and_query().map_or("", |uri| uri.as_str());
    if written.len() > limits.uri_bytes_max {
        return Err(ApiError::UriTooLong { max: limits.uri_bytes_max });
    }
    if head.headers.len() > limits.header_fields_max {
        return Err(ApiError::TooManyHeaders { max: limits.header_fields_max });
    }
    if cors::is_foreign(&state.config.hooks.cors_origins, head) {
        return Err(ApiError::CrossSite);
    }
    let route = Route::find(&head.method, head.uri.path())?;
    if let Some(types) = route.body_types() {
        respond::require_type(&head.headers, types)?;
    }
    Ok(route)
}

async fn dispatch(
    state: &Arc<State>,
    route: Route<'_>,
    head: &Parts,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    wait_for_event(state, &head.headers).await?;
    match route {
        Route::Check => check::answer(state, head, body).await,
        Route::Batch => Ok(batch::answer(state, body)),
        Route::History => history::answer(state, &head.headers, body).await,
        Route::Documents => documents::register(state, head, body).await,
        Route::Document { id, change: true } => documents::change(state, head, id, body).await,
        Route::Document { id, change: false } => documents::state_of(state, id).await,
        Route::Cancel { id } => {
            documents::cancel_or_restore(state, &head.headers, id, body, Command::Cancel).await
        }
        Route::Restore { id } => {
            documents::cancel_or_restore(state, &head.headers, id, body, Command::Restore).await
        }
        Route::Link => documents::link(state, &head.headers, body).await,
        Route::Convert => convert::answer(state, head, body).await,
        Route::Lint => admin::lint(state).await,
        Route::Console { file } => console::answer(state, &head.headers, file),
        Route::Reload => admin::reload(state).await,
        Route::Backup => admin::backup(state).await,
        Route::Compact => admin::compact(state).await,
        Route::Drugs => drugs::answer(state, head.uri.query()),
        Route::Drug { system, code } => drug::answer(state, system, code),
        Route::Status => status::answer(state),
        Route::OpenApi => Ok(describe::openapi()),
        Route::Docs => describe::docs(head),
        Route::Health => health::alive(),
        Route::Ready => health::ready(state),
        Route::Metrics => metrics::answer(state, &head.headers),
        Route::HookServices => cds::services(state, &head.headers),
        Route::Hook => cds::hook(state, &head.headers, body).await,
        Route::Feedback => cds::feedback(state, &head.headers, body).await,
    }
}

/// Waits until checks see the event that the caller has seen: on any node it reads what it wrote.
async fn wait_for_event(state: &State, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(MIN_EVENT) else { return Ok(()) };
    let event = value.to_str().ok().and_then(|text| text.parse().ok());
    let event = event.ok_or_else(|| ApiError::value("min-event", "the number of an event"))?;
    if state.live.reached(event, MIN_EVENT_WAIT).await {
        return Ok(());
    }
    Err(ApiError::EventNotReached { event, last: state.live.event() })
}
