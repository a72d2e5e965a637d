//! Finding ids: a stable hash of what a finding states (S24).

use crate::history::document_id::hexadecimal_digits;

/// What a finding states, as bytes: texts stand behind their lengths, so that no two lists of texts
/// run into each other. Collected first and hashed once: hashing piece by piece costs more than the
/// hash.
pub(crate) struct FindingId(Vec<u8>);

impl FindingId {
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

    /// The first 128 bits of the BLAKE3 hash in hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        let hash = blake3::hash(&self.0);
        let half = hash.as_bytes().first_chunk::<16>();
        let digits = half.map(hexadecimal_digits).unwrap_or_default();
        str::from_utf8(digits.as_flattened()).unwrap_or_default().to_owned()
    }
}
