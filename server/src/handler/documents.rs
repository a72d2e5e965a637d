//! Registration: documents and links of patients, answered once they are durable.

use bytes::Bytes;
use chofuku_live::{Command, Done, Named};
use hyper::body::Incoming;
use hyper::{HeaderMap, Response, StatusCode};

use super::{query, respond};
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::state::State;
use crate::wire::registered::{DocumentAnswer, RegisteredAnswer};
use crate::wire::request::{DocumentRequest, LinkRequest, NamedRequest, Registration};
use crate::wire::{self, acknowledged};

/// `POST /v1/documents`.
pub(super) async fn register(
    state: &State,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    let registration = registration(state, &body)?;
    let id = registration.document.id.clone();
    let Registration { patient, document, acknowledged, .. } = registration;
    submit(state, Command::Register { patient, document, acknowledged }, Some(&id)).await
}

/// `PUT /v1/documents/{id}`.
pub(super) async fn change(
    state: &State,
    headers: &HeaderMap,
    written: &str,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    let id = document_id(written)?;
    let Registration { patient, document, acknowledged, .. } = registration(state, &body)?;
    if document.id != id {
        return Err(ApiError::value("id", "the id of the path"));
    }
    submit(state, Command::Change { patient, document, acknowledged }, Some(&id)).await
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
    let patient = NamedRequest::parse(&body)?.patient(&state.key)?;
    let id = document_id(written)?;
    submit(state, command(Named { document: id.clone(), patient }), Some(&id)).await
}

/// `POST /v1/patients/link`.
pub(super) async fn link(
    state: &State,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(headers, body, &state.config.limits).await?;
    let [patient, same_as] = LinkRequest::parse(&body)?.patients(&state.key)?;
    submit(state, Command::Link { patient, same_as }, None).await
}

/// `GET /v1/documents/{id}`.
pub(super) async fn state_of(state: &State, written: &str) -> Result<Response<Body>, ApiError> {
    let id = document_id(written)?;
    let known = state.registry()?.document(&id).await?.ok_or(ApiError::UnknownDocument)?;
    wire::to_json(&DocumentAnswer::new(&id, &known)).map(respond::json)
}

/// The document of a body, of which every finding is acknowledged where the server asks for that.
fn registration(state: &State, body: &Bytes) -> Result<Registration, ApiError> {
    let registration = DocumentRequest::parse(body)?.registration(&state.key)?;
    if state.config.require_acknowledgement {
        acknowledged::require(&state.live, &state.config.policies, &registration)?;
    }
    Ok(registration)
}

fn document_id(written: &str) -> Result<String, ApiError> {
    query::decoded(written, false)
        .filter(|id| (1..=128).contains(&id.chars().count()))
        .ok_or_else(|| ApiError::value("id", "a document id of 1 to 128 characters in UTF-8"))
}

async fn submit(
    state: &State,
    command: Command,
    document: Option<&str>,
) -> Result<Response<Body>, ApiError> {
    wire::needs_history(&state.live.index())?;
    let done = state.registry()?.submit(command).await??;
    let answer = wire::to_json(&RegisteredAnswer { document, event: done.event() })?;
    let mut response = respond::json(answer);
    *response.status_mut() = match done {
        Done::New { .. } => StatusCode::CREATED,
        Done::Known { .. } => StatusCode::OK,
    };
    Ok(response)
}
