//! Sets of substances, one bit each: what a check is interested in.

use crate::int;

/// A set of substance ordinals.
#[derive(Debug)]
pub(crate) struct Interest(Vec<u64>);

impl Interest {
    /// The empty set over so many substances.
    pub(crate) fn new(substances: usize) -> Self {
        Self(vec![0; substances.div_ceil(64)])
    }

    /// Adds a substance.
    pub(crate) fn insert(&mut self, substance: u32) {
        if let Some(word) = self.0.get_mut(int::to_usize(substance / 64)) {
            *word |= 1 << (substance % 64);
        }
    }

    /// Adds every substance of a mask over the same substances.
    pub(crate) fn insert_all(&mut self, mask: &[u64]) {
        for (word, more) in self.0.iter_mut().zip(mask) {
            *word |= more;
        }
    }

    /// Whether one of the substances is in the set.
    pub(crate) fn touches(&self, substances: &[u32]) -> bool {
        substances.iter().any(|substance| {
            let word = self.0.get(int::to_usize(substance / 64)).copied().unwrap_or(0);
            word >> (substance % 64) & 1 != 0
        })
    }

    /// Whether the set and a mask over the same substances share one.
    pub(crate) fn meets(&self, mask: &[u64]) -> bool {
        self.0.iter().zip(mask).any(|(word, other)| word & other != 0)
    }
}
