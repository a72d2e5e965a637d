//! How long things took, in buckets: two atomic additions a measurement. The histogram of the library
//! that writes the metrics takes a lock for each, which a check of a microsecond would feel.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the buckets, inclusive, in nanoseconds: from a quarter of a microsecond to ten
/// seconds.
const BOUNDS: [u64; 24] = [
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// Counts of durations.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    beyond: AtomicU64,
    nanoseconds: AtomicU64,
}

/// A histogram at one moment, as it is written: seconds, and counts that are not cumulative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counts {
    pub(crate) sum_seconds: f64,
    pub(crate) count: u64,
    pub(crate) buckets: Vec<(f64, u64)>,
}

impl Histogram {
    /// Counts one duration.
    pub(crate) fn observe(&self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < nanoseconds);
        self.buckets.get(bucket).unwrap_or(&self.beyond).fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(nanoseconds, Relaxed);
    }

    /// What was counted. A duration that is counted meanwhile may be in the sum and not yet in the
    /// count, or the other way round.
    pub(crate) fn counts(&self) -> Counts {
        let seconds = |nanoseconds| Duration::from_nanos(nanoseconds).as_secs_f64();
        let counted = self.buckets.iter().map(|bucket| bucket.load(Relaxed));
        let buckets: Vec<(f64, u64)> = BOUNDS.into_iter().map(seconds).zip(counted).collect();
        let within: u64 = buckets.iter().map(|(_, count)| count).sum();
        Counts {
            sum_seconds: seconds(self.nanoseconds.load(Relaxed)),
            count: within + self.beyond.load(Relaxed),
            buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::default();
        for nanoseconds in [0, 250, 251, 500, 10_000_000_000, 10_000_000_001] {
            histogram.observe(Duration::from_nanos(nanoseconds));
        }
        let Counts { sum_seconds, count, buckets } = histogram.counts();
        let filled: Vec<_> = buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.000_000_25, 2), (0.000_000_5, 2), (10.0, 1)]);
        assert_eq!(count, 6, "what lies beyond the last bound is counted");
        assert!((sum_seconds - 20.000_001_002).abs() < 1e-12, "{sum_seconds}");
    }

    #[test]
    fn bounds_rise() {
        assert!(BOUNDS.is_sorted_by(|one, next| one < next));
    }
}
