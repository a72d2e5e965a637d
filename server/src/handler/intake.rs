//! Which bodies are messages of the outside, and the parameters that go with them.

use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::query::Query;
use crate::error::ApiError;

/// The parameters of a message; none for a body that is JSON.
///
/// # Errors
///
/// When the query has a parameter that is not among `known`.
pub(super) fn parameters(
    head: &Parts,
    known: &'static [&'static str],
) -> Result<Option<Query>, ApiError> {
    let content = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(None);
    }
    Query::parse(head.uri.query().unwrap_or_default(), known).map(Some)
}
