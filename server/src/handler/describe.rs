//! `GET /openapi.json`: the interface for programs. `GET /docs`: the same for people.

use bytes::Bytes;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

use super::query::Query;
use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::openapi::{self, Language};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// The page needs nothing but its own style.
const NOTHING_ELSE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'");
const LANGUAGES: &[&str] = &["en", "ja"];

/// The document.
pub(super) fn openapi() -> Response<Body> {
    respond::response(
        StatusCode::OK,
        JSON,
        Body::Whole(Bytes::from_static(openapi::text().as_bytes())),
    )
}

/// The page, in the language that is asked for.
pub(super) fn docs(head: &Parts) -> Result<Response<Body>, ApiError> {
    let query = Query::parse(head.uri.query().unwrap_or_default(), &["lang"])?;
    let language = match query.get("lang") {
        Some("en") => Language::English,
        Some("ja") => Language::Japanese,
        Some(_) => {
            return Err(ApiError::InvalidValue {
                path: "lang".to_owned(),
                expected: "a language of the page".into(),
                allowed: LANGUAGES,
            });
        }
        None => preferred(head),
    };
    let body = Body::Whole(Bytes::from_static(openapi::html(language).as_bytes()));
    let mut response = respond::response(StatusCode::OK, HTML, body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, NOTHING_ELSE);
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    Ok(response)
}

/// The language that a reader names first, of those that there are.
fn preferred(head: &Parts) -> Language {
    let accepted = head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut ranges = accepted.unwrap_or_default().split(',').map(str::trim);
    let japanese = ranges.find_map(|range| match range.get(..2) {
        Some("ja") => Some(Language::Japanese),
        Some("en") => Some(Language::English),
        _ => None,
    });
    japanese.unwrap_or(Language::English)
}
