//! Documents of a run of patients as small numbers, before they become columns or text.

use crate::nation::person::Insured;

/// The kinds of documents, by ordinal.
pub(super) const KINDS: [&str; 3] = ["prescription", "dispensing", "in_house"];
/// The settings of in-house documents, by ordinal.
pub(super) const SETTINGS: [&str; 4] = ["", "outpatient", "discharge", "inpatient"];
pub(super) const PRESCRIPTION: u8 = 0;
pub(super) const DISPENSING: u8 = 1;
pub(super) const IN_HOUSE: u8 = 2;
pub(super) const OUTPATIENT: u8 = 1;
pub(super) const DISCHARGE: u8 = 2;
pub(super) const INPATIENT: u8 = 3;

/// One line of a document; every field but the numbers is an ordinal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) rp: u8,
    pub(super) drug: u16,
    pub(super) form: u8,
    pub(super) quantity: u16,
    pub(super) usage: u8,
    pub(super) supplement: u8,
}

/// A document without its lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document {
    /// The bits of its UUID.
    pub(super) id: u128,
    pub(super) kind: u8,
    pub(super) setting: u8,
    /// Days since 1970-01-01.
    pub(super) day: i32,
    pub(super) institution: u32,
    pub(super) pharmacy: Option<u32>,
    /// The bits of the UUID of the prescription that was dispensed.
    pub(super) prescription: Option<u128>,
    pub(super) refill_uses: Option<u8>,
    pub(super) refill_use: Option<u8>,
    pub(super) is_cancelled: bool,
}

/// A document with the person it is about and how many of the lines are its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) insured: Insured,
    pub(super) document: Document,
    pub(super) lines: usize,
}

/// Documents one after the other, and the lines of all of them one after the other.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) lines: Vec<Line>,
}

impl Batch {
    pub(super) fn push(&mut self, insured: Insured, document: Document, lines: &[Line]) {
        self.entries.push(Entry { insured, document, lines: lines.len() });
        self.lines.extend_from_slice(lines);
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.lines.clear();
    }
}

/// A UUID of version 4 from random bits.
pub(super) fn uuid(bits: u128) -> u128 {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    bits & !VERSION & !VARIANT | 0x4 << 76 | 0b10 << 62
}

/// The 36 characters of a UUID.
pub(super) fn uuid_text(id: u128) -> [u8; 36] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let places = text.iter_mut().enumerate().filter(|(at, _)| ![8, 13, 18, 23].contains(at));
    for ((_, place), shift) in places.zip((0..32).rev()) {
        let digit = usize::try_from(id >> (4 * shift) & 15).unwrap_or_default();
        *place = DIGITS.get(digit).copied().unwrap_or_default();
    }
    text
}
