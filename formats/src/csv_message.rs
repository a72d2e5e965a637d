//! What the comma-separated messages of prescriptions and notebooks have in common: records of
//! numbered kinds, one a line, without quoting, in CP932 or UTF-8.

mod decode;
mod delimiters;
mod error;
mod notes;
mod records;
mod rps;
mod values;

pub use decode::decode_message;
pub use error::CsvMessageError;
pub(crate) use notes::Notes;
pub(crate) use records::{BEHIND_DRUGS, Record, Records, Width};
pub(crate) use rps::Rps;
pub(crate) use values::{
    CodeKind, EraNotation, FacilityFields, code_kind, day, decimal, facility, has_shape,
    is_drug_code, length_of, names_a_drug, quantity, rp_number, shown, usage_code,
};
