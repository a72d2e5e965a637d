//! Dispensing results (電子処方箋 調剤結果 CSV): our reading of a layout that is not published.
//!
//! What is public of it are its tables of values, which are those of the notebook (among them the
//! dosage forms, [`DispensingForm`](crate::notebook::DispensingForm), whose digits are not those of
//! prescriptions), and two records of its own: 511, the answer to an inquiry (疑義照会), and 521, the
//! use of a refill. So it is read as a notebook with those two. **No header, no identity of the
//! patient, no number of the prescription and no order of fields is known for certain.** Nothing
//! else of this project calls this reader: [`detect`](crate::detect::detect) never names the format,
//! and every report says on which ground the file was read. Compare the documents with a file whose
//! content you know before you rely on them.

use crate::csv_message::CsvMessageError;
use crate::document::Document;
use crate::notebook::{Layout, Note, Notebook, read_layout};
use crate::report::Report;
use crate::text::Decoded;

/// The dispensings of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DispensingResults<'t> {
    /// One a record 5, in order. None of them has a patient, an id or a prescription.
    pub documents: Vec<Document<'t>>,
    /// What is said in words; record 511 with its kind (種別).
    pub notes: Vec<Note<'t>>,
    /// What deviates; always says that the layout is assumed.
    pub report: Report,
}

/// Reads a message, decoded with [`decode_message`](crate::decode_message), as a dispensing result in
/// the layout of the notebook.
///
/// # Errors
///
/// The input is empty, is UTF-16, begins with the header of another format or with neither a word
/// that may be a header nor a record 1 or 5, or deviates throughout.
pub fn read_as_notebook<'t>(
    file: &str,
    decoded: &'t Decoded,
) -> Result<DispensingResults<'t>, CsvMessageError> {
    let Notebook { documents, notes, report, .. } =
        read_layout(file, decoded, Layout::DispensingResult)?;
    Ok(DispensingResults { documents, notes, report })
}
