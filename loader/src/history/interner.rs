//! Distinct values by ordinal, shared by all cores, and the caches that keep them from waiting.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::problem::Fault;

/// A cache above this is emptied: hostile input must not grow one per core.
const MEMO_ENTRIES_MAX: usize = 1 << 18;

/// Distinct values, numbered in the order in which they were first met.
#[derive(Debug)]
pub(crate) struct Interner<T>(Mutex<Values<T>>);

#[derive(Debug)]
struct Values<T> {
    ordinals: FxHashMap<T, u32>,
    /// How often each was met.
    counts: Vec<u64>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self(Mutex::new(Values { ordinals: FxHashMap::default(), counts: Vec::new() }))
    }
}

impl<T: Hash + Eq + Ord> Interner<T> {
    /// The ordinal of a value.
    pub(crate) fn intern(&self, value: T) -> u32 {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(values.counts.len()).unwrap_or(u32::MAX);
        let ordinal = *values.ordinals.entry(value).or_insert(next);
        if ordinal == next {
            values.counts.push(0);
        }
        ordinal
    }

    /// Adds how often values were met.
    pub(crate) fn count(&self, met: impl IntoIterator<Item = (u32, u64)>) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (ordinal, times) in met {
            if let Some(count) = values.counts.get_mut(index(ordinal)) {
                *count += times;
            }
        }
    }

    /// The values, the most frequent first, so that a check's working set stays small, and the new
    /// ordinal of each old one. Neither depends on the order of the input.
    pub(crate) fn by_frequency(self) -> (Vec<T>, Vec<u32>) {
        let Values { ordinals, counts } =
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut values: Vec<(T, u32)> = ordinals.into_iter().collect();
        let count = |ordinal: &u32| counts.get(index(*ordinal)).copied().unwrap_or(0);
        values.sort_unstable_by(|(one, a), (other, b)| {
            count(b).cmp(&count(a)).then_with(|| one.cmp(other))
        });
        let mut new = vec![0; values.len()];
        for ((_, old), ordinal) in values.iter().zip(0_u32..) {
            if let Some(place) = new.get_mut(index(*old)) {
                *place = ordinal;
            }
        }
        (values.into_iter().map(|(value, _)| value).collect(), new)
    }
}

/// What one core has learnt of texts that come again and again, by their bytes or by a number that
/// stands for them.
#[derive(Debug)]
pub(crate) struct Memo<K, V>(FxHashMap<K, V>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<K: Hash + Eq, V: Copy> Memo<K, V> {
    /// What is known of the key, or what `learn` says; a fault is not remembered.
    pub(crate) fn get<Q: Hash + Eq + ToOwned + ?Sized>(
        &mut self,
        key: &Q,
        learn: impl FnOnce() -> Result<V, Fault>,
    ) -> Result<V, Fault>
    where
        K: Borrow<Q>,
        Q::Owned: Into<K>,
    {
        if let Some(value) = self.0.get(key) {
            return Ok(*value);
        }
        let value = learn()?;
        self.0.insert(key.to_owned().into(), value);
        Ok(value)
    }

    /// Forgets everything once it is too much.
    pub(crate) fn trim(&mut self) {
        if self.0.len() >= MEMO_ENTRIES_MAX {
            self.0.clear();
        }
    }
}

fn index(ordinal: u32) -> usize {
    usize::try_from(ordinal).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_follow_frequency_and_then_the_value() {
        let interner = Interner::default();
        let [rare, often, same] = ["rare", "often", "also rare"].map(|text| interner.intern(text));
        assert_eq!(interner.intern("often"), often);
        interner.count([(rare, 1), (often, 5), (same, 1)]);
        let (values, new) = interner.by_frequency();
        assert_eq!(values, ["often", "also rare", "rare"]);
        assert_eq!(new, [2, 0, 1]);
    }

    #[test]
    fn a_memo_learns_once() -> Result<(), Fault> {
        let mut memo = Memo::<Box<[u8]>, _>::default();
        assert!(memo.get(b"x".as_slice(), || Err(Fault::new("column", "no"))).is_err());
        assert_eq!(memo.get(b"x".as_slice(), || Ok(7))?, 7);
        memo.trim();
        assert_eq!(memo.get(b"x".as_slice(), || Ok(8))?, 7);
        Ok(())
    }
}
