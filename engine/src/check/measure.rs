//! What rows alone say of their records: eight rows at a time, without a branch.
//!
//! Nobody can foretell what becomes of the next record, so a processor that guesses is often wrong.
//! Everything is computed for every row and chosen from, which compilers turn into instructions that
//! work on several rows at once.

use crate::check::record::Disposition;
use crate::check::records;
use crate::day::{Day, span};
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::row::{Row, RowFlags};
use crate::period::Supply;
use crate::policy::{ExpiredPrescriptions, Policy};

/// Rows that are measured together.
pub(crate) const ROWS: usize = 8;
/// The fourth day after issue is the first on which a prescription cannot be dispensed.
const PRESCRIPTION_VALID_DAYS: i32 = 4;
/// In the place of days that need arithmetic.
const NOT_PLAIN: i32 = -1;

/// A check day and a policy, as far as they decide about rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure<'a> {
    policy: &'a Policy,
    as_of: i32,
    default_period_days: u16,
    look_back_days: i32,
    refill_exempt: bool,
    drops_expired: bool,
}

/// What is known of some rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// By row: the rank of the first disposition that its bits decide, else of `Active`. Its document
    /// may still be of the own chain, and its code not covered.
    pub(crate) ranks: [u32; ROWS],
    /// By row: how many days ago its period ended; 0 or less for one that has not.
    pub(crate) ended_ago: [i32; ROWS],
}

impl<'a> Measure<'a> {
    pub(crate) fn of(as_of: Day, policy: &'a Policy) -> Self {
        Self {
            policy,
            as_of: as_of.number(),
            default_period_days: policy.default_period_days,
            look_back_days: span(policy.look_back_days),
            refill_exempt: policy.refill_exempt,
            drops_expired: policy.expired_prescriptions == ExpiredPrescriptions::Drop,
        }
    }

    /// Measures rows.
    ///
    /// # Errors
    ///
    /// When the supply of one is damaged.
    #[inline]
    pub(crate) fn rows(&self, rows: &[Row; ROWS]) -> Result<Measured, FormatError> {
        let mut days = [NOT_PLAIN; ROWS];
        let mut plain = true;
        for (days, row) in days.iter_mut().zip(rows) {
            let found = Supply::plain_days(row.supply_bits(), self.default_period_days);
            *days = found.map_or(NOT_PLAIN, i32::from);
            plain &= *days != NOT_PLAIN;
        }
        if !plain {
            self.reckon(rows, &mut days)?;
        }
        // One list after the other: a loop over one kind of number works on several at once.
        let flags = rows.map(|row| i32::from(row.flags().bits()));
        let ages = rows.map(|row| self.as_of - row.basis_day().number());
        let mut ended_ago = [0; ROWS];
        for ((ended_ago, age), days) in ended_ago.iter_mut().zip(ages).zip(days) {
            *ended_ago = age - days + 1;
        }
        let mut ranks = [0; ROWS];
        for (((rank, flags), age), ended_ago) in
            ranks.iter_mut().zip(flags).zip(ages).zip(ended_ago)
        {
            *rank = self.rank(flags, age, ended_ago);
        }
        Ok(Measured { ranks, ended_ago })
    }

    /// Finds the days that are not plain.
    #[cold]
    fn reckon(&self, rows: &[Row; ROWS], days: &mut [i32; ROWS]) -> Result<(), FormatError> {
        for (days, row) in days.iter_mut().zip(rows).filter(|(days, _)| **days == NOT_PLAIN) {
            *days = span(records::supply(*row)?.period(self.policy).days);
        }
        Ok(())
    }

    /// The rank of the first disposition that a row decides.
    #[inline]
    fn rank(&self, flags: i32, age: i32, ended_ago: i32) -> u32 {
        let is_set = |flag: u8| flags & i32::from(flag) != 0;
        let is_kind = |kind: DocumentKind| flags & RowFlags::KIND == i32::from(kind.bits());
        let is_old = age >= PRESCRIPTION_VALID_DAYS;
        let expired = self.drops_expired & is_kind(DocumentKind::Prescription) & is_old;
        let bound = !(self.refill_exempt & is_set(RowFlags::REFILL));
        let outside = (age > self.look_back_days) & bound;
        // From the last to the first, so that the first that holds stays.
        let rank = u32::from(Disposition::Active.rank());
        let rank = choose((ended_ago > 0) | expired, Disposition::Ended, rank);
        let rank = choose(outside, Disposition::OutsideWindow, rank);
        let rank = choose(age < 0, Disposition::Future, rank);
        let rank = choose(is_set(RowFlags::MATERIAL), Disposition::Material, rank);
        let rank = choose(is_kind(DocumentKind::Inpatient), Disposition::Inpatient, rank);
        let rank = choose(is_set(RowFlags::SUPERSEDED), Disposition::Superseded, rank);
        choose(is_set(RowFlags::CANCELLED), Disposition::Cancelled, rank)
    }
}

/// The rank of a disposition if it holds, else the other: by a mask, which no compiler makes a branch.
#[inline]
fn choose(holds: bool, disposition: Disposition, other: u32) -> u32 {
    let mask = u32::from(holds).wrapping_neg();
    u32::from(disposition.rank()) & mask | other & !mask
}
