//! What both layouts of receipts share: lines of fields, whose a receipt is, institutions and months.

use std::borrow::Cow;

use jiff::civil::Date;

use super::Receipts;
use crate::document::{Document, Patient};
use crate::report::{FileRead, Reason, Report};
use crate::text::Decoded;

/// How much of a wrong text a report repeats, in characters.
const FOUND_MAX: usize = 60;
/// The year before the first of each era, by its digit: 1 明治 to 5 令和.
const ERAS: [(char, i16); 5] = [('1', 1867), ('2', 1911), ('3', 1925), ('4', 1988), ('5', 2018)];

/// Fields by position; what is not there is empty.
pub(super) struct Fields<'t> {
    fields: Vec<&'t str>,
}

impl<'t> Fields<'t> {
    pub(super) fn of(line: &'t str) -> Self {
        Self { fields: line.split(',').collect() }
    }

    pub(super) fn get(&self, position: usize) -> &'t str {
        self.fields.get(position).copied().unwrap_or_default().trim()
    }

    pub(super) fn count(&self) -> usize {
        self.fields.len()
    }
}

/// How far a file has been read.
pub(super) struct State<'t, 'f> {
    file: &'f str,
    /// The line of the record that is read.
    pub(super) at: u64,
    pub(super) documents: Vec<Document<'t>>,
    /// Whether the last record was GO.
    pub(super) ended: bool,
    report: Report,
}

impl<'f> State<'_, 'f> {
    pub(super) fn new(file: &'f str) -> Self {
        Self { file, at: 0, documents: Vec::new(), ended: false, report: Report::default() }
    }

    /// Notes a deviation of the record that is read.
    pub(super) fn problem(&mut self, record: &'static str, field: &'static str, reason: Reason) {
        self.problem_at(self.at, record, field, reason);
    }

    /// Notes a deviation of a record above.
    pub(super) fn problem_at(
        &mut self,
        at: u64,
        record: &'static str,
        field: &'static str,
        reason: Reason,
    ) {
        self.report.problem_in(self.file, at, record, field, reason);
    }

    /// Notes a deviation because of which something that may be a drug was not read.
    pub(super) fn loss(&mut self, record: &'static str, reason: Reason) {
        self.loss_at(self.at, record, reason);
    }

    /// Notes such a deviation of a record above.
    pub(super) fn loss_at(&mut self, at: u64, record: &'static str, reason: Reason) {
        self.report.loss_in(self.file, at, record, "", reason);
    }

    /// Notes a record that the layout does not know. Another kind of record is named by two letters;
    /// anything else may be a drug's.
    pub(super) fn unknown(&mut self, name: &str) {
        let is_kind = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_kind {
            self.problem("", "", Reason::UnknownRecord);
        } else {
            self.loss("", Reason::UnknownRecord);
        }
    }

    /// The code of an institution out of its parts; empty where they are none.
    pub(super) fn facility(
        &mut self,
        record: &'static str,
        field: &'static str,
        parts: [&str; 3],
    ) -> Cow<'static, str> {
        institution_code(parts).map_or_else(
            |found| {
                self.problem(record, field, Reason::Code { expected: 10, found: clip(&found) });
                Cow::Borrowed("")
            },
            Cow::Owned,
        )
    }
}

/// Reads the records of one layout.
pub(super) trait Reader<'t, 'f> {
    fn state(&mut self) -> &mut State<'t, 'f>;
    /// Takes one record.
    fn record(&mut self, fields: &Fields<'t>);
    /// Ends the receipt that is open.
    fn close_receipt(&mut self);
    /// What was read.
    fn into_state(self) -> State<'t, 'f>;
}

/// Reads all records of a file.
pub(super) fn read<'t, 'f>(mut reader: impl Reader<'t, 'f>, decoded: &'t Decoded) -> Receipts<'t> {
    if decoded.replaced {
        let reason = Reason::Undecodable { encoding: decoded.encoding };
        reader.state().problem("", "", reason);
    }
    let mut rows = 0;
    for (at, line) in lines(decoded) {
        reader.state().at = at;
        rows += 1;
        reader.record(&Fields::of(line));
    }
    reader.close_receipt();
    let mut state = reader.into_state();
    if !state.ended {
        state.loss("GO", Reason::Missing);
    }
    let (file, encoding) = (state.file.to_owned(), Some(decoded.encoding));
    state.report.files.push(FileRead { file, encoding, rows });
    Receipts { documents: state.documents, report: state.report }
}

/// The lines that are not empty, with their numbers.
pub(super) fn lines(decoded: &Decoded) -> impl Iterator<Item = (u64, &str)> + Clone {
    (1_u64..).zip(decoded.text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

/// Whose a receipt is: records HO and SN.
#[derive(Default)]
pub(super) struct Insured<'t> {
    patient: Option<Patient<'t>>,
    branch: &'t str,
}

impl<'t> Insured<'t> {
    /// Record HO. Says what is wrong if another one said otherwise: then the receipt is nobody's.
    pub(super) fn insurance(&mut self, fields: &Fields<'t>) -> Option<Reason> {
        let [insurer, symbol, number] = [1, 2, 3].map(|at| Cow::Borrowed(fields.get(at)));
        let patient = Patient { insurer, symbol, number, branch: Cow::Borrowed("") };
        let before = self.patient.replace(patient);
        if before.is_none() || before == self.patient {
            return None;
        }
        self.patient = None;
        Some(Reason::Ambiguous { found: "two HO records".to_owned() })
    }

    /// Record SN: the branch, where it is the medical insurance's.
    pub(super) fn branch(&mut self, fields: &Fields<'t>) {
        if fields.get(1) == "1" {
            self.branch = fields.get(6);
        }
    }

    pub(super) fn patient(self) -> Option<Patient<'t>> {
        let branch = Cow::Borrowed(self.branch);
        self.patient.map(|patient| Patient { branch, ..patient })
    }
}

/// The ten digits of an institution from prefecture, point table and number; else what was found.
fn institution_code(parts: [&str; 3]) -> Result<String, String> {
    let code = parts.concat();
    let lengths = parts.map(str::len);
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if lengths == [2, 1, 7] && digits { Ok(code) } else { Err(code) }
}

pub(super) fn clip(text: &str) -> String {
    text.chars().take(FOUND_MAX).collect()
}

/// The first of a month: `202609`, or `50809` with the digit of an era.
pub(super) fn month(text: &str) -> Option<Date> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month) = match text.len() {
        6 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        5 => {
            let era = text.chars().next()?;
            let (_, before) = ERAS.into_iter().find(|(digit, _)| *digit == era)?;
            (before + text.get(1..3)?.parse::<i16>().ok()?, text.get(3..)?)
        }
        _ => return None,
    };
    Date::new(year, month.parse().ok()?, 1).ok()
}
