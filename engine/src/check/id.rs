//! Finding ids: a stable hash of what a finding states (S24).

use sha2::{Digest, Sha256};

/// Hashes texts with their lengths, so that no two lists of texts run into each other.
pub(crate) struct FindingId(Sha256);

impl FindingId {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len()).0.update(text.as_bytes());
        self
    }

    pub(crate) fn number(&mut self, number: usize) -> &mut Self {
        self.0.update(crate::int::length(number).to_le_bytes());
        self
    }

    /// The first 128 bits in hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        let digest: [u8; 32] = self.0.finalize().into();
        let mut text = String::with_capacity(32);
        for byte in digest.iter().take(16) {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text
    }
}
