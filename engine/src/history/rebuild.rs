//! Rows and evidence back to the documents that they were encoded from.
//!
//! Hot and cold together lose nothing of a document, so a history can be extended without the files
//! that it was compiled from.

use crate::document::{Document, DocumentLine};
use crate::error::FormatError;
use crate::format::section::SectionId;
use crate::history::acknowledged;
use crate::history::document_id::StoredId;
use crate::history::evidence::{DocumentEvidence, Evidence};
use crate::history::row::Row;
use crate::history::{History, PatientRows};
use crate::patient::PatientKey;
use crate::period::Supply;
use crate::view::View;

impl History {
    /// The documents of a patient, with the ordinals of this history's dictionary: sorted by basis
    /// day and id, their lines by RP.
    ///
    /// # Errors
    ///
    /// When the bytes that hold them are damaged.
    pub fn documents(&self, patient: &PatientRows<'_>) -> Result<Vec<Document>, FormatError> {
        documents(patient, &self.evidence(patient, &self.dictionary().bounds())?)
    }
}

impl View<'_> {
    /// The documents of the patient whom the view is for, with the ordinals of the history's
    /// dictionary and of what stands behind it: sorted by basis day and id, their lines by RP.
    ///
    /// # Errors
    ///
    /// When the bytes that hold them are damaged.
    pub fn documents(&self, key: PatientKey) -> Result<Vec<Document>, FormatError> {
        let Some(patient) = self.patient(key)? else { return Ok(Vec::new()) };
        documents(&patient, &self.evidence(&patient)?)
    }
}

fn documents(
    patient: &PatientRows<'_>,
    evidence: &Evidence<'_>,
) -> Result<Vec<Document>, FormatError> {
    let mut documents = Vec::with_capacity(evidence.documents().len());
    for document in evidence.documents() {
        let range = document.first_line()..document.first_line() + document.line_count();
        let rows = patient.rows().get(range.clone()).ok_or_else(broken_row)?;
        let lines = evidence.lines().get(range).unwrap_or_default();
        let lines = rows.iter().zip(lines).map(|(row, line)| {
            Ok(DocumentLine {
                rp: line.rp,
                code: row.code(),
                supply: Supply::from_bits(row.supply_bits()).ok_or_else(broken_row)?,
                quantity: line.quantity,
                directions: line.directions,
            })
        });
        let lines = lines.collect::<Result<_, FormatError>>()?;
        let prescription = evidence.prescription_of(document);
        documents.push(rebuilt(document, prescription, rows, lines)?);
    }
    Ok(documents)
}

fn rebuilt(
    document: &DocumentEvidence<'_>,
    prescription: Option<StoredId<'_>>,
    rows: &[Row],
    lines: Vec<DocumentLine>,
) -> Result<Document, FormatError> {
    let first = rows.first().ok_or_else(broken_row)?;
    Ok(Document {
        id: document.id.unpack().as_str().to_owned(),
        kind: first.flags().kind(),
        day: first.basis_day(),
        institution: document.institution,
        pharmacy: document.pharmacy,
        prescription: prescription.map(|id| id.unpack().as_str().to_owned()),
        refill_uses: document.refill_uses,
        refill_use: document.refill_use,
        cancelled: first.flags().cancelled(),
        acknowledged: acknowledged::decode(document.acknowledged)?,
        lines,
    })
}

fn broken_row() -> FormatError {
    FormatError::Truncated { section: SectionId::HistoryRows.file_name(), what: "row" }
}

#[cfg(test)]
mod tests;
