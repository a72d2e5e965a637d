//! The set of substances that a check is interested in, one bit each.

/// A bit set over substance ordinals.
#[derive(Debug)]
pub(crate) struct Interest(Vec<u64>);

impl Interest {
    /// The empty set over so many substances.
    pub(crate) fn new(substances: usize) -> Self {
        Self(vec![0; substances.div_ceil(64)])
    }

    /// Adds a substance.
    pub(crate) fn insert(&mut self, substance: u32) {
        if let Some(word) = self.0.get_mut(crate::int::to_usize(substance / 64)) {
            *word |= 1 << (substance % 64);
        }
    }

    /// Whether one of the substances is in the set.
    pub(crate) fn touches(&self, substances: &[u32]) -> bool {
        substances.iter().any(|substance| {
            let word = self.0.get(crate::int::to_usize(substance / 64)).copied().unwrap_or(0);
            word >> (substance % 64) & 1 != 0
        })
    }
}
