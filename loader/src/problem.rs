//! What is wrong with a row, and where: nothing is dropped without one of these.

use std::fmt;
use std::io;
use std::path::Path;

use serde::Serialize;

/// One fault of one row of an input file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name as it was given.
    pub file: String,
    /// The line on which the row begins, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// The column's name; empty when the whole row is meant.
    pub column: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ": {}", self.column)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// A fault of a field, before it is known where the field stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) column: &'static str,
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(column: &'static str, reason: impl Into<String>) -> Self {
        Self { column, reason: reason.into() }
    }
}

/// At most a few characters of a value, for messages: a fault may be a megabyte long.
pub(crate) fn shown(value: &str) -> String {
    const SHOWN_CHARACTERS: usize = 32;
    let mut characters = value.chars();
    let head: String = characters.by_ref().take(SHOWN_CHARACTERS).collect();
    if characters.next().is_some() { format!("{head:?}…") } else { format!("{head:?}") }
}

/// Writes problems as `rejects.csv`.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_rejects<'p>(
    path: &Path,
    problems: impl IntoIterator<Item = &'p Problem>,
) -> io::Result<()> {
    let mut writer =
        csv::WriterBuilder::new().has_headers(false).from_path(path).map_err(io::Error::other)?;
    writer.write_record(["file", "line", "column", "reason"]).map_err(io::Error::other)?;
    for problem in problems {
        writer.serialize(problem).map_err(io::Error::other)?;
    }
    writer.flush()
}
