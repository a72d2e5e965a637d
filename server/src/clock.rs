//! The day of a request that names none: today in Japan, or a day that a test sets.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chofuku_engine::Day;

const SECONDS_A_DAY: u64 = 86_400;
/// Japan has kept nine hours ahead of UTC, without summer time, since 1952.
const JAPAN_AHEAD_SECONDS: u64 = 9 * 3_600;

/// Tells today.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Day + Send + Sync>);

impl Clock {
    /// The clock of this machine, read in Japan.
    pub fn japan() -> Self {
        Self::new(|| japan_day(SystemTime::now()))
    }

    /// A clock that stands still.
    pub fn fixed(today: Day) -> Self {
        Self::new(move || today)
    }

    /// Any clock.
    pub fn new(today: impl Fn() -> Day + Send + Sync + 'static) -> Self {
        Self(Arc::new(today))
    }

    /// Today.
    pub fn today(&self) -> Day {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::japan()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.today())
    }
}

fn japan_day(now: SystemTime) -> Day {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = (seconds + JAPAN_AHEAD_SECONDS) / SECONDS_A_DAY;
    Day::from_number(i32::try_from(days).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_day_in_japan_begins_nine_hours_before_utc() {
        let at = |seconds| japan_day(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(at(0), "1970-01-01");
        assert_eq!(at(15 * 3_600 - 1), "1970-01-01");
        assert_eq!(at(15 * 3_600), "1970-01-02");
    }
}
