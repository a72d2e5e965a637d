//! The deviations of one input while it is read, and how many of them are too many.

use std::borrow::Cow;

use super::CsvMessageError;
use crate::report::{FileRead, Reason, Report};
use crate::text::Encoding;

/// Deviations that any input may have, however short it is.
const PROBLEMS_MIN: usize = 1_000;
/// Above that, one for so many bytes: a report must not grow beyond a small multiple of its input.
const BYTES_A_PROBLEM: usize = 16;

/// Collects what one input deviates in.
#[derive(Debug)]
pub(crate) struct Notes<'f> {
    file: &'f str,
    /// How many records were used.
    pub(crate) used: usize,
    report: Report,
    limit: usize,
}

impl<'f> Notes<'f> {
    pub(crate) fn new(file: &'f str, bytes: usize) -> Self {
        let limit = PROBLEMS_MIN.saturating_add(bytes / BYTES_A_PROBLEM);
        Self { file, used: 0, report: Report::default(), limit }
    }

    pub(crate) fn note(&mut self, line: u64, record: u16, field: &'static str, reason: Reason) {
        self.report.problem_in(self.file, line, named(record), field, reason);
    }

    /// Notes a deviation because of which something that may be a drug was not read.
    pub(crate) fn loss(&mut self, line: u64, record: u16, field: &'static str, reason: Reason) {
        self.report.loss_in(self.file, line, named(record), field, reason);
    }

    pub(crate) fn check_limit(&self, expected: &'static str) -> Result<(), CsvMessageError> {
        if self.report.problems.len() <= self.limit {
            return Ok(());
        }
        let (file, limit) = (self.file.to_owned(), self.limit);
        Err(CsvMessageError::TooManyProblems { file, expected, limit })
    }

    pub(crate) fn into_report(mut self, encoding: Encoding) -> Report {
        let file = self.file.to_owned();
        self.report.files.push(FileRead { file, encoding: Some(encoding), rows: self.used });
        self.report
    }
}

/// The number of a record; nothing where it has none.
fn named(record: u16) -> Cow<'static, str> {
    if record == 0 { Cow::Borrowed("") } else { Cow::Owned(record.to_string()) }
}
