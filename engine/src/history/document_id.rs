//! Ids of documents as the cold section stores them, and as they are told.
//!
//! Most ids are UUIDs or numbers, so their characters are packed; every other id is kept as text.
//! Packing never changes an id: one that would not come back as it was is text.

use std::fmt;

use crate::format::varint::{self, Reader};
use crate::int;

/// Characters of a UUID, and of the longest number that is packed.
const PACKED_CHARACTERS_MAX: usize = 36;
/// Where the hyphens of a UUID stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// Where the groups of digits of a UUID begin, and how long they are.
const GROUPS: [(usize, usize); 5] = [(0, 8), (9, 4), (14, 4), (19, 4), (24, 12)];

/// How an id is stored. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKind {
    /// A length and the characters.
    Text = 0,
    /// A UUID in lower case: its 16 bytes.
    Uuid = 1,
    /// Decimal digits: how many, and two in each byte, the first in the high bits.
    Digits = 2,
}

impl IdKind {
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Text),
            1 => Some(Self::Uuid),
            2 => Some(Self::Digits),
            _ => None,
        }
    }

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Uuid => 1,
            Self::Digits => 2,
        }
    }
}

/// An id as it is stored, still packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoredId<'h> {
    Text(&'h str),
    Uuid(&'h [u8; 16]),
    Digits(&'h [u8], u8),
}

impl<'h> StoredId<'h> {
    /// The id at the front of a reader.
    #[expect(clippy::inline_always, reason = "else the reader of a whole blob lives in memory")]
    #[inline(always)]
    pub(crate) fn read(kind: IdKind, reader: &mut Reader<'h>) -> Option<Self> {
        let (id, rest) = match kind {
            IdKind::Uuid => {
                let (uuid, rest) = reader.0.split_first_chunk()?;
                (Self::Uuid(uuid), rest)
            }
            IdKind::Text | IdKind::Digits => Self::split(kind, reader.0)?,
        };
        reader.0 = rest;
        Some(id)
    }

    /// The id at the front of bytes, and what is behind it.
    fn split(kind: IdKind, bytes: &'h [u8]) -> Option<(Self, &'h [u8])> {
        let mut reader = Reader(bytes);
        let id = match kind {
            IdKind::Text => Self::Text(reader.text()?),
            IdKind::Uuid => return None,
            IdKind::Digits => {
                let count = reader.small()?;
                let (packed, rest) = reader.0.split_at_checked(usize::from(count).div_ceil(2))?;
                reader.0 = rest;
                let decimal = packed.iter().all(|byte| byte >> 4 <= 9 && byte & 15 <= 9);
                let bounded = (1..=PACKED_CHARACTERS_MAX).contains(&usize::from(count));
                Self::Digits(packed, (decimal && bounded).then_some(count)?)
            }
        };
        Some((id, reader.0))
    }

    /// The id in its own characters.
    pub(crate) fn unpack(self) -> DocumentId<'h> {
        match self {
            Self::Text(text) => DocumentId(Characters::Stored(text)),
            Self::Uuid(uuid) => {
                let digits = hexadecimal_digits(uuid);
                let mut characters = [b'-'; PACKED_CHARACTERS_MAX];
                let mut rest = digits.as_flattened();
                for (start, length) in GROUPS {
                    let place = characters.get_mut(start..start + length);
                    if let Some((place, (group, behind))) = place.zip(rest.split_at_checked(length))
                    {
                        place.copy_from_slice(group);
                        rest = behind;
                    }
                }
                DocumentId(Characters::Unpacked(characters, 36))
            }
            Self::Digits(packed, count) => {
                let mut characters = [0; PACKED_CHARACTERS_MAX];
                let digits =
                    packed.iter().flat_map(|byte| [b'0' + (byte >> 4), b'0' + (byte & 15)]);
                for (place, digit) in characters.iter_mut().zip(digits) {
                    *place = digit;
                }
                DocumentId(Characters::Unpacked(characters, count))
            }
        }
    }
}

/// How `id` is stored.
pub(crate) fn kind_of(id: &str) -> IdKind {
    if uuid(id).is_some() {
        IdKind::Uuid
    } else if (1..=PACKED_CHARACTERS_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_digit())
    {
        IdKind::Digits
    } else {
        IdKind::Text
    }
}

/// Appends `id` as its kind says.
pub(crate) fn write(id: &str, bytes: &mut Vec<u8>) {
    if let Some(uuid) = uuid(id) {
        return bytes.extend_from_slice(&uuid);
    }
    if kind_of(id) == IdKind::Text {
        return varint::write_text(bytes, id);
    }
    varint::write(bytes, int::length(id.len()));
    for pair in id.as_bytes().chunks(2) {
        let half = |position: usize| pair.get(position).map_or(0, |digit| digit & 15);
        bytes.push(half(0) << 4 | half(1));
    }
}

/// Appends how `id` is stored, and the id; equal ids give equal bytes.
pub fn pack(id: &str, bytes: &mut Vec<u8>) {
    if let Some(uuid) = uuid(id) {
        bytes.push(IdKind::Uuid.number());
        return bytes.extend_from_slice(&uuid);
    }
    bytes.push(kind_of(id).number());
    write(id, bytes);
}

/// The id that [`pack`] wrote; `None` when the bytes are not of one.
pub fn unpack(bytes: &[u8]) -> Option<DocumentId<'_>> {
    let (kind, rest) = bytes.split_first()?;
    let mut reader = Reader(rest);
    let id = StoredId::read(IdKind::from_number(*kind)?, &mut reader)?;
    reader.0.is_empty().then(|| id.unpack())
}

/// The bytes of a UUID in lower case, with its hyphens where they belong.
fn uuid(id: &str) -> Option<[u8; 16]> {
    let id: &[u8; PACKED_CHARACTERS_MAX] = id.as_bytes().try_into().ok()?;
    let mut digits = [0; 32];
    let mut rest = digits.as_mut_slice();
    for (start, length) in GROUPS {
        let (place, behind) = rest.split_at_mut_checked(length)?;
        place.copy_from_slice(id.get(start..start + length)?);
        rest = behind;
    }
    // No digit is looked at alone, so that all of them are looked at together.
    let values = digits.map(hexadecimal);
    let seen = values.iter().fold(0, |seen, value| seen | value);
    let hyphens = HYPHENS.iter().all(|position| id.get(*position) == Some(&b'-'));
    if seen == NO_DIGIT || !hyphens {
        return None;
    }
    let mut uuid = [0; 16];
    for (place, [high, low]) in uuid.iter_mut().zip(values.as_chunks().0) {
        *place = high << 4 | low;
    }
    Some(uuid)
}

/// The two digits of each byte, in lower case.
pub(crate) fn hexadecimal_digits<const N: usize>(bytes: &[u8; N]) -> [[u8; 2]; N] {
    // Arithmetic instead of a table: sixteen bytes become digits in a few instructions.
    let digit = |half: u8| half + if half > 9 { b'a' - 10 } else { b'0' };
    bytes.map(|byte| [digit(byte >> 4), digit(byte & 15)])
}

/// Stands for a character that is no digit: no digits together have all its bits.
const NO_DIGIT: u8 = 0xff;

/// The value of a digit in lower case.
fn hexadecimal(digit: u8) -> u8 {
    let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
    let letter = if letter < 6 { letter + 10 } else { NO_DIGIT };
    if number < 10 { number } else { letter }
}

/// The id of a document.
#[derive(Clone, Copy)]
pub struct DocumentId<'h>(Characters<'h>);

#[derive(Clone, Copy)]
enum Characters<'h> {
    Stored(&'h str),
    Unpacked([u8; PACKED_CHARACTERS_MAX], u8),
}

impl DocumentId<'_> {
    /// Its characters.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Characters::Stored(text) => text,
            Characters::Unpacked(..) => str::from_utf8(self.as_bytes()).unwrap_or_default(),
        }
    }

    /// The bytes of its characters.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Characters::Stored(text) => text.as_bytes(),
            Characters::Unpacked(characters, count) => {
                characters.get(..usize::from(*count)).unwrap_or_default()
            }
        }
    }
}

impl fmt::Debug for DocumentId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for DocumentId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(id: &str) -> (IdKind, Vec<u8>) {
        let mut bytes = Vec::new();
        write(id, &mut bytes);
        (kind_of(id), bytes)
    }

    #[test]
    fn every_id_comes_back() {
        let uuid = "0198c0de-0b1f-7abc-8def-00ff10203040";
        let upper = uuid.to_uppercase();
        let moved = "0198c0de0-b1f-7abc-8def-00ff10203040";
        let many = "--------------------------------abcd";
        let digits = "9".repeat(36);
        let more_digits = "1".repeat(37);
        for (id, kind, length) in [
            (uuid, IdKind::Uuid, 16),
            (&upper, IdKind::Text, 37),
            (moved, IdKind::Text, 37),
            (many, IdKind::Text, 37),
            ("0", IdKind::Digits, 2),
            ("007", IdKind::Digits, 3),
            (&digits, IdKind::Digits, 19),
            (&more_digits, IdKind::Text, 38),
            ("", IdKind::Text, 1),
            ("処方箋-1", IdKind::Text, 12),
        ] {
            let (found, bytes) = stored(id);
            assert_eq!((found, bytes.len()), (kind, length), "{id}");
            let mut reader = Reader(&bytes);
            let back = StoredId::read(kind, &mut reader).unwrap().unpack();
            assert_eq!((back.as_str(), reader.0.len()), (id, 0));
            let mut packed = Vec::new();
            pack(id, &mut packed);
            assert_eq!(unpack(&packed).map(|id| id.to_string()).as_deref(), Some(id));
            assert!(unpack(&[packed.as_slice(), b"x"].concat()).is_none());
        }
    }

    #[test]
    fn what_is_malformed_is_nothing() {
        let read = |kind, bytes: &[u8]| StoredId::read(kind, &mut Reader(bytes)).is_some();
        assert!(!read(IdKind::Uuid, &[0; 15]));
        assert!(!read(IdKind::Digits, &[0]), "no digits");
        assert!(!read(IdKind::Digits, &[37; 20]), "too many");
        assert!(!read(IdKind::Digits, &[2, 0xa0]), "no digit");
        assert!(!read(IdKind::Digits, &[3, 0x12]), "cut");
        assert!(!read(IdKind::Text, &[2, b'a']), "cut");
        assert_eq!(IdKind::from_number(3), None);
    }
}
