//! `POST /v1/convert`: a message of the outside as the JSON document that it stands for.
//!
//! Whoever shows a message to a person needs its lines in words before they are checked, and a second
//! reader of the format would be a second opinion on it. Nothing is resolved, kept or registered.

use hyper::Response;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{intake, respond};
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::state::State;
use crate::wire::{self, intake::Intake};

/// A message in the words of the interface.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Converted<'a> {
    /// The body of `POST /v1/documents`, as far as the message has it.
    document: Value,
    /// What deviated in the message, with line and field.
    deviations: &'a [String],
}

/// Reads a message and gives it back.
pub(super) async fn answer(
    state: &State,
    head: &Parts,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(&head.headers, body, &state.config.limits).await?;
    let query = intake::parameters(head, &[])?;
    respond::timed(|| {
        let given = |name: &str| query.as_ref().and_then(|query| query.get(name));
        let Intake { body, deviations, .. } = Intake::document(&body, given)?;
        let document = serde_json::from_slice(&body).map_err(|_| ApiError::AnswerFailed)?;
        wire::to_json(&Converted { document, deviations: &deviations })
    })
}
