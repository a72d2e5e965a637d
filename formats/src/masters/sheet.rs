//! A file of any supported container as rows of text, and columns found by their headings.

use std::{
    fs,
    io::{Cursor, Read},
    path::Path,
};

use unicode_normalization::UnicodeNormalization;
use zip::ZipArchive;

use super::{MasterError, workbook};
use crate::{
    report::{FileRead, Reason, Report},
    text::{Decoded, Encoding, Lines, decode},
};

/// The headings stand within the first rows; titles and dates come before them.
const HEADER_ROWS: usize = 10;
/// No master is near this size, so a larger archive is a mistake or an attack.
pub(super) const UNPACKED_BYTES_MAX: u64 = 1 << 30;

/// One table of text: a CSV file, an archive member, or a sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The path, followed by the member or sheet in brackets.
    pub file: String,
    /// The encoding that was chosen; `None` for a workbook.
    pub encoding: Option<Encoding>,
    /// Line numbers and fields, trimmed.
    pub rows: Vec<(u64, Vec<String>)>,
    pub(super) replaced: bool,
}

/// Where the headings of a sheet are, in the order in which they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    header: usize,
    positions: Vec<Option<usize>>,
}

/// Reads every table of a file.
pub fn read_sheets(path: &Path) -> Result<Vec<Sheet>, MasterError> {
    let bytes =
        fs::read(path).map_err(|source| MasterError::Read { path: path.to_owned(), source })?;
    read_sheets_of(path, &bytes)
}

/// Reads every table of a file whose bytes are at hand; the path is for reports.
pub fn read_sheets_of(path: &Path, bytes: &[u8]) -> Result<Vec<Sheet>, MasterError> {
    if bytes.starts_with(b"PK\x03\x04") {
        read_archive(path, bytes)
    } else {
        Ok(vec![read_csv(path.display().to_string(), bytes)?])
    }
}

impl Sheet {
    /// Finds headings, given as lists of alternatives; the first `required` of them must exist.
    ///
    /// # Errors
    ///
    /// The first required heading that the closest row lacks.
    pub fn columns(
        &self,
        headings: &[&[&'static str]],
        required: usize,
    ) -> Result<Columns, &'static str> {
        let mut closest: Option<(usize, &'static str)> = None;
        for (header, (_, row)) in self.rows.iter().take(HEADER_ROWS).enumerate() {
            let row: Vec<String> = row.iter().map(|text| heading(text)).collect();
            let positions: Vec<Option<usize>> = headings
                .iter()
                .map(|names| names.iter().find_map(|name| find(&row, &heading(name))))
                .collect();
            let found = positions.iter().take(required).flatten().count();
            let missing = headings.iter().zip(&positions).take(required);
            let Some(name) = missing
                .filter(|(_, position)| position.is_none())
                .find_map(|(names, _)| names.first().copied())
            else {
                return Ok(Columns { header, positions });
            };
            if closest.is_none_or(|(best, _)| found > best) {
                closest = Some((found, name));
            }
        }
        let first = headings.first().and_then(|names| names.first().copied());
        Err(closest.map(|(_, name)| name).or(first).unwrap_or_default())
    }

    /// The rows below the headings.
    pub fn body(&self, columns: &Columns) -> impl Iterator<Item = (u64, &[String])> {
        let rows = self.rows.iter().skip(columns.header.saturating_add(1));
        rows.map(|(line, row)| (*line, row.as_slice()))
    }

    /// Notes that the sheet was read, and the bytes in it that could not be decoded.
    pub(crate) fn note(&self, rows: usize, report: &mut Report) {
        report.files.push(FileRead { file: self.file.clone(), encoding: self.encoding, rows });
        let Some(encoding) = self.encoding.filter(|_| self.replaced) else { return };
        for (line, row) in &self.rows {
            if row.iter().any(|text| text.contains(char::REPLACEMENT_CHARACTER)) {
                report.problem(&self.file, *line, "", Reason::Undecodable { encoding });
            }
        }
    }
}

impl Columns {
    /// Whether the sheet has the `index`th heading.
    pub fn has(&self, index: usize) -> bool {
        self.positions.get(index).copied().flatten().is_some()
    }

    /// The field under the `index`th heading; empty where the column or the field is missing.
    pub fn get<'a>(&self, row: &'a [String], index: usize) -> &'a str {
        let position = self.positions.get(index).copied().flatten();
        position.and_then(|position| row.get(position)).map_or("", String::as_str)
    }
}

/// Reads every sheet that has the headings, and notes that it was read; `read` gives how many rows it
/// used. Sheets without the headings are something else.
///
/// # Errors
///
/// No sheet has the headings.
pub(super) fn read_matching(
    sheets: Vec<Sheet>,
    headings: &[&[&'static str]],
    required: usize,
    report: &mut Report,
    mut read: impl FnMut(&Sheet, &Columns, &mut Report) -> usize,
) -> Result<(), MasterError> {
    let mut missing = None;
    let mut found = false;
    for sheet in sheets {
        match sheet.columns(headings, required) {
            Ok(columns) => {
                found = true;
                let rows = read(&sheet, &columns, report);
                sheet.note(rows, report);
            }
            Err(column) => missing = Some((sheet.file, column)),
        }
    }
    match missing {
        Some((file, column)) if !found => Err(MasterError::MissingColumn { file, column }),
        _ => Ok(()),
    }
}

fn find(row: &[String], name: &str) -> Option<usize> {
    row.iter().position(|text| text == name)
}

/// A heading without the differences that editions of a master show: width and line breaks.
fn heading(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

fn read_archive(path: &Path, bytes: &[u8]) -> Result<Vec<Sheet>, MasterError> {
    let damaged = |source| MasterError::Archive { path: path.to_owned(), source };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.file_names().any(|name| name.is_ok_and(|name| name == "xl/workbook.xml")) {
        return workbook::read(path, &mut archive, bytes);
    }
    let mut sheets = Vec::new();
    let mut left = UNPACKED_BYTES_MAX;
    for position in 0..archive.len() {
        let member = archive.by_index(position).map_err(damaged)?;
        // Old archivers write the code page of the machine and say nothing of it.
        let name = decode(member.name_raw()).text;
        if !name.to_ascii_lowercase().ends_with(".csv") {
            continue;
        }
        let content = unpack(path, member, &mut left)?;
        sheets.push(read_csv(format!("{}[{name}]", path.display()), &content)?);
    }
    Ok(sheets)
}

/// The content of a member of an archive, of which `left` bytes may still come out.
pub(super) fn unpack(
    path: &Path,
    member: impl Read,
    left: &mut u64,
) -> Result<Vec<u8>, MasterError> {
    let mut content = Vec::new();
    // The stated size may lie, so the limit is applied to what comes out.
    member
        .take(*left + 1)
        .read_to_end(&mut content)
        .map_err(|source| MasterError::Read { path: path.to_owned(), source })?;
    let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
    *left = left.checked_sub(length).ok_or_else(|| MasterError::TooLarge {
        path: path.to_owned(),
        limit: UNPACKED_BYTES_MAX,
    })?;
    Ok(content)
}

fn read_csv(file: String, bytes: &[u8]) -> Result<Sheet, MasterError> {
    let Decoded { text, encoding, replaced } = decode(bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut lines = Lines::new(&text);
    for record in reader.records() {
        let record = record.map_err(|source| MasterError::Csv { file: file.clone(), source })?;
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        rows.push((line, record.iter().map(|text| text.trim().to_owned()).collect()));
    }
    Ok(Sheet { file, encoding: Some(encoding), rows, replaced })
}

#[cfg(test)]
pub(super) mod tests;
