//! Where the rows and the evidence of each bucket of patients start, side by side.
//!
//! A place of this table is the first thing of a patient that a check reads, and nothing can be asked
//! for before it is there. So the two sections that hold the starts are joined when a history is
//! opened: both starts of a bucket lie in one cache line, in memory of huge pages, which a processor
//! finds without walking through tables of pages that are not in its caches either.

use std::io;
use std::ops::Range;

use memmap2::Mmap;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::error::FormatError;
use crate::format::section::{Checked, SectionId};
use crate::history::row::{
    BUCKET_BITS_MAX, BUCKET_BITS_MIN, ENTRY_UNIT_BYTES, EVIDENCE_UNIT_BYTES,
};
use crate::int;
use crate::patient::PatientKey;

/// The starts of one section's buckets, as its file holds them: one for each bucket and the end of the
/// last, in units.
#[derive(Debug)]
pub(super) struct Starts(Checked);

/// The starts of a bucket in both sections.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Place {
    rows: U32,
    evidence: U32,
}

/// Where each bucket of patients starts, indexed by the top bits of the key.
#[derive(Debug)]
pub(super) struct Buckets {
    places: Places,
    pub(super) shift: u32,
}

/// Memory of places.
#[derive(Debug)]
enum Places {
    /// Less than a huge page.
    Few(Vec<Place>),
    /// In huge pages.
    Many(Mmap),
}

/// The usual size of a huge page.
const HUGE_PAGE_BYTES: usize = 2 << 20;

impl Places {
    /// Joins the starts of rows and of evidence, of which there are as many.
    fn join(rows: &[U32], evidence: &[U32]) -> io::Result<Self> {
        let joined = rows
            .iter()
            .zip(evidence)
            .map(|(rows, evidence)| Place { rows: *rows, evidence: *evidence });
        let bytes = joined.len() * size_of::<Place>();
        if bytes < HUGE_PAGE_BYTES {
            return Ok(Self::Few(joined.collect()));
        }
        let mut memory = crate::map::memory(bytes)?;
        // A table that stayed zeros would say that nobody has a past.
        let places = <[Place]>::mut_from_bytes(&mut memory)
            .map_err(|_| io::Error::other("the starts of buckets do not fit their memory"))?;
        for (place, joined) in places.iter_mut().zip(joined) {
            *place = joined;
        }
        Ok(Self::Many(memory.make_read_only()?))
    }

    fn all(&self) -> &[Place] {
        match self {
            Self::Few(places) => places,
            Self::Many(memory) => <[Place]>::ref_from_bytes(memory).unwrap_or_default(),
        }
    }
}

impl Starts {
    /// Takes the table of a section that ends at `target_bytes`.
    pub(super) fn new(
        table: Checked,
        id: SectionId,
        unit: usize,
        target_bytes: usize,
    ) -> Result<Self, FormatError> {
        let section = id.file_name();
        let invalid = |what, found| FormatError::Invalid { section, what, found };
        let starts = <[U32]>::ref_from_bytes(table.as_ref())
            .map_err(|_| FormatError::Truncated { section, what: "table" })?;
        let count = starts.len().saturating_sub(1);
        let bits = count.checked_ilog2().unwrap_or(0);
        if !count.is_power_of_two() || !(BUCKET_BITS_MIN..=BUCKET_BITS_MAX).contains(&bits) {
            return Err(invalid("number of buckets", int::length(count)));
        }
        if !starts.is_sorted_by_key(|start| start.get()) {
            return Err(invalid("order of bucket offsets", 0));
        }
        let first = starts.first().map_or(0, |start| start.get());
        let last = starts.last().map_or(0, |start| start.get());
        if first != 0 || int::to_usize(last).checked_mul(unit) != Some(target_bytes) {
            return Err(invalid("end of the last bucket", u64::from(last)));
        }
        Ok(Self(table))
    }

    /// How many buckets there are.
    pub(super) fn count(&self) -> usize {
        self.all().len().saturating_sub(1)
    }

    fn all(&self) -> &[U32] {
        <[U32]>::ref_from_bytes(self.0.as_ref()).unwrap_or_default()
    }
}

impl Buckets {
    /// Joins the starts of rows and of evidence, of which there are as many.
    ///
    /// # Errors
    ///
    /// When there is no memory for them.
    pub(super) fn of(rows: &Starts, evidence: &Starts) -> io::Result<Self> {
        let places = Places::join(rows.all(), evidence.all())?;
        let bits = rows.count().checked_ilog2().unwrap_or(0);
        Ok(Self { places, shift: u128::BITS - bits })
    }

    /// How many buckets there are.
    pub(super) fn count(&self) -> usize {
        1 << (u128::BITS - self.shift)
    }

    /// The smallest key of a bucket, as a number.
    pub(super) fn first_key(&self, bucket: usize) -> u128 {
        u128::from(int::length(bucket)) << self.shift
    }

    /// The bucket of a patient.
    pub(super) fn of_key(&self, key: PatientKey) -> usize {
        usize::try_from(key.number() >> self.shift).unwrap_or(usize::MAX)
    }

    /// Asks for the place of a bucket.
    pub(super) fn prefetch(&self, bucket: usize) {
        if let Some(ends) = self.places.all().get(bucket..bucket + 2) {
            crate::map::prefetch(ends);
        }
    }

    /// Where the patients of a bucket stand among the rows.
    #[inline]
    pub(super) fn rows(&self, bucket: usize) -> Result<Range<usize>, FormatError> {
        let (start, end) = self.ends(bucket, SectionId::HistoryBuckets)?;
        Ok(bytes(start.rows, ENTRY_UNIT_BYTES)..bytes(end.rows, ENTRY_UNIT_BYTES))
    }

    /// Where their evidence stands.
    pub(super) fn evidence(&self, bucket: usize) -> Result<Range<usize>, FormatError> {
        let (start, end) = self.ends(bucket, SectionId::HistoryEvidenceBuckets)?;
        Ok(bytes(start.evidence, EVIDENCE_UNIT_BYTES)..bytes(end.evidence, EVIDENCE_UNIT_BYTES))
    }

    /// The places of a bucket and of the one behind it, which stand side by side.
    #[inline]
    fn ends(&self, bucket: usize, table: SectionId) -> Result<(Place, Place), FormatError> {
        let ends = self.places.all().get(bucket..).and_then(<[Place]>::first_chunk);
        let ends = ends.map(|[start, end]| (*start, *end));
        ends.ok_or_else(|| FormatError::Truncated { section: table.file_name(), what: "bucket" })
    }
}

/// A start in bytes: 2^32 units of a few bytes are far from the end of an address space.
fn bytes(start: U32, unit: usize) -> usize {
    int::to_usize(start.get()) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_places_are_joined_alike() {
        for (count, are_many) in [(9, false), (1 << 18, true)] {
            let [rows, evidence] =
                [1, 3].map(|step| (0..count).map(|at| U32::new(at * step)).collect::<Vec<_>>());
            let places = Places::join(&rows, &evidence).unwrap();
            assert_eq!(matches!(places, Places::Many(_)), are_many);
            let joined = places.all().iter().map(|place| (place.rows, place.evidence));
            assert!(joined.eq(rows.into_iter().zip(evidence)), "{count}");
        }
    }
}
