//! P9: the patient with the most records and twenty new lines, beside the median patient.

use anyhow::Result;
use chofuku_engine::check::Consent;
use chofuku_engine::generation;

use crate::parts::check::once;
use crate::record::{Part, Row, at_most, times};
use crate::run::Bench;
use crate::stats::{Times, ratio, time};
use crate::workload::LINES_OF_THE_WORST;

const LIMIT_MICROS: f64 = 20.0;
/// Checks of other patients before each, so that its lines are not still in the cache.
const OTHERS: usize = 8;
const ROUNDS: usize = 2_000;

/// Measures the target.
///
/// # Errors
///
/// When a check fails.
pub fn measure(bench: &Bench) -> Result<Part> {
    let index = generation::verify(&bench.data)?;
    let worst = [bench.sample.worst(bench.options.seed)];
    let worst = bench.requests(&worst, Consent::Full)?;
    let others = bench.requests(bench.singles(), Consent::Full)?;
    let (mut worst_times, mut other_times) = (Vec::new(), Vec::new());
    let mut others = others.iter().cycle();
    for _ in 0..ROUNDS {
        for request in others.by_ref().take(OTHERS) {
            other_times.push(once(&index, request)?);
        }
        for request in &worst {
            worst_times.push(once(&index, request)?);
        }
    }
    let (worst, other) = (Times::new(worst_times), Times::new(other_times));
    let (records, documents) = bench.sample.longest();
    let micros = worst.median().as_secs_f64() * 1e6;
    Ok(Part {
        rows: vec![Row {
            target: "P9 worst patient".to_owned(),
            ours: time(worst.median()),
            beside: format!("{} median patient", time(other.median())),
            ratio: times(ratio(worst.median(), other.median())),
            limit: "20 µs".to_owned(),
            verdict: at_most(micros, LIMIT_MICROS, bench.smaller()),
        }],
        notes: vec![format!(
            "{records} records in {documents} documents, {LINES_OF_THE_WORST} new lines, up to half of them \
             the patient's own; {OTHERS} other patients before each; p99 {}. The target names 81 dispensings \
             and 300 records: this is the longest past that was met in the files",
            time(worst.p99()),
        )],
        ..Part::default()
    })
}
