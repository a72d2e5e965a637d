//! The answers of registrations.

use chofuku_engine::document::Acknowledged;
use chofuku_live::DocumentState;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::schema;

/// What became durable.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RegisteredAnswer<'a> {
    /// The document; none for a link of patients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<&'a str>,
    /// The number of the event: a request with the header `min-event: N` sees all up to N.
    pub(crate) event: u64,
    /// What deviated in the message that the document was.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) deviations: &'a [String],
}

/// The state of a document.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DocumentAnswer<'a> {
    /// Its id.
    document: &'a str,
    /// Whether it counts.
    #[schemars(schema_with = "states")]
    state: &'static str,
    /// The last event that changed it.
    event: u64,
    /// Its versions since the generation in force, the first one first.
    versions: Vec<VersionAnswer>,
    /// The findings that were judged acceptable.
    acknowledged: Vec<AcknowledgedAnswer<'a>>,
}

/// A version of a document.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DocumentVersion")]
struct VersionAnswer {
    /// The event that made it.
    event: u64,
}

/// A finding that was judged acceptable.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AcknowledgedFinding")]
struct AcknowledgedAnswer<'a> {
    /// The id of the finding, as it was told.
    finding: &'a str,
    /// Why, if it was said.
    reason: Option<&'a str>,
}

const LIVE: &str = "live";
const CANCELLED: &str = "cancelled";

fn states(_: &mut SchemaGenerator) -> Schema {
    schema::one_of(&[LIVE, CANCELLED])
}

impl<'a> DocumentAnswer<'a> {
    pub(crate) fn new(document: &'a str, known: &'a DocumentState) -> Self {
        Self {
            document,
            state: if known.cancelled { CANCELLED } else { LIVE },
            event: known.event,
            versions: known
                .versions
                .iter()
                .map(|version| VersionAnswer { event: version.event })
                .collect(),
            acknowledged: known.acknowledged.iter().map(AcknowledgedAnswer::new).collect(),
        }
    }
}

impl<'a> AcknowledgedAnswer<'a> {
    fn new(Acknowledged { finding, reason }: &'a Acknowledged) -> Self {
        Self { finding, reason: reason.as_deref() }
    }
}
