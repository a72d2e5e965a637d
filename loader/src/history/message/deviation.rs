//! What deviates in a message, as a person reads it: the place and the reason, nothing of a person.

use std::fmt;

use chofuku_formats::{Problem, Reason};
use serde::Serialize;

/// Records and fields whose values are a person's.
const PERSONAL_RECORDS: [&str; 4] = ["Patient", "Coverage", "RelatedPerson", "resource"];
const PERSONAL_FIELDS: [&str; 13] = [
    "保険者番号",
    "記号",
    "番号",
    "枝番",
    "負担者番号",
    "受給者番号",
    "氏名",
    "生年月日",
    "Coverage",
    "subject",
    "insurance",
    "contained",
    "entry",
];

/// One deviation of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// The file as it was given.
    pub file: String,
    /// The line, entry or element, counted from 1; 0 for the whole file.
    pub line: u64,
    /// The record of the message: its number or the path of its element; may be empty.
    pub record: String,
    /// The field; empty for a whole record.
    pub field: &'static str,
    /// What is wrong with it, and what was made of it.
    pub reason: String,
    /// Whether something that may be a drug was not read because of it.
    pub is_loss: bool,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, reason, .. } = self;
        f.write_str(file)?;
        if *line > 0 {
            write!(f, ":{line}")?;
        }
        let column = self.column();
        if !column.is_empty() {
            write!(f, ": {column}")?;
        }
        write!(f, ": {reason}")
    }
}

impl Deviation {
    /// What a reader reported, without values that are a person's.
    pub(crate) fn of(problem: &Problem) -> Self {
        let Problem { file, line, record, field, reason, is_loss } = problem;
        let personal = is_personal(record, field, reason);
        let reason = if personal { Reason::Personal.to_string() } else { reason.to_string() };
        let (file, record) = (file.clone(), record.to_string());
        Self { file, line: *line, record, field, reason, is_loss: *is_loss }
    }

    /// A document that stands in its message a second time.
    pub(crate) fn again(file: &str, line: u64, first: u64) -> Self {
        let reason = format!("the same document as at {first}; it counts once");
        Self::of_document(file, line, "document", reason)
    }

    /// What is odd about a document, or a file, as a whole.
    pub(crate) fn of_document(file: &str, line: u64, field: &'static str, reason: String) -> Self {
        let (file, record) = (file.to_owned(), String::new());
        Self { file, line, record, field, reason, is_loss: false }
    }

    /// Whether it is about a document as a whole.
    pub(crate) fn is_of_document(&self) -> bool {
        self.record.is_empty() && matches!(self.field, "document" | "drug_code")
    }

    /// The record and the field.
    pub(crate) fn column(&self) -> String {
        let parts = [self.record.as_str(), self.field].into_iter();
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a reason may repeat a value that is a person's. A part that could not be parsed may be
/// anything.
fn is_personal(record: &str, field: &str, reason: &Reason) -> bool {
    let repeats_value = reason.to_string().contains('"');
    let malformed = matches!(reason, Reason::Malformed { .. });
    let of_person = PERSONAL_RECORDS.iter().any(|personal| record.contains(personal))
        || PERSONAL_FIELDS.contains(&field)
        || (record.is_empty() && field.is_empty());
    repeats_value && (of_person || malformed)
}

/// The text of an error up to the first value that it repeats.
pub(crate) fn without_values(text: &str) -> String {
    let cut = text.find('"').and_then(|position| text.get(..position));
    cut.map_or_else(|| text.to_owned(), |head| format!("{}…", head.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviation(record: &'static str, field: &'static str, reason: Reason) -> Deviation {
        let file = "a".to_owned();
        let (line, record, is_loss) = (3, record.into(), false);
        Deviation::of(&Problem { file, line, record, field, reason, is_loss })
    }

    #[test]
    fn values_of_a_person_are_not_repeated() {
        let value = || Reason::Value { found: "12345678".to_owned() };
        for (record, field) in [
            ("22", "保険者番号"),
            ("1. Coverage", "extension"),
            ("2. MedicationRequest", "contained"),
            ("", ""),
        ] {
            let deviation = deviation(record, field, value());
            assert!(!deviation.reason.contains("1234"), "{record} {field}: {}", deviation.reason);
            assert!(deviation.reason.contains("not shown"));
        }
        let error = "invalid type: string \"12345678\", expected a map".to_owned();
        let malformed = deviation("3. MedicationRequest", "", Reason::Malformed { error });
        assert!(!malformed.reason.contains("1234"));
    }

    #[test]
    fn other_values_are_shown_with_their_place() {
        let shown = deviation("201", "薬品コード", Reason::Value { found: "12".to_owned() });
        assert_eq!(shown.column(), "201 薬品コード");
        assert!(shown.reason.contains("\"12\""));
    }

    #[test]
    fn an_error_ends_before_the_value_that_it_repeats() {
        assert_eq!(without_values("invalid type: string \"1\" at"), "invalid type: string…");
        assert_eq!(without_values("EOF at line 1"), "EOF at line 1");
    }
}
