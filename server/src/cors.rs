//! Pages of other sites: which of them a browser lets read the answers of CDS Hooks (CORS), and that no
//! other has anything done. None unless the operator names them, and no other call than those of CDS
//! Hooks.

use bytes::Bytes;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use crate::body::Body;
use crate::cds::PATH;

/// What stands for every origin in the configuration.
const ANY: &str = "*";
/// What a page may send: the body's type, a token for what stands before this server, the language,
/// and the trace that it belongs to.
const HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, authorization, accept-language, traceparent");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// For how long a browser remembers, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// What a browser says of the page that sends a request.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a page of another site or origin sends this, and was not allowed to. A browser sends some requests for any
/// page without asking, and keeps nothing from the page but the answer: a cancellation would have been
/// made.
pub(crate) fn is_foreign(origins: &[String], head: &Parts) -> bool {
    let only_reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&head.method);
    let site = head.headers.get(FETCH_SITE);
    !only_reads
        && site.is_some_and(|site| site == "cross-site" || site == "same-site")
        && allowed(origins, head).is_none()
}

/// The origin of a head, if it asks for CDS Hooks and may read the answer.
fn allowed(origins: &[String], head: &Parts) -> Option<HeaderValue> {
    let path = head.uri.path();
    let below = path.strip_prefix(PATH)?;
    if !below.is_empty() && !below.starts_with('/') {
        return None;
    }
    let origin = head.headers.get(ORIGIN)?;
    let written = origin.to_str().ok()?;
    origins.iter().any(|known| known == ANY || known == written).then(|| origin.clone())
}

/// The answer to a preflight of an allowed origin.
pub(crate) fn preflight(origins: &[String], head: &Parts) -> Option<Response<Body>> {
    let asks =
        head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let origin = asks.then(|| allowed(origins, head)).flatten()?;
    let mut response = Response::new(Body::Whole(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    headers.insert(VARY, HeaderValue::from_static("origin"));
    Some(response)
}

/// Lets a page of an allowed origin read an answer, errors too.
pub(crate) fn allow(origins: &[String], head: &Parts, response: &mut Response<Body>) {
    if origins.is_empty() {
        return;
    }
    if let Some(origin) = allowed(origins, head) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}
