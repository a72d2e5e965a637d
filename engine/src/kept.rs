//! What a compaction kept, and from which check day on that is everything.
//!
//! A compaction leaves out what had ended for every policy and wash-out that it knew. A policy or a
//! table that comes later may take longer for the same record, and sees too little until that time has
//! passed as well.

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::period;
use crate::policy::{IntervalDosing, Policy};

/// How long after its basis day a record can matter, as far as a policy and the tables decide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Days of a record whose days cannot be known (S5).
    pub default_period_days: u16,
    /// Whether intake days are spread over the calendar (S6).
    pub expands_intervals: bool,
    /// The longest wash-out, in days (S23); 0 where none is looked at.
    pub washout_days: u16,
}

impl Reach {
    /// How far a policy reaches with rules of which the longest wash-out is that long.
    pub fn of(policy: &Policy, washout_days_max: u16) -> Self {
        Self {
            default_period_days: policy.default_period_days,
            expands_intervals: policy.interval_dosing == IntervalDosing::Expand,
            washout_days: if policy.washout { washout_days_max } else { 0 },
        }
    }

    /// As far as either of two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            default_period_days: self.default_period_days.max(other.default_period_days),
            expands_intervals: self.expands_intervals || other.expands_intervals,
            washout_days: self.washout_days.max(other.washout_days),
        }
    }

    /// At most how many days longer a record can matter than with another reach, never less than 0.
    fn days_beyond(self, other: Self) -> i32 {
        let difference = |mine: u16, theirs: u16| i32::from(mine) - i32::from(theirs);
        // A record has a default period, or intake days, or neither.
        let default = difference(self.default_period_days, other.default_period_days);
        let expanded = self.expands_intervals && !other.expands_intervals;
        let period = default.max(if expanded { period::EXPANSION_DAYS_MAX } else { 0 });
        (period.max(0) + difference(self.washout_days, other.washout_days)).max(0)
    }
}

/// What one compaction kept: all that a check from a day on can see with a reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The first check day.
    pub from: Day,
    /// The reach. Every record that was left out had ended before `from` by it, its wash-out included.
    pub reach: Reach,
}

impl Kept {
    /// The first check day on which nothing that was left out matters with another reach.
    pub fn whole_from(&self, reach: Reach) -> Day {
        self.from.plus(reach.days_beyond(self.reach))
    }

    /// Adds what a compaction kept to what those before it did, of which only that stays which can make
    /// a check see too little that the newest does not.
    pub fn add(all: &mut Vec<Self>, newest: Self) {
        all.retain(|kept| kept.whole_from(newest.reach) > newest.from);
        all.push(newest);
    }
}

/// The first check day on which nothing that was ever left out matters; `None` where nothing was.
pub fn whole_from(all: &[Kept], reach: Reach) -> Option<Day> {
    all.iter().map(|kept| kept.whole_from(reach)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(default_period_days: u16, expands_intervals: bool, washout_days: u16) -> Reach {
        Reach { default_period_days, expands_intervals, washout_days }
    }

    fn kept(from: i32, reach: Reach) -> Kept {
        Kept { from: Day::from_number(from), reach }
    }

    #[test]
    fn what_reaches_no_further_sees_all_from_that_day_on() {
        let kept = kept(1000, reach(14, true, 30));
        for reach in [reach(14, true, 30), reach(14, false, 0), reach(7, true, 30)] {
            assert_eq!(kept.whole_from(reach), Day::from_number(1000));
        }
        // The wash-out was kept for whoever does not look at it, too.
        assert_eq!(kept.whole_from(reach(44, false, 0)), Day::from_number(1000));
    }

    #[test]
    fn what_reaches_further_sees_all_as_many_days_later() {
        let kept = kept(1000, reach(14, false, 30));
        let from = |reach| kept.whole_from(reach).days_since(kept.from);
        assert_eq!(from(reach(15, false, 30)), 1);
        assert_eq!(from(reach(60, false, 0)), 16);
        assert_eq!(from(reach(14, false, 31)), 1);
        assert_eq!(from(reach(60, false, 100)), 116);
        assert_eq!(from(reach(14, true, 30)), period::EXPANSION_DAYS_MAX);
        // No record is of both kinds.
        assert_eq!(from(reach(60, true, 30)), period::EXPANSION_DAYS_MAX);
    }

    #[test]
    fn only_what_the_newest_does_not_answer_for_is_remembered() {
        let (short, long) = (reach(14, true, 0), reach(60, true, 0));
        let mut all = Vec::new();
        Kept::add(&mut all, kept(1000, short));
        Kept::add(&mut all, kept(1001, short));
        assert_eq!(all, [kept(1001, short)]);
        // What is kept for longer from now on brings nothing back.
        Kept::add(&mut all, kept(1002, long));
        assert_eq!(whole_from(&all, long), Some(Day::from_number(1047)));
        assert_eq!(whole_from(&all, short), Some(Day::from_number(1002)));
        Kept::add(&mut all, kept(1046, long));
        assert_eq!(whole_from(&all, long), Some(Day::from_number(1047)));
        Kept::add(&mut all, kept(1047, long));
        assert_eq!(all, [kept(1047, long)]);
        assert_eq!(whole_from(&[], long), None);
    }
}
