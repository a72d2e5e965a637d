//! Electronic receipts (レセプト電算処理 UKE): the drugs of a claim as history.
//!
//! One comma-separated record a line without quotes, in CP932. There are two layouts, told by the
//! first record: `IR` begins those of institutions (医科, 歯科), `YK` those of pharmacies (調剤). A record
//! `UK` (受付情報) may stand before either. Drugs that a DPC receipt states in records of its own (`CD`)
//! are not read; each such record is reported.
//!
//! # Institutions
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
//!
//! # Pharmacies
//!
//! | record | columns that are used |
//! |---|---|
//! | `YK` | prefecture 2, point table 1, pharmacy 7, name |
//! | `RE` | month (調剤年月); prefecture, point table, number and name of the institution (9th to 12th) |
//! | `HO`, `SN` | as above |
//! | `SH` | form (剤形) as dispensing results number it, special instructions; begins a group of drugs |
//! | `CZ` | day of the prescription, day of the dispensing, quantity (調剤数量) |
//! | `IY`, `TO` | code 9, amount |
//!
//! Each `CZ` of a group is one supply of all its drugs. **Documents.** One dispensing result a receipt,
//! dispensing day and prescription day. The usage codes of receipts (用法コード, up to three digits) are a
//! list of their own and are not taken for those of prescriptions.

mod common;
mod institutions;
mod pharmacy;

use thiserror::Error;

use common::Fields;
use institutions::Institutions;
use pharmacy::Pharmacies;

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
    #[error("{file} begins with {found:?}, not with an IR or YK record; give a UKE file")]
    NotReceipts {
        /// The file.
        file: String,
        /// The first field.
        found: String,
    },
    /// An institution's record with the point table of pharmacies: the layout is uncertain.
    #[error(
        "{file} has an IR record of a pharmacy (点数表 4); receipts of pharmacies begin with YK, and \
         a column taken for another would be another drug"
    )]
    Pharmacy {
        /// The file.
        file: String,
    },
}

/// Reads one file.
///
/// # Errors
///
/// It is no file of receipts, or its records contradict its layout.
pub fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Receipts<'t>, ReceiptError> {
    let mut lines = common::lines(decoded).map(|(_, line)| line);
    let first = lines.clone().map(Fields::of).find(|fields| fields.get(0) != "UK");
    let first = first.as_ref().map(|fields| fields.get(0)).unwrap_or_default();
    let mut of_pharmacy = || {
        let institutions = lines.by_ref().filter(|line| line.trim_start().starts_with("IR"));
        institutions.map(Fields::of).any(|fields| (fields.get(0), fields.get(3)) == ("IR", "4"))
    };
    match first {
        "YK" => Ok(common::read(Pharmacies::new(file), decoded)),
        "IR" if of_pharmacy() => Err(ReceiptError::Pharmacy { file: file.to_owned() }),
        "IR" => Ok(common::read(Institutions::new(file), decoded)),
        other => {
            let found = common::clip(other);
            Err(ReceiptError::NotReceipts { file: file.to_owned(), found })
        }
    }
}
