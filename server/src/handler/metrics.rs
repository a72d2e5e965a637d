//! `GET /metrics`: what is counted, for Prometheus.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{ACCEPT, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::metrics::page::{self, OPEN_METRICS, PROMETHEUS};
use crate::state::State;

/// Tells every metric, as `OpenMetrics` to who asks for that.
pub(super) fn answer(state: &Arc<State>, headers: &HeaderMap) -> Result<Response<Body>, ApiError> {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let open_metrics = accept
        .flat_map(|accept| accept.split(','))
        .any(|range| range.trim().starts_with("application/openmetrics-text"));
    let text = page::page(state, open_metrics).map_err(|_| ApiError::AnswerFailed)?;
    let content = HeaderValue::from_static(if open_metrics { OPEN_METRICS } else { PROMETHEUS });
    Ok(respond::response(StatusCode::OK, content, Body::Whole(Bytes::from(text))))
}
