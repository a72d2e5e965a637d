//! `GET /healthz`: the process runs. `GET /readyz`: it takes work.

use hyper::Response;

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::wire::needs_history;

/// Says that the process runs.
pub(super) fn alive() -> Response<Body> {
    respond::json(br#"{"status":"alive"}"#.to_vec())
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
    Ok(respond::json(br#"{"status":"ready"}"#.to_vec()))
}
