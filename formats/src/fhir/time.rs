//! FHIR's `date` and `dateTime` as a day in Japan.

use chofuku_engine::Day;

/// Japan's offset from UTC in minutes; it has had no other since 1951.
const JAPAN: i32 = 9 * 60;
const MINUTES_A_DAY: i32 = 24 * 60;

/// The day in Japan of `2026-11-22`, `2026-11-22T23:59:59+09:00` or `2026-11-22T15:00:00Z`.
///
/// A time without an offset, which FHIR does not allow, is taken for Japan's. `None` for a year or
/// a month alone, and for what is no day.
pub(super) fn day(text: &str) -> Option<Day> {
    let Some((date, time)) = text.split_once('T') else { return text.parse().ok() };
    let day: Day = date.parse().ok()?;
    let minute = clock(time.get(..5)?)?;
    let rest = time.get(5..)?;
    let rest = rest.trim_start_matches(|c: char| matches!(c, ':' | '.') || c.is_ascii_digit());
    let offset = match rest.as_bytes() {
        [] => JAPAN,
        b"Z" => 0,
        [b'+', ..] => clock(rest.get(1..)?)?,
        [b'-', ..] => -clock(rest.get(1..)?)?,
        _ => return None,
    };
    Some(day.plus((minute - offset + JAPAN).div_euclid(MINUTES_A_DAY)))
}

/// `23:59` in minutes.
fn clock(text: &str) -> Option<i32> {
    let &[h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    if ![h1, h2, m1, m2].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |tens: u8, ones: u8| i32::from(tens - b'0') * 10 + i32::from(ones - b'0');
    let (hours, minutes) = (two(h1, h2), two(m1, m2));
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_days_of_japan() {
        for (text, expected) in [
            ("2020-08-21", "2020-08-21"),
            ("2020-08-21T12:28:17+09:00", "2020-08-21"),
            ("2020-08-21T14:59:59Z", "2020-08-21"),
            ("2020-08-21T15:00:00Z", "2020-08-22"),
            ("2020-08-21T23:30:00.123+10:00", "2020-08-21"),
            ("2020-08-21T00:30:00+10:00", "2020-08-20"),
            ("2020-12-31T20:00:00-05:00", "2021-01-01"),
            ("2020-08-21T23:59", "2020-08-21"),
        ] {
            assert_eq!(day(text), expected.parse().ok(), "{text}");
        }
    }

    #[test]
    fn what_names_no_day_is_none() {
        for text in [
            "",
            "2020",
            "2020-08",
            "2020-02-30",
            "2020-08-21T",
            "2020-08-21T25:00:00Z",
            "T12:00",
            "2020-08-21T12:00:00 JST",
            "2020-08-21T12:00:00+9",
            "２０２０-08-21",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
