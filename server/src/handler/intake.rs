//! Which bodies are messages of the outside, and the parameters that go with them.

use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::query::Query;
use crate::error::ApiError;

/// The parameters of a message; none for a body that is JSON, which says everything itself.
///
/// # Errors
///
/// When the query has a parameter that is not among `known`, or any beside JSON: `consent` there must not
/// pass for none.
pub(super) fn parameters(
    head: &Parts,
    known: &'static [&'static str],
) -> Result<Option<Query>, ApiError> {
    let query = head.uri.query().unwrap_or_default();
    let content = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Query::parse(query, &[]).map(|_| None);
    }
    Query::parse(query, known).map(Some)
}
