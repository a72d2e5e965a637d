//! Any message of the outside world as documents: which format it is, decoded and read.

use thiserror::Error;

use crate::csv_message::{CsvMessageError, decode_message};
use crate::detect::{Format, detect};
use crate::document::Document;
use crate::fhir::{Drafts, FhirError};
use crate::online_eligibility::{DrugHistoryError, Superseded, Tree};
use crate::receipt::ReceiptError;
use crate::report::{Reason, Report};
use crate::text::{Decoded, decode};
use crate::{eprescription, fhir, notebook, online_eligibility, receipt};

/// A message whose format is known, with what its documents borrow from.
#[derive(Clone, Debug)]
pub struct Message {
    file: String,
    format: Format,
    text: Decoded,
}

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents<'t> {
    /// Its documents, in the order in which they begin.
    pub documents: Vec<Document<'t>>,
    /// Every deviation, and what stands elsewhere in the message already.
    pub report: Report,
}

/// Why a message has no documents.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Its first line belongs to no format.
    #[error(
        "{file} is no message that is known: give 電子処方箋 CSV (SJ1), a JAHIS symbol, お薬手帳 \
         (JAHISTC), 薬剤情報 XML, FHIR JSON or a UKE file"
    )]
    Unknown {
        /// The file.
        file: String,
    },
    /// A prescription or notebook that cannot be read.
    #[error(transparent)]
    Csv(#[from] CsvMessageError),
    /// FHIR that cannot be read.
    #[error(transparent)]
    Fhir(#[from] FhirError),
    /// Drug information that cannot be read.
    #[error(transparent)]
    DrugHistory(#[from] DrugHistoryError),
    /// Receipts that cannot be read.
    #[error(transparent)]
    Receipts(#[from] ReceiptError),
}

impl Message {
    /// Takes the bytes of a message; `file` is its name in reports.
    ///
    /// # Errors
    ///
    /// Its first line belongs to no format.
    pub fn new(file: &str, bytes: Vec<u8>) -> Result<Self, MessageError> {
        let file = file.to_owned();
        let Some(format) = detect(&bytes) else { return Err(MessageError::Unknown { file }) };
        let text = match format {
            Format::ElectronicPrescription
            | Format::PrescriptionSymbol
            | Format::PrescriptionFragment
            | Format::Notebook => decode_message(bytes),
            Format::Fhir | Format::DrugHistory | Format::Receipts => decode(bytes),
        };
        Ok(Self { file, format, text })
    }

    /// Its format.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Its documents, of which drafts are none. What another document of the message says as well is left out and reported.
    ///
    /// # Errors
    ///
    /// It is not what its first line announced.
    pub fn documents(&self) -> Result<Documents<'_>, MessageError> {
        self.documents_with(Drafts::LeaveOut)
    }

    /// Its documents, with or without drafts, which only FHIR has.
    ///
    /// # Errors
    ///
    /// As [`Self::documents`].
    pub fn documents_with(&self, drafts: Drafts) -> Result<Documents<'_>, MessageError> {
        let (file, text) = (self.file.as_str(), &self.text);
        Ok(match self.format {
            Format::Notebook => {
                let notebook::Notebook { documents, report, .. } = notebook::read(file, text)?;
                Documents { documents, report }
            }
            Format::ElectronicPrescription
            | Format::PrescriptionSymbol
            | Format::PrescriptionFragment => {
                let eprescription::Prescriptions { documents, report } =
                    eprescription::read(file, text)?;
                Documents { documents, report }
            }
            Format::Fhir => {
                let fhir::Message { documents, report, .. } =
                    fhir::read_files(&[(file, text)], drafts)?;
                Documents { documents, report }
            }
            Format::Receipts => {
                let receipt::Receipts { documents, report } = receipt::read(file, text)?;
                Documents { documents, report }
            }
            Format::DrugHistory => self.drug_history(text)?,
        })
    }

    /// Its documents, where FHIR may refer to resources in other files, which may come by other names.
    /// What deviates in those is theirs and not reported here.
    ///
    /// # Errors
    ///
    /// As [`Self::documents`].
    pub fn documents_beside<'t>(
        &'t self,
        others: &fhir::Beside<'_, 't>,
    ) -> Result<Documents<'t>, MessageError> {
        if self.format != Format::Fhir {
            return self.documents();
        }
        let fhir::Message { documents, mut report, .. } =
            fhir::read_beside(&self.file, &self.text, others)?;
        report.files.truncate(1);
        report.problems.retain(|problem| problem.file == self.file);
        Ok(Documents { documents, report })
    }

    fn drug_history<'t>(&self, text: &'t Decoded) -> Result<Documents<'t>, MessageError> {
        let online_eligibility::DrugHistory { entries, mut report, .. } =
            online_eligibility::read(&self.file, text)?;
        let mut documents = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry.superseded {
                None => documents.push(entry.document),
                Some(Superseded { tree, .. }) => {
                    let found = format!("the same event as in the {}", tree_name(tree));
                    let reason = Reason::LeftOut { found };
                    report.problem(&self.file, entry.document.place, "", reason);
                }
            }
        }
        Ok(Documents { documents, report })
    }
}

const fn tree_name(tree: Tree) -> &'static str {
    match tree {
        Tree::Claims => "claims",
        Tree::Dispensing => "dispensing results",
        Tree::Prescription => "prescriptions",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(text: &str) -> usize {
        let message = Message::new("a", text.as_bytes().to_vec()).unwrap();
        message.documents().unwrap().documents.len()
    }

    #[test]
    fn every_format_gives_documents() {
        assert_eq!(documents("101,1,1,,7\n201,1,1,1,2,620003930,A,1,1,錠\n"), 1);
        assert_eq!(documents("JAHISTC08,1\n5,20261101,1\n201,1,A,1,錠,2,620003930,1\n"), 1);
        let order = r#"{"resourceType":"MedicationRequest","status":"active","intent":"order"}"#;
        assert_eq!(documents(order), 1);
        let unknown = Message::new("a", b"document,kind".to_vec());
        assert!(matches!(unknown, Err(MessageError::Unknown { .. })));
    }
}
