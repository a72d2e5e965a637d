//! The home of every integer cast: each says why it cannot lose a value.

const _: () = assert!(usize::BITS >= 64, "mapped artefacts need a 64-bit address space");

/// A `u32` as an index or a length.
#[expect(clippy::as_conversions, reason = "usize has at least 64 bits, asserted above")]
pub(crate) const fn to_usize(value: u32) -> usize {
    value as usize
}

/// A `u64` as an index or a length.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "usize has at least 64 bits, asserted above"
)]
pub(crate) const fn wide(value: u64) -> usize {
    value as usize
}

/// A length as a `u64`.
#[expect(clippy::as_conversions, reason = "no machine has a usize of more than 64 bits")]
pub(crate) const fn length(value: usize) -> u64 {
    value as u64
}

/// The lower half of a number.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the lower half is what is asked for"
)]
pub(crate) const fn low64(value: u128) -> u64 {
    value as u64
}

/// The position of an element as its ordinal, the dense `u32` that stands for it in one artefact.
///
/// # Panics
///
/// Only on a table of more than four thousand million elements, which no builder accepts.
pub(crate) fn ordinal(position: usize) -> u32 {
    u32::try_from(position).expect("no table has 2^32 elements")
}
