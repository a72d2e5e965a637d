//! What compactions left out, as far as it decides on which days a check sees everything.
//!
//! A compaction leaves out what no check can see by the policies and tables that it knows. One that
//! comes later may see longer: so it is kept how long what was left out could still be seen.

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::period::{DaysFrom, Supply};
use crate::policy::{IntervalDosing, Policy};

/// How long lines that were left out are taken: the newest of them, by what their period follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The basis day of one with a default period (S5).
    pub default_basis_day: Option<Day>,
    /// The last day of one whose days are known.
    pub last_day: Option<Day>,
    /// The same, with intake days spread over the calendar (S6).
    pub last_day_expanded: Option<Day>,
}

impl Taken {
    /// Notes a line of a document of that day.
    pub fn note(&mut self, basis_day: Day, supply: Supply) {
        let literal = supply.period(&Policy::OFFICIAL);
        if literal.from == DaysFrom::Days {
            let expanded = supply.period(&Policy::EXTENDED);
            newest(&mut self.last_day, Some(literal.last_day(basis_day)));
            newest(&mut self.last_day_expanded, Some(expanded.last_day(basis_day)));
        } else if !supply.is_material() {
            newest(&mut self.default_basis_day, Some(basis_day));
        }
    }

    /// Adds what else was left out.
    pub fn add(&mut self, other: &Self) {
        newest(&mut self.default_basis_day, other.default_basis_day);
        newest(&mut self.last_day, other.last_day);
        newest(&mut self.last_day_expanded, other.last_day_expanded);
    }

    /// The last day on which one of them is taken by a policy.
    fn until(&self, policy: &Policy) -> Option<Day> {
        let days = i32::from(policy.default_period_days);
        let by_default = self.default_basis_day.map(|day| day.plus(days - 1));
        by_default.max(match policy.interval_dosing {
            IntervalDosing::Literal => self.last_day,
            IntervalDosing::Expand => self.last_day_expanded,
        })
    }
}

fn newest(day: &mut Option<Day>, other: Option<Day>) {
    *day = (*day).max(other);
}

/// What compactions left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// From this day on, what was left out is older than the look-back window.
    pub from: Day,
    /// The longest look-back window that was known, in days.
    pub look_back_days: u16,
    /// Lines of chains with a refill, which count beyond the window.
    pub refills: Taken,
    /// All others.
    pub others: Taken,
}

impl LeftOut {
    /// With what an earlier compaction left out.
    #[must_use]
    pub fn and(mut self, earlier: &Self) -> Self {
        self.from = self.from.max(earlier.from);
        self.look_back_days = self.look_back_days.min(earlier.look_back_days);
        self.refills.add(&earlier.refills);
        self.others.add(&earlier.others);
        self
    }

    /// The first check day on which a policy sees nothing of it, by rules of which the longest wash-out is
    /// so long; `None` if it never sees any.
    pub fn whole_from(&self, policy: &Policy, washout_days_max: u16) -> Option<Day> {
        let washout = if policy.washout { i32::from(washout_days_max) } else { 0 };
        let [refills, others] = [&self.refills, &self.others].map(|taken| taken.until(policy));
        let refills = refills.map(|day| day.plus(washout));
        let last = refills.max(others.map(|day| day.plus(washout)))?;
        // Disposition 7 comes before 8: what is beyond the window is never said to have ended, so that it
        // has no wash-out, and is told as a blind spot while it is taken.
        let is_beyond = policy.look_back_days <= self.look_back_days;
        let beyond = refills.max(others.map(|day| day.plus(if is_beyond { 0 } else { washout })));
        let last_beyond = beyond.map_or(self.from, |day| self.from.max(day.plus(1)));
        Some(last.plus(1).min(last_beyond))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Form;

    const FROM: i32 = 1000;

    /// One line of an age at the compaction was left out; gives how many days after the compaction's
    /// first day a policy sees everything.
    fn whole_after(
        (age, quantity, supplement): (i32, &str, &str),
        refill: bool,
        policy: &Policy,
        washout_days_max: u16,
    ) -> Option<i32> {
        let from = Day::from_number(FROM);
        let mut taken = Taken::default();
        let form = if quantity == "material" { Form::Material } else { Form::Oral };
        taken.note(from.plus(-age), Supply::of(form, quantity, "", [supplement]));
        let (refills, others) =
            if refill { (taken, Taken::default()) } else { (Taken::default(), taken) };
        let left_out = LeftOut { from, look_back_days: 100, refills, others };
        Some(left_out.whole_from(policy, washout_days_max)?.days_since(from))
    }

    #[test]
    fn a_day_is_whole_when_nothing_that_was_left_out_is_seen() {
        let official = Policy::OFFICIAL;
        let long = Policy { default_period_days: 130, ..official.clone() };
        let washes = Policy { washout: true, ..official.clone() };
        let expands = Policy { interval_dosing: IntervalDosing::Expand, ..official.clone() };
        let far = Policy { look_back_days: 400, washout: true, ..official.clone() };
        let weekly = (110, "20", "W0100000");
        for (line, refill, policy, washout, after) in [
            // It ended long before the compaction: checks of the days between are whole, too.
            ((110, "30", ""), false, &official, 0, Some(-80)),
            ((110, "", ""), false, &official, 0, Some(-96)),
            ((110, "", ""), false, &long, 0, Some(20)),
            ((110, "", ""), true, &long, 0, Some(20)),
            (weekly, false, &official, 0, Some(-90)),
            (weekly, false, &expands, 0, Some(30)),
            // A wash-out is looked at inside the window, and for refills.
            ((110, "30", ""), false, &washes, 60, Some(-20)),
            ((110, "30", ""), false, &washes, 90, Some(0)),
            ((110, "30", ""), true, &washes, 90, Some(10)),
            ((110, "30", ""), false, &far, 90, Some(10)),
            ((110, "material", ""), false, &far, 90, None),
        ] {
            let found = whole_after(line, refill, policy, washout);
            assert_eq!(found, after, "{line:?} {refill} {policy:?} {washout}");
        }
    }

    #[test]
    fn what_an_earlier_compaction_left_out_stays_so() {
        let of = |from: i32, look_back_days, last_day| LeftOut {
            from: Day::from_number(from),
            look_back_days,
            refills: Taken::default(),
            others: Taken { last_day: Some(Day::from_number(last_day)), ..Taken::default() },
        };
        let both = of(1100, 200, 900).and(&of(1000, 100, 950));
        assert_eq!(both, of(1100, 100, 950));
        assert_eq!(both, of(1000, 100, 950).and(&of(1100, 200, 900)));
    }
}
