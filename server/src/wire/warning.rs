//! Warnings as they are told: of new lines by index, of records by document and RP.

use std::borrow::Cow;

use chofuku_engine::check::disclose::{Answer, RecordWarning};
use chofuku_engine::history::document_id::DocumentId;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::{schema, text};

/// Something odd, of which nothing was left unchecked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Warning<'a> {
    /// Of the message that the request was.
    Message {
        /// Always `input`.
        #[schemars(schema_with = "message_kind")]
        kind: &'static str,
        /// What deviates, and where.
        detail: &'a str,
    },
    /// Of a new line.
    Line {
        /// The index of the new line, from 0.
        line: usize,
        /// What is odd: its check digit (S15), how its code was resolved (S13), its name (S14).
        #[schemars(schema_with = "schema::line_warning")]
        kind: &'static str,
        /// The code, how it was resolved, or the name.
        detail: &'a str,
    },
    /// Of a record of the past.
    Record {
        /// The id of its document.
        #[serde(serialize_with = "text")]
        #[schemars(with = "String")]
        document: DocumentId<'a>,
        /// The number of its RP.
        rp: u32,
        /// What is odd: its quantity (S4), or a code that nothing is known of.
        #[schemars(schema_with = "schema::record_warning")]
        kind: &'static str,
        /// The quantity as written, or the system and the code.
        detail: Cow<'a, str>,
    },
}

const OF_MESSAGE: &str = "input";

fn message_kind(_: &mut SchemaGenerator) -> Schema {
    schema::one_of(&[OF_MESSAGE])
}

impl<'a> Warning<'a> {
    /// Those of the message, of new lines, of records.
    pub(super) fn all(answer: &'a Answer<'a>, deviations: &'a [String]) -> Vec<Self> {
        let message = deviations.iter().map(|detail| Self::Message { kind: OF_MESSAGE, detail });
        let lines = answer.line_warnings.iter().map(|(line, warning)| Self::Line {
            line: *line,
            kind: warning.name(),
            detail: warning.detail(),
        });
        message.chain(lines).chain(answer.record_warnings.iter().map(Self::of_record)).collect()
    }

    fn of_record(RecordWarning { kind, record }: &'a RecordWarning<'a>) -> Self {
        let detail = match *kind {
            "past_unresolved" => Cow::Owned(format!("{} {}", record.system(), record.code())),
            // Every other warning is about the quantity, which is told as written.
            _ => Cow::Borrowed(record.quantity().unwrap_or_default()),
        };
        Self::Record { document: record.document(), rp: record.rp, kind, detail }
    }
}
