//! Text to CP932, with what CP932 does not know as ■, as the layout prescribes for gaiji (外字).

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

/// What stands for a character that cannot be written.
const GAIJI: char = '■';
const GAIJI_BYTES: [u8; 2] = [0x81, 0xa1];
/// Characters of other tables of JIS, and those that CP932 has for them.
const COUNTERPARTS: [(char, char); 10] = [
    ('\u{301c}', '\u{ff5e}'), // wave dash
    ('\u{2016}', '\u{2225}'), // double vertical line
    ('\u{2212}', '\u{ff0d}'), // minus
    ('\u{2014}', '\u{2015}'), // em dash
    ('\u{00a2}', '\u{ffe0}'), // cent
    ('\u{00a3}', '\u{ffe1}'), // pound
    ('\u{00ac}', '\u{ffe2}'), // not
    ('\u{00a6}', '\u{ffe4}'), // broken bar
    ('\u{00a5}', '\u{ffe5}'), // yen
    ('\u{203e}', '\u{ffe3}'), // overline
];

/// Bytes in CP932.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The characters that CP932 does not know, in order; each is written as ■ (81 A1).
    pub unknown: Vec<char>,
}

/// Writes a text in CP932. Of characters that JIS and CP932 place differently (wave dash, minus),
/// those of CP932 are written.
pub fn encode(text: &str) -> Encoded {
    let mut encoded = Encoded { bytes: Vec::with_capacity(text.len()), unknown: Vec::new() };
    for part in text.split_inclusive(|character: char| !character.is_ascii()) {
        let last = part.chars().next_back().filter(|character| !character.is_ascii());
        let plain = last.map_or(part, |last| part.strip_suffix(last).unwrap_or(part));
        encoded.bytes.extend_from_slice(plain.as_bytes());
        let Some(character) = last else { continue };
        if let Some(bytes) = bytes_of(counterpart(character)) {
            encoded.bytes.extend_from_slice(&bytes);
        } else {
            encoded.bytes.extend(GAIJI_BYTES);
            encoded.unknown.push(character);
        }
    }
    encoded
}

/// What a character becomes in a file in CP932: itself, its counterpart, or ■.
pub(super) fn written(character: char) -> char {
    let character = counterpart(character);
    if character.is_ascii() || bytes_of(character).is_some() { character } else { GAIJI }
}

/// Whether a text is the same after it was written in CP932 and read.
pub(super) fn is_kept(text: &str) -> bool {
    text.is_ascii() || text.chars().all(|character| written(character) == character)
}

fn counterpart(character: char) -> char {
    COUNTERPARTS.iter().find(|(other, _)| *other == character).map_or(character, |pair| pair.1)
}

fn bytes_of(character: char) -> Option<Cow<'static, [u8]>> {
    let mut buffer = [0; 4];
    let (bytes, _, unknown) = SHIFT_JIS.encode(character.encode_utf8(&mut buffer));
    (!unknown).then(|| Cow::Owned(bytes.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cp932_knows_is_written_as_it_decodes() {
        let text = "錠５mg～−ｶﾅ①㈱髙";
        let encoded = encode(text);
        let (back, replaced) = SHIFT_JIS.decode_without_bom_handling(&encoded.bytes);
        assert!(!replaced && encoded.unknown.is_empty());
        assert_eq!(back, "錠５mg～－ｶﾅ①㈱髙");
        assert_eq!(encode("錠,1").bytes, [0x8f, 0xf9, b',', b'1']);
    }

    #[test]
    fn gaiji_become_black_squares_and_are_named() {
        let encoded = encode("𠮷田\u{e000}é");
        assert_eq!(encoded.bytes, [0x81, 0xa1, 0x93, 0x63, 0x81, 0xa1, 0x81, 0xa1]);
        assert_eq!(encoded.unknown, ['𠮷', '\u{e000}', 'é']);
        assert_eq!((written('𠮷'), written('\u{301c}'), written('a')), ('■', '～', 'a'));
    }
}
