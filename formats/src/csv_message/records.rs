//! Bytes to records: lines of fields, still undecoded.
//!
//! Commas and line ends are never the second byte of a CP932 character, nor part of a longer UTF-8
//! one, so an input is split as bytes and only fields that are used are decoded.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

use super::{CsvMessageError, Notes};
use crate::report::Reason;
use crate::text::Encoding;

/// Fields of a record that are kept; no record that is used has more.
const FIELDS_KEPT: usize = 16;
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
/// Pieces of valid UTF-8 after which the encoding of an input is certain; CP932 has one a character.
const CHUNKS_ASKED: usize = 512;
/// The end-of-file byte that JAHIS writers append.
const END_OF_FILE: u8 = 0x1a;

/// The records of an input, one after another.
#[derive(Debug)]
pub(crate) struct Records<'t> {
    rest: &'t [u8],
    line: u64,
    line_end: u8,
    encoding: Encoding,
}

/// One line, in fields. Field 0 is the record number.
#[derive(Clone, Debug)]
pub(crate) struct Record<'t> {
    /// The line, from 1.
    pub(crate) line: u64,
    /// The record number; 0 where the first field is none.
    pub(crate) number: u16,
    encoding: Encoding,
    fields: [&'t [u8]; FIELDS_KEPT],
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
    /// Chooses the encoding of an input. `file` is for errors.
    pub(crate) fn new(file: &str, bytes: &'t [u8]) -> Result<Self, CsvMessageError> {
        if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
            return Err(CsvMessageError::Utf16 { file: file.to_owned() });
        }
        let line_end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
        Ok(Self { rest: bytes, line: 0, line_end, encoding: encoding_of(bytes) })
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// A record to read into.
    pub(crate) const fn record(&self) -> Record<'t> {
        Record { line: 0, number: 0, encoding: self.encoding, fields: [&[]; FIELDS_KEPT], count: 0 }
    }

    /// Reads the next line that is not empty; `false` at the end.
    pub(crate) fn read(&mut self, record: &mut Record<'t>) -> bool {
        while !self.rest.is_empty() {
            self.line += 1;
            record.line = self.line;
            self.rest = record.split(self.rest, self.line_end);
            if record.count > 1 || !record.raw(0).is_empty() {
                record.number = number(record.raw(0));
                return true;
            }
        }
        false
    }
}

impl<'t> Record<'t> {
    /// Takes one line off the input and gives the rest.
    fn split(&mut self, input: &'t [u8], line_end: u8) -> &'t [u8] {
        let mut input = input;
        while let Some(rest) = input.strip_prefix(&[END_OF_FILE]) {
            input = rest;
        }
        let input = input.strip_prefix(UTF8_MARK).unwrap_or(input);
        self.count = 0;
        let mut start = 0;
        for (at, &byte) in input.iter().enumerate() {
            if byte == b',' {
                self.push(input.get(start..at).unwrap_or_default());
                start = at + 1;
            } else if byte == line_end {
                self.push_last(input.get(start..at).unwrap_or_default());
                return input.get(at + 1..).unwrap_or_default();
            }
        }
        self.push_last(input.get(start..).unwrap_or_default());
        &[]
    }

    fn push_last(&mut self, field: &'t [u8]) {
        let mut field = field;
        while let Some(rest) = field.strip_suffix(b"\r").or(field.strip_suffix(&[END_OF_FILE])) {
            field = rest;
        }
        self.push(field);
    }

    fn push(&mut self, field: &'t [u8]) {
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
    fn kept(&self) -> &[&'t [u8]] {
        self.fields.get(..self.count).unwrap_or(&self.fields)
    }

    /// A field without surrounding ASCII blanks; empty where there is none. Other control
    /// characters stay: they are damage, and stand where a comma was.
    pub(crate) fn raw(&self, index: usize) -> &'t [u8] {
        let mut field = self.kept().get(index).copied().unwrap_or_default();
        while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = field {
            field = rest;
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
            notes.note(self.line, self.number, "", reason);
            return Width::Long;
        }
        Width::Whole
    }

    /// A field in words, as written.
    pub(crate) fn text(
        &self,
        index: usize,
        field: &'static str,
        notes: &mut Notes<'_>,
    ) -> Cow<'t, str> {
        let bytes = self.kept().get(index).copied().unwrap_or_default();
        let (text, replaced) = decode(bytes, self.encoding);
        if replaced {
            let reason = Reason::Undecodable { encoding: self.encoding };
            notes.note(self.line, self.number, field, reason);
        }
        text
    }

    /// A code or number, without surrounding blanks of any kind.
    pub(crate) fn code(
        &self,
        index: usize,
        field: &'static str,
        notes: &mut Notes<'_>,
    ) -> Cow<'t, str> {
        if let Some(ascii) = ascii(self.raw(index)) {
            return Cow::Borrowed(ascii);
        }
        match self.text(index, field, notes) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// A field of ASCII characters; `None` where it has others.
    pub(crate) fn ascii(&self, index: usize) -> Option<&'t str> {
        ascii(self.raw(index))
    }

    /// The first field for an error, cut.
    pub(crate) fn beginning(&self) -> String {
        super::shown(&decode(self.raw(0), self.encoding).0)
    }
}

fn ascii(bytes: &[u8]) -> Option<&str> {
    if bytes.is_ascii() { str::from_utf8(bytes).ok() } else { None }
}

fn decode(bytes: &[u8], encoding: Encoding) -> (Cow<'_, str>, bool) {
    match encoding {
        Encoding::Cp932 => SHIFT_JIS.decode_without_bom_handling(bytes),
        Encoding::Utf8 | Encoding::Utf16 => match str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => (String::from_utf8_lossy(bytes), true),
        },
    }
}

/// A record number of at most four digits, 0 for anything else.
fn number(field: &[u8]) -> u16 {
    if field.is_empty() || field.len() > 4 || !field.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    field.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

/// UTF-8 if the bytes are UTF-8, or nearly.
///
/// One damaged byte must not turn every name of a UTF-8 file into other characters, which decode as
/// CP932 without complaint. Characters of three bytes tell: CP932 text has next to none by chance,
/// and an invalid sequence wherever it has a Japanese character.
fn encoding_of(bytes: &[u8]) -> Encoding {
    if bytes.starts_with(UTF8_MARK) || str::from_utf8(bytes).is_ok() {
        return Encoding::Utf8;
    }
    let (mut long, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks().take(CHUNKS_ASKED) {
        long += chunk.valid().chars().filter(|character| character.len_utf8() == 3).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    if long > invalid { Encoding::Utf8 } else { Encoding::Cp932 }
}

#[cfg(test)]
mod tests;
