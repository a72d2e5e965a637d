//! One row of a history file as text, whatever the file's format.

macro_rules! cells {
    ($cells:ident, $columns:ident, $doc:literal: $($name:ident),* $(,)?) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $cells<'r> { $(pub(crate) $name: &'r str,)* }

        /// The columns of these cells, in the order in which they are asked for.
        pub(crate) const $columns: &[&str] = &[$(stringify!($name)),*];

        impl<'r> $cells<'r> {
            /// The cells of a row whose cell of column `n` is `at(n)`.
            pub(crate) fn new(mut at: impl FnMut(usize) -> &'r str) -> Self {
                let mut columns = 0..$columns.len();
                let mut next = || trimmed(at(columns.next().unwrap_or_default()));
                Self { $($name: next(),)* }
            }
        }
    };
}

cells! {
    HeaderCells, HEADER_COLUMNS, "What the rows of one document share, without surrounding spaces.":
    document, kind, setting, insurer, symbol, number, branch, patient_id, date, institution,
    pharmacy, prescription, refill_uses, refill_use, status,
}

cells! {
    LineCells, LINE_COLUMNS, "What is a row's own, without surrounding spaces.":
    rp, drug_system, drug_code, drug_name, form, quantity, usage, usage_supplements,
}

/// All columns of a history file: first those of [`HEADER_COLUMNS`], then those of [`LINE_COLUMNS`].
pub(crate) fn columns() -> impl Iterator<Item = &'static str> {
    HEADER_COLUMNS.iter().chain(LINE_COLUMNS).copied()
}

impl<'r> HeaderCells<'r> {
    /// Everything that another row of the document must have as well.
    pub(crate) fn all(&self) -> [&'r str; HEADER_COLUMNS.len()] {
        let [insurer, symbol, number, branch, patient_id] = self.identity();
        let (document, kind, setting, date) = (self.document, self.kind, self.setting, self.date);
        let (institution, pharmacy) = (self.institution, self.pharmacy);
        let (prescription, status) = (self.prescription, self.status);
        let (total_uses, use_number) = (self.refill_uses, self.refill_use);
        [
            document,
            kind,
            setting,
            insurer,
            symbol,
            number,
            branch,
            patient_id,
            date,
            institution,
            pharmacy,
            prescription,
            total_uses,
            use_number,
            status,
        ]
    }

    /// What names the patient.
    pub(crate) fn identity(&self) -> [&'r str; 5] {
        [self.insurer, self.symbol, self.number, self.branch, self.patient_id]
    }
}

impl<'r> LineCells<'r> {
    /// Everything of the row, in the order of [`LINE_COLUMNS`].
    pub(crate) fn all(self) -> [&'r str; LINE_COLUMNS.len()] {
        let [system, code, name] = self.drug();
        let [form, quantity, usage, supplements] = self.supply();
        [self.rp, system, code, name, form, quantity, usage, supplements]
    }

    /// What names the drug.
    pub(crate) fn drug(&self) -> [&'r str; 3] {
        [self.drug_system, self.drug_code, self.drug_name]
    }

    /// What the supply of a line follows from, and the texts of it that evidence shows.
    pub(crate) fn supply(&self) -> [&'r str; 4] {
        [self.form, self.quantity, self.usage, self.usage_supplements]
    }
}

/// Without surrounding spaces, of which most cells have none.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
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
        self.0.clear();
        for text in texts {
            self.0.extend_from_slice(&length(text));
            self.0.extend_from_slice(text.as_bytes());
        }
        true
    }

    /// Forgets what it holds: the next texts are others.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The texts, each behind its length.
    pub(crate) fn as_bytes(&self) -> &[u8] {
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
        joined.clear();
        assert!(joined.replace(["a", "b\u{1f}c"]));
    }

    #[test]
    fn cells_stand_under_their_names() {
        let columns: Vec<&str> = columns().collect();
        assert_eq!(columns.len(), 23);
        let header =
            HeaderCells::new(|column| HEADER_COLUMNS.get(column).copied().unwrap_or_default());
        assert_eq!((header.document, header.status), ("document", "status"));
        let line = LineCells::new(|column| LINE_COLUMNS.get(column).copied().unwrap_or_default());
        assert_eq!((line.rp, line.usage), ("rp", "usage"));
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
