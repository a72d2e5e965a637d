//! How a call can fail: refused by the server with a code, or not answered at all.

use std::error::Error as StdError;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::answer::finding::Finding;
use crate::word::words;

words! {
    /// The stable code of a refusal.
    Code {
        /// The body is not JSON.
        InvalidJson = "invalid_json",
        /// A message that cannot be taken.
        InvalidMessage = "invalid_message",
        /// A field that the interface does not have.
        UnknownField = "unknown_field",
        /// A field that must be there is not.
        MissingField = "missing_field",
        /// A field stands twice.
        DuplicateField = "duplicate_field",
        /// A value that the field cannot have.
        InvalidValue = "invalid_value",
        /// No lines.
        NoLines = "no_lines",
        /// More lines than the limit.
        TooManyLines = "too_many_lines",
        /// An insured identity that could name two persons.
        BranchRequired = "branch_required",
        /// Oral consent without who took it.
        RecorderRequired = "recorder_required",
        /// The asker is not named.
        ActorRequired = "actor_required",
        /// The server has no such policy.
        UnknownPolicy = "unknown_policy",
        /// The connection broke before the body was whole.
        BodyIncomplete = "body_incomplete",
        /// The call needs full consent.
        ConsentRequired = "consent_required",
        /// A call that would change something, from a page of another site.
        CrossSite = "cross_site",
        /// The server has no such path.
        NotFound = "not_found",
        /// Nothing is known of the drug code.
        UnknownDrug = "unknown_drug",
        /// No document of that id is known.
        UnknownDocument = "unknown_document",
        /// The path does not have the method.
        MethodNotAllowed = "method_not_allowed",
        /// The body did not arrive in time.
        BodyTimeout = "body_timeout",
        /// The id is taken by other content.
        DocumentExists = "document_exists",
        /// No card of that name was shown (CDS Hooks).
        UnknownCard = "unknown_card",
        /// What was to be fetched beforehand is not there (CDS Hooks).
        PrefetchMissing = "prefetch_missing",
        /// The prescription has a live dispensing result.
        AlreadyDispensed = "already_dispensed",
        /// The document is cancelled.
        AlreadyCancelled = "already_cancelled",
        /// The document is not cancelled.
        NotCancelled = "not_cancelled",
        /// A new version of another kind or patient.
        OtherDocument = "other_document",
        /// Findings are not acknowledged.
        Unacknowledged = "unacknowledged",
        /// The body is larger than the limit.
        BodyTooLarge = "body_too_large",
        /// The path and query are too long.
        UriTooLong = "uri_too_long",
        /// A body of a type that the call does not take.
        UnsupportedMediaType = "unsupported_media_type",
        /// Too many header fields.
        TooManyHeaders = "too_many_headers",
        /// The bytes that the answer needs are damaged.
        DamagedIndex = "damaged_index",
        /// The answer could not be finished.
        AnswerFailed = "answer_failed",
        /// A generation was not put in force, or not made.
        UpkeepFailed = "upkeep_failed",
        /// The server takes no new work.
        NotReady = "not_ready",
        /// Nothing can be registered now.
        RegistrationUnavailable = "registration_unavailable",
        /// The event that was waited for did not come in time.
        EventNotReached = "event_not_reached",
    }
}

/// What the server says of a request that it refused, or failed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status; 200 where a line of a batch is refused.
    #[serde(skip)]
    pub status: u16,
    /// The stable code.
    pub code: Code,
    /// What to do, for a person.
    pub message: String,
    /// Where in the request it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What would be accepted there, if it can be listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// Of [`Code::Unacknowledged`]: the findings, under the consent that came with the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
    /// Where the code is explained, relative to the project.
    #[serde(default)]
    pub link: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the server cannot be one.
    #[error("the address of the server must be such as http://127.0.0.1:8080, {reason}")]
    Base {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The server refused the request or failed at it.
    #[error("{} ({})", .0.message, .0.code)]
    Refused(Box<Refusal>),
    /// The server cannot be reached, or the connection broke. Whether a registration was made is not
    /// known; it can be sent again.
    #[error("no answer from the server; see that it runs and send the request again")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// There was no answer in time.
    #[error("no answer within {limit:?}; send the request again")]
    Timeout {
        /// The limit.
        limit: Duration,
    },
    /// An answer that this client cannot read: it is no answer.
    #[error("the answer, of status {status}, is not one of the interface; see what answers there")]
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it, if it is JSON of some kind.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// A batch ended before every check was answered.
    #[error("the batch broke off: {answered} answers to {sent} checks; send the others again")]
    BatchBroken {
        /// How many lines were answered.
        answered: u64,
        /// How many checks were sent.
        sent: u64,
    },
}

impl Error {
    /// What the server says, if it said anything.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Base { .. }
            | Self::Unreachable(_)
            | Self::Timeout { .. }
            | Self::Unreadable { .. }
            | Self::BatchBroken { .. } => None,
        }
    }

    /// Whether the same request may be answered later: there was no answer, or the server said that it
    /// cannot answer now.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Timeout { .. } => true,
            Self::Refused(refusal) => refusal.status == 503,
            Self::Base { .. } | Self::Unreadable { .. } | Self::BatchBroken { .. } => false,
        }
    }
}
