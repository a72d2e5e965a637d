//! History: patients and what they have been given, as two mapped sections in one order.
//!
//! The **hot** section holds, behind each patient's key, the rows that a check reads; the **cold**
//! one what only evidence needs. Both are reached through a table indexed by the top bits of the
//! key, so a check costs about two cache misses, and cold memory is not touched by a check without
//! findings.

mod acknowledged;
mod buckets;
pub mod dictionary;
pub mod document_id;
mod documents;
pub(crate) mod evidence;
pub mod packed;
mod rebuild;
pub mod row;
mod verify;
pub mod writer;

use roaring::RoaringBitmap;
use zerocopy::FromBytes;
use zerocopy::little_endian::U64;

use crate::error::{FormatError, OpenError};
use crate::format::section::{Section, SectionId};
use crate::int;
use crate::manifest::Sections;
use crate::patient::PatientKey;
use buckets::{Buckets, Starts};
use dictionary::{Bounds, Dictionary};
use documents::Documents;
use evidence::Evidence;
use row::{ENTRY_UNIT_BYTES, EVIDENCE_UNIT_BYTES, EntryHeader, Row};

/// The bytes of a bucket that are asked for before they are read: a processor waits for about so many
/// at a time, and few buckets hold more.
const PREFETCHED_BYTES: usize = 512;

/// An opened history.
#[derive(Debug)]
pub struct History {
    buckets: Buckets,
    rows: Section,
    evidence: Section,
    dictionary: Dictionary,
    holders: Section,
    documents: Documents,
}

pub(crate) fn open_dictionary(sections: &Sections<'_>) -> Result<Dictionary, OpenError> {
    let dictionary = sections.open_checked(SectionId::HistoryDictionary)?;
    Dictionary::decode(dictionary.as_ref())
        .map_err(|source| sections.damaged(SectionId::HistoryDictionary, source))
}

/// Opens a section and the starts of its buckets.
fn open_pair(
    sections: &Sections<'_>,
    (target, table): (SectionId, SectionId),
    unit: usize,
) -> Result<(Section, Starts), OpenError> {
    let (target, starts) = rayon::join(|| sections.open(target), || sections.open_checked(table));
    let target = target?;
    let starts = Starts::new(starts?, table, unit, target.payload_bytes())
        .map_err(|source| sections.damaged(table, source))?;
    Ok((target, starts))
}

impl History {
    /// Opens the history sections of a generation directory.
    ///
    /// # Errors
    ///
    /// When a section is missing or damaged, the dictionary does not decode, or a bucket table is
    /// not ascending or does not end where its section ends.
    pub(crate) fn open(sections: &Sections<'_>) -> Result<Self, OpenError> {
        let ((dictionary, holders, documents), (rows, evidence)) = rayon::join(
            || {
                let section = |id| sections.open(id);
                let dictionary = open_dictionary(sections);
                let (holders, documents) =
                    (section(SectionId::HistoryHolders), section(SectionId::HistoryDocuments));
                (dictionary, holders, documents)
            },
            || {
                let rows = (SectionId::HistoryRows, SectionId::HistoryBuckets);
                let evidence = (SectionId::HistoryEvidence, SectionId::HistoryEvidenceBuckets);
                rayon::join(
                    || open_pair(sections, rows, ENTRY_UNIT_BYTES),
                    || open_pair(sections, evidence, EVIDENCE_UNIT_BYTES),
                )
            },
        );
        let (dictionary, (rows, row_starts), (evidence, evidence_starts)) =
            (dictionary?, rows?, evidence?);
        let documents = Documents::new(documents?, dictionary.documents())
            .map_err(|source| sections.damaged(SectionId::HistoryDocuments, source))?;
        if row_starts.count() != evidence_starts.count() {
            let section = SectionId::HistoryEvidenceBuckets.file_name();
            let found = int::length(evidence_starts.count());
            let source = FormatError::Invalid { section, what: "number of buckets", found };
            return Err(sections.damaged(SectionId::HistoryEvidenceBuckets, source));
        }
        let buckets = Buckets::of(&row_starts, &evidence_starts)
            .map_err(|source| sections.unreadable(SectionId::HistoryBuckets, source))?;
        let holders = holders?;
        Ok(Self { buckets, rows, evidence, dictionary, holders, documents })
    }

    /// The dictionary of codes, institutions, quantities and directions.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Brings everything that a check without findings reads into memory, and checks it.
    pub(crate) fn populate(&self) -> Result<(), FormatError> {
        // Opening has read the starts of the buckets.
        self.rows.populate()
    }

    /// Asks for the place of a patient's bucket, which finding the patient reads first.
    pub(crate) fn prefetch_bucket(&self, key: PatientKey) {
        self.buckets.prefetch(self.buckets.of_key(key));
    }

    /// Asks for the patients of the bucket, which finding a patient goes through.
    pub(crate) fn prefetch_rows(&self, key: PatientKey) {
        if let Ok(range) = self.buckets.rows(self.buckets.of_key(key)) {
            self.rows.prefetch(range.start..range.end.min(range.start + PREFETCHED_BYTES));
        }
    }

    /// Asks for the evidence of the patients of a bucket.
    pub(crate) fn prefetch_evidence(&self, patient: &PatientRows<'_>) {
        if let Cold::Ranked { bucket, .. } = patient.cold
            && let Ok(range) = self.buckets.evidence(bucket)
        {
            self.evidence.prefetch(range.start..range.end.min(range.start + PREFETCHED_BYTES));
        }
    }

    /// The rows of a patient, `None` when the history has none.
    ///
    /// # Errors
    ///
    /// When the bytes that hold them are damaged.
    pub fn patient(&self, key: PatientKey) -> Result<Option<PatientRows<'_>>, FormatError> {
        let bucket = self.buckets.of_key(key);
        let mut bytes = self.rows.slice(self.buckets.rows(bucket)?)?;
        let mut rank = 0;
        while !bytes.is_empty() {
            let (entry, rest) = Entry::split(bytes)?;
            if entry.header.is(key) {
                return Ok(Some(PatientRows {
                    rows: entry.rows,
                    cold: Cold::Ranked { bucket, rank },
                }));
            }
            bytes = rest;
            rank += 1;
        }
        Ok(None)
    }

    /// The bucket that a patient is in, or would be.
    pub fn bucket_of(&self, key: PatientKey) -> usize {
        self.buckets.of_key(key)
    }

    /// How many buckets the patients are in.
    pub fn bucket_count(&self) -> usize {
        self.buckets.count()
    }

    /// The patients of a bucket, by their keys, ascending.
    ///
    /// # Errors
    ///
    /// When the bytes that hold them are damaged.
    pub fn bucket(
        &self,
        bucket: usize,
    ) -> Result<impl Iterator<Item = Result<(PatientKey, PatientRows<'_>), FormatError>>, FormatError>
    {
        let mut bytes = self.rows.slice(self.buckets.rows(bucket)?)?;
        let mut ranks = 0..;
        let top = self.buckets.first_key(bucket);
        Ok(std::iter::from_fn(move || {
            if bytes.is_empty() {
                return None;
            }
            let rank = ranks.next()?;
            let entry = Entry::split(bytes).map(|(entry, rest)| {
                bytes = rest;
                // The lowest bits of the bucket's number may stand in the entry as well.
                let key = PatientKey::from_number(top | entry.header.low_bits());
                (key, PatientRows { rows: entry.rows, cold: Cold::Ranked { bucket, rank } })
            });
            if entry.is_err() {
                bytes = &[];
            }
            Some(entry)
        }))
    }

    /// The cold part of a patient's rows. `bounds` are those of the dictionary that they point into.
    pub(crate) fn evidence<'h>(
        &'h self,
        patient: &PatientRows<'h>,
        bounds: &Bounds,
    ) -> Result<Evidence<'h>, FormatError> {
        let blob = match patient.cold {
            Cold::Ranked { bucket, rank } => {
                let bytes = self.evidence.slice(self.buckets.evidence(bucket)?)?;
                evidence::nth(bytes, rank)?
            }
            Cold::Blob(bytes) => evidence::nth(bytes, 0)?,
        };
        Evidence::decode(blob, patient.rows.len(), bounds)
    }

    /// The patients that hold a code, by its ordinal: positions in the order of patients.
    ///
    /// # Errors
    ///
    /// When the section is damaged or the code has no entry in it.
    pub fn holders(&self, code: u32) -> Result<RoaringBitmap, FormatError> {
        let section = SectionId::HistoryHolders.file_name();
        let truncated = FormatError::Truncated { section, what: "holders" };
        let all = self.holders.slice(0..self.holders.payload_bytes())?;
        let (table, _) =
            <[U64]>::ref_from_prefix_with_elems(all, self.dictionary.codes().len() + 1)
                .map_err(|_| FormatError::Truncated { section, what: "table" })?;
        let at = |position: usize| table.get(position).map(|offset| int::wide(offset.get()));
        let code = int::to_usize(code);
        let range = at(code).zip(at(code + 1));
        let bytes = range.and_then(|(start, end)| all.get(start..end)).ok_or(truncated)?;
        RoaringBitmap::deserialize_from(bytes)
            .map_err(|_| FormatError::Truncated { section, what: "bitmap" })
    }
}

/// The rows of one patient, in the order of evidence: basis day, document id, RP.
#[derive(Clone, Copy, Debug)]
pub struct PatientRows<'h> {
    rows: &'h [Row],
    cold: Cold<'h>,
}

/// Where the cold part of a patient stands.
#[derive(Clone, Copy, Debug)]
enum Cold<'h> {
    /// In the cold section, at the patient's place among those of its bucket.
    Ranked { bucket: usize, rank: usize },
    /// Here.
    Blob(&'h [u8]),
}

impl<'h> PatientRows<'h> {
    /// The rows.
    pub fn rows(&self) -> &'h [Row] {
        self.rows
    }

    /// A patient that stands by itself: its entry of the hot section and its blob of the cold one.
    pub(crate) fn apart(hot: &'h [u8], cold: &'h [u8]) -> Result<Self, FormatError> {
        Ok(Self { rows: Entry::split(hot)?.0.rows, cold: Cold::Blob(cold) })
    }
}

/// One patient of the hot section: key, number of rows, rows.
struct Entry<'h> {
    header: &'h EntryHeader,
    rows: &'h [Row],
}

impl<'h> Entry<'h> {
    fn split(bytes: &'h [u8]) -> Result<(Self, &'h [u8]), FormatError> {
        let section = SectionId::HistoryRows.file_name();
        let truncated = |what| FormatError::Truncated { section, what };
        let (header, rest) =
            EntryHeader::ref_from_prefix(bytes).map_err(|_| truncated("patient header"))?;
        let (count, rest) = if let Some(count) = header.short_count() {
            (count, rest)
        } else {
            let (count, rest) = U64::ref_from_prefix(rest).map_err(|_| truncated("row count"))?;
            (int::wide(count.get()), rest)
        };
        let (rows, rest) =
            <[Row]>::ref_from_prefix_with_elems(rest, count).map_err(|_| truncated("rows"))?;
        Ok((Self { header, rows }, rest))
    }
}
