//! Answers and refusals as HTTP responses, and the isolation of the code that makes them.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chofuku_engine::check::Answer;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};

use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::trace;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Answers tell of patients: nothing between server and caller may keep them.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// A JSON body with status 200.
pub(super) fn json(body: Vec<u8>) -> Response<Body> {
    response(StatusCode::OK, JSON, Body::Whole(Bytes::from(body)))
}

/// A body of any type.
pub(super) fn response(status: StatusCode, content: HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content);
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}

/// A refusal or failure.
pub(super) fn error(error: &ApiError) -> Response<Body> {
    log(error);
    let body = Body::Whole(Bytes::from(error.to_json()));
    let mut response = response(error.status(), JSON, body);
    if let ApiError::MethodNotAllowed { allow } = error
        && let Ok(allow) = HeaderValue::from_str(&allow.join(", "))
    {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

/// Logs a failure of the server, with its cause. What a caller got wrong is the caller's to see:
/// even the path of a field is text that they wrote.
pub(super) fn log(error: &ApiError) {
    let code = error.code().name();
    if error.status().is_server_error() {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(code, cause, "a request failed");
    } else {
        tracing::debug!(code, "a request was refused");
    }
}

/// Adds how long the check took, in milliseconds with microseconds as decimals.
pub(super) fn add_timing(response: &mut Response<Body>, took: Duration) {
    let micros = took.as_micros();
    let text = format!("check;dur={}.{:03}", micros / 1000, micros % 1000);
    if let Ok(value) = HeaderValue::try_from(text) {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
}

/// Answers, and says how long it took. A panic fails this request and no other.
pub(super) fn timed(
    answer: impl FnOnce() -> Result<Vec<u8>, ApiError>,
) -> Result<Response<Body>, ApiError> {
    let began = Instant::now();
    let body = isolated(answer)?;
    let took = began.elapsed();
    let mut response = json(body);
    add_timing(&mut response, took);
    Ok(response)
}

/// What counts a check: in the metrics, and on the span of its request.
pub(super) fn counted(state: &State) -> impl FnOnce(Duration, usize, &Answer<'_>) {
    move |took, lines, answer| {
        state.metrics.checked(took, answer);
        trace::checked(took, lines, answer);
    }
}

/// Runs code whose panic must not end the connection, which may carry other requests. It borrows
/// only what a panic cannot leave half-written.
pub(super) fn isolated(
    answer: impl FnOnce() -> Result<Vec<u8>, ApiError>,
) -> Result<Vec<u8>, ApiError> {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or(Err(ApiError::AnswerFailed))
}

/// Refuses a body of another type than these.
pub(super) fn require_type(
    headers: &HeaderMap,
    allowed: &'static [&'static str],
) -> Result<(), ApiError> {
    let content = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if allowed.iter().any(|known| known.eq_ignore_ascii_case(essence)) {
        return Ok(());
    }
    Err(ApiError::UnsupportedMediaType { allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_fails_one_request() {
        let failed = isolated(|| panic!("a fault of this test"));
        assert!(matches!(failed, Err(ApiError::AnswerFailed)));
    }

    #[test]
    fn a_type_is_compared_without_case_and_parameters() {
        let require = |written: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(written));
            require_type(&headers, &["application/json"])
        };
        for written in ["application/json", "Application/JSON ; charset=utf-8"] {
            assert!(require(written).is_ok(), "{written}");
        }
        for written in ["", "text/plain", "application/jsonp", "text/csv; application/json"] {
            assert!(require(written).is_err(), "{written}");
        }
        assert!(require_type(&HeaderMap::new(), &["application/json"]).is_err());
    }

    #[test]
    fn time_is_written_in_milliseconds() {
        let mut response = json(Vec::new());
        add_timing(&mut response, Duration::from_nanos(12_345_678));
        assert_eq!(response.headers()[SERVER_TIMING], "check;dur=12.345");
    }
}
