//! What was learnt of cells that a file numbers: a table look-up for each group of cells.
//!
//! A column of Parquet usually is a dictionary, so a cell is a small number before it is a text. A
//! group of cells, such as those that name a drug, comes again and again with the same numbers, and
//! what was found of its texts is found again without fetching, joining or hashing them.

use crate::problem::Fault;

/// Facts by the numbers of `N` cells. Two groups that share a slot take turns: the table never
/// grows, and what it forgets is learnt again from the texts.
#[derive(Debug)]
pub(crate) struct Recent<const N: usize, V> {
    /// Empty until the first numbers come: most CSV has none.
    slots: Vec<Option<([u32; N], V)>>,
    /// The logarithm of the number of slots.
    bits: u32,
}

/// 2^64 divided by the golden ratio: spreads small numbers over the high bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl<const N: usize, V: Copy> Recent<N, V> {
    /// An empty table of 2^`bits` slots.
    pub(crate) fn new(bits: u32) -> Self {
        Self { slots: Vec::new(), bits }
    }

    /// What is known of these numbers, or what `learn` says of the cells; a fault is not remembered.
    #[inline]
    pub(crate) fn get(
        &mut self,
        numbers: Option<[u32; N]>,
        learn: impl FnOnce() -> Result<V, Fault>,
    ) -> Result<V, Fault> {
        let Some(numbers) = numbers else { return learn() };
        if self.slots.is_empty() {
            self.slots.resize(1 << self.bits, None);
        }
        let spread =
            |sum: u64, number: &u32| (sum.rotate_left(5) ^ u64::from(*number)).wrapping_mul(SPREAD);
        let place = numbers.iter().fold(0, spread) >> (u64::BITS - self.bits);
        let slot = usize::try_from(place).ok().and_then(|place| self.slots.get_mut(place));
        if let Some(Some((known, value))) = &slot
            && *known == numbers
        {
            return Ok(*value);
        }
        let value = learn()?;
        if let Some(slot) = slot {
            *slot = Some((numbers, value));
        }
        Ok(value)
    }

    /// Forgets everything: the same numbers stand for other cells now.
    pub(crate) fn forget(&mut self) {
        self.slots.fill(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_learnt_once_until_it_is_forgotten() -> Result<(), Fault> {
        let mut recent = Recent::new(4);
        assert!(recent.get(Some([1, 2]), || Err(Fault::new("column", "no"))).is_err());
        assert_eq!(recent.get(Some([1, 2]), || Ok(7))?, 7);
        assert_eq!(recent.get(Some([1, 2]), || Ok(8))?, 7);
        assert_eq!(recent.get(None, || Ok(9))?, 9);
        recent.forget();
        assert_eq!(recent.get(Some([1, 2]), || Ok(8))?, 8);
        Ok(())
    }

    #[test]
    fn groups_that_share_a_slot_are_never_mixed() -> Result<(), Fault> {
        let mut recent = Recent::new(2);
        for round in 0..3 {
            for number in 0..100 {
                assert_eq!(recent.get(Some([number]), || Ok(number * 3))?, number * 3, "{round}");
            }
        }
        Ok(())
    }
}
