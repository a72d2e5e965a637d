//! `GET /v1/drugs?q=&limit=`: finds products by the beginning of a name.

use hyper::Response;

use super::query::Query;
use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::wire::{self, drug::DrugsAnswer};

pub(crate) const LIMIT_USUAL: usize = 20;
pub(crate) const LIMIT_MAX: usize = 100;
pub(crate) const QUERY_CHARACTERS_MAX: usize = 64;

/// Searches.
pub(super) fn answer(state: &State, query: Option<&str>) -> Result<Response<Body>, ApiError> {
    let query = Query::parse(query.unwrap_or_default(), &["q", "limit"])?;
    let Some(name) = query.get("q") else {
        return Err(ApiError::MissingField { path: "q".to_owned() });
    };
    if !(1..=QUERY_CHARACTERS_MAX).contains(&name.chars().count()) {
        return Err(ApiError::value("q", "the beginning of a name, of 1 to 64 characters"));
    }
    let limit = match query.get("limit") {
        None => LIMIT_USUAL,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| ApiError::value("limit", "a whole number from 1 to 100"))?,
    };
    let index = state.live.index();
    wire::to_json(&DrugsAnswer::new(&index, name, limit)).map(respond::json)
}
