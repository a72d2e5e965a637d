//! Documents on their way into a history, with nothing of their own.
//!
//! A nation has two hundred million documents. A string for each id and a list for the lines of each
//! would cost a compile more than encoding them, so ids stand here as the cold section stores them,
//! and both ids and lines are borrowed from wherever they wait.

use std::cmp::Ordering;
use std::fmt;

use crate::day::Day;
use crate::document::{Acknowledged, Document, DocumentKind, DocumentLine};
use crate::history::document_id::{self, DocumentId, IdKind};
use crate::history::documents;

/// The id of a document as [`document_id::pack`] writes it: equal ids are equal bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackedId<'d>(&'d [u8]);

impl<'d> PackedId<'d> {
    /// Takes the bytes of an id; `None` when they are not of one.
    pub fn of(bytes: &'d [u8]) -> Option<Self> {
        document_id::unpack(bytes).map(|_| Self(bytes))
    }

    /// How it is stored.
    pub(crate) fn kind(self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// The bytes behind its kind.
    pub(crate) fn stored(self) -> &'d [u8] {
        self.0.get(1..).unwrap_or_default()
    }

    /// The id in its own characters.
    pub fn unpack(self) -> Option<DocumentId<'d>> {
        document_id::unpack(self.0)
    }

    /// Whether it has no characters.
    pub fn is_empty(self) -> bool {
        self.kind() == IdKind::Text.number() && self.stored() == [0]
    }

    /// The order of the ids' own characters, which is not that of their bytes.
    fn compare_characters(self, other: Self) -> Ordering {
        let uuid = IdKind::Uuid.number();
        if self.kind() == uuid && other.kind() == uuid {
            // Hexadecimal digits of one case, hyphens at the same places.
            return self.0.cmp(other.0);
        }
        let (one, other) = (self.unpack(), other.unpack());
        let one = one.as_ref().map(DocumentId::as_bytes);
        one.cmp(&other.as_ref().map(DocumentId::as_bytes))
    }
}

impl fmt::Debug for PackedId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.unpack(), f)
    }
}

impl fmt::Display for PackedId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unpack().map_or(Ok(()), |id| id.fmt(f))
    }
}

/// The first eight bytes of the BLAKE3 of an id, little-endian: what the section of documents and
/// the search for ids of two patients both begin with.
pub fn id_hash(id: &str) -> u64 {
    let hash = blake3::hash(id.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// One document of one patient, as [`Document`], with everything borrowed.
#[derive(Debug)]
pub struct PackedDocument<'d> {
    /// The id, unique in the history.
    pub id: PackedId<'d>,
    /// [`id_hash`] of the id.
    pub id_hash: u64,
    /// What it is.
    pub kind: DocumentKind,
    /// The basis day.
    pub day: Day,
    /// The issuing institution: dictionary ordinal + 1; 0 for none.
    pub institution: u32,
    /// The dispensing pharmacy: dictionary ordinal + 1; 0 for none.
    pub pharmacy: u32,
    /// The prescription that a dispensing result names.
    pub prescription: Option<PackedId<'d>>,
    /// Total uses of a refill prescription; 0 where none is stated.
    pub refill_uses: u8,
    /// Which use a dispensing result is; 0 where none is stated.
    pub refill_use: u8,
    /// Whether it is cancelled, or replaced by a newer version.
    pub cancelled: bool,
    /// Findings that were acknowledged with it.
    pub acknowledged: &'d [Acknowledged],
    /// Its lines, in the order in which they were written; the encoder puts them in that of their RP.
    pub lines: &'d mut [DocumentLine],
}

impl<'d> PackedDocument<'d> {
    /// The order in which a patient's documents are stored: by day, then by id.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.day.cmp(&other.day).then_with(|| self.id.compare_characters(other.id))
    }

    /// Whether it says itself that it is of a refill: a second use has a first, whether or not the total
    /// is stated.
    pub(crate) fn states_refill(&self) -> bool {
        self.refill_uses.max(self.refill_use) >= 2
    }

    /// The prescription that it dispenses: whatever another kind of document names, it dispenses nothing.
    pub(crate) fn dispensed(&self) -> Option<PackedId<'d>> {
        self.prescription.filter(|_| self.kind == DocumentKind::Dispensing)
    }

    /// The entry of the section of documents, its bucket still 0.
    pub(crate) fn entry(&self) -> u64 {
        documents::without_bucket(self.id_hash)
    }
}

/// The packed ids of documents that own theirs.
#[derive(Debug)]
pub(crate) struct PackedIds {
    bytes: Vec<u8>,
    /// Where each id ends: two for each document, the second empty where it names no prescription.
    ends: Vec<usize>,
}

impl PackedIds {
    pub(crate) fn of(all: &[Document]) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(all.len() * 2));
        for document in all {
            document_id::pack(&document.id, &mut bytes);
            ends.push(bytes.len());
            if let Some(prescription) = &document.prescription {
                document_id::pack(prescription, &mut bytes);
            }
            ends.push(bytes.len());
        }
        Self { bytes, ends }
    }

    /// The documents that the ids were packed of, without owning anything.
    pub(crate) fn documents<'d>(&'d self, all: &'d mut [Document]) -> Vec<PackedDocument<'d>> {
        let mut start = 0;
        let mut ids = self.ends.iter().map(|end| {
            let id = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            PackedId(id)
        });
        let mut packed = Vec::with_capacity(all.len());
        for document in all {
            let (Some(id), Some(prescription)) = (ids.next(), ids.next()) else { break };
            packed.push(PackedDocument {
                id,
                id_hash: id_hash(&document.id),
                kind: document.kind,
                day: document.day,
                institution: document.institution,
                pharmacy: document.pharmacy,
                prescription: document.prescription.as_ref().map(|_| prescription),
                refill_uses: document.refill_uses,
                refill_use: document.refill_use,
                cancelled: document.cancelled,
                acknowledged: &document.acknowledged,
                lines: &mut document.lines,
            });
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_ids_stand_in_the_order_of_their_characters() {
        let uuid = "0198c0de-0b1f-7abc-8def-00ff10203040";
        let mut ids = [
            "9",
            "12",
            "a",
            "",
            "0198c0df-0b1f-7abc-8def-00ff10203040",
            uuid,
            "処方箋",
            "0198c0dea",
        ];
        let packed = ids.map(|id| {
            let mut bytes = Vec::new();
            document_id::pack(id, &mut bytes);
            bytes
        });
        let mut packed: Vec<PackedId<'_>> =
            packed.iter().map(|bytes| PackedId::of(bytes).unwrap()).collect();
        packed.sort_by(|one, other| one.compare_characters(*other));
        ids.sort_unstable();
        assert_eq!(packed.iter().map(ToString::to_string).collect::<Vec<_>>(), ids);
        assert_eq!(packed.iter().filter(|id| id.is_empty()).count(), 1);
        assert!(PackedId::of(&[]).is_none() && PackedId::of(&[1, 2, 3]).is_none());
    }
}
