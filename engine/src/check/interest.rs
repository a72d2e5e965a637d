//! Sets of substances, one bit each: what a check is interested in.

use crate::int;

/// Words that stand in the set itself: more substances than Japan's tables have need no memory of
/// their own.
const WORDS: usize = 64;

/// A set of substance ordinals.
#[derive(Debug)]
pub(crate) struct Interest {
    words: [u64; WORDS],
    more: Vec<u64>,
}

impl Interest {
    /// The empty set over so many substances.
    pub(crate) fn new(substances: usize) -> Self {
        let more = vec![0; substances.div_ceil(64).saturating_sub(WORDS)];
        Self { words: [0; WORDS], more }
    }

    /// Adds a substance; whether it was not there yet.
    pub(crate) fn insert(&mut self, substance: u32) -> bool {
        let place = int::to_usize(substance / 64);
        let word = match self.words.get_mut(place) {
            Some(word) => word,
            None => match self.more.get_mut(place - WORDS) {
                Some(word) => word,
                None => return false,
            },
        };
        let before = *word;
        *word |= 1 << (substance % 64);
        *word != before
    }

    /// Adds every substance of a mask over the same substances.
    pub(crate) fn insert_all(&mut self, mask: &[u64]) {
        let (first, rest) = mask.split_at(mask.len().min(WORDS));
        for (words, mask) in [(self.words.as_mut_slice(), first), (&mut self.more, rest)] {
            for (word, more) in words.iter_mut().zip(mask) {
                *word |= more;
            }
        }
    }

    /// Whether one of the substances is in the set.
    pub(crate) fn touches(&self, substances: &[u32]) -> bool {
        substances.iter().any(|substance| {
            let place = int::to_usize(substance / 64);
            let word = self.words.get(place).or_else(|| self.more.get(place - WORDS));
            word.is_some_and(|word| word >> (substance % 64) & 1 != 0)
        })
    }
}

/// Whether one of the substances is in a mask.
pub(crate) fn touches(mask: &[u64], substances: &[u32]) -> bool {
    substances.iter().any(|substance| {
        let word = mask.get(int::to_usize(substance / 64)).copied().unwrap_or(0);
        word >> (substance % 64) & 1 != 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_added_however_many_substances_there_are() {
        for substances in [0, 1, 64, 64 * WORDS, 64 * WORDS + 1, 10_000] {
            let mut interest = Interest::new(substances);
            let ordinals: Vec<u32> = (0..int::ordinal(substances)).step_by(61).collect();
            assert!(ordinals.iter().all(|ordinal| interest.insert(*ordinal)));
            assert!(!ordinals.iter().any(|ordinal| interest.insert(*ordinal)));
            for ordinal in 0..int::ordinal(substances) {
                assert_eq!(interest.touches(&[ordinal]), ordinal % 61 == 0, "{ordinal}");
            }
            let mut other = Interest::new(substances);
            other.insert_all(&vec![2; substances.div_ceil(64)]);
            for ordinal in 0..int::ordinal(substances) {
                assert_eq!(other.touches(&[ordinal]), ordinal % 64 == 1, "{ordinal}");
            }
        }
    }
}
