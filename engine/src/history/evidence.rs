//! The cold section: what only evidence needs, patient by patient in the order of the hot section.
//!
//! ```text
//! blob      bytes behind this number ‖ number of documents ‖ documents ‖ zeros up to 4 bytes
//! document  id ‖ institution ‖ pharmacy ‖ prescription ‖ refill uses ‖ refill use ‖
//!           number of lines ‖ lines
//! line      RP ‖ quantity ‖ directions
//! ```
//!
//! Every number is a varint, a text is a length and bytes. `institution`, `pharmacy` and `quantity`
//! are dictionary ordinals + 1, 0 for none; `directions` is a dictionary ordinal. `prescription` is 0 for none, 1 for a text
//! that follows, and n + 2 for the n-th document of the patient. Lines stand in the order of the
//! rows, document by document, so the two need no pointers to each other.

use std::collections::HashMap;

use crate::document::Document;
use crate::error::FormatError;
use crate::format::section::SectionId;
use crate::format::varint::{self, Reader};
use crate::history::dictionary::{Dictionary, Directions};
use crate::history::row::EVIDENCE_UNIT_BYTES;
use crate::int;

/// The cold part of one patient.
#[derive(Debug)]
pub(crate) struct Evidence<'h> {
    documents: Vec<DocumentEvidence<'h>>,
    lines: Vec<LineEvidence<'h>>,
}

/// What evidence tells of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentEvidence<'h> {
    pub(crate) id: &'h str,
    pub(crate) institution: Option<&'h str>,
    pub(crate) pharmacy: Option<&'h str>,
    pub(crate) prescription: Option<&'h str>,
    pub(crate) first_line: usize,
    pub(crate) line_count: usize,
}

/// What evidence tells of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineEvidence<'h> {
    pub(crate) document: usize,
    pub(crate) rp: u32,
    pub(crate) quantity: &'h str,
    pub(crate) directions: &'h Directions,
}

const SECTION: &str = SectionId::HistoryEvidence.file_name();

fn truncated(what: &'static str) -> FormatError {
    FormatError::Truncated { section: SECTION, what }
}

/// Appends the blob of a patient's documents, which stand in the order of their rows.
pub(crate) fn encode(documents: &[Document], bytes: &mut Vec<u8>) {
    let mut body = Vec::with_capacity(documents.len() * 48);
    varint::write(&mut body, int::length(documents.len()));
    let positions: HashMap<&str, usize> =
        documents.iter().map(|document| document.id.as_str()).zip(0..).collect();
    for document in documents {
        varint::write_text(&mut body, &document.id);
        varint::write(&mut body, u64::from(document.institution));
        varint::write(&mut body, u64::from(document.pharmacy));
        encode_prescription(document.prescription.as_deref(), &positions, &mut body);
        varint::write(&mut body, u64::from(document.refill_uses));
        varint::write(&mut body, u64::from(document.refill_use));
        varint::write(&mut body, int::length(document.lines.len()));
        for line in &document.lines {
            for number in [line.rp, line.quantity, line.directions] {
                varint::write(&mut body, u64::from(number));
            }
        }
    }
    let start = bytes.len();
    varint::write(bytes, int::length(body.len()));
    bytes.extend_from_slice(&body);
    let filled = (bytes.len() - start).next_multiple_of(EVIDENCE_UNIT_BYTES);
    bytes.resize(start + filled, 0);
}

fn encode_prescription(
    prescription: Option<&str>,
    positions: &HashMap<&str, usize>,
    body: &mut Vec<u8>,
) {
    let Some(prescription) = prescription else { return varint::write(body, 0) };
    if let Some(position) = positions.get(prescription) {
        varint::write(body, int::length(*position) + 2);
    } else {
        varint::write(body, 1);
        varint::write_text(body, prescription);
    }
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
    let mut reader = Reader(bytes);
    let length = reader.number().ok_or(truncated("blob"))?;
    let (blob, _) = reader.0.split_at_checked(int::wide(length)).ok_or(truncated("blob"))?;
    let taken = bytes.len() - reader.0.len() + blob.len();
    let rest = bytes.get(taken.next_multiple_of(EVIDENCE_UNIT_BYTES)..);
    Ok((blob, rest.ok_or(truncated("blob"))?))
}

/// A prescription as it is stored.
enum Prescription<'h> {
    None,
    Text(&'h str),
    Document(usize),
}

impl<'h> Evidence<'h> {
    /// Decodes a patient's blob, which must tell of exactly `rows` lines.
    pub(crate) fn decode(
        blob: &'h [u8],
        rows: usize,
        dictionary: &'h Dictionary,
    ) -> Result<Self, FormatError> {
        let mut reader = Reader(blob);
        let count = reader.number().map(int::wide).ok_or(truncated("number of documents"))?;
        // A document takes seven bytes and a line three, so no count allocates more than the blob.
        let mut documents = Vec::with_capacity(count.min(blob.len() / 7));
        let mut prescriptions = Vec::with_capacity(documents.capacity());
        let mut lines = Vec::with_capacity(rows.min(blob.len() / 3));
        for _ in 0..count {
            let (mut document, prescription, line_count) =
                read_document(&mut reader, dictionary).ok_or(truncated("document"))?;
            document.first_line = lines.len();
            document.line_count = line_count;
            for _ in 0..line_count {
                let line = read_line(&mut reader, documents.len(), dictionary);
                lines.push(line.ok_or(truncated("line"))?);
            }
            documents.push(document);
            prescriptions.push(prescription);
        }
        for (position, prescription) in prescriptions.into_iter().enumerate() {
            let named = match prescription {
                Prescription::None => None,
                Prescription::Text(text) => Some(text),
                Prescription::Document(named) => {
                    Some(documents.get(named).ok_or(truncated("prescription"))?.id)
                }
            };
            if let Some(document) = documents.get_mut(position) {
                document.prescription = named;
            }
        }
        if lines.len() != rows || !reader.0.is_empty() {
            let found = int::length(lines.len());
            return Err(FormatError::Invalid { section: SECTION, what: "number of lines", found });
        }
        Ok(Self { documents, lines })
    }

    /// The line of the row at that position.
    pub(crate) fn line(&self, row: usize) -> Result<&LineEvidence<'h>, FormatError> {
        self.lines.get(row).ok_or(truncated("line"))
    }

    /// The document of the row at that position.
    pub(crate) fn document_of(&self, row: usize) -> Result<&DocumentEvidence<'h>, FormatError> {
        let line = self.line(row)?;
        self.documents.get(line.document).ok_or(truncated("document"))
    }

    /// All documents.
    pub(crate) fn documents(&self) -> &[DocumentEvidence<'h>] {
        &self.documents
    }
}

fn read_document<'h>(
    reader: &mut Reader<'h>,
    dictionary: &'h Dictionary,
) -> Option<(DocumentEvidence<'h>, Prescription<'h>, usize)> {
    let id = reader.text()?;
    let issuer = institution(reader, dictionary)?;
    let pharmacy = institution(reader, dictionary)?;
    let prescription = match reader.number()? {
        0 => Prescription::None,
        1 => Prescription::Text(reader.text()?),
        position => Prescription::Document(int::wide(position - 2)),
    };
    let _refill_uses = reader.number()?;
    let _refill_use = reader.number()?;
    let line_count = int::wide(reader.number()?);
    let document = DocumentEvidence {
        id,
        institution: (!issuer.is_empty()).then_some(issuer),
        pharmacy: (!pharmacy.is_empty()).then_some(pharmacy),
        prescription: None,
        first_line: 0,
        line_count: 0,
    };
    Some((document, prescription, line_count))
}

fn read_line<'h>(
    reader: &mut Reader<'h>,
    document: usize,
    dictionary: &'h Dictionary,
) -> Option<LineEvidence<'h>> {
    let rp = reader.ordinal()?;
    let quantity = entry(&dictionary.quantities, reader.ordinal()?)?;
    let directions = dictionary.directions.get(int::to_usize(reader.ordinal()?))?;
    Some(LineEvidence { document, rp, quantity, directions })
}

/// The entry of `ordinal + 1`, empty for 0; `None` for an ordinal beyond the table.
fn entry(table: &[String], number: u32) -> Option<&str> {
    match number.checked_sub(1) {
        None => Some(""),
        Some(ordinal) => table.get(int::to_usize(ordinal)).map(String::as_str),
    }
}

/// An institution, which no document names by an empty text.
fn institution<'h>(reader: &mut Reader<'h>, dictionary: &'h Dictionary) -> Option<&'h str> {
    entry(&dictionary.institutions, reader.ordinal()?)
}
