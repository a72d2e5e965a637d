//! `GET /v1/status`: what runs here, on what.

use hyper::Response;

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::wire::{self, status::StatusAnswer};

/// Tells versions, sizes and the generation.
pub(super) fn answer(state: &State) -> Result<Response<Body>, ApiError> {
    let index = state.live.index();
    let policies = state.config.policies.names();
    wire::to_json(&StatusAnswer::new(&index, state.live.event(), &policies)).map(respond::json)
}
