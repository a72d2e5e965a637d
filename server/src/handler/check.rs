//! `POST /v1/check`: answers one check.

use hyper::body::Incoming;
use hyper::{HeaderMap, Response};

use super::respond;
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::state::State;
use crate::wire;

/// Reads a request and answers it on the spot: a check takes microseconds.
pub(super) async fn answer(
    state: &State,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    let config = &state.config;
    respond::timed(|| {
        let today = config.clock.today();
        wire::check_json(&state.live, &state.key, &config.policies, today, &body)
    })
}
