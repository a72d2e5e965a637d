//! Random choices that are the same on every machine and in every later version.
//!
//! `ChaCha8` has a published, unchanging stream, and its numbered streams let any patient be made
//! alone and in any order. Ranges are computed here because the algorithms of distribution crates
//! may change between their versions.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// The source of the choices made for one patient.
#[derive(Clone, Debug)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The choices of patient `ordinal` under `seed`, whatever was drawn for other patients.
    pub(crate) fn for_patient(seed: u64, ordinal: u64) -> Self {
        let mut key = [0; 32];
        for (place, byte) in key.iter_mut().zip(seed.to_le_bytes()) {
            *place = byte;
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(ordinal);
        Self(rng)
    }

    /// A number from 0 to `limit - 1`; 0 if `limit` is 0. The bias is below `limit / 2^32`.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        let scaled = (u64::from(self.0.next_u32()) * u64::from(limit)) >> 32;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number of days from `first` to `last`, both included.
    pub(crate) fn days(&mut self, first: u32, last: u32) -> i64 {
        i64::from(first + self.below(last.saturating_sub(first) + 1))
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// True once in `times`.
    pub(crate) fn one_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    /// A number from 0 to `limit - 1`, small ones more often: of 100 places, the first has a tenth
    /// of all visits and the first ten have a third.
    pub(crate) fn skewed(&mut self, limit: u32) -> u32 {
        let uniform = u64::from(self.0.next_u32());
        let squared = (uniform * uniform) >> 32;
        u32::try_from((squared * u64::from(limit)) >> 32).unwrap_or_default()
    }

    /// 128 random bits.
    pub(crate) fn bits(&mut self) -> u128 {
        u128::from(self.0.next_u64()) << 64 | u128::from(self.0.next_u64())
    }

    /// One of `choices`, each as likely as the other; `None` only if there are none.
    pub(crate) fn choose<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let index = self.below(u32::try_from(choices.len()).unwrap_or(u32::MAX));
        choices.get(usize::try_from(index).unwrap_or_default())
    }
}
