//! `GET /v1/drugs/{system}/{code}`: what a code means, and what it must not meet.

use chofuku_engine::code::CodeSystem;
use hyper::Response;

use super::query;
use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::wire::{self, drug::DrugAnswer};

const SYSTEMS: &[&str] = &["receipt", "price", "yj", "hot", "generic", "gtin"];

/// Looks a code up.
pub(super) fn answer(state: &State, system: &str, code: &str) -> Result<Response<Body>, ApiError> {
    let system: CodeSystem = system.parse().map_err(|_| ApiError::InvalidValue {
        path: "system".to_owned(),
        expected: "a code system".into(),
        allowed: SYSTEMS,
    })?;
    let code = query::decoded(code, false)
        .filter(|code| code.chars().count() <= 64)
        .ok_or_else(|| ApiError::value("code", "a code of at most 64 characters in UTF-8"))?;
    let index = state.live.index();
    let today = state.config.clock.today();
    let answer = DrugAnswer::new(&index, state.live.event(), system, &code, today)
        .ok_or(ApiError::UnknownDrug)?;
    wire::to_json(&answer).map(respond::json)
}
