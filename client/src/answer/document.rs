//! What became of documents.

use serde::{Deserialize, Serialize};

use crate::word::words;

/// What is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Registered {
    /// The document; none for a link of patients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The number of the event: a client that is [`seeing`](crate::Client::seeing) it sees all up to it.
    pub event: u64,
    /// What deviated in the message that the document was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<String>,
}

words! {
    /// Whether a document counts.
    State {
        /// It counts.
        Live = "live",
        /// It is cancelled.
        Cancelled = "cancelled",
    }
}

/// The state of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocumentState {
    /// Its id.
    pub document: String,
    /// Whether it counts.
    pub state: State,
    /// The last event that changed it.
    pub event: u64,
    /// Its versions since the generation in force.
    pub versions: Vec<Version>,
    /// The findings that were judged acceptable.
    pub acknowledged: Vec<AcknowledgedFinding>,
}

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Version {
    /// The event that made it.
    pub event: u64,
}

/// A finding that was judged acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AcknowledgedFinding {
    /// The id of the finding.
    pub finding: String,
    /// Why, if it was said.
    pub reason: Option<String>,
}
