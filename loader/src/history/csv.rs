//! CSV files of history: cut into chunks of whole rows, and the rows of a chunk.

mod plain;

use std::io::{self, Read};
use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use crate::csv_table::{self, FIELD_BYTES_MAX};
use crate::history::cells::{Cells, HEADER_COLUMNS, LINE_COLUMNS, column, columns, trimmed};
use crate::history::input::{ReadRow, TakeRow};
use crate::problem::Fault;
use plain::{Fields, PlainRows};

/// How many fields a row has, unless there are columns that nobody asked for.
const FIELDS: usize = HEADER_COLUMNS.len() + LINE_COLUMNS.len();
/// Far longer than any row that is accepted, and enough to keep a core busy for a while.
const CHUNK_BYTES: usize = 4 << 20;

/// The header of a file.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// All columns.
    names: Vec<String>,
    /// Where each of [`columns`] stands.
    columns: Vec<usize>,
    /// What is wrong with it; nothing of the file is taken then.
    pub(crate) faults: Vec<String>,
}

/// Whole rows.
#[derive(Debug)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    /// Lines of the file before the chunk.
    lines_before: u64,
    pub(crate) header: Arc<Header>,
    /// Whether it holds the header as its first row.
    pub(crate) is_first: bool,
}

/// A row that was refused, or what is odd about the header.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) line: u64,
    pub(crate) column: String,
    pub(crate) reason: String,
}

/// Cuts a file into chunks. No more than a chunk is held, whatever is in the file.
pub(crate) struct Chunks<R> {
    reader: R,
    /// Bytes behind the last cut.
    rest: Vec<u8>,
    lines: u64,
    header: Option<Arc<Header>>,
    at_end: bool,
}

impl<R: Read> Chunks<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, rest: Vec::new(), lines: 0, header: None, at_end: false }
    }

    fn read(&mut self) -> io::Result<Option<Chunk>> {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.reserve(CHUNK_BYTES.saturating_sub(bytes.len()));
        while !self.at_end && bytes.len() < CHUNK_BYTES {
            let missing = u64::try_from(CHUNK_BYTES - bytes.len()).unwrap_or(0);
            self.at_end = self.reader.by_ref().take(missing).read_to_end(&mut bytes)? == 0;
        }
        if !self.at_end {
            self.rest = bytes.split_off(cut(&bytes));
        }
        let is_first = self.header.is_none();
        if bytes.is_empty() && !is_first {
            return Ok(None);
        }
        let header = if let Some(header) = &self.header {
            Arc::clone(header)
        } else {
            let header = Arc::new(Header::of(&bytes)?);
            self.header = Some(Arc::clone(&header));
            header
        };
        let lines_before = self.lines;
        let lines = memchr::memchr_iter(b'\n', &bytes).count();
        self.lines += u64::try_from(lines).unwrap_or(u64::MAX);
        Ok(Some(Chunk { bytes, lines_before, header, is_first }))
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// Where to cut: behind the last line that ends outside of quotes.
///
/// Where there is none, a quote was left open or stands inside of a bare field. The cut is behind
/// the last line then: rows of a history hold no line breaks, so a row that is cut would have been
/// refused, and the rows behind it are not swallowed.
fn cut(bytes: &[u8]) -> usize {
    let last_line = memchr::memrchr(b'\n', bytes);
    let last_line = last_line.or_else(|| memchr::memrchr(b'\r', bytes));
    let fallback = last_line.map_or(bytes.len(), |position| position + 1);
    if memchr::memchr(b'"', bytes).is_none() {
        return fallback;
    }
    let mut quoted = false;
    let mut last = None;
    for position in memchr::memchr2_iter(b'"', b'\n', bytes) {
        match bytes.get(position) {
            Some(b'"') => quoted = !quoted,
            Some(_) if !quoted => last = Some(position + 1),
            Some(_) | None => {}
        }
    }
    last.unwrap_or(fallback)
}

fn records(bytes: &[u8]) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes)
}

impl Header {
    fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut record = ByteRecord::new();
        if !records(bytes).read_byte_record(&mut record)? {
            let faults = vec!["the file is empty; a header is missing".to_owned()];
            return Ok(Self { faults, ..Self::default() });
        }
        let names: Vec<String> = record.iter().map(csv_table::column_name).collect();
        let asked: Vec<&str> = columns().collect();
        Ok(match csv_table::columns_of(&names, &asked) {
            Ok(columns) => Self { names, columns, faults: Vec::new() },
            Err(faults) => Self { names, columns: Vec::new(), faults },
        })
    }

    /// Columns that nobody asked for.
    pub(crate) fn ignored(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str).filter(|name| !columns().any(|asked| asked == *name))
    }
}

impl Chunk {
    /// Hands every row to `rows`; returns how many were taken, and tells `refused` of the others.
    ///
    /// # Errors
    ///
    /// When nothing more can be taken.
    pub(crate) fn read(
        &self,
        rows: &mut impl TakeRow,
        refused: &mut Vec<Refused>,
    ) -> io::Result<u64> {
        if !self.header.faults.is_empty() {
            return Ok(0);
        }
        match PlainRows::of(&self.bytes) {
            Some(plain) => self.read_plain(plain, rows, refused),
            None => self.read_any(rows, refused),
        }
    }

    /// Reads lines without quotes.
    fn read_plain(
        &self,
        mut plain: PlainRows<'_>,
        rows: &mut impl TakeRow,
        refused: &mut Vec<Refused>,
    ) -> io::Result<u64> {
        let (mut fields, mut before) = (Fields::new(), Fields::new());
        let text = plain.text;
        let columns = &self.header.columns;
        let in_order = columns.iter().take(HEADER_COLUMNS.len()).zip(0..);
        let first_columns = in_order.take_while(|(column, place)| *column == place).count();
        let mut taken = 0;
        if self.is_first {
            plain.read(&mut fields);
        }
        while plain.read(&mut fields) {
            let line = self.lines_before + fields.lines_before + 1;
            let lengths = || (0..fields.len()).filter_map(|at| fields.of(text, at)).map(str::len);
            let fault = match self.shaped(fields.len(), fields.bytes(), lengths) {
                Ok(()) => {
                    let row =
                        PlainRow { text, fields: &fields, before: &before, columns, first_columns };
                    let fault = rows.take(&row, line)?.err();
                    std::mem::swap(&mut fields, &mut before);
                    fault.map(|Fault { column, reason }| (column.to_owned(), reason))
                }
                Err(fault) => {
                    rows.lost(trimmed(fields.of(text, self.document_column()).unwrap_or_default()));
                    Some(fault)
                }
            };
            match fault {
                None => taken += 1,
                Some((column, reason)) => refused.push(Refused { line, column, reason }),
            }
        }
        Ok(taken)
    }

    /// Reads whatever the csv crate takes for rows.
    fn read_any(&self, rows: &mut impl TakeRow, refused: &mut Vec<Refused>) -> io::Result<u64> {
        let mut reader = records(&self.bytes);
        let (mut record, mut before) = (ByteRecord::new(), StringRecord::new());
        let mut taken = 0;
        let mut is_header = self.is_first;
        while reader.read_byte_record(&mut record)? {
            if std::mem::take(&mut is_header) {
                continue;
            }
            let first = record.position().map_or(0, csv::Position::line);
            let line = self.lines_before + first;
            let mut lines = 1;
            let fault = match self.text(record) {
                Ok(text) => {
                    let columns = &self.header.columns;
                    let row = CsvRow { text: &text, before: &before, columns };
                    let fault = rows.take(&row, line)?.err();
                    record = std::mem::replace(&mut before, text).into_byte_record();
                    fault.map(|Fault { column, reason }| (column.to_owned(), reason))
                }
                Err((bytes, column, reason)) => {
                    record = bytes;
                    lines = csv_table::lines_of(&record);
                    self.documents_of(&record).for_each(|document| rows.lost(document));
                    Some((column, reason))
                }
            };
            match fault {
                None => taken += 1,
                Some((column, reason)) => {
                    let of =
                        |line| Refused { line, column: column.clone(), reason: reason.clone() };
                    refused.extend((line..line + lines).map(of));
                }
            }
        }
        Ok(taken)
    }

    /// The field of a row that holds the id of its document.
    fn document_column(&self) -> usize {
        self.header.columns.get(column::DOCUMENT).copied().unwrap_or_default()
    }

    /// The documents of a row that was refused as a whole. Where a quote was left open, its fields
    /// hold the lines behind it, of other documents perhaps.
    fn documents_of<'r>(&self, record: &'r ByteRecord) -> impl Iterator<Item = &'r str> {
        let field = self.document_column();
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let lines = record.iter().flat_map(move |field| field.split(is_end).skip(1));
        let swallowed = lines.filter_map(move |line| line.split(|byte| *byte == b',').nth(field));
        let ids = record.get(field).into_iter().chain(swallowed);
        ids.filter_map(|id| str::from_utf8(id).ok()).map(|id| trimmed(id.trim_matches('"')))
    }

    fn name(&self, field: usize) -> String {
        self.header.names.get(field).cloned().unwrap_or_default()
    }

    /// Refuses a row that has not as many fields as the header, or an absurdly long one. `bytes` is
    /// no less than all of them have.
    fn shaped<L: Iterator<Item = usize>>(
        &self,
        count: usize,
        bytes: usize,
        lengths: impl Fn() -> L,
    ) -> Result<(), (String, String)> {
        if count != self.header.names.len() {
            let reason = format!("{count} fields, the header has {}", self.header.names.len());
            return Err((String::new(), reason));
        }
        if bytes <= FIELD_BYTES_MAX {
            return Ok(());
        }
        let longest = lengths().enumerate().max_by_key(|(_, length)| *length);
        match longest.filter(|(_, length)| *length > FIELD_BYTES_MAX) {
            None => Ok(()),
            Some((field, length)) => {
                let reason = format!("{length} bytes long, at most {FIELD_BYTES_MAX} are allowed");
                Err((self.name(field), reason))
            }
        }
    }

    /// The record as text, if it is shaped as it should be and no field is of more than one line.
    fn text(&self, record: ByteRecord) -> Result<StringRecord, (ByteRecord, String, String)> {
        if csv_table::is_broken(record.as_slice())
            && let Some(field) = record.iter().position(csv_table::is_broken)
        {
            let reason = "holds a line break; is a quote left open?".to_owned();
            return Err((record, self.name(field), reason));
        }
        let lengths = || record.iter().map(<[u8]>::len);
        if let Err((column, reason)) = self.shaped(record.len(), record.as_slice().len(), lengths) {
            return Err((record, column, reason));
        }
        StringRecord::from_byte_record(record).map_err(|error| {
            let (field, valid) = (error.utf8_error().field(), error.utf8_error().valid_up_to());
            let reason = format!("not UTF-8 from byte {valid} on");
            (error.into_byte_record(), self.name(field), reason)
        })
    }
}

/// A row of plain text, and the row that was read before it.
#[derive(Clone, Copy)]
struct PlainRow<'r> {
    text: &'r str,
    fields: &'r Fields,
    before: &'r Fields,
    columns: &'r [usize],
    /// How many of the header's columns are the first fields in their order: all but one, usually,
    /// and those are compared at once.
    first_columns: usize,
}

impl<'r> Cells<'r> for PlainRow<'r> {
    fn cell(&self, column: usize) -> &'r str {
        let column = self.columns.get(column);
        trimmed(column.and_then(|column| self.fields.of(self.text, *column)).unwrap_or_default())
    }
}

impl<'r> ReadRow<'r> for PlainRow<'r> {
    fn repeats_header(&self) -> bool {
        let columns = self.columns.iter().take(HEADER_COLUMNS.len());
        let (text, fields, before) = (self.text, self.fields, self.before);
        let first = self.first_columns;
        if fields.first(text, first) != before.first(text, first) {
            return false;
        }
        columns.skip(first).all(|column| fields.of(text, *column) == before.of(text, *column))
    }
}

/// A row as text, and the row that was read before it.
#[derive(Clone, Copy)]
struct CsvRow<'r> {
    text: &'r StringRecord,
    before: &'r StringRecord,
    columns: &'r [usize],
}

impl<'r> Cells<'r> for CsvRow<'r> {
    fn cell(&self, column: usize) -> &'r str {
        let column = self.columns.get(column);
        trimmed(column.and_then(|column| self.text.get(*column)).unwrap_or_default())
    }
}

impl<'r> ReadRow<'r> for CsvRow<'r> {
    fn repeats_header(&self) -> bool {
        let mut columns = self.columns.iter().take(HEADER_COLUMNS.len());
        // A record that is not there yet has no cell that could be the same.
        columns.all(|column| self.text.get(*column) == self.before.get(*column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_behind_the_last_line_that_ends_outside_of_quotes() {
        assert_eq!(cut(b"a\nb\nc"), 4);
        assert_eq!(cut(b"a\n\"b\nc\"\nd\n\"e\n"), 10);
        assert_eq!(cut(b"\"a\nb\nc"), 5);
        assert_eq!(cut(b"abc"), 3);
        assert_eq!(cut(b"a\rb"), 2);
    }
}
