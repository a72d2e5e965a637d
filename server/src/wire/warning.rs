//! Warnings as they are told: of new lines by index, of records by document and RP.

use std::borrow::Cow;

use chofuku_engine::check::disclose::{Answer, RecordWarning};
use chofuku_engine::history::document_id::DocumentId;
use serde::Serialize;

use super::text;

/// A warning.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Warning<'a> {
    /// Of the message that the request was.
    Message { kind: &'static str, detail: &'a str },
    /// Of a new line.
    Line { line: usize, kind: &'static str, detail: &'a str },
    /// Of a record of the past.
    Record {
        #[serde(serialize_with = "text")]
        document: DocumentId<'a>,
        rp: u32,
        kind: &'static str,
        detail: Cow<'a, str>,
    },
}

impl<'a> Warning<'a> {
    /// Those of the message, of new lines, of records.
    pub(super) fn all(answer: &'a Answer<'a>, deviations: &'a [String]) -> Vec<Self> {
        let message = deviations.iter().map(|detail| Self::Message { kind: "input", detail });
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
