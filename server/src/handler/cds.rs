//! CDS Hooks: discovery, the hooks themselves, and what users made of cards.

use std::sync::Arc;
use std::time::Instant;

use chofuku_live::{Command, Judgement};
use hyper::body::Incoming;
use hyper::{HeaderMap, Response};

use super::respond;
use crate::body::{self, Body};
use crate::cds::{self, Language};
use crate::config::Limits;
use crate::error::ApiError;
use crate::metrics::{FEEDBACK, count};
use crate::state::State;
use crate::wire;
use crate::wire::hook::FeedbackAnswer;
use crate::wire::request::{CardOutcome, Feedback, FeedbackRequest, HookRequest};

/// `GET /cds-services`.
pub(super) fn services(
    state: &Arc<State>,
    headers: &HeaderMap,
) -> Result<Response<Body>, ApiError> {
    wire::needs_history(&state.live.index())?;
    wire::to_json(&cds::services(Language::asked(headers))).map(respond::json)
}

/// `POST /cds-services/medication-check`.
pub(super) async fn hook(
    state: &Arc<State>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = read(state, headers, body).await?;
    let language = Language::asked(headers);
    respond::timed(|| {
        let request = HookRequest::parse(&body)?;
        cds::answer(state, &request, language, Instant::now(), respond::counted(state))
    })
}

/// `POST /cds-services/medication-check/feedback`: stored, durably, before it is answered.
pub(super) async fn feedback(
    state: &Arc<State>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = read(state, headers, body).await?;
    let registry = state.registry()?;
    let request = FeedbackRequest::parse(&body)?;
    // All of it is understood before any of it is stored. What was stored when the log fails is known
    // when it is sent again.
    let commands = request.all()?.enumerate().map(|(position, feedback)| {
        command(state, &format!("feedback[{position}]"), feedback)
            .map(|command| (feedback.outcome(), command))
    });
    let commands: Vec<_> = commands.collect::<Result<_, _>>()?;
    let mut event = 0;
    let stored = commands.len();
    for (outcome, command) in commands {
        event = registry.submit(command).await??.event();
        let outcome = match outcome {
            CardOutcome::Accepted => "accepted",
            CardOutcome::Overridden => "overridden",
        };
        count(&FEEDBACK, &state.metrics.feedback, outcome);
    }
    wire::to_json(&FeedbackAnswer { stored, event }).map(respond::json)
}

/// A body of FHIR resources, which may be larger than others.
async fn read(
    state: &State,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<bytes::Bytes, ApiError> {
    let limits = state.config.limits;
    let limits = Limits { body_bytes_max: limits.hook_body_bytes_max, ..limits };
    body::read(headers, body, &limits).await
}

/// The command that keeps what was made of a card.
fn command(state: &State, path: &str, feedback: &Feedback<'_>) -> Result<Command, ApiError> {
    let shown = state.shown.card(feedback.card(), Instant::now());
    let shown = shown.ok_or_else(|| ApiError::UnknownCard { path: format!("{path}.card") })?;
    let overridden = feedback.outcome() == CardOutcome::Overridden;
    let mut suggestions = feedback.suggestions().peekable();
    if !overridden && suggestions.peek().is_none() {
        return Err(ApiError::MissingField { path: format!("{path}.acceptedSuggestions") });
    }
    if suggestions.any(|accepted| shown.suggestion.as_deref() != Some(accepted)) {
        let path = format!("{path}.acceptedSuggestions");
        return Err(ApiError::value(path, "the uuid of a suggestion of this card"));
    }
    let judgement = Judgement {
        finding: shown.finding,
        line: shown.line,
        overridden,
        reason: feedback.reason(),
        institution: shown.institution,
        day: state.config.clock.today(),
        at: feedback.at().to_owned(),
    };
    Ok(Command::Judge { patient: shown.patient, judgement })
}
