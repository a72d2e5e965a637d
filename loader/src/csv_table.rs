//! A canonical CSV file: header by name, rows as borrowed text, faults with their place.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use crate::hashing::FileHash;
use crate::problem::{Fault, Problem, shown};

/// Longer than any real field, short enough to keep a broken quote from eating the file unseen.
pub(crate) const FIELD_BYTES_MAX: usize = 8192;

/// Columns of prose. Anywhere else a line break means that a quote was left open, and that the rows
/// up to the next quote were swallowed; so do as many commas as a row has.
const MULTILINE: [&str; 3] = ["condition", "measures", "mechanism"];

/// One row: the fields of the columns that were asked for, in that order.
#[derive(Debug)]
pub(crate) struct Row<'r> {
    record: &'r csv::ByteRecord,
    columns: &'r [usize],
    names: &'static [&'static str],
}

impl<'r> Row<'r> {
    /// The field of a column, without surrounding spaces; empty for a name that is no column.
    pub(crate) fn field(&self, name: &str) -> &'r str {
        let position = self.names.iter().position(|known| *known == name);
        position.map_or("", |position| self.at(position))
    }

    /// The field at a position of the asked columns, without surrounding spaces.
    pub(crate) fn at(&self, position: usize) -> &'r str {
        let column = self.columns.get(position).copied().unwrap_or(usize::MAX);
        let bytes = self.record.get(column).unwrap_or_default();
        // Rows that are not UTF-8 were refused before they came here.
        str::from_utf8(bytes).unwrap_or_default().trim()
    }
}

/// What reading a table gave besides its rows.
#[derive(Debug, Default)]
pub(crate) struct TableReport {
    /// Rows that were taken.
    pub(crate) rows: u64,
    /// BLAKE3 of the file.
    pub(crate) blake3: [u8; 32],
    /// Faults; each is one row that was not taken, or the whole file.
    pub(crate) rejects: Vec<Problem>,
    /// Columns that nobody asked for.
    pub(crate) warnings: Vec<Problem>,
    /// Whether the header will not do, so that no row could be read.
    pub(crate) is_unusable: bool,
}

/// Reads a table row by row. `take` says what is wrong with a row that it refuses.
///
/// # Errors
///
/// When the file cannot be read at all. A missing column is a fault of the file, not an error.
pub(crate) fn read(
    path: &Path,
    names: &'static [&'static str],
    mut take: impl FnMut(&Row<'_>, u64) -> Result<(), Fault>,
) -> io::Result<TableReport> {
    let file = path.display().to_string();
    let hash = FileHash::default();
    let hashing = hash.of(File::open(path)?, |_| ());
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 18)
        .from_reader(BufReader::with_capacity(1 << 18, hashing));
    let mut report = TableReport::default();
    let mut record = csv::ByteRecord::new();
    let problem = |line, column: &str, reason: String| Problem {
        file: file.clone(),
        line,
        column: column.to_owned(),
        reason,
    };
    if !reader.read_byte_record(&mut record)? {
        report.rejects.push(problem(0, "", "the file is empty; a header is missing".to_owned()));
        report.is_unusable = true;
        return Ok(report);
    }
    let header: Vec<String> = record.iter().map(column_name).collect();
    let columns = match columns_of(&header, names) {
        Ok(columns) => columns,
        Err(reasons) => {
            report.rejects.extend(reasons.into_iter().map(|reason| problem(1, "", reason)));
            report.is_unusable = true;
            return Ok(report);
        }
    };
    for extra in header.iter().filter(|column| !names.contains(&column.as_str())) {
        report.warnings.push(problem(1, extra, "not a column of this table; ignored".to_owned()));
    }
    while reader.read_byte_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        if let Err((column, reason)) = check_shape(&record, &header) {
            let lines = (0..lines_of(&record)).map(|behind| line + behind);
            report.rejects.extend(lines.map(|line| problem(line, &column, reason.clone())));
            continue;
        }
        match take(&Row { record: &record, columns: &columns, names }, line) {
            Ok(()) => report.rows += 1,
            Err(fault) => {
                let lines = (0..lines_of(&record)).map(|behind| line + behind);
                let Fault { column, reason } = fault;
                report.rejects.extend(lines.map(|line| problem(line, column, reason.clone())));
            }
        }
    }
    report.blake3 = hash.finish();
    Ok(report)
}

/// How many lines a record spans. One that is refused counts as so many rows: where a quote was left
/// open, every line behind it is a row that nobody reads.
pub(crate) fn lines_of(record: &csv::ByteRecord) -> u64 {
    let bytes = record.as_slice();
    let newlines = memchr::memchr_iter(b'\n', bytes).count();
    // Either alone may end a line.
    let breaks = newlines.max(memchr::memchr_iter(b'\r', bytes).count());
    let ends = record.iter().next_back().is_some_and(|field| matches!(field, [.., b'\n' | b'\r']));
    let behind = breaks - usize::from(ends && breaks > 0);
    u64::try_from(behind).unwrap_or(u64::MAX).saturating_add(1)
}

/// Whether a field holds a line break.
pub(crate) fn is_broken(field: &[u8]) -> bool {
    memchr::memchr2(b'\n', b'\r', field).is_some()
}

pub(crate) fn column_name(bytes: &[u8]) -> String {
    let name = String::from_utf8_lossy(bytes);
    name.trim_start_matches('\u{feff}').trim().to_owned()
}

/// Where each asked column stands, or why the header will not do.
pub(crate) fn columns_of(header: &[String], names: &[&str]) -> Result<Vec<usize>, Vec<String>> {
    let mut reasons = Vec::new();
    let mut columns = Vec::new();
    for name in names {
        let mut found = header.iter().enumerate().filter(|(_, column)| column == name);
        match (found.next(), found.next()) {
            (Some((position, _)), None) => columns.push(position),
            (Some(_), Some(_)) => reasons.push(format!("column {name} stands twice")),
            (None, _) => reasons.push(format!("column {name} is missing")),
        }
    }
    if reasons.is_empty() { Ok(columns) } else { Err(reasons) }
}

/// A row has as many fields as the header, in UTF-8, none of them absurdly long.
fn check_shape(record: &csv::ByteRecord, header: &[String]) -> Result<(), (String, String)> {
    if record.len() != header.len() {
        let hint = if is_broken(record.as_slice()) { "; is a quote left open?" } else { "" };
        let reason = format!("{} fields, the header has {}{hint}", record.len(), header.len());
        return Err((String::new(), reason));
    }
    for (field, column) in record.iter().zip(header) {
        if field.len() > FIELD_BYTES_MAX {
            let reason =
                format!("{} bytes long, at most {FIELD_BYTES_MAX} are allowed", field.len());
            return Err((column.clone(), reason));
        }
        let is_prose = || MULTILINE.contains(&column.as_str());
        let commas = || memchr::memchr_iter(b',', field).count();
        if is_broken(field) && (!is_prose() || commas() + 1 >= header.len()) {
            return Err((column.clone(), "holds a line break; is a quote left open?".to_owned()));
        }
        if let Err(error) = str::from_utf8(field) {
            let reason = format!("not UTF-8 from byte {} on", error.valid_up_to());
            return Err((column.clone(), reason));
        }
    }
    Ok(())
}

/// A day of the form `YYYY-MM-DD`, or nothing.
pub(crate) fn optional_day(column: &'static str, text: &str) -> Result<Option<i32>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<chofuku_engine::Day>() {
        Ok(day) => Ok(Some(day.number())),
        Err(error) => Err(Fault::new(column, error.to_string())),
    }
}

/// A whole number of at most `max`, or `empty`.
pub(crate) fn number(column: &'static str, text: &str, empty: u32, max: u32) -> Result<u32, Fault> {
    if text.is_empty() {
        return Ok(empty);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if digits && number <= max => Ok(number),
        _ => {
            let reason = format!("{} is not a whole number from 0 to {max}", shown(text));
            Err(Fault::new(column, reason))
        }
    }
}

/// The parts of a list field.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}
