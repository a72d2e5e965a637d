//! The interface: what is written in requests and answers, and nothing of how it is carried.
//!
//! Parsed request types never reach the engine and engine types never reach the wire. Every field
//! is converted by name: what is not converted is not told.

pub(crate) mod acknowledged;
pub(crate) mod answer;
mod detected_issues;
pub(crate) mod drug;
mod evidence;
pub(crate) mod finding;
pub(crate) mod history;
pub(crate) mod hook;
pub(crate) mod intake;
pub(crate) mod lint;
mod message;
pub(crate) mod national_service;
mod policy;
pub(crate) mod registered;
mod remark;
pub(crate) mod request;
pub(crate) mod schema;
mod snapshot;
pub(crate) mod status;
mod told;
mod warning;

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use chofuku_engine::check::disclose::Incomplete;
use chofuku_engine::check::{self, Answer};
use chofuku_engine::patient::{IdentityKey, PatientKey};
use chofuku_engine::{Day, Index};
use chofuku_live::Live;
use serde::{Serialize, Serializer};

use crate::error::ApiError;
use crate::policies::Policies;
use intake::Intake;
pub(crate) use request::Surroundings;
use request::{CheckRequest, HistoryRequest};
pub use told::Told;

/// Most answers fit, so that writing them does not move them.
const ANSWER_BYTES_USUAL: usize = 4096;

/// What is asked of a check, as its sender wrote it.
#[derive(Clone, Copy)]
pub enum Request<'b> {
    /// The body of `POST /v1/check` in JSON.
    Json(&'b [u8]),
    /// A message of the outside with the query parameters that it goes with, by name.
    Message(&'b [u8], &'b [(&'b str, &'b str)]),
}

impl fmt::Debug for Request<'_> {
    /// What is asked names a person and is not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Message(..) => "Message(…)",
        })
    }
}

/// Answers the body of `POST /v1/check`: the bytes that the server sends.
///
/// `today` is the check day of a request that names none.
///
/// # Errors
///
/// When the request is refused, or the index is damaged.
pub fn check_json(
    live: &Live,
    key: &IdentityKey,
    policies: &Policies,
    today: Day,
    body: &[u8],
) -> Result<Vec<u8>, ApiError> {
    check_request(live, key, policies, today, Request::Json(body), Told::Json)
}

/// Answers a check, whatever it was written in, in the words that are asked for: the bytes that the
/// server sends.
///
/// # Errors
///
/// When the request is refused, or the index is damaged.
pub fn check_request(
    live: &Live,
    key: &IdentityKey,
    policies: &Policies,
    today: Day,
    request: Request<'_>,
    told: Told,
) -> Result<Vec<u8>, ApiError> {
    let intake = match request {
        Request::Json(body) => Intake::json(body),
        Request::Message(message, parameters) => Intake::check(message, |name| {
            parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
        })?,
    };
    check_told(live, &Surroundings { key, policies, today }, &intake, told)
}

/// Answers a check, whatever it was written in, as it is to be told.
pub(crate) fn check_told(
    live: &Live,
    around: &Surroundings<'_>,
    intake: &Intake<'_>,
    told: Told,
) -> Result<Vec<u8>, ApiError> {
    check_seen(live, around, intake, told, |_, _, _| {})
}

/// Answers a check; `seen` is shown how long the engine took, how many lines there were, and what it
/// may tell.
pub(crate) fn check_seen(
    live: &Live,
    around: &Surroundings<'_>,
    intake: &Intake<'_>,
    told: Told,
    seen: impl FnOnce(Duration, usize, &Answer<'_>),
) -> Result<Vec<u8>, ApiError> {
    let parsed = CheckRequest::parse(&intake.body)?;
    let asked = parsed.asked(around)?;
    let began = Instant::now();
    let snapshot = live.snapshot(asked.request.patient);
    needs_history(snapshot.index())?;
    let mut answer = check::check(snapshot.view(), &asked.request)?;
    if intake.lost.is_some() {
        answer.add_incomplete(Incomplete::Input);
    }
    seen(began.elapsed(), asked.request.lines.len(), &answer);
    let answer = answer::CheckAnswer::new(&snapshot, &asked, &answer, &intake.deviations);
    match told {
        Told::Json => to_json(&answer),
        Told::Fhir | Told::NationalService => {
            let failed = |_| ApiError::AnswerFailed;
            let answer = serde_json::to_value(&answer).map_err(failed)?;
            let request = serde_json::from_slice(&intake.body).map_err(failed)?;
            match told {
                Told::Json | Told::Fhir => {
                    to_json(&detected_issues::bundle(&detected_issues::of(&answer, &request)))
                }
                Told::NationalService => to_json(&national_service::result(&answer, &request)),
            }
        }
    }
}

/// Answers the body of `POST /v1/history`: the bytes that the server sends.
///
/// # Errors
///
/// When the request is refused, such as without full consent, or the index is damaged.
pub fn history_json(
    live: &Live,
    key: &IdentityKey,
    policies: &Policies,
    today: Day,
    body: &[u8],
) -> Result<Vec<u8>, ApiError> {
    let parsed = HistoryRequest::parse(body)?;
    let asked = parsed.asked(&Surroundings { key, policies, today })?;
    let snapshot = live.snapshot(asked.request.patient);
    needs_history(snapshot.index())?;
    let records = check::timeline(snapshot.view(), &asked.request)?;
    to_json(&history::HistoryAnswer::new(&snapshot, &asked, &records))
}

/// Whose a check in JSON is.
pub(crate) fn patient_of(body: &[u8], around: &Surroundings<'_>) -> Result<PatientKey, ApiError> {
    Ok(CheckRequest::parse(body)?.asked(around)?.request.patient)
}

/// Refuses to answer where no history was ever compiled: every check would be clear.
pub(crate) fn needs_history(index: &Index) -> Result<(), ApiError> {
    if index.has_history() {
        return Ok(());
    }
    Err(ApiError::NotReady { reason: "no history was ever compiled; compile one with --history" })
}

/// Writes an answer.
pub(crate) fn to_json(answer: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::with_capacity(ANSWER_BYTES_USUAL);
    serde_json::to_writer(&mut bytes, answer).map_err(|_| ApiError::AnswerFailed)?;
    Ok(bytes)
}

/// Writes a value as the text that it displays.
fn text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// An empty text of a table is no text.
fn or_null(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
