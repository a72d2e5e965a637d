//! The newest recorded day: time passes for a history as documents are recorded, not as a clock says.
//!
//! A clock that is wrong by a year would else leave out everything, and nothing brings it back.

use chofuku_engine::error::FormatError;
use chofuku_engine::history::row::Row;
use chofuku_engine::{Day, View};
use rayon::prelude::*;

use super::{BUCKETS_A_RUN, Frozen};

/// The day from which on checks are asked: that of the clock, or that of the newest recorded day
/// which is not in the clock's future, whichever is earlier.
///
/// # Errors
///
/// When the generation in force is damaged.
pub(super) fn from(frozen: &Frozen, by_clock: Day) -> Result<Day, FormatError> {
    // Asked for from the day before on.
    let today = by_clock.plus(1);
    let newest = newest(frozen, today)?;
    Ok(newest.map_or(by_clock, |newest| by_clock.min(newest)))
}

/// The newest day of a document up to today, or any that is new enough to believe the clock.
fn newest(frozen: &Frozen, today: Day) -> Result<Option<Day>, FormatError> {
    let is_enough = |newest: &Option<Day>| newest.is_some_and(|day| day.plus(1) >= today);
    let mut newest = amended(frozen, today)?;
    let buckets = frozen.published.index.history().bucket_count();
    let runs: Vec<usize> = (0..buckets).step_by(BUCKETS_A_RUN).collect();
    for round in runs.chunks(rayon::current_num_threads()) {
        if is_enough(&newest) {
            break;
        }
        let found = round.par_iter().map(|first| run(frozen, *first, today));
        newest = newest.max(found.try_reduce(|| None, |one, other| Ok(one.max(other)))?);
    }
    Ok(newest)
}

fn amended(frozen: &Frozen, today: Day) -> Result<Option<Day>, FormatError> {
    let Some(additions) = &frozen.published.additions else { return Ok(None) };
    let mut newest = None;
    for (key, patient) in &frozen.amended {
        let view = View::amended(&frozen.published.index, additions, patient);
        let days = view.documents(*key)?.into_iter().map(|document| document.day);
        newest = newest.max(days.filter(|day| *day <= today).max());
    }
    Ok(newest)
}

fn run(frozen: &Frozen, first: usize, today: Day) -> Result<Option<Day>, FormatError> {
    let history = frozen.published.index.history();
    let mut newest = None;
    for bucket in first..(first + BUCKETS_A_RUN).min(history.bucket_count()) {
        for patient in history.bucket(bucket)? {
            let (_, rows) = patient?;
            let days = rows.rows().iter().map(Row::basis_day);
            newest = newest.max(days.filter(|day| *day <= today).max());
        }
    }
    Ok(newest)
}
