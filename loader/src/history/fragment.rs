//! Rows of one document that follow each other in a file, and how they wait on disk.
//!
//! A fragment is sorted by its head alone; the document in it is decoded when its place is found.

use chofuku_engine::Day;
use chofuku_engine::document::{Document, DocumentKind, DocumentLine};
use chofuku_engine::format::varint::{self, Reader};
use chofuku_engine::history::document_id;
use chofuku_engine::patient::PatientKey;
use chofuku_engine::period::Supply;

/// Rows of a document as they were read; ordinals are those of the interners.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) patient: PatientKey,
    pub(crate) document: Document,
    /// Which file, and the line of its first row; each further row is on the next line.
    pub(crate) file: u32,
    pub(crate) line: u64,
}

impl Fragment {
    /// Appends the fragment to a buffer.
    pub(crate) fn encode(&self, body: &mut Vec<u8>, buffer: &mut Vec<u8>) {
        let document = &self.document;
        body.clear();
        body.extend_from_slice(&self.patient.number().to_le_bytes());
        write_id(&document.id, body);
        varint::write(body, u64::from(self.file));
        varint::write(body, self.line);
        write_id(document.prescription.as_deref().unwrap_or_default(), body);
        for number in [
            kind_number(document.kind) | if document.cancelled { CANCELLED } else { 0 },
            // Day numbers of rows are never negative: `to_row` was asked when they were read.
            u32::try_from(document.day.number()).unwrap_or(0),
            document.institution,
            document.pharmacy,
            u32::from(document.refill_uses),
            u32::from(document.refill_use),
        ] {
            varint::write(body, u64::from(number));
        }
        for line in &document.lines {
            let supply = u32::from(line.supply.bits());
            for number in [line.rp, line.code, supply, line.quantity, line.directions] {
                varint::write(body, u64::from(number));
            }
        }
        varint::write(buffer, u64::try_from(body.len()).unwrap_or(u64::MAX));
        buffer.extend_from_slice(body);
    }
}

fn write_id(id: &str, body: &mut Vec<u8>) {
    // Two bytes of length: an id has at most 128 characters of 4 bytes.
    let at = body.len();
    body.extend_from_slice(&[0; 2]);
    document_id::pack(id, body);
    let length = u16::try_from(body.len() - at - 2).unwrap_or(u16::MAX);
    for (place, byte) in body.iter_mut().skip(at).zip(length.to_le_bytes()) {
        *place = byte;
    }
}

fn read_id<'s>(reader: &mut Reader<'s>) -> Option<&'s [u8]> {
    let (length, rest) = reader.0.split_first_chunk()?;
    let (id, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    reader.0 = rest;
    Some(id)
}

const CANCELLED: u32 = 4;

fn kind_number(kind: DocumentKind) -> u32 {
    match kind {
        DocumentKind::Prescription => 0,
        DocumentKind::Dispensing => 1,
        DocumentKind::InHouse => 2,
        DocumentKind::Inpatient => 3,
    }
}

fn kind(number: u32) -> DocumentKind {
    match number & 3 {
        0 => DocumentKind::Prescription,
        1 => DocumentKind::Dispensing,
        2 => DocumentKind::InHouse,
        _ => DocumentKind::Inpatient,
    }
}

/// A fragment on its way back: its head, by which it is sorted, and the rest of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stored<'s> {
    pub(crate) patient: PatientKey,
    /// The id as it is packed.
    id: &'s [u8],
    pub(crate) file: u32,
    pub(crate) line: u64,
    rest: &'s [u8],
}

impl<'s> Stored<'s> {
    /// All fragments of a part; `None` when the bytes are not what was written.
    pub(crate) fn all(bytes: &'s [u8]) -> Option<Vec<Self>> {
        let mut reader = Reader(bytes);
        let mut all = Vec::new();
        while !reader.0.is_empty() {
            let length = usize::try_from(reader.number()?).ok()?;
            let (body, rest) = reader.0.split_at_checked(length)?;
            reader = Reader(rest);
            let (key, body) = body.split_first_chunk::<16>()?;
            let mut body = Reader(body);
            all.push(Self {
                patient: PatientKey::from_number(u128::from_le_bytes(*key)),
                id: read_id(&mut body)?,
                file: body.ordinal()?,
                line: body.number()?,
                rest: body.0,
            });
        }
        Some(all)
    }

    /// Whether both are of one document, given that they are of one patient.
    pub(crate) fn is_of_document_of(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// The id of the document.
    pub(crate) fn id(&self) -> Option<String> {
        document_id::unpack(self.id).map(|id| id.as_str().to_owned())
    }

    /// The document of the fragment.
    pub(crate) fn document(&self) -> Option<Document> {
        let mut reader = Reader(self.rest);
        let prescription = document_id::unpack(read_id(&mut reader)?)?;
        let prescription = prescription.as_str();
        let kind_and_state = reader.ordinal()?;
        let day = Day::from_number(i32::try_from(reader.number()?).ok()?);
        let mut document = Document {
            id: self.id()?,
            kind: kind(kind_and_state),
            day,
            institution: reader.ordinal()?,
            pharmacy: reader.ordinal()?,
            prescription: (!prescription.is_empty()).then(|| prescription.to_owned()),
            refill_uses: u8::try_from(reader.number()?).ok()?,
            refill_use: u8::try_from(reader.number()?).ok()?,
            cancelled: kind_and_state & CANCELLED != 0,
            acknowledged: Vec::new(),
            lines: Vec::new(),
        };
        while !reader.0.is_empty() {
            document.lines.push(read_line(&mut reader)?);
        }
        Some(document)
    }
}

fn read_line(reader: &mut Reader<'_>) -> Option<DocumentLine> {
    Some(DocumentLine {
        rp: reader.ordinal()?,
        code: reader.ordinal()?,
        supply: Supply::from_bits(u16::try_from(reader.number()?).ok()?)?,
        quantity: reader.ordinal()?,
        directions: reader.ordinal()?,
    })
}
