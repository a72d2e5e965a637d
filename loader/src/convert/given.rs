//! What a person knows of messages that lack it: whose they are, who issued and who dispensed.

use std::fmt;

use chofuku_engine::document::DocumentKind;
use chofuku_engine::patient::{Identity, IdentityKey};

use super::ConvertError;
use crate::history::message::rows::DocumentRows;
use crate::knowledge_tables::institution_code;

/// Cells for all documents of all messages, where these have none; empty ones are not given.
///
/// Whatever a document says itself must be the same.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The patient by an id of the caller's.
    pub patient_id: String,
    /// The patient's insurer number (保険者番号).
    pub insurer: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番.
    pub branch: String,
    /// The institution (医療機関), ten digits.
    pub institution: String,
    /// The pharmacy (薬局) of dispensing results, ten digits.
    pub pharmacy: String,
}

impl fmt::Debug for Given {
    /// An identity is not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(…)")
    }
}

impl Given {
    fn identity(&self) -> [(&'static str, &str); 4] {
        [
            ("insurer", &self.insurer),
            ("symbol", &self.symbol),
            ("number", &self.number),
            ("branch", &self.branch),
        ]
    }

    /// Refuses what no document could take.
    pub(super) fn check(&self) -> Result<(), ConvertError> {
        let is_insured = self.identity().iter().any(|(_, part)| !part.is_empty());
        if is_insured && !self.patient_id.is_empty() {
            let reason = "give either an insured identity or a patient id, not both".to_owned();
            return Err(ConvertError::Given { field: "patient_id", reason });
        }
        for (field, code) in [("institution", &self.institution), ("pharmacy", &self.pharmacy)] {
            if !code.is_empty() {
                institution_code(field, code)
                    .map_err(|fault| ConvertError::Given { field, reason: fault.reason })?;
            }
        }
        Ok(())
    }

    /// Fills what a document lacks.
    ///
    /// # Errors
    ///
    /// The document says otherwise.
    pub(super) fn fill(&self, rows: &mut DocumentRows<'_>, file: &str) -> Result<(), ConvertError> {
        let place = rows.place;
        let disagrees = |field| {
            let file = file.to_owned();
            Err(ConvertError::Disagrees { file, place, field })
        };
        if !self.patient_id.is_empty() && rows.identity().iter().any(|p| !p.is_empty()) {
            return disagrees("patient_id");
        }
        let pharmacy =
            if rows.kind == DocumentKind::Dispensing { self.pharmacy.as_str() } else { "" };
        let others = [
            ("patient_id", self.patient_id.as_str()),
            ("institution", &self.institution),
            ("pharmacy", pharmacy),
        ];
        for (field, given) in self.identity().into_iter().chain(others) {
            let Some(cell) = rows.cell_mut(field).filter(|_| !given.is_empty()) else { continue };
            if cell.trim().is_empty() {
                *cell = given.to_owned().into();
            } else if !is_same(field, cell.trim(), given) {
                return disagrees(field);
            }
        }
        Ok(())
    }
}

/// Whether two cells mean the same: parts of an identity may differ in width and leading zeros.
fn is_same(field: &str, one: &str, other: &str) -> bool {
    let key = IdentityKey::new(&[0; 32]);
    let patient = |cell| {
        let part = |name, otherwise| if name == field { cell } else { otherwise };
        let (insurer, symbol) = (part("insurer", "1"), part("symbol", ""));
        let (number, branch) = (part("number", "1"), part("branch", "1"));
        key.patient(Identity::Insured { insurer, symbol, number, branch })
    };
    if matches!(field, "insurer" | "symbol" | "number" | "branch")
        && let (Ok(one), Ok(other)) = (patient(one), patient(other))
    {
        return one == other;
    }
    one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_the_same_in_whatever_width_it_is_written() {
        assert!(is_same("number", "００３４", "34") && is_same("insurer", "06130012", "6130012"));
        assert!(is_same("branch", "1", "01") && is_same("symbol", "１２", "12"));
        assert!(!is_same("number", "34", "35") && !is_same("branch", "01", "02"));
        assert!(!is_same("insurer", "1234567890", "123456789"));
        assert!(!is_same("institution", "01", "1"));
    }

    #[test]
    fn an_identity_is_not_printed() {
        let given = Given { number: "3456".to_owned(), ..Given::default() };
        assert!(!format!("{given:?}").contains("3456"));
    }
}
