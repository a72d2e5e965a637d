//! Where fields end: every comma and line end of a text, 64 bytes at a time.
//!
//! Fields are a few bytes long, so a search that begins anew behind each of them spends its time on
//! beginning. This one compares eight bytes at once and keeps what it found for the fields to come.

/// Bytes that are compared before their delimiters are handed out.
const BLOCK: usize = 64;
const WORD: usize = 8;
/// One in each byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
/// All but the highest bit of each byte.
const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// Multiplied by it, the lowest bits of the eight bytes of a word come together in the highest byte.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// The positions of commas and line ends, in order.
#[derive(Clone, Debug)]
pub(crate) struct Delimiters<'t> {
    bytes: &'t [u8],
    line_end: u8,
    /// The block that `found` is about.
    base: usize,
    /// A bit for each delimiter of the block that was not handed out yet.
    found: u64,
}

impl<'t> Delimiters<'t> {
    pub(crate) fn new(text: &'t str, line_end: u8) -> Self {
        let bytes = text.as_bytes();
        Self { bytes, line_end, base: 0, found: delimiters(bytes, line_end) }
    }
}

impl Iterator for Delimiters<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.base += BLOCK;
            let rest = self.bytes.get(self.base..).filter(|rest| !rest.is_empty())?;
            self.found = delimiters(rest, self.line_end);
        }
        let bit = usize::try_from(self.found.trailing_zeros()).ok()?;
        self.found &= self.found - 1;
        Some(self.base + bit)
    }
}

/// A bit for each comma and line end of the first block.
fn delimiters(bytes: &[u8], line_end: u8) -> u64 {
    let mut last = [0; BLOCK];
    let block: &[u8; BLOCK] = if let Some(block) = bytes.first_chunk() {
        block
    } else {
        last.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        &last
    };
    let (comma, line_end) = (u64::from(b',') * ONES, u64::from(line_end) * ONES);
    let (words, _) = block.as_chunks::<WORD>();
    words.iter().rev().fold(0, |found, word| {
        let word = u64::from_le_bytes(*word);
        let hits = zero_bytes(word ^ comma) | zero_bytes(word ^ line_end);
        found << WORD | (hits >> 7).wrapping_mul(GATHER) >> 56
    })
}

/// The highest bit of each byte that is zero, and no other.
const fn zero_bytes(word: u64) -> u64 {
    !(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delimiter_is_found_wherever_it_stands() {
        let mut rng = fastrand::Rng::with_seed(3);
        let near =
            [',', '\n', '\r', '-', '+', '\u{b}', '\u{8a}', '、', '\u{2c0a}', '0', '\0', '\u{1}'];
        for length in (0..300).chain([1_000]) {
            for line_end in [b'\n', b'\r'] {
                let text: String = (0..length).map(|_| near[rng.usize(..near.len())]).collect();
                let bytes = text.bytes().enumerate();
                let expected: Vec<usize> = bytes
                    .filter(|(_, byte)| *byte == b',' || *byte == line_end)
                    .map(|(at, _)| at)
                    .collect();
                let found: Vec<usize> = Delimiters::new(&text, line_end).collect();
                assert_eq!(found, expected, "{text:?}");
            }
        }
    }
}
