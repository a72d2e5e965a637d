//! `POST /v1/check`: answers one check.

use hyper::Response;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::{intake, respond};
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::state::State;
use crate::wire::intake::{CHECK_PARAMETERS, Intake};
use crate::wire::{self, Surroundings, Told};

/// Reads a request and answers it on the spot: a check takes microseconds.
pub(super) async fn answer(
    state: &State,
    head: &Parts,
    body: Incoming,
) -> Result<Response<Body>, ApiError> {
    let body = body::read(&head.headers, body, &state.config.limits).await?;
    let config = &state.config;
    let told = Told::asked(&head.headers);
    let mut response = respond::timed(|| {
        let intake = match intake::parameters(head, CHECK_PARAMETERS)? {
            None => Intake::json(&body),
            Some(query) => Intake::check(&body, |name| query.get(name))?,
        };
        let (key, policies, today) = (&state.key, &config.policies, config.clock.today());
        let around = Surroundings { key, policies, today };
        wire::check_seen(&state.live, &around, &intake, told, respond::counted(state))
    })?;
    response.headers_mut().insert(CONTENT_TYPE, told.content_type());
    Ok(response)
}
