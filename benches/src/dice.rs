//! Random choices that are the same in every run: splitmix64, which is a published function.

/// A stream of numbers from a seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

/// Spreads a number over all 64 bits.
pub fn mix(number: u64) -> u64 {
    let mut mixed = number;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u128::try_from(limit).unwrap_or(0);
        usize::try_from((u128::from(self.number()) * limit) >> 64).unwrap_or(0)
    }

    /// One of them; `None` only if there are none.
    pub fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// True in `parts` of 1,000 cases.
    pub fn per_mille(&mut self, parts: usize) -> bool {
        self.below(1000) < parts
    }

    /// Puts a list into a random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream_and_every_number_below_the_limit() {
        let draw = || {
            let mut dice = Dice::new(7);
            (0..200).map(|_| dice.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert_eq!(draw().into_iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
        let mut list: Vec<_> = (0..20).collect();
        Dice::new(1).shuffle(&mut list);
        assert_ne!(list, (0..20).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..20).collect::<Vec<_>>());
        assert_eq!(Dice::new(1).choose::<u8>(&[]), None);
    }
}
