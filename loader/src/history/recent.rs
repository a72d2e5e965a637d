//! What was learnt of cells that a file numbers: a table look-up for each group of cells.
//!
//! A column of Parquet usually is a dictionary, so a cell is a small number before it is a text. A
//! group of cells, such as those that name a drug, comes again and again with the same numbers, and
//! what was found of its texts is found again without fetching, joining or hashing them. What a single
//! cell says stands in the place of its number ([`Numbered`]); groups share a table ([`Recent`]).

use crate::problem::Fault;

/// Facts by the number of one cell: no more of them than the column's dictionary has texts.
#[derive(Debug)]
pub(crate) struct Numbered<V>(Vec<Option<V>>);

/// Cells of larger numbers are learnt again and again: a dictionary of many empty texts takes next to
/// nothing in a file, and must not take gigabytes here. Most programs write a million rows a group.
const NUMBERS_MAX: usize = 1 << 20;

impl<V> Default for Numbered<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V: Copy> Numbered<V> {
    /// What is known of this number, or what `learn` says of the cell; a fault is not remembered.
    #[inline]
    pub(crate) fn get(
        &mut self,
        number: Option<u32>,
        learn: impl FnOnce() -> Result<V, Fault>,
    ) -> Result<V, Fault> {
        let Some(place) = number.and_then(|number| usize::try_from(number).ok()) else {
            return learn();
        };
        if let Some(Some(value)) = self.0.get(place) {
            return Ok(*value);
        }
        let value = learn()?;
        if place >= NUMBERS_MAX {
            return Ok(value);
        }
        if place >= self.0.len() {
            self.0.resize(place + 1, None);
        }
        if let Some(known) = self.0.get_mut(place) {
            *known = Some(value);
        }
        Ok(value)
    }

    /// Forgets everything: the same numbers stand for other cells now.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

/// Facts by the numbers of `N` cells. Two groups that share a slot take turns: the table never
/// grows, and what it forgets is learnt again from the texts.
#[derive(Debug)]
pub(crate) struct Recent<const N: usize, V> {
    /// Empty until the first numbers come: most CSV has none.
    slots: Vec<Option<([u32; N], V)>>,
    /// The logarithm of the number of slots.
    bits: u32,
}

/// What the numbers of a group are multiplied by: the high bits of the sum depend on all of them. These
/// are the golden ratio and the roots of 2, 3 and 7 behind their points, made odd; none is a small
/// multiple of another, as that of 5 would be.
const WEIGHTS: [u64; 4] =
    [0x9e37_79b9_7f4a_7c15, 0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0xa54f_f53a_5f1d_36f1];

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
        const { assert!(N <= WEIGHTS.len()) };
        // No product waits for another.
        let products = numbers.iter().zip(WEIGHTS);
        let products = products.map(|(number, weight)| u64::from(*number).wrapping_mul(weight));
        let place = products.fold(0, u64::wrapping_add) >> (u64::BITS - self.bits);
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
    fn a_cell_is_learnt_once_until_it_is_forgotten() -> Result<(), Fault> {
        let mut numbered = Numbered::default();
        assert!(numbered.get(Some(5), || Err(Fault::new("column", "no"))).is_err());
        assert_eq!(numbered.get(Some(5), || Ok(7))?, 7);
        assert_eq!(numbered.get(Some(5), || Ok(8))?, 7);
        assert_eq!(numbered.get(Some(2), || Ok(9))?, 9);
        assert_eq!(numbered.get(None, || Ok(6))?, 6);
        assert_eq!(numbered.get(Some(u32::MAX), || Ok(6))?, 6);
        assert_eq!(numbered.get(Some(u32::MAX), || Ok(8))?, 8);
        assert_eq!(numbered.0.len(), 6);
        numbered.forget();
        assert_eq!(numbered.get(Some(5), || Ok(8))?, 8);
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
