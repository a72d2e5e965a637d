//! The cold section: what only evidence needs, patient by patient in the order of the hot section.
//!
//! ```text
//! blob      bytes behind this number ‖ documents ‖ zeros up to 4 bytes
//! document  head u8 ‖ id ‖ [institution] ‖ [pharmacy] ‖ [prescription] ‖
//!           [refill uses ‖ refill use ‖ acknowledgements] ‖ number of lines ‖ lines
//! line      head u8 ‖ [RP] ‖ [directions] ‖ [quantity]
//! ```
//!
//! A head says what follows; every number is a varint. A line names only what differs from the line
//! before it, so most take one byte or two. Lines stand in the order of the rows, document by
//! document, so the two need no pointers to each other.

use crate::error::FormatError;
use crate::format::section::SectionId;
use crate::format::varint::Reader;
use crate::history::dictionary::Bounds;
use crate::history::document_id::{IdKind, StoredId};
use crate::history::row::EVIDENCE_UNIT_BYTES;
use crate::int;

mod encode;
#[cfg(test)]
mod tests;

pub(crate) use encode::encode;

/// The head of a document: bits 0–1 the kind of its id, 2–4 its prescription, 5 to 7 as here.
const HAS_INSTITUTION: u8 = 1 << 5;
const HAS_PHARMACY: u8 = 1 << 6;
const HAS_MORE: u8 = 1 << 7;
/// Bits 2–4: 0 no prescription, 1 to 3 an id of the kind one less, 4 a document of the blob.
const PRESCRIPTION_SHIFT: u32 = 2;
const PRESCRIPTION_IN_BLOB: u8 = 4;

/// The head of a line: bit 0 a quantity follows, bits 1–2 the RP, bits 3–7 the directions.
const HAS_QUANTITY: u8 = 1;
/// Bits 1–2: so much more than the RP before it in the document; 3 the RP follows.
const RP_SHIFT: u32 = 1;
const RP_FOLLOWS: u8 = 3;
/// Bits 3–7: 0 the directions of the line before, 1 to 30 the ordinal plus 1, 31 the ordinal follows.
const DIRECTIONS_SHIFT: u32 = 3;
const DIRECTIONS_FOLLOW: u8 = 31;

/// The cold part of one patient.
#[derive(Debug)]
pub(crate) struct Evidence<'h> {
    documents: Vec<DocumentEvidence<'h>>,
    lines: Vec<LineEvidence>,
}

/// What evidence tells of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentEvidence<'h> {
    pub(crate) id: StoredId<'h>,
    /// Dictionary ordinal + 1; 0 for none.
    pub(crate) institution: u32,
    /// Dictionary ordinal + 1; 0 for none.
    pub(crate) pharmacy: u32,
    prescription: Prescription<'h>,
    pub(crate) refill_uses: u8,
    pub(crate) refill_use: u8,
    /// Findings that were acknowledged with it, still encoded.
    pub(crate) acknowledged: &'h [u8],
    first_line: u32,
    line_count: u32,
}

impl DocumentEvidence<'_> {
    /// The position of its first row.
    pub(crate) fn first_line(&self) -> usize {
        int::to_usize(self.first_line)
    }

    /// How many rows it has.
    pub(crate) fn line_count(&self) -> usize {
        int::to_usize(self.line_count)
    }
}

/// How a document names its prescription.
#[derive(Clone, Copy, Debug)]
enum Prescription<'h> {
    None,
    Id(StoredId<'h>),
    /// Another document of the blob, by its position.
    InBlob(u32),
}

/// What evidence tells of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineEvidence {
    /// Position of its document.
    pub(crate) document: u32,
    pub(crate) rp: u32,
    /// Dictionary ordinal + 1; 0 for none.
    pub(crate) quantity: u32,
    /// Dictionary ordinal.
    pub(crate) directions: u32,
}

const SECTION: &str = SectionId::HistoryEvidence.file_name();

fn truncated(what: &'static str) -> FormatError {
    FormatError::Truncated { section: SECTION, what }
}

fn number_of_lines(found: usize) -> FormatError {
    let found = int::length(found);
    FormatError::Invalid { section: SECTION, what: "number of lines", found }
}

/// The blob of the patient at `rank` in a bucket.
pub(crate) fn nth(mut bytes: &[u8], rank: usize) -> Result<&[u8], FormatError> {
    for _ in 0..rank {
        bytes = split(bytes)?.1;
    }
    split(bytes).map(|(blob, _)| blob)
}

/// How many blobs a bucket holds.
pub(crate) fn count(mut bytes: &[u8]) -> Result<usize, FormatError> {
    let mut count = 0;
    while !bytes.is_empty() {
        bytes = split(bytes)?.1;
        count += 1;
    }
    Ok(count)
}

/// The first blob, and what is behind the zeros that fill it up.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), FormatError> {
    let blob = || truncated("blob");
    let mut reader = Reader(bytes);
    let length = reader.number().ok_or_else(blob)?;
    let (first, _) = reader.0.split_at_checked(int::wide(length)).ok_or_else(blob)?;
    let taken = bytes.len() - reader.0.len() + first.len();
    let rest = bytes.get(taken.next_multiple_of(EVIDENCE_UNIT_BYTES)..);
    Ok((first, rest.ok_or_else(blob)?))
}

impl<'h> Evidence<'h> {
    /// Decodes a patient's blob, which must tell of exactly `rows` lines.
    pub(crate) fn decode(
        blob: &'h [u8],
        rows: usize,
        bounds: &Bounds,
    ) -> Result<Self, FormatError> {
        let mut reader = Reader(blob);
        // A line takes a byte and a document four, so damage allocates no more than the blob.
        let mut lines: Vec<LineEvidence> = Vec::with_capacity(rows.min(blob.len()));
        let mut documents: Vec<DocumentEvidence<'h>> = Vec::with_capacity(lines.capacity() / 3 + 1);
        let mut last = LineEvidence::default();
        let mut last_named = None;
        while !reader.0.is_empty() {
            let position = int::ordinal(documents.len());
            let document = read_document(&mut reader, int::ordinal(lines.len()), bounds)
                .ok_or_else(|| truncated("document"))?;
            last = LineEvidence { document: position, rp: 0, ..last };
            if document.line_count() > rows - lines.len() {
                return Err(number_of_lines(lines.len() + document.line_count()));
            }
            (reader, last) = read_lines(reader, last, document.line_count, bounds, &mut lines)
                .ok_or_else(|| truncated("line"))?;
            if let Prescription::InBlob(named) = document.prescription {
                last_named = last_named.max(Some(named));
            }
            documents.push(document);
        }
        if last_named.is_some_and(|named| int::to_usize(named) >= documents.len()) {
            return Err(truncated("prescription"));
        }
        if lines.len() != rows {
            return Err(number_of_lines(lines.len()));
        }
        Ok(Self { documents, lines })
    }

    /// The line of the row at that position.
    pub(crate) fn line(&self, row: usize) -> Result<&LineEvidence, FormatError> {
        self.lines.get(row).ok_or_else(|| truncated("line"))
    }

    /// The document of the row at that position.
    pub(crate) fn document_of(&self, row: usize) -> Result<&DocumentEvidence<'h>, FormatError> {
        let document = self.documents.get(int::to_usize(self.line(row)?.document));
        document.ok_or_else(|| truncated("document"))
    }

    /// The id of the prescription that a document of this blob names.
    pub(crate) fn prescription_of(&self, document: &DocumentEvidence<'h>) -> Option<StoredId<'h>> {
        match document.prescription {
            Prescription::None => None,
            Prescription::Id(id) => Some(id),
            Prescription::InBlob(position) => {
                self.documents.get(int::to_usize(position)).map(|named| named.id)
            }
        }
    }

    /// All documents.
    pub(crate) fn documents(&self) -> &[DocumentEvidence<'h>] {
        &self.documents
    }

    /// All lines, in the order of the rows.
    pub(crate) fn lines(&self) -> &[LineEvidence] {
        &self.lines
    }
}

/// Reads a document.
#[inline]
fn read_document<'h>(
    reader: &mut Reader<'h>,
    first_line: u32,
    bounds: &Bounds,
) -> Option<DocumentEvidence<'h>> {
    let head = reader.byte()?;
    let id = StoredId::read(IdKind::from_number(head & 3)?, reader)?;
    let institutions = bounds.institutions;
    let mut institution = |bit| match head & bit {
        0 => Some(0),
        _ => reader.ordinal().filter(|number| (1..=institutions).contains(&int::to_usize(*number))),
    };
    let (institution, pharmacy) = (institution(HAS_INSTITUTION)?, institution(HAS_PHARMACY)?);
    let prescription = match head >> PRESCRIPTION_SHIFT & 7 {
        0 => Prescription::None,
        PRESCRIPTION_IN_BLOB => Prescription::InBlob(reader.ordinal()?),
        kind => Prescription::Id(StoredId::read(IdKind::from_number(kind - 1)?, reader)?),
    };
    let (refill_uses, refill_use, acknowledged) = match head & HAS_MORE {
        0 => (0, 0, <&[u8]>::default()),
        _ => (reader.small()?, reader.small()?, reader.bytes()?),
    };
    // A document without lines would have neither kind nor day, which are its rows'.
    let line_count = reader.ordinal().filter(|count| *count != 0)?;
    Some(DocumentEvidence {
        id,
        institution,
        pharmacy,
        prescription,
        refill_uses,
        refill_use,
        acknowledged,
        first_line,
        line_count,
    })
}

/// Reads the lines of a document behind `last`, the one before them; gives what is behind them and the
/// last of them. By itself, so that everything that a line needs stays in registers.
#[inline(never)]
fn read_lines<'h>(
    mut reader: Reader<'h>,
    mut last: LineEvidence,
    count: u32,
    bounds: &Bounds,
    lines: &mut Vec<LineEvidence>,
) -> Option<(Reader<'h>, LineEvidence)> {
    for _ in 0..count {
        read_line(&mut reader, &mut last, bounds)?;
        lines.push(last);
    }
    Some((reader, last))
}

/// Reads a line in the place of the one before it; what it does not name is as in that.
#[inline]
fn read_line(reader: &mut Reader<'_>, line: &mut LineEvidence, bounds: &Bounds) -> Option<()> {
    let head = reader.byte()?;
    line.rp = match head >> RP_SHIFT & 3 {
        RP_FOLLOWS => reader.ordinal()?,
        step => line.rp.checked_add(u32::from(step))?,
    };
    match head >> DIRECTIONS_SHIFT {
        0 => {}
        DIRECTIONS_FOLLOW => line.directions = reader.ordinal()?,
        number => line.directions = u32::from(number - 1),
    }
    if head & HAS_QUANTITY != 0 {
        line.quantity = reader.ordinal()?;
    }
    let known = int::to_usize(line.directions) < bounds.directions
        && int::to_usize(line.quantity) <= bounds.quantities;
    known.then_some(())
}
