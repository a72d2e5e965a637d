//! Electronic prescriptions (電子処方箋 処方情報 CSV, `SJ1`), the two-dimensional symbol of paper
//! prescriptions (JAHIS 院外処方箋2次元シンボル, `JAHIS1` to `JAHIS10`), and the records 101, 111
//! and 201 alone, as a request for a check carries them.
//!
//! One layout: records of a number and fields, without quoting. Of it, this is used:
//!
//! | record | what it becomes |
//! |---|---|
//! | 1 | the institution; its code of ten digits only if all parts of it are there |
//! | 22, 23 | the patient |
//! | 27–30 | the patient, where no insurer is named: medical assistance (`12…`) before the others |
//! | 51 | the basis day |
//! | 63, 102 | of a split prescription (分割), the quantity handed out this time |
//! | 64 | refill uses |
//! | 82 | the prescription's number (引換番号) |
//! | 101, 111, 181 | form, quantity, usage and supplements of all lines of their RP |
//! | 201, 281 | a line; supplement codes for one drug |
//!
//! The rest (addresses, names of persons, remarks, doses by time of day, copayments) says nothing
//! that a check uses and is passed over; an unknown record number is reported.
//!
//! **Split prescriptions.** Record 101 carries the total, of which a pharmacy hands out a part at a
//! time. A period must not be longer than what is handed out, so the quantity is that of record
//! 102; if 63 says that the prescription is split and 102 is missing or is no number, the quantity
//! is left empty, which the check takes as its default period with a warning (S4).
//!
//! **Columns.** Writers leave out fields, and a name may hold a comma. A drug code is taken only
//! from a record whose columns hold together: all ten fields, or a code kind followed by a code of
//! that kind. The one other shape that is read is a record 201 without 情報区分, as decoded symbols
//! have it: there the code kind and a code that can be of that kind only stand one column to the
//! left. That is always reported. Otherwise the line stays, without a drug, and a check says that
//! it could not check it.
//!
//! **Material.** A material is skipped by the check, so a line is one only if nothing contradicts:
//! 情報区分 2 beside a drug's code, and form 6 beside 情報区分 1 or a drug's code, are drugs.

mod cp932;
mod group;
mod prescription;
mod reader;
mod writer;

pub use cp932::{Encoded, encode};
pub use writer::{WriteError, Written, write};

use crate::csv_message::CsvMessageError;
use crate::document::Document;
use crate::report::Report;
use crate::text::Decoded;

/// The bytes of text of a prescription that is no longer than most; a document takes a third of them.
const DOCUMENT_BYTES: usize = 1024;

/// The prescriptions of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prescriptions<'t> {
    /// One a header, in order; a fragment without a header is one too.
    pub documents: Vec<Document<'t>>,
    /// What deviates.
    pub report: Report,
}

/// Reads a message, decoded with [`decode_message`](crate::decode_message); its values are borrowed.
/// `file` is its name in reports.
///
/// # Errors
///
/// The input is empty, is UTF-16, begins with neither a header nor one of the records of a fragment,
/// or deviates more often than any real message.
pub fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Prescriptions<'t>, CsvMessageError> {
    // Growing would move all documents into fresh memory again and again.
    let mut documents = Vec::with_capacity(decoded.text.len() / DOCUMENT_BYTES);
    let report = each(file, decoded, |document| documents.push(document))?;
    Ok(Prescriptions { documents, report })
}

/// Reads a message and hands over each document as soon as it is whole: of a file of many, no more
/// than one is in memory. Documents that were handed over stand, also if an error follows.
///
/// # Errors
///
/// As [`read`].
pub fn each<'t>(
    file: &str,
    decoded: &'t Decoded,
    take: impl FnMut(Document<'t>),
) -> Result<Report, CsvMessageError> {
    reader::each(file, decoded, take)
}

/// Which edition of the layout a first field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// `SJ1`; whether that number is known.
    Electronic(bool),
    /// `JAHIS1` to `JAHIS10`; whether that number is known.
    Symbol(bool),
}

/// The greatest version of the symbol's layout that is known.
const SYMBOL_VERSION_MAX: u8 = 10;

pub(crate) fn header(field: &str) -> Option<Header> {
    let version = |digits: &str| {
        let is_number =
            (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { digits.parse::<u8>().ok() } else { None }
    };
    if let Some(digits) = field.strip_prefix("SJ") {
        return version(digits).map(|version| Header::Electronic(version == 1));
    }
    let version = version(field.strip_prefix("JAHIS")?)?;
    Some(Header::Symbol((1..=SYMBOL_VERSION_MAX).contains(&version)))
}

/// The records with which a fragment may begin.
pub(crate) const FRAGMENT: [u16; 5] = [101, 102, 111, 181, 201];
