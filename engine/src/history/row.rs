//! The hot section: a patient's key and the eight bytes of each of its rows.
//!
//! ```text
//! entry   key bits 0–63 u64 ‖ number of rows u16 ‖ key bits 64–111 ‖ [number of rows u64] ‖ rows
//! row     code ordinal u24, flags u8 ‖ basis day u16 ‖ supply u16
//! ```
//!
//! The top 16 bits of a key are the bucket's, so they are not stored; there are at least 2^16
//! buckets. A number of rows of 65,535 means that the real number stands in the next eight bytes.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::day::Day;
use crate::document::DocumentKind;
use crate::int;
use crate::patient::PatientKey;

/// Fewer buckets would lose key bits that entries leave out.
pub(crate) const BUCKET_BITS_MIN: u32 = 16;
/// More buckets than patients of any nation.
pub(crate) const BUCKET_BITS_MAX: u32 = 30;
/// Unit of bucket offsets into the hot section: 2^32 units are 32 GiB.
pub(crate) const ENTRY_UNIT_BYTES: usize = 8;
/// Unit of bucket offsets into the cold section: 2^32 units are 16 GiB.
pub(crate) const EVIDENCE_UNIT_BYTES: usize = 4;
/// Code ordinals have 24 bits.
pub(crate) const CODES_MAX: usize = 1 << 24;

const COUNT_IS_LONG: u16 = u16::MAX;

/// The head of a patient's entry.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct EntryHeader {
    low: U64,
    /// The number of rows in the low bits, key bits 64–111 above them.
    count_and_high: U64,
}

const COUNT_BITS: u32 = u16::BITS;
/// The bits of a key that an entry leaves out are the bucket's.
const HIGH_KEY_BITS: u32 = u64::BITS - COUNT_BITS;

const _: () = assert!(size_of::<EntryHeader>() == 16 && size_of::<Row>() == 8);

impl EntryHeader {
    /// The header of a patient with so many rows, and the long count where one is needed.
    pub(crate) fn new(key: PatientKey, rows: usize) -> (Self, Option<U64>) {
        let number = key.number();
        let short = u16::try_from(rows).ok().filter(|count| *count != COUNT_IS_LONG);
        let count = u64::from(short.unwrap_or(COUNT_IS_LONG));
        let header = Self {
            low: U64::new(int::low64(number)),
            count_and_high: U64::new(count | int::low64(number >> u64::BITS) << COUNT_BITS),
        };
        (header, short.is_none().then(|| U64::new(int::length(rows))))
    }

    /// Whether this is the entry of `key`, given that the key belongs to the entry's bucket.
    #[inline]
    pub(crate) fn is(&self, key: PatientKey) -> bool {
        let number = key.number();
        let high = int::low64(number >> u64::BITS) ^ self.count_and_high.get() >> COUNT_BITS;
        self.low.get() == int::low64(number) && high.trailing_zeros() >= HIGH_KEY_BITS
    }

    /// The stored 112 bits of the key.
    pub(crate) fn low_bits(&self) -> u128 {
        let high = self.count_and_high.get() >> COUNT_BITS;
        u128::from(high) << u64::BITS | u128::from(self.low.get())
    }

    /// The number of rows, unless it stands behind the header.
    #[inline]
    pub(crate) fn short_count(&self) -> Option<usize> {
        let count = int::wide(self.count_and_high.get() & u64::from(u16::MAX));
        (count != usize::from(COUNT_IS_LONG)).then_some(count)
    }
}

/// What a check reads of one record.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Row {
    code_and_flags: U32,
    basis_day: U16,
    supply: U16,
}

const FLAG_SHIFT: u32 = 24;
const CODE_MASK: u32 = (1 << FLAG_SHIFT) - 1;

/// What is known of a record when it is written: kind and state of its document.
///
/// Bits 0–1 the kind, bit 2 cancelled, bit 3 superseded, bit 4 refill, bit 5 material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFlags(u8);

impl RowFlags {
    /// The bits of [`RowFlags::kind`].
    pub(crate) const KIND: i32 = 3;
    pub(crate) const CANCELLED: u8 = 1 << 2;
    pub(crate) const SUPERSEDED: u8 = 1 << 3;
    pub(crate) const REFILL: u8 = 1 << 4;
    pub(crate) const MATERIAL: u8 = 1 << 5;

    /// The flags of a record.
    #[expect(clippy::fn_params_excessive_bools, reason = "one parameter a flag, named at each use")]
    pub(crate) fn new(
        kind: DocumentKind,
        cancelled: bool,
        superseded: bool,
        refill: bool,
        material: bool,
    ) -> Self {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        Self(
            kind.bits()
                | flag(cancelled, Self::CANCELLED)
                | flag(superseded, Self::SUPERSEDED)
                | flag(refill, Self::REFILL)
                | flag(material, Self::MATERIAL),
        )
    }

    /// All bits.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// Whether no bit is set that means nothing.
    pub(crate) fn are_known(self) -> bool {
        self.0 >> 6 == 0
    }

    /// What the document is.
    pub const fn kind(self) -> DocumentKind {
        DocumentKind::from_bits(self.0)
    }

    /// Whether the document is cancelled or replaced.
    pub const fn cancelled(self) -> bool {
        self.0 & Self::CANCELLED != 0
    }

    /// Whether a live dispensing result stands in the prescription's place.
    pub const fn superseded(self) -> bool {
        self.0 & Self::SUPERSEDED != 0
    }

    /// Whether the document, or the prescription that it dispenses, is a refill.
    pub const fn refill(self) -> bool {
        self.0 & Self::REFILL != 0
    }

    /// Whether the line is no drug (form 6).
    pub const fn material(self) -> bool {
        self.0 & Self::MATERIAL != 0
    }
}

impl Row {
    /// A row of no record, which fills up what is looked at together.
    pub(crate) const FILLER: Self =
        Self { code_and_flags: U32::ZERO, basis_day: U16::ZERO, supply: U16::from_bytes([1, 0]) };

    /// A row; `None` when the code ordinal has more than 24 bits or the day does not fit.
    pub(crate) fn new(code: u32, flags: RowFlags, day: Day, supply: u16) -> Option<Self> {
        let basis_day = day.to_row()?;
        (code <= CODE_MASK).then(|| Self {
            code_and_flags: U32::new(code | u32::from(flags.0) << FLAG_SHIFT),
            basis_day: U16::new(basis_day),
            supply: U16::new(supply),
        })
    }

    /// The same, of a prescription that nothing supersedes.
    pub(crate) fn standing(self) -> Self {
        let superseded = u32::from(RowFlags::SUPERSEDED) << FLAG_SHIFT;
        Self { code_and_flags: U32::new(self.code_and_flags.get() & !superseded), ..self }
    }

    /// The ordinal of the drug code in the history's dictionary.
    pub fn code(&self) -> u32 {
        self.code_and_flags.get() & CODE_MASK
    }

    /// Kind and state of the document.
    pub fn flags(&self) -> RowFlags {
        RowFlags(u8::try_from(self.code_and_flags.get() >> FLAG_SHIFT).unwrap_or(0))
    }

    /// The basis day (S1).
    pub fn basis_day(&self) -> Day {
        Day::from_number(i32::from(self.basis_day.get()))
    }

    /// The bits of what the period follows from.
    pub fn supply_bits(&self) -> u16 {
        self.supply.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_header_knows_its_key_and_count() {
        let key = PatientKey::from_number(0x0123_4567_89ab_cdef_1122_3344_5566_7788);
        for rows in [0, 1, 65_534, 65_535, 100_000] {
            let (header, long) = EntryHeader::new(key, rows);
            let count = header.short_count().or(long.map(|count| int::wide(count.get())));
            assert_eq!(count, Some(rows));
            assert!(header.is(key));
            for bit in 0..112 {
                assert!(!header.is(PatientKey::from_number(key.number() ^ 1 << bit)), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_row_keeps_what_it_was_given() {
        let flags = RowFlags::new(DocumentKind::Dispensing, false, true, true, false);
        let row = Row::new(CODE_MASK, flags, Day::from_number(20_000), 77).unwrap();
        assert_eq!((row.code(), row.flags(), row.supply_bits()), (CODE_MASK, flags, 77));
        assert_eq!(row.basis_day(), Day::from_number(20_000));
        assert_eq!(row.flags().kind(), DocumentKind::Dispensing);
        assert!(row.flags().superseded() && row.flags().refill());
        assert!(!row.flags().cancelled() && !row.flags().material());
        assert!(Row::new(CODE_MASK + 1, flags, Day::from_number(0), 0).is_none());
        assert!(Row::new(0, flags, Day::from_number(-1), 0).is_none());
    }
}
