//! One row of a history file as text, whatever the file's format.

macro_rules! cells {
    ($($name:ident),* $(,)?) => {
        /// The cells of a row, without surrounding spaces, by the name of their column.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Cells<'r> { $(pub(crate) $name: &'r str,)* }

        /// The columns of a history file, in the order in which [`Cells::new`] asks for them.
        pub(crate) const COLUMNS: &[&str] = &[$(stringify!($name)),*];

        impl<'r> Cells<'r> {
            /// The row whose cell of column `n` is `at(n)`.
            pub(crate) fn new(mut at: impl FnMut(usize) -> &'r str) -> Self {
                let mut columns = 0..COLUMNS.len();
                let mut next = || at(columns.next().unwrap_or_default()).trim();
                Self { $($name: next(),)* }
            }
        }
    };
}

cells! {
    document, kind, setting, insurer, symbol, number, branch, patient_id, date, institution,
    pharmacy, prescription, refill_uses, refill_use, rp, drug_system, drug_code, drug_name, form,
    quantity, usage, usage_supplements, status,
}

impl<'r> Cells<'r> {
    /// What names the patient.
    pub(crate) fn identity(&self) -> [&'r str; 5] {
        [self.insurer, self.symbol, self.number, self.branch, self.patient_id]
    }

    /// What the rows of one document share.
    pub(crate) fn header(&self) -> [&'r str; 15] {
        let [insurer, symbol, number, branch, patient_id] = self.identity();
        [
            self.document,
            self.kind,
            self.setting,
            insurer,
            symbol,
            number,
            branch,
            patient_id,
            self.date,
            self.institution,
            self.pharmacy,
            self.prescription,
            self.refill_uses,
            self.refill_use,
            self.status,
        ]
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

fn length(text: &str) -> [u8; 8] {
    u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes()
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
        let cells = Cells::new(|column| COLUMNS.get(column).copied().unwrap_or_default());
        assert_eq!((cells.document, cells.status, cells.usage), ("document", "status", "usage"));
        assert_eq!(COLUMNS.len(), 23);
    }
}
