//! The span and the line of the log of a request. They say which call it was, what it was answered with,
//! and how much was found: never for whom, of which drug or document.

use std::time::Duration;

use chofuku_engine::check::disclose::{Answer, Finding};
use hyper::{HeaderMap, StatusCode};
use tracing::Span;
use tracing::field::Empty;

use crate::call::Call;
use crate::config::Config;

/// The target of spans and lines of requests: `RUST_LOG=info,chofuku_server::request=debug` shows them.
pub const REQUEST: &str = "chofuku_server::request";

/// How a span learns of the trace that its caller began.
pub type ContinueTrace = fn(&Span, &HeaderMap);

/// Begins the span of a request. It costs a comparison where nobody asks for it.
pub(crate) fn begin(config: &Config, call: Call, headers: &HeaderMap) -> Span {
    let span = tracing::debug_span!(
        target: REQUEST,
        "request",
        call = call.word(),
        status = Empty,
        outcome = Empty,
        lines = Empty,
        duplicates = Empty,
        contraindications = Empty,
        not_checked = Empty,
        check_us = Empty,
        otel.name = call.word(),
        otel.kind = "server",
        otel.status_code = Empty,
    );
    if let Some(continue_trace) = config.continue_trace
        && !span.is_disabled()
    {
        continue_trace(&span, headers);
    }
    span
}

/// Notes on the current span what a check came to.
pub(crate) fn checked(took: Duration, lines: usize, answer: &Answer<'_>) {
    let span = Span::current();
    if span.is_disabled() {
        return;
    }
    let kind = |finding: &Finding<'_>| match finding {
        Finding::Withheld(withheld) => withheld.kind.name() == "duplicate",
        Finding::Duplicate(_) => true,
        Finding::Contraindication(_) => false,
    };
    let duplicates = answer.findings.iter().filter(|finding| kind(finding)).count();
    span.record("outcome", answer.outcome.name());
    span.record("lines", lines);
    span.record("duplicates", duplicates);
    span.record("contraindications", answer.findings.len() - duplicates);
    span.record("not_checked", answer.not_checked.len());
    span.record("check_us", micros(took));
}

/// Ends the span of a request, and writes its line.
pub(crate) fn end(span: &Span, call: Call, status: StatusCode, took: Duration) {
    span.record("status", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    tracing::debug!(
        target: REQUEST,
        parent: span,
        call = call.word(),
        status = status.as_u16(),
        took_us = micros(took),
        "answered"
    );
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
