//! Percentiles, ratios, and numbers as people read them.

use std::time::Duration;

/// A number as a float. Exact up to 2^53, which no count here comes near.
pub fn float(number: u64) -> f64 {
    let high = u32::try_from(number >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// A length as a float.
pub fn length(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Times that were measured, sorted.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Takes times in any order.
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this many thousandths of all do not exceed; zero of none.
    pub fn per_mille(&self, part: usize) -> Duration {
        let rank = (self.0.len() * part).div_ceil(1000);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The median.
    pub fn median(&self) -> Duration {
        self.per_mille(500)
    }

    /// The time that 99 of 100 do not exceed.
    pub fn p99(&self) -> Duration {
        self.per_mille(990)
    }
}

/// The median of numbers; zero of none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

/// How many times `one` is of `other`.
pub fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// How many a second.
pub fn rate(count: u64, took: Duration) -> f64 {
    float(count) / took.as_secs_f64()
}

/// A time with three figures and its unit.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 1e-6 => format!("{:.0} ns", seconds * 1e9),
        _ if seconds < 1e-3 => format!("{} µs", figures(seconds * 1e6)),
        _ if seconds < 1.0 => format!("{} ms", figures(seconds * 1e3)),
        _ => format!("{} s", figures(seconds)),
    }
}

/// A rate with three figures, in thousands or millions.
pub fn a_second(rate: f64) -> String {
    match rate {
        _ if rate >= 1e6 => format!("{} M/s", figures(rate / 1e6)),
        _ if rate >= 1e3 => format!("{} k/s", figures(rate / 1e3)),
        _ => format!("{}/s", figures(rate)),
    }
}

/// A number with three figures.
pub fn figures(number: f64) -> String {
    match number.abs() {
        size if size < 9.995 => format!("{number:.2}"),
        size if size < 99.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

/// A count with commas.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in GiB or MiB.
pub fn bytes(count: u64) -> String {
    let mib = float(count) / 1_048_576.0;
    if mib >= 1024.0 {
        format!("{} GiB", figures(mib / 1024.0))
    } else {
        format!("{} MiB", figures(mib))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(values: impl IntoIterator<Item = u64>) -> Times {
        Times::new(values.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = millis((1..=100).rev());
        assert_eq!(times.median(), Duration::from_millis(50));
        assert_eq!(times.p99(), Duration::from_millis(99));
        assert_eq!(times.per_mille(1000), Duration::from_millis(100));
        assert_eq!(millis([7]).median(), Duration::from_millis(7));
        assert_eq!(millis([7]).p99(), Duration::from_millis(7));
        assert_eq!(millis([]).p99(), Duration::ZERO);
    }

    #[test]
    fn numbers_are_written_with_three_figures_and_a_unit() {
        assert_eq!(time(Duration::from_nanos(460)), "460 ns");
        assert_eq!(time(Duration::from_nanos(1_234)), "1.23 µs");
        assert_eq!(time(Duration::from_micros(12_340)), "12.3 ms");
        assert_eq!(time(Duration::from_secs(123)), "123 s");
        assert_eq!(a_second(2_500_000.0), "2.50 M/s");
        assert_eq!(a_second(61_000.0), "61.0 k/s");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(12), "12");
        assert_eq!(bytes(3 << 30), "3.00 GiB");
        assert!((float(u64::MAX) - 1.844_674_407_370_955_2e19).abs() < 1e6);
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
