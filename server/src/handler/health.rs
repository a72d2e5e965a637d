//! `GET /healthz`: the process runs. `GET /readyz`: it takes work.

use hyper::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::wire::{self, needs_history};

/// That something is well.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(crate) struct HealthAnswer {
    /// `alive` or `ready`.
    status: &'static str,
}

/// Says that the process runs.
pub(super) fn alive() -> Result<Response<Body>, ApiError> {
    well("alive")
}

/// Says whether the server takes work, or why not.
pub(super) fn ready(state: &State) -> Result<Response<Body>, ApiError> {
    if state.is_draining() {
        return Err(ApiError::NotReady { reason: "it is shutting down" });
    }
    needs_history(&state.live.index())?;
    if state.registry.as_ref().is_some_and(|registry| registry.failure().is_some()) {
        let reason = "the event log failed, so that nothing can be registered; checks go on";
        return Err(ApiError::NotReady { reason });
    }
    well("ready")
}

fn well(status: &'static str) -> Result<Response<Body>, ApiError> {
    wire::to_json(&HealthAnswer { status }).map(respond::json)
}
