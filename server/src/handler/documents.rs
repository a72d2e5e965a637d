//! Registration: documents and links of patients, answered once they are durable.

use chofuku_engine::document::{Acknowledged, DocumentKind};
use chofuku_live::{Command, Done, Judgement, Named, NewIf, Unavailable};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Response, StatusCode};

use super::{intake, query, respond};
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::state::State;
use crate::wire::intake::{DOCUMENT_PARAMETERS, Intake};
use crate::wire::registered::{DocumentAnswer, RegisteredAnswer};
use crate::wire::request::{DocumentRequest, LinkRequest, NamedRequest, Registration};
use crate::wire::{self, acknowledged};

/// How often a document is checked again because another of its patient came between.
const ATTEMPTS: u32 = 16;
/// For how many days a judgement counts: a night's work goes on after midnight.
const JUDGED_DAYS: i32 = 1;

/// `POST /v1/documents`.
pub(super) async fn register(
    state: &State,
    head: &Parts,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(&head.headers, body, &state.config.limits).await?;
    let intake = intake(head, &body)?;
    let registration = DocumentRequest::parse(&intake.body)?.registration(&state.key)?;
    submit_document(state, &registration, &intake.deviations, |registration| {
        let Registration { patient, document, acknowledged, .. } = registration;
        Command::Register { patient, document, acknowledged }
    })
    .await
}

/// `PUT /v1/documents/{id}`.
pub(super) async fn change(
    state: &State,
    head: &Parts,
    written: &str,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(&head.headers, body, &state.config.limits).await?;
    let id = document_id(written)?;
    let intake = intake(head, &body)?;
    let registration = DocumentRequest::parse(&intake.body)?.registration(&state.key)?;
    if registration.document.id != id {
        return Err(ApiError::value("id", "the id of the path"));
    }
    submit_document(state, &registration, &intake.deviations, |registration| {
        let Registration { patient, document, acknowledged, .. } = registration;
        Command::Change { patient, document, acknowledged }
    })
    .await
}

/// `POST /v1/documents/{id}/cancel` and `/restore`, as `command` says.
pub(super) async fn cancel_or_restore(
    state: &State,
    headers: &HeaderMap,
    written: &str,
    body: Incoming,
    command: fn(Named) -> Command,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    wire::needs_history(&state.live.index())?;
    let patient = NamedRequest::parse(&body)?.patient(&state.key)?;
    let id = document_id(written)?;
    let done = state.registry()?.submit(command(Named { document: id.clone(), patient })).await??;
    answer(Some(&id), done, &[])
}

/// `POST /v1/patients/link`.
pub(super) async fn link(
    state: &State,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    wire::needs_history(&state.live.index())?;
    let [patient, same_as] = LinkRequest::parse(&body)?.patients(&state.key)?;
    let done = state.registry()?.submit(Command::Link { patient, same_as }).await??;
    answer(None, done, &[])
}

/// `GET /v1/documents/{id}`.
pub(super) async fn state_of(state: &State, written: &str) -> Result<Response<Body>, ApiError> {
    let id = document_id(written)?;
    let known = state.registry()?.document(&id).await?.ok_or(ApiError::UnknownDocument)?;
    wire::to_json(&DocumentAnswer::new(&id, &known)).map(respond::json)
}

/// Registers a document. Where the server asks for it, every finding of it is acknowledged, and the
/// patient's history is still what it was when the findings were looked for.
async fn submit_document(
    state: &State,
    registration: &Registration,
    deviations: &[String],
    command: fn(Registration) -> Command,
) -> Result<Response<Body>, ApiError> {
    wire::needs_history(&state.live.index())?;
    let registry = state.registry()?;
    let registration = &judged(state, registration.clone());
    let mut attempts = ATTEMPTS;
    loop {
        let required = if state.config.require_acknowledgement {
            acknowledged::require(&state.live, &state.config.policies, registration)
        } else {
            Ok(None)
        };
        let (new_if, unacknowledged) = match required {
            Ok(seen) => (seen.map_or(NewIf::Always, NewIf::AsSeen), None),
            // What is sent again, since its answer was lost, may collide with what came after it.
            Err(error @ ApiError::Unacknowledged { .. }) => (NewIf::Never, Some(error)),
            Err(error) => return Err(error),
        };
        attempts -= 1;
        let done = registry.submit_if(command(registration.clone()), new_if).await;
        match (done, unacknowledged) {
            (Err(Unavailable::Outdated), Some(unacknowledged)) => return Err(unacknowledged),
            (Err(Unavailable::Outdated), None) if attempts > 0 => {}
            (done, _) => return answer(Some(&registration.document.id), done??, deviations),
        }
    }
}

/// Adds what its prescriber judged of its findings where they were shown, by CDS Hooks, yesterday or
/// today. Without an institution that was named then, nobody knows whose judgement it is.
fn judged(state: &State, mut registration: Registration) -> Registration {
    let Registration { patient, document, acknowledged, .. } = &mut registration;
    if document.kind != DocumentKind::Prescription || document.institution.is_empty() {
        return registration;
    }
    let today = state.config.clock.today();
    for judgement in state.live.judged(*patient) {
        let Judgement { finding, line, overridden, reason, institution, day, .. } = judgement;
        let is_of_document = document.institution == institution
            && document.lines.iter().any(|new| new.system == line.system && new.code == line.code);
        let is_recent = (0..=JUDGED_DAYS).contains(&today.days_since(day));
        let is_known = acknowledged.iter().any(|known| known.finding == finding);
        if overridden && is_of_document && is_recent && !is_known {
            acknowledged.push(Acknowledged { finding, reason });
        }
    }
    registration
}

fn document_id(written: &str) -> Result<String, ApiError> {
    query::decoded(written, false)
        .filter(|id| (1..=128).contains(&id.chars().count()))
        .ok_or_else(|| ApiError::value("id", "a document id of 1 to 128 characters in UTF-8"))
}

/// The body of a document, whatever it was written in.
fn intake<'b>(head: &Parts, body: &'b [u8]) -> Result<Intake<'b>, ApiError> {
    match intake::parameters(head, DOCUMENT_PARAMETERS)? {
        None => Ok(Intake::json(body)),
        Some(query) => Intake::document(body, |name| query.get(name)),
    }
}

fn answer(
    document: Option<&str>,
    done: Done,
    deviations: &[String],
) -> Result<Response<Body>, ApiError> {
    let answer = wire::to_json(&RegisteredAnswer { document, event: done.event(), deviations })?;
    let mut response = respond::json(answer);
    *response.status_mut() = match done {
        Done::New { .. } => StatusCode::CREATED,
        Done::Known { .. } => StatusCode::OK,
    };
    Ok(response)
}
