//! Bytes of a comma-separated message to text, once for the whole input.
//!
//! Commas and line ends are never the second byte of a CP932 character, nor part of a longer UTF-8
//! one, and a damaged character ends before them: the text has the fields that the bytes have.
//! Decoding it whole costs a fraction of decoding its fields, which then borrow from it.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;
use memchr::memmem;

use crate::text::{Decoded, Encoding, decode};

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
/// Pieces of valid UTF-8 after which the encoding of an input is certain; CP932 has one a character.
const CHUNKS_ASKED: usize = 512;
/// The end-of-file byte that JAHIS writers append.
const END_OF_FILE: u8 = 0x1a;

/// Decodes a comma-separated message: UTF-8 if the bytes are UTF-8, or nearly, else CP932.
///
/// One damaged byte must not turn every name of a UTF-8 file into other characters, which decode as
/// CP932 without complaint. Characters of three bytes tell: CP932 text has next to none by chance,
/// and an invalid sequence wherever it has a Japanese character.
///
/// Bytes that are UTF-8 already are not copied if they are given, and not lent.
pub fn decode_message<'b>(bytes: impl Into<Cow<'b, [u8]>>) -> Decoded {
    let bytes = match String::from_utf8(bytes.into().into_owned()) {
        Ok(text) => return Decoded { text, encoding: Encoding::Utf8, replaced: false },
        Err(error) => error.into_bytes(),
    };
    if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        return decode(&bytes);
    }
    if is_nearly_utf8(&bytes) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        return Decoded { text, encoding: Encoding::Utf8, replaced: true };
    }
    let bytes = without_marks(bytes);
    let (text, replaced) = SHIFT_JIS.decode_without_bom_handling(&bytes);
    Decoded { text: text.into_owned(), encoding: Encoding::Cp932, replaced }
}

/// Whether bytes that are not UTF-8 were meant to be.
fn is_nearly_utf8(bytes: &[u8]) -> bool {
    if bytes.starts_with(UTF8_MARK) {
        return true;
    }
    let (mut long, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks().take(CHUNKS_ASKED) {
        long += chunk.valid().chars().filter(|character| character.len_utf8() == 3).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    long > invalid
}

/// Without the marks of UTF-8 at the beginning of lines, where files were put behind one another;
/// CP932 has no such character.
fn without_marks(bytes: Vec<u8>) -> Vec<u8> {
    let marks: Vec<usize> = memmem::find_iter(&bytes, UTF8_MARK)
        .filter(|at| {
            let before = bytes.get(..*at).unwrap_or_default();
            let before = before.iter().rev().find(|byte| **byte != END_OF_FILE);
            before.is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
        })
        .collect();
    if marks.is_empty() {
        return bytes;
    }
    let mut kept = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in marks {
        kept.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        from = at + UTF8_MARK.len();
    }
    kept.extend_from_slice(bytes.get(from..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_damaged_byte_does_not_make_utf8_cp932() {
        let mut bytes = "201,1,アムロジピン錠,1,錠".as_bytes().to_vec();
        bytes[7] = 0xff;
        let decoded = decode_message(bytes);
        assert_eq!((decoded.encoding, decoded.replaced), (Encoding::Utf8, true));
        assert!(decoded.text.contains("ムロジピン錠,1,錠"));
        // アムロジピン錠 and half-width ｱﾑﾛ in CP932.
        let bytes = b"201,1,\x83\x41\x83\x80\x83\x8d\x83\x57\x83\x73\x83\x93\x8f\xf9,\xb1\xd1\xdb";
        let decoded = decode_message(bytes);
        assert_eq!((decoded.encoding, decoded.replaced), (Encoding::Cp932, false));
        assert_eq!(decoded.text, "201,1,アムロジピン錠,ｱﾑﾛ");
    }

    #[test]
    fn utf16_is_told() {
        assert_eq!(decode_message(&[0xff, 0xfe, b'S', 0]).encoding, Encoding::Utf16);
    }

    #[test]
    fn a_mark_between_files_is_no_character_of_cp932() {
        // Within a field the same bytes are a character and two half-width ones.
        let bytes = b"SJ1\n5,\x8f\xf9\n\x1a\xef\xbb\xbfSJ1\n5,\x96\xef\xbb\xbf";
        assert_eq!(decode_message(bytes).text, "SJ1\n5,錠\n\u{1a}SJ1\n5,厄ｻｿ");
    }
}
