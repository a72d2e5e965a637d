//! Whose a document is: for each document the bucket of its patient, in the order of its id's hash.
//!
//! ```text
//! entry     bucket of the patient, 30 bits ‖ the highest 34 bits of the id's hash
//! ```
//!
//! Only registrations ask: they name documents without their patients. An entry leads to a bucket of
//! a few patients, whose evidence has the ids; two ids with one hash cost a second bucket.

use rayon::prelude::*;
use zerocopy::FromBytes;
use zerocopy::little_endian::U64;

use crate::error::FormatError;
use crate::format::section::{Section, SectionId};
use crate::history::History;
use crate::history::packed::id_hash;
use crate::history::row::BUCKET_BITS_MAX;
use crate::int;
use crate::patient::PatientKey;

const SECTION: &str = SectionId::HistoryDocuments.file_name();
const ENTRY_BYTES: usize = size_of::<U64>();
/// Lower bits of an entry: the bucket.
const BUCKET_MASK: u64 = (1 << BUCKET_BITS_MAX) - 1;
/// Entries that one core verifies at a time.
const RUN: usize = 1 << 16;

fn invalid(what: &'static str, found: usize) -> FormatError {
    FormatError::Invalid { section: SECTION, what, found: int::length(found) }
}

/// The entry of a document, its bucket still 0.
pub(crate) fn hashed(id: &str) -> u64 {
    without_bucket(id_hash(id))
}

/// The part of an id's hash that its entry keeps.
pub(crate) fn without_bucket(id_hash: u64) -> u64 {
    id_hash & !BUCKET_MASK
}

/// The entries of a history that is being written: 8 bytes a document, in memory.
#[derive(Debug, Default)]
pub(crate) struct DocumentEntries(Vec<u64>);

impl DocumentEntries {
    /// Adds documents of one bucket by what [`hashed`] gave.
    pub(crate) fn extend(&mut self, bucket: u64, hashed: &[u64]) {
        self.0.extend(hashed.iter().map(|hash| hash | (bucket & BUCKET_MASK)));
    }

    /// The payload of the section, in order, run by run.
    pub(crate) fn encode<E>(
        mut self,
        mut write: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.0.par_sort_unstable();
        for run in self.0.chunks(RUN) {
            let bytes: Vec<u8> = run.iter().flat_map(|entry| entry.to_le_bytes()).collect();
            write(&bytes)?;
        }
        Ok(())
    }
}

/// What all entries add up to, whatever their order: verification compares two ways to them.
pub(crate) fn sum(entries: impl Iterator<Item = u64>) -> u64 {
    entries.fold(0, u64::wrapping_add)
}

/// The opened section.
#[derive(Debug)]
pub(crate) struct Documents(Section);

impl Documents {
    /// Takes a section that must have an entry for each of so many documents.
    pub(crate) fn new(section: Section, documents: u64) -> Result<Self, FormatError> {
        let expected = int::wide(documents).checked_mul(ENTRY_BYTES);
        if expected != Some(section.payload_bytes()) {
            return Err(invalid("number of bytes", section.payload_bytes()));
        }
        Ok(Self(section))
    }

    fn count(&self) -> usize {
        self.0.payload_bytes() / ENTRY_BYTES
    }

    fn at(&self, position: usize) -> Result<u64, FormatError> {
        self.run(position, position + 1)
            .map(|entries| entries.first().map_or(0, |entry| entry.get()))
    }

    fn run(&self, first: usize, end: usize) -> Result<&[U64], FormatError> {
        let bytes = self.0.slice(first * ENTRY_BYTES..end * ENTRY_BYTES)?;
        <[U64]>::ref_from_bytes(bytes)
            .map_err(|_| FormatError::Truncated { section: SECTION, what: "entries" })
    }

    /// The first position whose entry is not below.
    fn position(&self, entry: u64) -> Result<usize, FormatError> {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = low.midpoint(high);
            if self.at(middle)? < entry {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The buckets in which a document of that id may be.
    fn buckets(&self, id: &str) -> Result<Vec<usize>, FormatError> {
        let hash = hashed(id);
        let mut buckets = Vec::new();
        for position in self.position(hash)?..self.count() {
            let entry = self.at(position)?;
            if entry & !BUCKET_MASK != hash {
                break;
            }
            buckets.push(int::wide(entry & BUCKET_MASK));
        }
        buckets.dedup();
        Ok(buckets)
    }

    /// Reads every block, and that entries ascend and lead to one of so many buckets; gives their
    /// sum.
    pub(crate) fn verify(&self, buckets: usize) -> Result<u64, FormatError> {
        self.0.verify()?;
        let firsts: Vec<usize> = (0..self.count()).step_by(RUN).collect();
        let run = |first: &usize| {
            // One more, so that the order holds across runs.
            let end = (first + RUN + 1).min(self.count());
            let entries = self.run(*first, end)?;
            if !entries.is_sorted_by_key(|entry| entry.get()) {
                return Err(invalid("order of documents", *first));
            }
            let own = entries.iter().take(RUN).map(|entry| entry.get());
            let beyond = own.clone().find(|entry| int::wide(entry & BUCKET_MASK) >= buckets);
            match beyond {
                Some(entry) => Err(invalid("bucket", int::wide(entry & BUCKET_MASK))),
                None => Ok(sum(own)),
            }
        };
        firsts.par_iter().map(run).try_reduce(|| 0, |one, other| Ok(one.wrapping_add(other)))
    }
}

impl History {
    /// Whose a document is; `None` when the history has no document of that id.
    ///
    /// # Errors
    ///
    /// When bytes that tell it are damaged.
    pub fn owner(&self, document: &str) -> Result<Option<PatientKey>, FormatError> {
        let bounds = self.dictionary().bounds();
        for bucket in self.documents.buckets(document)? {
            if bucket >= self.bucket_count() {
                return Err(invalid("bucket", bucket));
            }
            for patient in self.bucket(bucket)? {
                let (key, rows) = patient?;
                let evidence = self.evidence(&rows, &bounds)?;
                let mut ids = evidence.documents().iter().map(|known| known.id.unpack());
                if ids.any(|id| id.as_str() == document) {
                    return Ok(Some(key));
                }
            }
        }
        Ok(None)
    }
}
