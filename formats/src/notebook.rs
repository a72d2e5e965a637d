//! The electronic medication notebook (電子版お薬手帳, JAHIS, `JAHISTC01` to `JAHISTC08`).
//!
//! Every record 5 begins a dispensing, which becomes one [`Document`]: day (5), pharmacy (11),
//! prescribing institution (51), drugs (201) and, for each RP, usage, quantity and form (301),
//! whichever of the two comes first. A notebook names no insured identity, so its documents have no
//! patient; the name, address and telephone of its owner (1), pharmacists (15), doctors (55) and
//! contacts (701) are passed over. What else it says is kept beside the documents: drugs bought
//! without a prescription ([`OtcDrug`]) and everything in words ([`Note`]).
//!
//! **Days.** A quantity is days only if its unit says so (日分). Doses (回分) of an oral drug are read
//! as form 2, of which a number is never days (S3); any other unit, such as 調剤, or none leaves the
//! quantity of an oral drug empty, which the check takes as its default period with a warning (S4).
//!
//! **Several dispensings.** A second prescribing institution (51) below the same record 5 begins a
//! document of its own, as its RP numbers are its own. A second pharmacy (11) without a record 5 is
//! a dispensing whose day is lost: it has none.
//!
//! **Parts.** A notebook that does not fit into one symbol is written in parts (record 911).
//! [`read`] reports that it had a part only; [`read_parts`] joins them.

mod block;
mod form;
mod otc;
mod reader;

pub use form::DispensingForm;
pub use otc::{OtcComponent, OtcDrug};
pub(crate) use reader::{Layout, read_layout};

use std::borrow::Cow;

use chofuku_engine::Day;

use crate::csv_message::CsvMessageError;
use crate::document::Document;
use crate::report::Report;
use crate::text::Decoded;

/// The greatest version of the layout that is known.
const VERSION_MAX: u8 = 8;

/// One notebook, or one file of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notebook<'t> {
    /// The dispensings, in the order of the file.
    pub documents: Vec<Document<'t>>,
    /// Drugs bought without a prescription (3, 31): nothing that a check of prescriptions counts.
    pub otc: Vec<OtcDrug<'t>>,
    /// What is said in words: allergies, side effects, cautions, remaining drugs, memos.
    pub notes: Vec<Note<'t>>,
    /// Which part of a notebook the file is, if it is one.
    pub part: Option<Part<'t>>,
    /// What deviates.
    pub report: Report,
}

/// A record in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'t> {
    /// The line of its file.
    pub place: u64,
    /// The record number, which says what it is about: 2 the patient, 4 a memo, 281 and 291 a
    /// drug, 311 and 391 a usage, 401 and 411 the dispensing, 421 remaining drugs, 501 remarks, 601
    /// what the patient noticed.
    pub record: u16,
    /// The place of the dispensing in [`Notebook::documents`] that it belongs to.
    pub document: Option<usize>,
    /// The RP that it belongs to.
    pub rp: Option<u32>,
    /// 種別, of the records that have one (2: 1 allergy, 2 side effect, 3 history, 9 other; 411: 30
    /// side effect during, 31 after a stay in hospital, 99 other); else empty.
    pub kind: Cow<'t, str>,
    /// The words.
    pub text: Cow<'t, str>,
    /// The day that the record states.
    pub day: Option<Day>,
}

/// A part of a notebook (911).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'t> {
    /// What all parts of the notebook share, 14 digits.
    pub id: Cow<'t, str>,
    /// How many parts there are.
    pub total: u8,
    /// Which of them this is, from 1.
    pub number: u8,
}

/// Reads a notebook, decoded with [`decode_message`](crate::decode_message). `file` is its name in
/// reports.
///
/// # Errors
///
/// The input is empty, is UTF-16, does not begin with a header of this format, or deviates more
/// often than any real notebook.
pub fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Notebook<'t>, CsvMessageError> {
    reader::read(file, decoded)
}

/// Reads all parts of one notebook, given in any order, as if they were one file.
///
/// A dispensing that one part ends with and the next begins with (the same day, pharmacy and
/// institution) is one document. A part that is missing is reported, and what is there is read.
///
/// # Errors
///
/// As [`read`], and if a file is no part, or a part of another notebook.
pub fn read_parts<'t>(parts: &[(&str, &'t Decoded)]) -> Result<Notebook<'t>, CsvMessageError> {
    reader::read_parts(parts)
}

/// The version that a first field names; `None` where it is no header of a notebook.
pub(crate) fn version(field: &str) -> Option<u8> {
    let digits = field.strip_prefix("JAHISTC")?;
    let is_number =
        (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}
