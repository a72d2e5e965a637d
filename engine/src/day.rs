//! A calendar day, the only notion of time that the check knows.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::int;

/// A day, counted from 1970-01-01. Differences of days are plain subtraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

/// A text that is not a day of the form `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a day; write YYYY-MM-DD, such as 2026-11-22")]
pub struct DayError {
    /// The text, cut to a few characters.
    pub found: String,
}

const EPOCH: Date = Date::constant(1970, 1, 1);
const SECONDS_A_DAY: i64 = 86_400;

impl Day {
    /// The day `number` days after 1970-01-01.
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day that is `days` later. Stays at the end of the number range instead of wrapping.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from `earlier` to this day; negative when `earlier` is later.
    pub const fn days_since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The day as the 16 bits of a history row, which hold 1970-01-01 to 2149-06-06.
    pub fn to_row(self) -> Option<u16> {
        u16::try_from(self.0).ok()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        let days = date.duration_since(EPOCH).as_secs() / SECONDS_A_DAY;
        Self(i32::try_from(days).unwrap_or(i32::MAX))
    }
}

impl FromStr for Day {
    type Err = DayError;

    /// Reads `YYYY-MM-DD` and nothing else.
    fn from_str(text: &str) -> Result<Self, DayError> {
        parse(text.as_bytes()).ok_or_else(|| DayError { found: text.chars().take(24).collect() })
    }
}

fn parse(text: &[u8]) -> Option<Day> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0'))
        })
    };
    let month = i8::try_from(number(&[m1, m2])?).ok()?;
    let day = i8::try_from(number(&[d1, d2])?).ok()?;
    Date::new(number(&[y1, y2, y3, y4])?, month, day).ok().map(Day::from)
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::from(self.0) * SECONDS_A_DAY;
        match EPOCH.checked_add(jiff::SignedDuration::from_secs(seconds)) {
            Ok(date) => date.fmt(f),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

/// A count of days as a difference of days.
pub(crate) fn span(days: u16) -> i32 {
    i32::from(days)
}

/// The number of days from `first` to `last`, both included; 0 when they are the wrong way round.
pub fn days_inclusive(first: Day, last: Day) -> usize {
    let days = i64::from(last.0) - i64::from(first.0) + 1;
    int::wide(u64::try_from(days).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_and_written_alike() {
        for text in ["1970-01-01", "2024-02-29", "2026-11-22", "2149-06-06", "1950-01-01"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        assert_eq!("1970-02-01".parse::<Day>().unwrap().number(), 31);
    }

    #[test]
    fn what_is_not_a_day_is_refused() {
        for text in ["", "2026-02-30", "2026-2-3", "20261122", "2026-11-22T00:00", "２０２６-11-22"]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_row_holds_the_days_from_1970_to_2149() {
        assert_eq!("2149-06-06".parse::<Day>().unwrap().to_row(), Some(u16::MAX));
        assert_eq!("2149-06-07".parse::<Day>().unwrap().to_row(), None);
        assert_eq!("1969-12-31".parse::<Day>().unwrap().to_row(), None);
    }
}
