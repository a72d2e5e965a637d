//! The answers of registrations.

use chofuku_engine::document::Acknowledged;
use chofuku_live::DocumentState;
use serde::Serialize;

/// What became durable.
#[derive(Debug, Serialize)]
pub(crate) struct RegisteredAnswer<'a> {
    /// The document; none for a link of patients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<&'a str>,
    /// The number of the event.
    pub(crate) event: u64,
    /// What deviated in the message that the document was.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) deviations: &'a [String],
}

/// The state of a document.
#[derive(Debug, Serialize)]
pub(crate) struct DocumentAnswer<'a> {
    document: &'a str,
    state: &'static str,
    event: u64,
    versions: Vec<VersionAnswer>,
    acknowledged: &'a [Acknowledged],
}

#[derive(Debug, Serialize)]
struct VersionAnswer {
    event: u64,
}

impl<'a> DocumentAnswer<'a> {
    pub(crate) fn new(document: &'a str, known: &'a DocumentState) -> Self {
        Self {
            document,
            state: if known.cancelled { "cancelled" } else { "live" },
            event: known.event,
            versions: known
                .versions
                .iter()
                .map(|version| VersionAnswer { event: version.event })
                .collect(),
            acknowledged: &known.acknowledged,
        }
    }
}
