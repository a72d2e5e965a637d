//! `GET /` and `GET /console/{file}`: the console, from the binary itself.
//!
//! Files are named by their content in `etag` and always asked for anew, so that a server that is
//! replaced never meets scripts of the one before. The page runs nothing but these files: no inline
//! script, no other origin.

use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Response, StatusCode};

use super::respond;
use crate::body::Body;
use crate::console;
use crate::error::ApiError;
use crate::state::State;
use crate::wire;

/// What the page may do: run and load what this server gives, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'",
);
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Example patients, told by a server that serves demo data; not a file.
const EXAMPLES: &str = "examples.json";

/// Answers with a file, or with nothing where the caller has it already.
pub(super) fn answer(
    state: &State,
    headers: &HeaderMap,
    name: &str,
) -> Result<Response<Body>, ApiError> {
    if name == EXAMPLES {
        return wire::to_json(&state.config.examples).map(respond::json);
    }
    let file = console::file(name).ok_or(ApiError::NotFound)?;
    let etag = HeaderValue::try_from(file.etag()).map_err(|_| ApiError::AnswerFailed)?;
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|list| list.split(',')).any(|known| known.trim() == file.etag());
    let (status, bytes) = if is_known {
        (StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        (StatusCode::OK, Bytes::from_static(file.bytes))
    };
    let content = HeaderValue::from_static(file.content_type());
    let mut response = respond::response(status, content, Body::Whole(bytes));
    for (name, value) in [
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, POLICY),
        (ETAG, etag),
        (OPENER_POLICY, HeaderValue::from_static("same-origin")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ] {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
