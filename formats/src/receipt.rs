//! Electronic receipts (レセプト電算処理 UKE): the drugs of a claim as history.
//!
//! One comma-separated record a line without quotes, in CP932. The layout is known here for receipts
//! of institutions (医科, 歯科) only: those of pharmacies (調剤, point table 4) have other columns and
//! are refused, because a column taken for another would be another drug or day.
//!
//! | record | columns that are used |
//! |---|---|
//! | `IR` | prefecture 2, point table 1, institution 7, name |
//! | `RE` | kind of receipt, month of treatment (`YYYYMM`, or `GYYMM` with an era's digit) |
//! | `HO` | insurer, symbol, number |
//! | `SN` | branch, where the insurance is the medical one |
//! | `IY` | identification (診療識別), drug code 9, amount, times, and one column for each day from the 14th |
//! | `TO` | identification, material code, amount |
//!
//! **RP.** A record without identification belongs to the RP of the one above; what bears one begins
//! another. Times and day columns may stand on one record of the RP alone: its other records then
//! have the same days, which is reported.
//!
//! **Days.** A receipt is of a month; only a day column is a day. Each filled one is a supply of that
//! day, and its number the quantity: days (21 内服), doses (22 屯服), times (23 外用). A drug without any
//! is reported and stands in a document without a day.
//!
//! **Documents.** One a receipt and day: in-house, or inpatient where the kind of receipt says so by
//! an odd last digit. Drugs given at a discharge cannot be told from those of the stay, which is
//! reported for each inpatient receipt.

mod records;

use thiserror::Error;

use crate::document::Document;
use crate::report::Report;
use crate::text::Decoded;

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipts<'t> {
    /// Its documents, in the order in which they begin; [`Document::place`] is the line.
    pub documents: Vec<Document<'t>>,
    /// Every deviation.
    pub report: Report,
}

/// A text that is not this format.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// It does not begin with the record of an institution.
    #[error("{file} begins with {found:?}, not with an IR record; give a UKE file")]
    NotReceipts {
        /// The file.
        file: String,
        /// The first field.
        found: String,
    },
    /// Receipts of a pharmacy, whose layout is another.
    #[error("{file} has receipts of a pharmacy (点数表 4), whose layout is not known here")]
    Pharmacy {
        /// The file.
        file: String,
    },
}

/// Reads one file.
///
/// # Errors
///
/// It is no file of receipts, or of a pharmacy.
pub fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Receipts<'t>, ReceiptError> {
    records::read(file, decoded)
}
