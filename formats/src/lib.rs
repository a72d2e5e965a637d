//! Documents and masters of the outside world, read leniently and reported exactly.
//!
//! A reader never drops what it cannot use: it returns what it understood as plain structs, and a
//! [`Report`] that names the file, line, field and reason of every deviation.

mod csv_message;
pub mod detect;
pub mod dispensing_result;
pub mod document;
pub mod eprescription;
pub mod fhir;
pub mod inserts;
pub mod masters;
pub mod message;
pub mod notebook;
pub mod online_eligibility;
pub mod receipt;
mod report;
mod text;

pub use csv_message::{CsvMessageError, decode_message};
pub use report::{FileRead, Problem, Reason, Report};
pub use text::{Decoded, Encoding, Lines, decode};
