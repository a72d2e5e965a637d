//! One row of a history file as cells, whatever the file's format.
//!
//! Cells are fetched when they are needed: most of a row is what the row before it was, or what was
//! checked before. A file whose columns are dictionaries says so by numbers.

macro_rules! columns {
    ($($list:ident, $doc:literal: $($column:ident = $position:literal $name:literal,)*;)*) => {
        $(
            #[doc = $doc]
            pub(crate) const $list: &[&str] = &[$($name),*];
        )*

        /// Where each column stands among [`columns`].
        pub(crate) mod column {
            $($(pub(crate) const $column: usize = $position;)*)*
        }
    };
}

columns! {
    HEADER_COLUMNS, "What the rows of one document share.":
    DOCUMENT = 0 "document",
    KIND = 1 "kind",
    SETTING = 2 "setting",
    INSURER = 3 "insurer",
    SYMBOL = 4 "symbol",
    NUMBER = 5 "number",
    BRANCH = 6 "branch",
    PATIENT_ID = 7 "patient_id",
    DATE = 8 "date",
    INSTITUTION = 9 "institution",
    PHARMACY = 10 "pharmacy",
    PRESCRIPTION = 11 "prescription",
    REFILL_USES = 12 "refill_uses",
    REFILL_USE = 13 "refill_use",
    STATUS = 14 "status",
    ;
    LINE_COLUMNS, "What is a row's own.":
    RP = 15 "rp",
    DRUG_SYSTEM = 16 "drug_system",
    DRUG_CODE = 17 "drug_code",
    DRUG_NAME = 18 "drug_name",
    FORM = 19 "form",
    QUANTITY = 20 "quantity",
    USAGE = 21 "usage",
    USAGE_SUPPLEMENTS = 22 "usage_supplements",
    ;
}

/// What names the patient.
pub(crate) const IDENTITY: [usize; 5] =
    [column::INSURER, column::SYMBOL, column::NUMBER, column::BRANCH, column::PATIENT_ID];
/// What names the drug.
pub(crate) const DRUG: [usize; 3] = [column::DRUG_SYSTEM, column::DRUG_CODE, column::DRUG_NAME];
/// What the supply of a line follows from, and the texts of it that evidence shows.
pub(crate) const SUPPLY: [usize; 4] =
    [column::FORM, column::QUANTITY, column::USAGE, column::USAGE_SUPPLEMENTS];

/// All columns of a history file: first those of [`HEADER_COLUMNS`], then those of [`LINE_COLUMNS`].
pub(crate) fn columns() -> impl Iterator<Item = &'static str> {
    HEADER_COLUMNS.iter().chain(LINE_COLUMNS).copied()
}

/// A row whose cells are fetched by the places of [`column`].
pub(crate) trait Cells<'r> {
    /// A cell, without surrounding spaces.
    fn cell(&self, column: usize) -> &'r str;

    /// Numbers that stand for cells: until rows are numbered anew, equal numbers in a column are
    /// equal cells. `None` where one of the columns has no numbers.
    fn numbers<const N: usize>(&self, _columns: [usize; N]) -> Option<[u32; N]> {
        None
    }

    /// The number that stands for one cell.
    fn number(&self, column: usize) -> Option<u32> {
        self.numbers([column]).map(|[number]| number)
    }

    /// Several cells.
    fn texts<const N: usize>(&self, columns: [usize; N]) -> [&'r str; N] {
        columns.map(|column| self.cell(column))
    }
}

/// Without surrounding spaces, of which most cells have none.
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [first] if first.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Texts behind their lengths, so that a row is compared or looked up without an allocation.
#[derive(Debug, Default)]
pub(crate) struct Joined(Vec<u8>);

impl Joined {
    /// Takes the texts, and says whether they are others than before.
    pub(crate) fn replace<const N: usize>(&mut self, texts: [&str; N]) -> bool {
        let mut rest = self.0.as_slice();
        let same = texts.iter().all(|text| {
            let behind = rest
                .strip_prefix(&length(text))
                .and_then(|rest| rest.strip_prefix(text.as_bytes()));
            rest = behind.unwrap_or_default();
            behind.is_some()
        });
        if same && rest.is_empty() {
            return false;
        }
        self.join(texts);
        true
    }

    /// Takes the texts; gives them, each behind its length.
    pub(crate) fn join<const N: usize>(&mut self, texts: [&str; N]) -> &[u8] {
        self.0.clear();
        for text in texts {
            self.0.extend_from_slice(&length(text));
            self.0.extend_from_slice(text.as_bytes());
        }
        &self.0
    }
}

/// Cells are at most 8,192 bytes long.
fn length(text: &str) -> [u8; 2] {
    u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_texts_tell_what_is_the_same() {
        let mut joined = Joined::default();
        assert!(joined.replace(["a", ""]));
        assert!(!joined.replace(["a", ""]));
        assert!(joined.replace(["", "a"]));
        assert!(joined.replace(["", "ab"]));
        assert!(joined.replace(["", "a"]));
        assert!(joined.replace(["a\u{1f}b", "c"]) && joined.replace(["a", "b\u{1f}c"]));
    }

    #[test]
    fn cells_stand_under_their_names() {
        let columns: Vec<&str> = columns().collect();
        assert_eq!(columns.len(), 23);
        for (position, name) in [
            (column::DOCUMENT, "document"),
            (column::PATIENT_ID, "patient_id"),
            (column::STATUS, "status"),
            (column::RP, "rp"),
            (column::FORM, "form"),
            (column::USAGE_SUPPLEMENTS, "usage_supplements"),
        ] {
            assert_eq!(columns.get(position), Some(&name));
        }
        assert_eq!(HEADER_COLUMNS.len(), column::RP);
    }

    #[test]
    fn surrounding_spaces_are_no_part_of_a_cell() {
        for (text, bare) in [
            ("", ""),
            (" ", ""),
            ("a", "a"),
            (" a", "a"),
            ("a b ", "a b"),
            ("\u{3000}薬\u{3000}", "薬"),
        ] {
            assert_eq!(trimmed(text), bare);
        }
    }
}
