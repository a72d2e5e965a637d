//! `POST /v1/history`: tells every record of a patient, with full consent.

use hyper::body::Incoming;
use hyper::{HeaderMap, Response};

use super::respond;
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::state::State;
use crate::wire;

/// Reads a request and answers it.
pub(super) async fn answer(
    state: &State,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    let config = &state.config;
    respond::timed(|| {
        let today = config.clock.today();
        wire::history_json(&state.live, &state.key, &config.policies, today, &body)
    })
}
