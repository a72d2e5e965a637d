//! Finding ids: a stable hash of what a finding states (S24).
//!
//! An id follows from the finding, so it is hashed when whoever writes the answer asks for it, not
//! when the finding is made: a caller that counts findings needs none.

use std::fmt;

use crate::check::line::Line;
use crate::code::CodeSystem;
use crate::history::document_id::hexadecimal_digits;

/// The id of a finding: 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FindingId([[u8; 2]; 16]);

impl FindingId {
    /// Its digits.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.0.as_flattened()).unwrap_or_default()
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What tells a new line apart in ids: its code, and how many checked lines before it have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineCode<'a> {
    system: CodeSystem,
    code: &'a str,
    occurrence: usize,
}

impl<'a> From<&Line<'a>> for LineCode<'a> {
    fn from(line: &Line<'a>) -> Self {
        Self { system: line.new.system, code: line.new.code, occurrence: line.occurrence }
    }
}

/// What a finding states, as bytes: texts stand behind their lengths, so that no two lists of texts
/// run into each other. Collected first and hashed once: hashing piece by piece costs more than the
/// hash.
pub(crate) struct Statement(Vec<u8>);

impl Statement {
    /// An empty statement, with room for so many records.
    pub(crate) fn of_records(count: usize) -> Self {
        Self(Vec::with_capacity(256 + 128 * count))
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len()).0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn number(&mut self, number: usize) -> &mut Self {
        self.0.extend_from_slice(&crate::int::length(number).to_le_bytes());
        self
    }

    pub(crate) fn line(&mut self, line: &LineCode<'_>) -> &mut Self {
        self.text(line.system.name()).text(line.code).number(line.occurrence)
    }

    /// The first 128 bits of the BLAKE3 hash.
    pub(crate) fn id(self) -> FindingId {
        let hash = blake3::hash(&self.0);
        let half = hash.as_bytes().first_chunk::<16>();
        FindingId(half.map(hexadecimal_digits).unwrap_or_default())
    }
}
