//! Text to records: lines of fields.

use super::delimiters::Delimiters;
use super::{CsvMessageError, Notes};
use crate::report::Reason;
use crate::text::{Decoded, Encoding};

/// Fields of a record that are kept; no record that is used has more.
const FIELDS_KEPT: usize = 16;
/// The fewest fields that the record of a drug adds to the record that it is joined to, where the
/// end of the line between them is lost.
const FIELDS_JOINED: usize = 6;
/// A mark of UTF-8, also between files that were put behind one another.
const MARK: char = '\u{feff}';
/// The end-of-file byte that JAHIS writers append.
const END_OF_FILE: char = '\u{1a}';
/// What stands for bytes that the encoding does not know.
const REPLACEMENT: char = '\u{fffd}';

/// The records of an input, one after another.
#[derive(Debug)]
pub(crate) struct Records<'t> {
    text: &'t str,
    delimiters: Delimiters<'t>,
    /// Where the next line begins.
    next: usize,
    line: u64,
    encoding: Encoding,
    /// Whether some bytes were replaced.
    replaced: bool,
}

/// Numbers behind those that records of drugs have in any layout: one that no layout knows is of another
/// edition, or of a vendor.
pub(crate) const BEHIND_DRUGS: std::ops::Range<u16> = 302..1000;

/// One line, in fields. Field 0 is the record number.
#[derive(Clone, Debug)]
pub(crate) struct Record<'t> {
    /// The line, from 1.
    pub(crate) line: u64,
    /// The record number; 0 where the first field is none.
    pub(crate) number: u16,
    encoding: Encoding,
    replaced: bool,
    fields: [&'t str; FIELDS_KEPT],
    count: usize,
}

/// How the number of fields of a record compares with its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Fields are missing.
    Short,
    /// As the layout has it, apart from empty fields at the end.
    Whole,
    /// More than the layout has: behind a name with a comma, no field is where it belongs.
    Long,
}

impl<'t> Records<'t> {
    /// Begins at the beginning. `file` is for errors.
    pub(crate) fn new(file: &str, decoded: &'t Decoded) -> Result<Self, CsvMessageError> {
        let Decoded { text, encoding, replaced } = decoded;
        if *encoding == Encoding::Utf16 {
            return Err(CsvMessageError::Utf16 { file: file.to_owned() });
        }
        let line_end = if text.contains('\n') { b'\n' } else { b'\r' };
        let (encoding, replaced) = (*encoding, *replaced);
        let delimiters = Delimiters::new(text, line_end);
        Ok(Self { text, delimiters, next: 0, line: 0, encoding, replaced })
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// A record to read into.
    pub(crate) const fn record(&self) -> Record<'t> {
        let (encoding, replaced) = (self.encoding, self.replaced);
        Record { line: 0, number: 0, encoding, replaced, fields: [""; FIELDS_KEPT], count: 0 }
    }

    /// Reads the next line that is not empty; `false` at the end.
    pub(crate) fn read(&mut self, record: &mut Record<'t>) -> bool {
        while self.next < self.text.len() {
            self.line += 1;
            record.line = self.line;
            record.count = 0;
            self.split(record);
            if record.count > 1 || !record.raw(0).is_empty() {
                record.number = number(record.raw(0).as_bytes());
                return true;
            }
        }
        false
    }

    /// Takes one line off the input.
    fn split(&mut self, record: &mut Record<'t>) {
        let mut from = self.beginning();
        loop {
            let at = self.delimiters.next();
            let field = self.text.get(from..at.unwrap_or(self.text.len())).unwrap_or_default();
            match at {
                Some(at) if self.text.as_bytes().get(at) == Some(&b',') => {
                    record.push(field);
                    from = at + 1;
                }
                _ => {
                    record.push(field.trim_end_matches(['\r', END_OF_FILE]));
                    self.next = at.map_or(self.text.len(), |at| at + 1);
                    return;
                }
            }
        }
    }

    /// Where the first field of the next line begins: behind what programs put in front of lines.
    fn beginning(&self) -> usize {
        let line = self.text.get(self.next..).unwrap_or_default();
        if line.starts_with([MARK, END_OF_FILE]) {
            let rest = line.trim_start_matches(END_OF_FILE);
            let rest = rest.strip_prefix(MARK).unwrap_or(rest);
            return self.text.len() - rest.len();
        }
        self.next
    }
}

impl<'t> Record<'t> {
    fn push(&mut self, field: &'t str) {
        if let Some(slot) = self.fields.get_mut(self.count) {
            *slot = field;
        }
        self.count += 1;
    }

    /// How many fields there are, the record number included.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The fields that are there and kept.
    fn kept(&self) -> &[&'t str] {
        self.fields.get(..self.count).unwrap_or(&self.fields)
    }

    /// A field without surrounding ASCII blanks; empty where there is none. Other control
    /// characters stay: they are damage, and stand where a comma was.
    pub(crate) fn raw(&self, index: usize) -> &'t str {
        let field = self.kept().get(index).copied().unwrap_or_default();
        // Hardly any field has one, and the general way looks at characters.
        let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        let bytes = field.as_bytes();
        if is_blank(bytes.first()) || is_blank(bytes.last()) {
            return field.trim_matches([' ', '\t']);
        }
        field
    }

    /// Whether a field is empty or not there.
    pub(crate) fn is_empty(&self, index: usize) -> bool {
        self.raw(index).is_empty()
    }

    /// Compares the number of fields with the layout, and notes what deviates.
    pub(crate) fn width(&self, min: usize, max: usize, notes: &mut Notes<'_>) -> Width {
        if self.count < min {
            let reason = Reason::Fields { expected: min, found: self.count };
            notes.note(self.line, self.number, "", reason);
            return Width::Short;
        }
        let beyond = self.kept().iter().skip(max).any(|field| !field.trim_ascii().is_empty());
        if beyond || self.count > FIELDS_KEPT {
            let reason = Reason::TooManyFields { expected: max, found: self.count };
            if beyond && self.count >= min + FIELDS_JOINED {
                notes.loss(self.line, self.number, "", reason);
            } else {
                notes.note(self.line, self.number, "", reason);
            }
            return Width::Long;
        }
        Width::Whole
    }

    /// A field in words, as written.
    pub(crate) fn text(&self, index: usize, field: &'static str, notes: &mut Notes<'_>) -> &'t str {
        let text = self.kept().get(index).copied().unwrap_or_default();
        if self.replaced && text.contains(REPLACEMENT) {
            let reason = Reason::Undecodable { encoding: self.encoding };
            notes.note(self.line, self.number, field, reason);
        }
        text
    }

    /// A code or number, without surrounding blanks of any kind.
    pub(crate) fn code(&self, index: usize, field: &'static str, notes: &mut Notes<'_>) -> &'t str {
        let code = self.raw(index);
        if code.is_ascii() { code } else { self.text(index, field, notes).trim() }
    }

    /// A field of ASCII characters; `None` where it has others.
    pub(crate) fn ascii(&self, index: usize) -> Option<&'t str> {
        Some(self.raw(index)).filter(|field| field.is_ascii())
    }

    /// The first field for an error, cut.
    pub(crate) fn beginning(&self) -> String {
        super::shown(self.raw(0))
    }
}

/// A record number of at most four digits, 0 for anything else.
fn number(field: &[u8]) -> u16 {
    if field.is_empty() || field.len() > 4 || !field.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    field.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

#[cfg(test)]
mod tests;
