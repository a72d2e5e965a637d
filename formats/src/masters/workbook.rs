//! Workbooks as rows of text, within bounds that a damaged or hostile one cannot leave.

use std::{collections::BTreeMap, io::Cursor, path::Path};

use calamine::{Data, DataType, Reader, Xlsx, XlsxError};
use quick_xml::events::Event;
use zip::ZipArchive;

use super::{
    MasterError, Sheet,
    sheet::{UNPACKED_BYTES_MAX, unpack},
};

/// Cells of one sheet, the empty ones in front of others included; a master has a million.
const CELLS_MAX: usize = 1 << 25;
/// The letters and digits of the last cell that a workbook can have, XFD1048576.
const LETTERS_MAX: usize = 3;
const DIGITS_MAX: usize = 7;

/// Reads every sheet, cell by cell: the rectangle around two distant cells is larger than any memory.
pub(super) fn read(
    path: &Path,
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    bytes: &[u8],
) -> Result<Vec<Sheet>, MasterError> {
    check_places(path, archive)?;
    let damaged = |source| MasterError::Workbook { path: path.to_owned(), source };
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let mut rows: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        let mut left = CELLS_MAX;
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        while let Some(found) = cells.next_cell().map_err(damaged)? {
            let (row, column) = found.get_position();
            let fields = rows.entry(u64::from(row) + 1).or_default();
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            let new = column.saturating_add(1).saturating_sub(fields.len());
            left = left.checked_sub(new).ok_or_else(|| MasterError::TooManyCells {
                path: path.to_owned(),
                limit: CELLS_MAX,
            })?;
            fields.resize(fields.len() + new, String::new());
            if let Some(field) = fields.get_mut(column) {
                *field = cell(&Data::from(found.get_value().clone()));
            }
        }
        let file = format!("{}[{name}]", path.display());
        let rows = rows.into_iter().collect();
        sheets.push(Sheet { file, encoding: None, rows, replaced: false });
    }
    Ok(sheets)
}

/// Refuses a workbook that unpacks to more than any master, or with a cell where no workbook has one:
/// its row and column would be computed beyond their type, and the cell stand anywhere.
fn check_places(path: &Path, archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), MasterError> {
    let mut left = UNPACKED_BYTES_MAX;
    for position in 0..archive.len() {
        let member = archive
            .by_index(position)
            .map_err(|source| MasterError::Archive { path: path.to_owned(), source })?;
        let is_sheet = member.name_raw().starts_with(b"xl/worksheets/");
        let content = unpack(path, member, &mut left)?;
        if is_sheet && !are_places(&content) {
            let source = XlsxError::Unexpected("a cell behind the last one, XFD1048576");
            return Err(MasterError::Workbook { path: path.to_owned(), source });
        }
    }
    Ok(())
}

/// Whether every reference to a cell (`r`, `ref`) is one that a sheet has. What is no XML is left to
/// the reader of the workbook.
fn are_places(sheet: &[u8]) -> bool {
    let mut reader = quick_xml::Reader::from_reader(sheet);
    loop {
        let tag = match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => tag,
            Ok(Event::Eof) | Err(_) => return true,
            Ok(_) => continue,
        };
        let mut attributes = tag.attributes();
        let references = attributes
            .with_checks(false)
            .flatten()
            .filter(|one| matches!(one.key.as_ref(), "r" | "ref"));
        for reference in references {
            if !reference.value.split(':').all(is_place) {
                return false;
            }
        }
    }
}

fn is_place(reference: &str) -> bool {
    let digits = reference.find(|one: char| one.is_ascii_digit()).unwrap_or(reference.len());
    digits <= LETTERS_MAX && reference.len() - digits <= DIGITS_MAX
}

/// The text of a cell; a day as `YYYY-MM-DD`, and a whole number without decimals.
fn cell(cell: &Data) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Float(_) | Data::Int(_) | Data::Bool(_) | Data::Error(_) | Data::Empty => {
            cell.as_string().unwrap_or_default()
        }
    }
}
