//! Rows of one document that follow each other in a file, and how they wait on disk.
//!
//! A fragment is written as it is read, line by line, and owns nothing but its bytes. It is sorted
//! by its head alone; what is behind the head is decoded when its place is found.
//!
//! ```text
//! patient's key u128 ‖ hash of the id u64 ‖ id ‖ file ‖ row ‖ prescription ‖ kind and state ‖ day ‖
//! institution ‖ pharmacy ‖ refill uses ‖ refill use ‖ lines: RP, code, supply, quantity, directions
//! ```
//!
//! Ids are packed behind two bytes of length, numbers are varints.

use chofuku_engine::Day;
use chofuku_engine::document::{Document, DocumentKind, DocumentLine};
use chofuku_engine::format::varint::{self, Reader};
use chofuku_engine::history::document_id;
use chofuku_engine::history::packed::PackedId;
use chofuku_engine::patient::PatientKey;
use chofuku_engine::period::Supply;

use crate::history::claims::IdHash;

/// What the rows of a document share, checked; ordinals are those of the interners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header<'r> {
    pub(crate) id: &'r str,
    pub(crate) kind: DocumentKind,
    pub(crate) day: Day,
    /// Ordinal + 1; 0 for none.
    pub(crate) institution: u32,
    /// Ordinal + 1; 0 for none.
    pub(crate) pharmacy: u32,
    /// Empty where none is named.
    pub(crate) prescription: &'r str,
    pub(crate) refill_uses: u8,
    pub(crate) refill_use: u8,
    pub(crate) cancelled: bool,
}

/// Rows of a document as they were read.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) patient: PatientKey,
    pub(crate) hash: IdHash,
    pub(crate) institution: u32,
    pub(crate) pharmacy: u32,
    /// The line of its first row; each further row is on the next line.
    pub(crate) line: u64,
    /// How many rows it has.
    pub(crate) rows: u64,
    bytes: Vec<u8>,
}

impl Fragment {
    /// A fragment without rows, to be begun.
    pub(crate) fn new() -> Self {
        Self {
            patient: PatientKey::from_number(0),
            hash: IdHash::default(),
            institution: 0,
            pharmacy: 0,
            line: 0,
            rows: 0,
            bytes: Vec::new(),
        }
    }

    /// Begins it anew, without rows; the first will be that of `line`.
    pub(crate) fn begin(
        &mut self,
        patient: PatientKey,
        hash: IdHash,
        header: &Header<'_>,
        file: u32,
        line: u64,
    ) {
        let bytes = &mut self.bytes;
        bytes.clear();
        bytes.extend_from_slice(&patient.number().to_le_bytes());
        bytes.extend_from_slice(hash.first_chunk::<8>().unwrap_or(&[0; 8]));
        write_id(header.id, bytes);
        varint::write(bytes, u64::from(file));
        varint::write(bytes, line);
        write_id(header.prescription, bytes);
        for number in [
            kind_number(header.kind) | if header.cancelled { CANCELLED } else { 0 },
            // Day numbers of rows are never negative: `to_row` was asked when they were read.
            u32::try_from(header.day.number()).unwrap_or(0),
            header.institution,
            header.pharmacy,
            u32::from(header.refill_uses),
            u32::from(header.refill_use),
        ] {
            varint::write(bytes, u64::from(number));
        }
        self.patient = patient;
        self.hash = hash;
        self.institution = header.institution;
        self.pharmacy = header.pharmacy;
        self.line = line;
        self.rows = 0;
    }

    /// Adds the next row.
    pub(crate) fn push(&mut self, line: &DocumentLine) {
        let supply = u32::from(line.supply.bits());
        for number in [line.rp, line.code, supply, line.quantity, line.directions] {
            varint::write(&mut self.bytes, u64::from(number));
        }
        self.rows += 1;
    }

    /// Appends it to a buffer.
    pub(crate) fn write(&self, buffer: &mut Vec<u8>) {
        varint::write(buffer, u64::try_from(self.bytes.len()).unwrap_or(u64::MAX));
        buffer.extend_from_slice(&self.bytes);
    }
}

fn write_id(id: &str, bytes: &mut Vec<u8>) {
    // Two bytes of length: an id has at most 128 characters of 4 bytes.
    let at = bytes.len();
    bytes.extend_from_slice(&[0; 2]);
    document_id::pack(id, bytes);
    let length = u16::try_from(bytes.len() - at - 2).unwrap_or(u16::MAX);
    if let Some(place) = bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&length.to_le_bytes());
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
    id_hash: u64,
    rest: &'s [u8],
}

/// What a fragment says of its document, its ids still packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredHeader<'s> {
    pub(crate) id: PackedId<'s>,
    pub(crate) id_hash: u64,
    pub(crate) kind: DocumentKind,
    pub(crate) day: Day,
    pub(crate) institution: u32,
    pub(crate) pharmacy: u32,
    pub(crate) prescription: Option<PackedId<'s>>,
    pub(crate) refill_uses: u8,
    pub(crate) refill_use: u8,
    pub(crate) cancelled: bool,
}

/// The lines of a fragment, still encoded.
#[derive(Debug)]
pub(crate) struct StoredLines<'s>(Reader<'s>);

impl<'s> Stored<'s> {
    /// All fragments of a part; `None` when the bytes are not what was written.
    pub(crate) fn all(records: &'s [Vec<u8>]) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        for bytes in records {
            let mut reader = Reader(bytes);
            while !reader.0.is_empty() {
                all.push(Self::read(&mut reader)?);
            }
        }
        Some(all)
    }

    fn read(reader: &mut Reader<'s>) -> Option<Self> {
        let length = usize::try_from(reader.number()?).ok()?;
        let (body, rest) = reader.0.split_at_checked(length)?;
        *reader = Reader(rest);
        let (key, body) = body.split_first_chunk::<16>()?;
        let (hash, body) = body.split_first_chunk::<8>()?;
        let mut body = Reader(body);
        Some(Self {
            patient: PatientKey::from_number(u128::from_le_bytes(*key)),
            id: read_id(&mut body)?,
            file: body.ordinal()?,
            line: body.number()?,
            id_hash: u64::from_le_bytes(*hash),
            rest: body.0,
        })
    }

    /// Whether both are of one document, given that they are of one patient.
    pub(crate) fn is_of_document_of(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Everything but the lines, and the lines.
    pub(crate) fn split(&self) -> Option<(StoredHeader<'s>, StoredLines<'s>)> {
        let mut reader = Reader(self.rest);
        let prescription = PackedId::of(read_id(&mut reader)?)?;
        let kind_and_state = reader.ordinal()?;
        let header = StoredHeader {
            id: PackedId::of(self.id)?,
            id_hash: self.id_hash,
            kind: kind(kind_and_state),
            day: Day::from_number(i32::try_from(reader.number()?).ok()?),
            institution: reader.ordinal()?,
            pharmacy: reader.ordinal()?,
            prescription: Some(prescription).filter(|id| !id.is_empty()),
            refill_uses: reader.small()?,
            refill_use: reader.small()?,
            cancelled: kind_and_state & CANCELLED != 0,
        };
        Some((header, StoredLines(reader)))
    }

    /// The document of the fragment.
    pub(crate) fn document(&self) -> Option<Document> {
        let (header, mut lines) = self.split()?;
        let mut document = Document {
            id: header.id.to_string(),
            kind: header.kind,
            day: header.day,
            institution: header.institution,
            pharmacy: header.pharmacy,
            prescription: header.prescription.map(|id| id.to_string()),
            refill_uses: header.refill_uses,
            refill_use: header.refill_use,
            cancelled: header.cancelled,
            acknowledged: Vec::new(),
            lines: Vec::new(),
        };
        while let Some(line) = lines.read()? {
            document.lines.push(line);
        }
        Some(document)
    }
}

impl StoredLines<'_> {
    /// The next line, if there is one; `None` when the bytes are not what was written.
    #[expect(clippy::option_option, reason = "the outer one says that the bytes are damaged")]
    pub(crate) fn read(&mut self) -> Option<Option<DocumentLine>> {
        let reader = &mut self.0;
        if reader.0.is_empty() {
            return Some(None);
        }
        Some(Some(DocumentLine {
            rp: reader.ordinal()?,
            code: reader.ordinal()?,
            supply: Supply::from_bits(u16::try_from(reader.number()?).ok()?)?,
            quantity: reader.ordinal()?,
            directions: reader.ordinal()?,
        }))
    }
}
