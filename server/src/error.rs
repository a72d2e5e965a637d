//! Every way in which a request can fail, as typed values, and the one way from there to an answer.
//!
//! Nothing here carries what a caller wrote, save names of fields: an error may be logged.

mod code;
mod schema;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use chofuku_engine::error::FormatError;
use chofuku_live::{Refusal, Unavailable};
use hyper::StatusCode;
use serde::ser::{Serialize, SerializeMap, Serializer};

pub use code::Code;

/// Why a request is refused or failed. Its display says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// Not JSON.
    #[error("not valid JSON at line {line}, column {column}; send one JSON object in UTF-8")]
    InvalidJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A message of another format than JSON that cannot be taken.
    #[error("the body cannot be taken: {reason}")]
    InvalidMessage {
        /// Why.
        reason: Cow<'static, str>,
    },
    /// A field or query parameter that the interface does not have.
    #[error("the interface has no such field; check its spelling or leave it out")]
    UnknownField {
        /// Where it stands.
        path: String,
        /// The names that may stand there.
        allowed: Vec<String>,
    },
    /// A field that must be there.
    #[error("this field is missing; add it")]
    MissingField {
        /// Where it belongs.
        path: String,
    },
    /// A field that stands twice.
    #[error("this field stands twice in one object; keep one")]
    DuplicateField {
        /// Where it stands.
        path: String,
    },
    /// A value that the field cannot have.
    #[error("the value must be {expected}")]
    InvalidValue {
        /// Where it stands.
        path: String,
        /// What the value must be.
        expected: Cow<'static, str>,
        /// The values that it may have, if they can be listed.
        allowed: &'static [&'static str],
    },
    /// No new lines.
    #[error("the request has no lines; send at least one new line to check")]
    NoLines,
    /// Too many new lines.
    #[error("the request has {found} lines; split it, {max} is the limit")]
    TooManyLines {
        /// How many there are.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// An identity that could name two persons.
    #[error(
        "add the branch (枝番); it may be left out only for insurers of the late-elderly scheme \
         (39…) and medical assistance (12…)"
    )]
    BranchRequired,
    /// Oral consent without who took it.
    #[error("oral consent must name who took it; add consent.recorded_by")]
    RecorderRequired,
    /// No actor although its own records are to be left out.
    #[error("add actor, or set own_institution to include: the asker's own records are left out")]
    ActorRequired,
    /// A policy that is neither built in nor configured.
    #[error("this server has no policy of that name; use one of the allowed ones")]
    UnknownPolicy {
        /// The names that there are.
        allowed: Vec<String>,
    },
    /// The connection broke.
    #[error("the body ended before it was whole; send it again")]
    BodyIncomplete,
    /// Not full consent.
    #[error(
        "the history is told with full consent only; set consent.level to full once it is given"
    )]
    ConsentRequired,
    /// A page of another site asks for something to be done.
    #[error(
        "a page of another site may not do this; send the request from a program or from the console"
    )]
    CrossSite,
    /// No such path.
    #[error("the server has no such path; see the list of calls in the documentation")]
    NotFound,
    /// No such drug.
    #[error("nothing is known of this drug code; check the system and the code")]
    UnknownDrug,
    /// No such method.
    #[error("this path does not take that method; use one of the allowed ones")]
    MethodNotAllowed {
        /// The methods that it takes, as in the header `allow`.
        allow: &'static [&'static str],
    },
    /// The body came too slowly.
    #[error("the body did not arrive in time; send it without pauses")]
    BodyTimeout,
    /// The body is too large.
    #[error("the body, or this line of the batch, is larger than {max} bytes; split it")]
    BodyTooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// The address is too long.
    #[error("the path and query are longer than {max} bytes; shorten them")]
    UriTooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// A body of another type.
    #[error("send the body with one of the allowed content types")]
    UnsupportedMediaType {
        /// The types that the call takes.
        allowed: &'static [&'static str],
    },
    /// Too many header fields.
    #[error("the request has more than {max} header fields; leave some out")]
    TooManyHeaders {
        /// The limit.
        max: usize,
    },
    /// Damaged bytes.
    #[error("the index is damaged and cannot answer; ask the operator to verify and restore it")]
    DamagedIndex(#[source] FormatError),
    /// The answer could not be written.
    #[error("the answer could not be finished; send the request again and tell the operator")]
    AnswerFailed,
    /// No new work.
    #[error("the server is not ready: {reason}")]
    NotReady {
        /// Why not.
        reason: &'static str,
    },
    /// A command that contradicts what is known.
    #[error("{0}; look at the document and at what was sent")]
    Conflict(#[from] Refusal),
    /// Findings that nobody has judged.
    #[error("name the findings that are judged acceptable in `acknowledged`, or change the lines")]
    Unacknowledged {
        /// The findings, as they are told under the consent that came with the document.
        findings: serde_json::Value,
    },
    /// A generation was not put in force, or not made.
    #[error("nothing was changed: {reason}")]
    Upkeep {
        /// Why.
        reason: String,
    },
    /// No such document.
    #[error("no document of this id is known here; check the id, and the patient if one was named")]
    UnknownDocument,
    /// No such card.
    #[error(
        "no card of this uuid was shown by this server within a day; name its finding in \
         `acknowledged` when the document is registered"
    )]
    UnknownCard {
        /// Where it is named.
        path: String,
    },
    /// No insured identity where the server asks for one.
    #[error("prefetch the insured identity: the patient's Coverage, or its member number")]
    PrefetchMissing,
    /// No registrations.
    #[error("{0}; checks go on")]
    Registration(#[from] Unavailable),
    /// An event that did not come.
    #[error("event {event} is not seen here yet, the last one is {last}; send the request again")]
    EventNotReached {
        /// The event that was waited for.
        event: u64,
        /// The last one that is seen.
        last: u64,
    },
}

impl ApiError {
    /// A value that must be `expected`, where the possible ones cannot be listed.
    pub(crate) fn value(path: impl Into<String>, expected: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidValue { path: path.into(), expected: expected.into(), allowed: &[] }
    }

    /// The same error, with its path as it stands in another request.
    pub(crate) fn moved(mut self, move_path: impl FnOnce(String) -> String) -> Self {
        if let Self::UnknownField { path, .. }
        | Self::MissingField { path }
        | Self::DuplicateField { path }
        | Self::InvalidValue { path, .. } = &mut self
        {
            *path = move_path(std::mem::take(path));
        }
        self
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        match self {
            Self::InvalidJson { .. } => Code::InvalidJson,
            Self::InvalidMessage { .. } => Code::InvalidMessage,
            Self::UnknownField { .. } => Code::UnknownField,
            Self::MissingField { .. } => Code::MissingField,
            Self::DuplicateField { .. } => Code::DuplicateField,
            Self::InvalidValue { .. } => Code::InvalidValue,
            Self::NoLines => Code::NoLines,
            Self::TooManyLines { .. } => Code::TooManyLines,
            Self::BranchRequired => Code::BranchRequired,
            Self::RecorderRequired => Code::RecorderRequired,
            Self::ActorRequired => Code::ActorRequired,
            Self::UnknownPolicy { .. } => Code::UnknownPolicy,
            Self::BodyIncomplete => Code::BodyIncomplete,
            Self::ConsentRequired => Code::ConsentRequired,
            Self::CrossSite => Code::CrossSite,
            Self::NotFound => Code::NotFound,
            Self::UnknownDrug => Code::UnknownDrug,
            Self::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Self::BodyTimeout => Code::BodyTimeout,
            Self::BodyTooLarge { .. } => Code::BodyTooLarge,
            Self::UriTooLong { .. } => Code::UriTooLong,
            Self::UnsupportedMediaType { .. } => Code::UnsupportedMediaType,
            Self::TooManyHeaders { .. } => Code::TooManyHeaders,
            Self::DamagedIndex(_) => Code::DamagedIndex,
            Self::AnswerFailed => Code::AnswerFailed,
            Self::NotReady { .. } => Code::NotReady,
            Self::Conflict(Refusal::DocumentExists) => Code::DocumentExists,
            Self::Conflict(Refusal::UnknownDocument) | Self::UnknownDocument => {
                Code::UnknownDocument
            }
            Self::Conflict(Refusal::AlreadyDispensed) => Code::AlreadyDispensed,
            Self::Conflict(Refusal::AlreadyCancelled) => Code::AlreadyCancelled,
            Self::Conflict(Refusal::NotCancelled) => Code::NotCancelled,
            Self::Conflict(Refusal::OtherDocument) => Code::OtherDocument,
            Self::Unacknowledged { .. } => Code::Unacknowledged,
            Self::UnknownCard { .. } => Code::UnknownCard,
            Self::PrefetchMissing => Code::PrefetchMissing,
            Self::Upkeep { .. } => Code::UpkeepFailed,
            Self::Registration(_) => Code::RegistrationUnavailable,
            Self::EventNotReached { .. } => Code::EventNotReached,
        }
    }

    /// The HTTP status that it is told with.
    pub const fn status(&self) -> StatusCode {
        self.code().status()
    }

    /// Where in the request it lies.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::UnknownField { path, .. }
            | Self::MissingField { path }
            | Self::DuplicateField { path }
            | Self::InvalidValue { path, .. }
            | Self::UnknownCard { path } => Some(path),
            Self::PrefetchMissing => Some("prefetch.coverage"),
            Self::NoLines | Self::TooManyLines { .. } => Some("lines"),
            Self::BranchRequired => Some("patient.branch"),
            Self::RecorderRequired => Some("consent.recorded_by"),
            Self::ActorRequired => Some("actor"),
            Self::UnknownPolicy { .. } => Some("policy"),
            Self::ConsentRequired => Some("consent.level"),
            Self::InvalidJson { .. }
            | Self::InvalidMessage { .. }
            | Self::BodyIncomplete
            | Self::CrossSite
            | Self::NotFound
            | Self::UnknownDrug
            | Self::MethodNotAllowed { .. }
            | Self::BodyTimeout
            | Self::BodyTooLarge { .. }
            | Self::UriTooLong { .. }
            | Self::UnsupportedMediaType { .. }
            | Self::TooManyHeaders { .. }
            | Self::DamagedIndex(_)
            | Self::AnswerFailed
            | Self::NotReady { .. }
            | Self::Conflict(_)
            | Self::UnknownDocument
            | Self::Unacknowledged { .. }
            | Self::Upkeep { .. }
            | Self::Registration(_)
            | Self::EventNotReached { .. } => None,
        }
    }

    /// What would be accepted in its place, if that can be listed.
    pub fn allowed(&self) -> Vec<&str> {
        match self {
            Self::UnknownField { allowed, .. } | Self::UnknownPolicy { allowed } => {
                allowed.iter().map(String::as_str).collect()
            }
            Self::InvalidValue { allowed, .. } | Self::UnsupportedMediaType { allowed } => {
                allowed.to_vec()
            }
            Self::MethodNotAllowed { allow } => allow.to_vec(),
            Self::ConsentRequired => vec!["full"],
            Self::InvalidJson { .. }
            | Self::InvalidMessage { .. }
            | Self::MissingField { .. }
            | Self::DuplicateField { .. }
            | Self::NoLines
            | Self::TooManyLines { .. }
            | Self::BranchRequired
            | Self::RecorderRequired
            | Self::ActorRequired
            | Self::BodyIncomplete
            | Self::CrossSite
            | Self::NotFound
            | Self::UnknownDrug
            | Self::BodyTimeout
            | Self::BodyTooLarge { .. }
            | Self::UriTooLong { .. }
            | Self::TooManyHeaders { .. }
            | Self::DamagedIndex(_)
            | Self::AnswerFailed
            | Self::NotReady { .. }
            | Self::Conflict(_)
            | Self::UnknownDocument
            | Self::Unacknowledged { .. }
            | Self::Upkeep { .. }
            | Self::Registration(_)
            | Self::UnknownCard { .. }
            | Self::PrefetchMissing
            | Self::EventNotReached { .. } => Vec::new(),
        }
    }

    /// The body that tells of it: one JSON object without a line end.
    pub fn to_json(&self) -> Vec<u8> {
        // Names of fields and static texts always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let code = self.code();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", code.name())?;
        map.serialize_entry("message", &self.to_string())?;
        if let Some(path) = self.path() {
            map.serialize_entry("path", path)?;
        }
        let allowed = self.allowed();
        if !allowed.is_empty() {
            map.serialize_entry("allowed", &allowed)?;
        }
        if let Self::Unacknowledged { findings } = self {
            map.serialize_entry("findings", findings)?;
        }
        map.serialize_entry("link", code.link())?;
        map.end()
    }
}

impl From<FormatError> for ApiError {
    fn from(error: FormatError) -> Self {
        Self::DamagedIndex(error)
    }
}
