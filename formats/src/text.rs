//! Bytes to text: byte order mark, then strict UTF-8, then CP932, and which of them it was.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::SHIFT_JIS;
use memchr::memchr_iter;

/// The end-of-file byte that JAHIS writers and old MS-DOS tools append.
const END_OF_FILE: char = '\u{1a}';

/// A character encoding of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, which only a byte order mark can announce.
    Utf16,
    /// CP932, Microsoft's extension of `Shift_JIS`.
    Cp932,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Cp932 => "CP932",
        })
    }
}

/// Decoded text and how it was decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark and end-of-file byte.
    pub text: String,
    /// The encoding that was chosen.
    pub encoding: Encoding,
    /// Whether some bytes were replaced by U+FFFD.
    pub replaced: bool,
}

/// Counts lines up to places that come in ascending order.
///
/// A CSV reader gives the place where it stopped, which lies before the line end and the empty lines
/// that it skips; a report must name the line on which the record stands.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
    passed: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Counts the lines of a text, from 1.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text.as_bytes(), passed: 0, line: 1 }
    }

    /// The line of the first character at or after `byte` that ends no line.
    pub fn at(&mut self, byte: u64) -> u64 {
        let before = usize::try_from(byte.saturating_sub(self.passed)).unwrap_or(usize::MAX);
        self.pass(before.min(self.rest.len()));
        let ends = self.rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
        self.pass(ends.count());
        self.line
    }

    fn pass(&mut self, count: usize) {
        let Some((passed, rest)) = self.rest.split_at_checked(count) else { return };
        let (lines, count) = (memchr_iter(b'\n', passed).count(), passed.len());
        self.line = self.line.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        self.passed = self.passed.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        self.rest = rest;
    }
}

/// Decodes a whole file.
///
/// CP932 comes last because almost any bytes decode as CP932, while text in CP932 is practically
/// never valid UTF-8.
///
/// Bytes that are UTF-8 without a mark are not copied if they are given, and not lent.
pub fn decode<'b>(bytes: impl Into<Cow<'b, [u8]>>) -> Decoded {
    let bytes = bytes.into();
    let (mut text, encoding, replaced) = if let Some((marked, _)) =
        encoding_rs::Encoding::for_bom(&bytes)
    {
        let (text, _, replaced) = marked.decode(&bytes);
        let encoding = if marked == encoding_rs::UTF_8 { Encoding::Utf8 } else { Encoding::Utf16 };
        (text.into_owned(), encoding, replaced)
    } else {
        match String::from_utf8(bytes.into_owned()) {
            Ok(text) => (text, Encoding::Utf8, false),
            Err(error) => {
                let (text, replaced) = SHIFT_JIS.decode_without_bom_handling(error.as_bytes());
                (text.into_owned(), Encoding::Cp932, replaced)
            }
        }
    };
    text.truncate(text.trim_end_matches(END_OF_FILE).len());
    Decoded { text, encoding, replaced }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_decides() {
        let decoded = decode("\u{feff}区分".as_bytes());
        assert_eq!((decoded.text.as_str(), decoded.encoding), ("区分", Encoding::Utf8));
        let decoded = decode(&[0xff, 0xfe, 0x3a, 0x53]);
        assert_eq!((decoded.text.as_str(), decoded.encoding), ("区", Encoding::Utf16));
    }

    #[test]
    fn text_that_is_not_utf8_is_cp932() {
        let decoded = decode(&[0x8b, 0xe6, 0x95, 0xaa, 0x1a]);
        assert_eq!((decoded.text.as_str(), decoded.encoding), ("区分", Encoding::Cp932));
        assert!(!decoded.replaced);
    }

    #[test]
    fn line_ends_and_empty_lines_before_a_record_are_passed() {
        let mut lines = Lines::new("a\r\n\r\nb\nc");
        assert_eq!((lines.at(0), lines.at(1), lines.at(6), lines.at(9)), (1, 3, 4, 4));
    }

    #[test]
    fn unknown_bytes_are_replaced_and_said() {
        let decoded = decode(&[0x8b, 0xe6, 0x81, 0xff]);
        assert!(decoded.replaced);
        assert!(decoded.text.contains('\u{fffd}'));
    }
}
