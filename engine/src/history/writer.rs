//! Patients to the sections of a history.
//!
//! Encoding is separate from writing, so that many cores encode runs of patients while one appends
//! them in the order of their keys. Memory is bounded by the bucket tables, the bitmaps of holders
//! and eight bytes a document; rows and evidence are streamed.

use std::io::{self, Write};
use std::path::Path;

use roaring::RoaringBitmap;
use zerocopy::IntoBytes;

use crate::document::{Document, DocumentKind};
use crate::format::codec::EncodeError;
use crate::format::section::{SectionId, SectionWriter};
use crate::history::dictionary::Dictionary;
use crate::history::documents::DocumentEntries;
use crate::history::evidence;
use crate::history::packed::{PackedDocument, PackedId, PackedIds};
use crate::history::row::{
    BUCKET_BITS_MAX, BUCKET_BITS_MIN, ENTRY_UNIT_BYTES, EVIDENCE_UNIT_BYTES, EntryHeader, Row,
    RowFlags,
};
use crate::int;
use crate::patient::PatientKey;

/// Why a history cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file cannot be written.
    #[error("a history section cannot be written")]
    Io(#[from] io::Error),
    /// The dictionary cannot be encoded.
    #[error("the dictionary cannot be encoded")]
    Dictionary(#[from] EncodeError),
    /// Patients do not come in the order of their keys.
    #[error("patients must come in the order of their keys")]
    Order,
    /// A day does not fit a row, or a code ordinal has more than 24 bits.
    #[error("document {document}: day {day} or code ordinal {code} does not fit a row")]
    Row {
        /// The document.
        document: String,
        /// The basis day.
        day: crate::day::Day,
        /// The code ordinal.
        code: u32,
    },
    /// A document without lines has no row, and so neither kind nor day.
    #[error("document {document}: it has no lines")]
    NoLines {
        /// The document.
        document: String,
    },
    /// A section is larger than its offsets can say.
    #[error("{section}: larger than its 32-bit offsets can address")]
    TooLarge {
        /// The section.
        section: &'static str,
    },
}

/// Patients encoded one after another, ready to be appended.
#[derive(Debug, Default)]
pub struct EncodedPatients {
    hot: Vec<u8>,
    cold: Vec<u8>,
    patients: Vec<EncodedPatient>,
    /// The entry of every document in the section of documents, its bucket still 0.
    documents: Vec<u64>,
    records: u64,
    /// Room for the blob of one patient.
    body: Vec<u8>,
}

#[derive(Debug)]
struct EncodedPatient {
    key: PatientKey,
    hot_bytes: usize,
    cold_bytes: usize,
    documents: usize,
}

impl EncodedPatients {
    /// Encodes one patient's documents.
    ///
    /// Decides what follows from the documents alone: which prescriptions are superseded by a live
    /// dispensing result, and which documents belong to a refill.
    ///
    /// # Errors
    ///
    /// When a document has no lines, or a day or a code ordinal does not fit a row.
    pub fn push(
        &mut self,
        key: PatientKey,
        mut documents: Vec<Document>,
    ) -> Result<(), WriteError> {
        let ids = PackedIds::of(&documents);
        self.push_packed(key, &mut ids.documents(&mut documents))
    }

    /// Encodes one patient's documents, as [`EncodedPatients::push`], out of what their owner keeps;
    /// they and their lines are put in order on the way.
    ///
    /// # Errors
    ///
    /// When a document has no lines, or a day or a code ordinal does not fit a row.
    pub fn push_packed(
        &mut self,
        key: PatientKey,
        documents: &mut [PackedDocument<'_>],
    ) -> Result<(), WriteError> {
        if let Some(empty) = documents.iter().find(|document| document.lines.is_empty()) {
            return Err(WriteError::NoLines { document: empty.id.to_string() });
        }
        documents.sort_by(PackedDocument::compare);
        for document in &mut *documents {
            if !document.lines.is_sorted_by_key(|line| line.rp) {
                document.lines.sort_by_key(|line| line.rp);
            }
        }
        let (hot_start, cold_start) = (self.hot.len(), self.cold.len());
        let records: usize = documents.iter().map(|document| document.lines.len()).sum();
        let (header, long_count) = EntryHeader::new(key, records);
        self.hot.extend_from_slice(header.as_bytes());
        self.hot.extend_from_slice(long_count.as_ref().map_or(&[], IntoBytes::as_bytes));
        let relations = Relations::of(documents);
        for document in &*documents {
            self.push_rows(document, &relations)?;
        }
        evidence::encode(documents, &mut self.body, &mut self.cold);
        self.documents.extend(documents.iter().map(PackedDocument::entry));
        self.records += int::length(records);
        self.patients.push(EncodedPatient {
            key,
            hot_bytes: self.hot.len() - hot_start,
            cold_bytes: self.cold.len() - cold_start,
            documents: documents.len(),
        });
        Ok(())
    }

    /// Forgets all patients and keeps the memory, for the next ones.
    pub fn clear(&mut self) {
        let Self { hot, cold, patients, documents, records, body } = self;
        hot.clear();
        cold.clear();
        patients.clear();
        documents.clear();
        *records = 0;
        body.clear();
    }

    /// The entries of the hot section and the blobs of the cold one, one after another.
    pub(crate) fn into_bytes(self) -> (Vec<u8>, Vec<u8>) {
        (self.hot, self.cold)
    }

    fn push_rows(
        &mut self,
        document: &PackedDocument<'_>,
        relations: &Relations<'_>,
    ) -> Result<(), WriteError> {
        let superseded = relations.is_superseded(document);
        let refill = relations.is_refill(document);
        for line in &*document.lines {
            let flags = RowFlags::new(
                document.kind,
                document.cancelled,
                superseded,
                refill,
                line.supply.is_material(),
            );
            let row = Row::new(line.code, flags, document.day, line.supply.bits());
            let row = row.ok_or_else(|| WriteError::Row {
                document: document.id.to_string(),
                day: document.day,
                code: line.code,
            })?;
            self.hot.extend_from_slice(row.as_bytes());
        }
        Ok(())
    }
}

/// What the documents of one patient say of each other.
struct Relations<'d> {
    /// Refill prescriptions, ascending.
    refills: Vec<PackedId<'d>>,
    /// Prescriptions that a live dispensing result names, ascending.
    dispensed: Vec<PackedId<'d>>,
}

impl<'d> Relations<'d> {
    fn of(documents: &[PackedDocument<'d>]) -> Self {
        let refills = documents.iter().filter(|document| {
            document.kind == DocumentKind::Prescription && document.states_refill()
        });
        let mut refills: Vec<PackedId<'d>> = refills.map(|document| document.id).collect();
        let live = documents.iter().filter(|document| !document.cancelled);
        let mut dispensed: Vec<PackedId<'d>> = live.filter_map(PackedDocument::dispensed).collect();
        refills.sort_unstable();
        dispensed.sort_unstable();
        Self { refills, dispensed }
    }

    fn is_superseded(&self, document: &PackedDocument<'_>) -> bool {
        document.kind == DocumentKind::Prescription
            && self.dispensed.binary_search(&document.id).is_ok()
    }

    fn is_refill(&self, document: &PackedDocument<'_>) -> bool {
        let names = |id| self.refills.binary_search(&id).is_ok();
        document.states_refill() || document.dispensed().is_some_and(names)
    }
}

/// Streams encoded patients into the sections of a history.
#[derive(Debug)]
pub struct HistoryWriter {
    rows: SectionWriter,
    evidence: SectionWriter,
    /// Offsets of the buckets begun so far, hot and cold, in their units.
    row_buckets: Vec<u32>,
    evidence_buckets: Vec<u32>,
    bucket_bits: u32,
    holders: Vec<RoaringBitmap>,
    documents: DocumentEntries,
    last: Option<PatientKey>,
    patients: u32,
    document_count: u64,
    records: u64,
}

impl HistoryWriter {
    /// Begins a history of about `patients` patients in `directory`.
    ///
    /// # Errors
    ///
    /// When a section file cannot be created.
    pub fn create(directory: &Path, patients: u64) -> Result<Self, WriteError> {
        // About three patients a bucket: few enough to scan, and the table stays small beside them.
        let bits = (patients / 2).max(1).ilog2();
        Ok(Self {
            rows: SectionWriter::create(directory, SectionId::HistoryRows)?,
            evidence: SectionWriter::create(directory, SectionId::HistoryEvidence)?,
            row_buckets: Vec::new(),
            evidence_buckets: Vec::new(),
            bucket_bits: bits.clamp(BUCKET_BITS_MIN, BUCKET_BITS_MAX),
            holders: Vec::new(),
            documents: DocumentEntries::default(),
            last: None,
            patients: 0,
            document_count: 0,
            records: 0,
        })
    }

    /// How many records were appended.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Appends patients, all of them behind those appended before.
    ///
    /// # Errors
    ///
    /// When keys are out of order, a section grows beyond its offsets, or a file cannot be written.
    pub fn append(&mut self, run: &EncodedPatients) -> Result<(), WriteError> {
        let mut hot = run.hot.as_slice();
        let mut documents = run.documents.as_slice();
        let (mut hot_end, mut cold_end) =
            (self.rows.payload_bytes(), self.evidence.payload_bytes());
        for patient in &run.patients {
            if self.last.is_some_and(|last| last >= patient.key) {
                return Err(WriteError::Order);
            }
            self.last = Some(patient.key);
            let bucket = patient.key.number() >> (u128::BITS - self.bucket_bits);
            self.begin_buckets(usize::try_from(bucket).unwrap_or(usize::MAX), hot_end, cold_end)?;
            let (own, rest) =
                documents.split_at_checked(patient.documents).ok_or(WriteError::Order)?;
            documents = rest;
            self.documents.extend(int::low64(bucket), own);
            let (entry, rest) = hot.split_at_checked(patient.hot_bytes).ok_or(WriteError::Order)?;
            hot = rest;
            hot_end += int::length(patient.hot_bytes);
            cold_end += int::length(patient.cold_bytes);
            self.note_holders(entry);
            self.patients = self
                .patients
                .checked_add(1)
                .ok_or(WriteError::TooLarge { section: SectionId::HistoryHolders.file_name() })?;
        }
        // Patients lie in the run as they lie in the sections.
        self.rows.write_all(&run.hot)?;
        self.evidence.write_all(&run.cold)?;
        self.document_count += int::length(run.documents.len());
        self.records += run.records;
        Ok(())
    }

    /// Writes the tables that stand behind the streams. The dictionary takes over the counts.
    ///
    /// # Errors
    ///
    /// When a file cannot be written or synced.
    pub fn finish(
        mut self,
        directory: &Path,
        mut dictionary: Dictionary,
    ) -> Result<Dictionary, WriteError> {
        let buckets = 1_usize << self.bucket_bits;
        self.begin_buckets(buckets, self.rows.payload_bytes(), self.evidence.payload_bytes())?;
        dictionary.patients = u64::from(self.patients);
        dictionary.documents = self.document_count;
        dictionary.records = self.records;
        let Self { rows, evidence, row_buckets, evidence_buckets, mut holders, documents, .. } =
            self;
        let write = |id, bytes: &[u8]| SectionWriter::write_whole(directory, id, bytes);
        // The disk takes the two large sections while the others are made.
        let (synced, written) = rayon::join(
            || rows.finish().and_then(|()| evidence.finish()),
            || {
                write(SectionId::HistoryBuckets, &little_endian(&row_buckets))?;
                write(SectionId::HistoryEvidenceBuckets, &little_endian(&evidence_buckets))?;
                write(SectionId::HistoryDictionary, &dictionary.encode()?)?;
                holders.resize_with(dictionary.codes.len(), RoaringBitmap::new);
                write(SectionId::HistoryHolders, &encode_holders(&mut holders)?)?;
                let mut section = SectionWriter::create(directory, SectionId::HistoryDocuments)?;
                documents.encode(|entries| section.write_all(entries))?;
                section.finish()?;
                Ok::<(), WriteError>(())
            },
        );
        written?;
        synced?;
        Ok(dictionary)
    }

    /// Notes that every bucket up to and including `bucket` which is not begun starts at these bytes
    /// of the hot and of the cold payload.
    fn begin_buckets(&mut self, bucket: usize, hot: u64, cold: u64) -> Result<(), WriteError> {
        let missing = (bucket + 1).saturating_sub(self.row_buckets.len());
        if missing == 0 {
            return Ok(());
        }
        let row = offset(hot, ENTRY_UNIT_BYTES, SectionId::HistoryRows)?;
        let cold = offset(cold, EVIDENCE_UNIT_BYTES, SectionId::HistoryEvidence)?;
        self.row_buckets.extend(std::iter::repeat_n(row, missing));
        self.evidence_buckets.extend(std::iter::repeat_n(cold, missing));
        Ok(())
    }

    fn note_holders(&mut self, entry: &[u8]) {
        let Ok((split, _)) = super::Entry::split(entry) else { return };
        for row in split.rows {
            let code = int::to_usize(row.code());
            if code >= self.holders.len() {
                self.holders.resize_with(code + 1, RoaringBitmap::new);
            }
            if let Some(holders) = self.holders.get_mut(code) {
                // Patients ascend, so what cannot be pushed is there already.
                drop(holders.try_push(self.patients));
            }
        }
    }
}

fn offset(bytes: u64, unit: usize, id: SectionId) -> Result<u32, WriteError> {
    let units = bytes / int::length(unit);
    u32::try_from(units).map_err(|_| WriteError::TooLarge { section: id.file_name() })
}

fn little_endian(offsets: &[u32]) -> Vec<u8> {
    offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect()
}

/// A table of `codes + 1` offsets u64 from the start of the section, then the bitmaps.
fn encode_holders(holders: &mut [RoaringBitmap]) -> io::Result<Vec<u8>> {
    let table_bytes = (holders.len() + 1) * size_of::<u64>();
    let mut table = Vec::with_capacity(table_bytes);
    let mut bitmaps = Vec::new();
    for bitmap in holders {
        table.extend_from_slice(&int::length(table_bytes + bitmaps.len()).to_le_bytes());
        bitmap.optimize();
        bitmap.serialize_into(&mut bitmaps)?;
    }
    table.extend_from_slice(&int::length(table_bytes + bitmaps.len()).to_le_bytes());
    table.append(&mut bitmaps);
    Ok(table)
}
