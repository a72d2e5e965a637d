//! What a reader deviated from or could not use, so that nothing disappears silently.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::text::Encoding;

/// The outcome of reading one or several files, apart from the content itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every file or sheet read, in the order of reading.
    pub files: Vec<FileRead>,
    /// Every deviation, in the order of reading.
    pub problems: Vec<Problem>,
}

/// One file, archive member or sheet that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// The path, followed by the member or sheet in brackets.
    pub file: String,
    /// The encoding that was chosen; `None` where the container states it (a workbook).
    pub encoding: Option<Encoding>,
    /// How many rows below the header were used.
    pub rows: usize,
}

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path, followed by the member or sheet in brackets.
    pub file: String,
    /// The line or row, counted from 1.
    pub line: u64,
    /// The record of a message: its number or the path of its element; empty in a master.
    pub record: Cow<'static, str>,
    /// The column, by the name that the layout gives it; empty for a whole line.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: Reason,
    /// Whether something that may be a drug was not read because of it: what was read is then not
    /// known to be everything that was written.
    pub is_loss: bool,
}

/// Why a field or a line was not taken as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// A required field is empty.
    #[error("empty")]
    Empty,
    /// A code with the wrong length or characters.
    #[error("not a code of {expected} characters: {found:?}")]
    Code {
        /// The length that the code system prescribes.
        expected: usize,
        /// The text of the field.
        found: String,
    },
    /// A day that does not exist, or a notation that is not known.
    #[error("not a date: {found:?}")]
    Date {
        /// The text of the field.
        found: String,
    },
    /// A word that the column does not know.
    #[error("not one of the known values: {found:?}")]
    Value {
        /// The text of the field.
        found: String,
    },
    /// A line with too few fields.
    #[error("{found} fields instead of at least {expected}")]
    Fields {
        /// The smallest number of fields that the layout allows.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The same code again in one file.
    #[error("already given on line {first}")]
    Repeated {
        /// The line that gave it first.
        first: u64,
    },
    /// A partial row (変更区分 5 or 9) whose code no earlier row gave in full.
    #[error("a partial change of code {code} without a full row before it")]
    NoBase {
        /// The receipt code.
        code: String,
    },
    /// A record that the layout does not know; it was passed over.
    #[error("an unknown record; it was passed over")]
    UnknownRecord,
    /// A record that needs another before it, which is not there.
    #[error("no {needed} record before it")]
    NoParent {
        /// The record that it belongs to.
        needed: &'static str,
    },
    /// Something that the layout demands is not there.
    #[error("missing")]
    Missing,
    /// A deviation that is understood, and what was made of it.
    #[error("{found:?} was read as {taken}")]
    ReadAs {
        /// The text of the field.
        found: String,
        /// What it was taken for.
        taken: &'static str,
    },
    /// Bytes that the chosen encoding does not know; they were replaced by U+FFFD.
    #[error("bytes that are not {encoding}")]
    Undecodable {
        /// The encoding that was chosen.
        encoding: Encoding,
    },
    /// A line with too many fields: a comma in a name moves whatever stands behind it.
    #[error("{found} fields instead of at most {expected}")]
    TooManyFields {
        /// The greatest number of fields that the layout allows.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A record that stands behind one which it precedes in the layout; it was read all the same.
    #[error("stands behind record {after}")]
    Order {
        /// The record that it should precede.
        after: u16,
    },
    /// A part of a person's identity that is not as the layout prescribes.
    #[error("not as prescribed; not shown, since it is a person's")]
    Personal,
    /// Something that contradicts an earlier record, which was kept.
    #[error("{found:?} contradicts line {first}")]
    Contradiction {
        /// The line that says otherwise.
        first: u64,
        /// The text of the field.
        found: String,
    },
    /// A part that its syntax makes unreadable; it was passed over.
    #[error("cannot be parsed: {error}")]
    Malformed {
        /// What the parser says, and where.
        error: String,
    },
    /// Something that states no order or supply that counts; it was left out.
    #[error("left out: {found}")]
    LeftOut {
        /// What it is, or the element that says so.
        found: String,
    },
    /// Two statements that should agree; one was used.
    #[error("{found:?} differs from {used:?}, which was used")]
    Differs {
        /// The statement that was not used.
        found: String,
        /// The statement that was used.
        used: String,
    },
    /// Something that is understood and has no place in a document.
    #[error("not used: {found:?}")]
    NotUsed {
        /// The text of it.
        found: String,
    },
    /// Several values of which none can be preferred; none was used.
    #[error("ambiguous: {found:?}")]
    Ambiguous {
        /// The values.
        found: String,
    },
    /// Nesting beyond what any real message has; what lies deeper was passed over.
    #[error("nested deeper than {limit}")]
    TooDeep {
        /// How deep is read.
        limit: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, record, field, reason, .. } = self;
        write!(f, "{file}:{line}: ")?;
        for part in [record.as_ref(), field].into_iter().filter(|part| !part.is_empty()) {
            write!(f, "{part}: ")?;
        }
        write!(f, "{reason}")
    }
}

impl Report {
    /// Appends what another reader reported.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        self.problems.extend(other.problems);
    }

    /// What was lost: the problems because of which something that may be a drug was not read.
    pub fn losses(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.is_loss)
    }

    /// Notes a deviation of one field.
    pub(crate) fn problem(&mut self, file: &str, line: u64, field: &'static str, reason: Reason) {
        self.problem_in(file, line, "", field, reason);
    }

    /// Notes a deviation of one field of one record of a message.
    pub(crate) fn problem_in(
        &mut self,
        file: &str,
        line: u64,
        record: impl Into<Cow<'static, str>>,
        field: &'static str,
        reason: Reason,
    ) {
        let (file, record) = (file.to_owned(), record.into());
        self.problems.push(Problem { file, line, record, field, reason, is_loss: false });
    }

    /// Notes a deviation because of which something that may be a drug was not read.
    pub(crate) fn loss_in(
        &mut self,
        file: &str,
        line: u64,
        record: impl Into<Cow<'static, str>>,
        field: &'static str,
        reason: Reason,
    ) {
        self.problem_in(file, line, record, field, reason);
        if let Some(noted) = self.problems.last_mut() {
            noted.is_loss = true;
        }
    }
}
