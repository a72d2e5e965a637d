//! How long a record's drug is taken: rules S2 to S6.
//!
//! A row keeps the facts of its supply in 16 bits, not a period: the period follows from them and
//! the policy, so that one index serves every policy.

use serde::{Deserialize, Serialize};

use crate::day::{Day, span};
use crate::policy::{IntervalDosing, Policy};
use crate::word::words;

/// Dosage form (剤形区分) of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Form {
    /// 1 内服.
    Oral = 1,
    /// 2 頓服.
    AsNeeded = 2,
    /// 3 外用.
    External = 3,
    /// 4 内服滴剤.
    Drops = 4,
    /// 5 注射.
    Injection = 5,
    /// 6 医療材料, which is not a drug.
    Material = 6,
    /// 9 他, 不明.
    Other = 9,
}

impl Form {
    /// Every form.
    pub const ALL: &'static [Self] = &[
        Self::Oral,
        Self::AsNeeded,
        Self::External,
        Self::Drops,
        Self::Injection,
        Self::Material,
        Self::Other,
    ];

    /// The form of that number, `None` for 0, 7, 8 and anything above 9.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Oral,
            2 => Self::AsNeeded,
            3 => Self::External,
            4 => Self::Drops,
            5 => Self::Injection,
            6 => Self::Material,
            9 => Self::Other,
            _ => return None,
        })
    }

    /// The national number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Oral => 1,
            Self::AsNeeded => 2,
            Self::External => 3,
            Self::Drops => 4,
            Self::Injection => 5,
            Self::Material => 6,
            Self::Other => 9,
        }
    }
}

/// Where the length of a period came from; told with every piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaysFrom {
    /// The quantity is days.
    Days,
    /// The quantity is intake days, spread over the calendar.
    Interval,
    /// Doses are never days.
    AsNeeded,
    /// Form 3.
    External,
    /// Form 4.
    Drops,
    /// Form 5.
    Injection,
    /// Form 9.
    Other,
    /// Form 1 without a quantity.
    QuantityMissing,
    /// Form 1 with a quantity of zero.
    QuantityZero,
    /// Form 1 with a quantity that is not a whole number.
    QuantityNotWhole,
    /// Form 1 with more than 999 days.
    QuantityOver999,
    /// A material has no period.
    None,
}

impl DaysFrom {
    /// The warning that such a period deserves (S4).
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::QuantityMissing => Some("quantity_missing"),
            Self::QuantityZero => Some("quantity_zero"),
            Self::QuantityNotWhole => Some("quantity_not_whole"),
            Self::QuantityOver999 => Some("quantity_over_999"),
            Self::Days
            | Self::Interval
            | Self::AsNeeded
            | Self::External
            | Self::Drops
            | Self::Injection
            | Self::Other
            | Self::None => None,
        }
    }
}

words! {
    DaysFrom {
        Days => "days",
        Interval => "interval",
        AsNeeded => "default_as_needed",
        External => "default_external",
        Drops => "default_drops",
        Injection => "default_injection",
        Other => "default_other",
        QuantityMissing => "default_quantity_missing",
        QuantityZero => "default_quantity_zero",
        QuantityNotWhole => "default_quantity_not_whole",
        QuantityOver999 => "default_quantity_over_999",
        None => "none",
    }
}

/// How long a drug is taken, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Days, the basis day included.
    pub days: u16,
    /// Where the days came from.
    pub from: DaysFrom,
}

impl Period {
    /// The last day of a period that begins on `basis_day` (S2).
    pub(crate) fn last_day(self, basis_day: Day) -> Day {
        basis_day.plus((span(self.days) - 1).max(0))
    }
}

/// The facts of a line that its period follows from, in the 16 bits of a history row.
///
/// Bits 0–9 hold the days (0–999), bits 10–15 the class: 0 literal, 1–7 that many intake days a
/// week, 8 alternate days, 16 and above the reasons for a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Supply(u16);

const DAYS_BITS: u32 = 10;
const DAYS_MASK: u16 = (1 << DAYS_BITS) - 1;
const DAYS_MAX: u16 = 999;
const ALTERNATE_DAYS: u16 = 8;
/// The class of the first reason; those of the others follow.
const FIRST_REASON: u16 = 16;
const REASONS: [DaysFrom; 10] = [
    DaysFrom::AsNeeded,
    DaysFrom::External,
    DaysFrom::Drops,
    DaysFrom::Injection,
    DaysFrom::Other,
    DaysFrom::QuantityMissing,
    DaysFrom::QuantityZero,
    DaysFrom::QuantityNotWhole,
    DaysFrom::QuantityOver999,
    DaysFrom::None,
];
/// The reasons of a default period: all but that a material has none.
const PERIOD_REASONS: u16 = 9;
const _: () = assert!(REASONS.len() == 10 && matches!(REASONS[9], DaysFrom::None));

impl Supply {
    /// The supply of a line, from its form, quantity, usage code and supplement codes.
    pub fn of<'a>(
        form: Form,
        quantity: &str,
        usage: &str,
        supplements: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match form {
            Form::Oral if usage.chars().nth(2) == Some('5') => {
                Self::default_for(DaysFrom::AsNeeded)
            }
            Form::Oral => match days(quantity) {
                Ok(days) => Self(interval(supplements) << DAYS_BITS | days),
                Err(reason) => Self::default_for(reason),
            },
            Form::AsNeeded => Self::default_for(DaysFrom::AsNeeded),
            Form::External => Self::default_for(DaysFrom::External),
            Form::Drops => Self::default_for(DaysFrom::Drops),
            Form::Injection => Self::default_for(DaysFrom::Injection),
            Form::Other => Self::default_for(DaysFrom::Other),
            Form::Material => Self::default_for(DaysFrom::None),
        }
    }

    fn default_for(reason: DaysFrom) -> Self {
        let known = (FIRST_REASON..).zip(REASONS).find(|(_, known)| *known == reason);
        Self(known.map_or(20, |(class, _)| class) << DAYS_BITS)
    }

    /// Whether the line is a material, the only thing without a period.
    pub fn is_material(self) -> bool {
        self == Self::default_for(DaysFrom::None)
    }

    /// The 16 bits of a history row.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The supply of those bits, `None` where no supply has them.
    #[inline]
    pub fn from_bits(bits: u16) -> Option<Self> {
        let (class, days) = (bits >> DAYS_BITS, bits & DAYS_MASK);
        let known = match class {
            0..=ALTERNATE_DAYS => (1..=DAYS_MAX).contains(&days),
            _ => days == 0 && Self(bits).reason().is_some(),
        };
        known.then_some(Self(bits))
    }

    /// Whether the bits are a number of days, which is their period under every policy.
    #[inline]
    pub(crate) fn is_days(bits: u16) -> bool {
        (1..=DAYS_MAX).contains(&bits)
    }

    /// The days of a period that needs no arithmetic: those of the row, or the default ones. `None` for
    /// the others, and for bits that no supply has.
    #[inline]
    pub(crate) fn plain_days(bits: u16, default_period_days: u16) -> Option<u16> {
        const FIRST_DEFAULT: u16 = FIRST_REASON << DAYS_BITS;
        let literal = Self::is_days(bits);
        // Every reason but the last, which is that of a material. Days of zero stand in the low bits.
        let class = bits.wrapping_sub(FIRST_DEFAULT).rotate_right(DAYS_BITS);
        let defaulted = class < PERIOD_REASONS;
        let days = if literal { bits } else { default_period_days };
        (literal | defaulted).then_some(days)
    }

    /// Why the period is the default one; `None` where the days are known.
    fn reason(self) -> Option<DaysFrom> {
        let position = (self.0 >> DAYS_BITS).checked_sub(FIRST_REASON)?;
        REASONS.get(usize::from(position)).copied()
    }

    /// The warning that the period deserves (S4). It does not depend on the policy.
    pub fn warning(self) -> Option<&'static str> {
        self.reason()?.warning()
    }

    /// The period under a policy.
    #[inline]
    pub fn period(self, policy: &Policy) -> Period {
        let days = self.0 & DAYS_MASK;
        let class = self.0 >> DAYS_BITS;
        if class == 0 {
            return Period { days, from: DaysFrom::Days };
        }
        if class > ALTERNATE_DAYS {
            let from = self.reason().unwrap_or(DaysFrom::Other);
            let days = if from == DaysFrom::None { 0 } else { policy.default_period_days };
            return Period { days, from };
        }
        match policy.interval_dosing {
            IntervalDosing::Literal => Period { days, from: DaysFrom::Days },
            IntervalDosing::Expand if class == ALTERNATE_DAYS => {
                Period { days: days * 2, from: DaysFrom::Interval }
            }
            IntervalDosing::Expand => {
                Period { days: (days * 7).div_ceil(class), from: DaysFrom::Interval }
            }
        }
    }
}

/// The quantity as days, or why it is none (S4).
fn days(quantity: &str) -> Result<u16, DaysFrom> {
    let quantity = quantity.trim();
    if quantity.is_empty() {
        return Err(DaysFrom::QuantityMissing);
    }
    let (whole, fraction) = quantity.split_once('.').unwrap_or((quantity, "0"));
    let is_whole = !whole.is_empty()
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte == b'0');
    if !is_whole {
        return Err(DaysFrom::QuantityNotWhole);
    }
    match whole.trim_start_matches('0') {
        "" => Err(DaysFrom::QuantityZero),
        digits if digits.len() > 3 => Err(DaysFrom::QuantityOver999),
        digits => {
            digits.parse().ok().filter(|days| *days <= DAYS_MAX).ok_or(DaysFrom::QuantityNotWhole)
        }
    }
}

/// The class of an intake pattern: the first supplement code that states one (S6).
fn interval<'a>(supplements: impl IntoIterator<Item = &'a str>) -> u16 {
    supplements.into_iter().find_map(interval_of).unwrap_or(0)
}

fn interval_of(supplement: &str) -> Option<u16> {
    if supplement == "I1100000" {
        return Some(ALTERNATE_DAYS);
    }
    let flags = supplement.strip_prefix('W')?;
    let is_week = flags.len() == 7 && flags.bytes().all(|flag| matches!(flag, b'0' | b'1'));
    is_week.then(|| flags.bytes().map(|flag| u16::from(flag == b'1')).sum())
}

#[cfg(test)]
mod tests;
