//! P6: from open to the first answer, and a swap of generations while requests run.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use chofuku_engine::check::{Consent, check};
use chofuku_engine::generation;
use chofuku_server::in_the_background;

use crate::client::{self, Load, Outcome};
use crate::record::{Part, Row, at_most, times};
use crate::run::Bench;
use crate::stats::{Times, a_second, length, ratio, thousands, time};
use crate::{data, engine, serve};

const CONNECTIONS: usize = 8;
/// Two thousand requests a second: far above a nation's 30, far below what a core can do, so that
/// waiting shows and the client does not fight the server for the cores.
const PACE: Duration = Duration::from_millis(4);
/// Before the first swap, for what is normal.
const CALM: Duration = Duration::from_secs(3);
const SWAPS: u32 = 3;
const FIRST_ANSWER: f64 = 2.0;

/// Measures the target.
///
/// # Errors
///
/// When the generation cannot be opened or a server not be started.
pub fn measure(bench: &Bench) -> Result<Part> {
    data::cool(&bench.data)?;
    let cold = first_answer(bench)?;
    data::warm(&bench.data)?;
    let warm = first_answer(bench)?;
    let under_load = under_load(bench)?;
    let limit = Duration::from_secs_f64(FIRST_ANSWER);
    let row = |target: &str, ours: Duration| Row {
        target: target.to_owned(),
        ours: time(ours),
        beside: String::new(),
        ratio: String::new(),
        limit: time(limit),
        verdict: at_most(ours.as_secs_f64(), FIRST_ANSWER, bench.smaller()),
    };
    let (calm, during) = (&under_load.calm, &under_load.during);
    let slower = ratio(during.p99(), calm.p99());
    Ok(Part {
        rows: vec![
            row("P6 first answer, warm", warm),
            row("P6 first answer, cold", cold),
            Row {
                target: "P6 failed requests".to_owned(),
                ours: under_load.failed.to_string(),
                beside: String::new(),
                ratio: String::new(),
                limit: "0".to_owned(),
                verdict: at_most(
                    1.0 + crate::stats::float(under_load.failed),
                    1.0,
                    bench.smaller(),
                ),
            },
            Row {
                target: "P6 p99 in a swap".to_owned(),
                ours: time(during.p99()),
                beside: format!("{} without", time(calm.p99())),
                ratio: times(slower),
                limit: times(5.0),
                verdict: at_most(slower, 5.0, bench.smaller()),
            },
        ],
        notes: vec![format!(
            "{SWAPS} swaps of {} each, from opening to the last drop of the old index, on the threads that a \
             server has for it; {CONNECTIONS} \
             connections with {} in all; {} requests answered during swaps and {} before; a request \
             counts from when it was due",
            time(under_load.swap),
            a_second(length(CONNECTIONS) / PACE.as_secs_f64()),
            thousands(u64::try_from(during.count())?),
            thousands(u64::try_from(calm.count())?),
        )],
        ..Part::default()
    })
}

fn first_answer(bench: &Bench) -> Result<Duration> {
    let asked = bench.singles().first().map(std::slice::from_ref).unwrap_or_default();
    let start = Instant::now();
    let (index, _) = generation::open_with_key(&bench.data)?;
    for request in &bench.requests(asked, Consent::Full)? {
        drop(check(&index, request)?);
    }
    Ok(start.elapsed())
}

struct UnderLoad {
    calm: Times,
    during: Times,
    failed: u64,
    /// The mean time of a swap.
    swap: Duration,
}

fn under_load(bench: &Bench) -> Result<UnderLoad> {
    let bodies = bench.singles().iter().map(|check| engine::body(check, bench.today));
    let requests: Arc<[Vec<u8>]> = bodies.map(|body| client::request(&body)).collect();
    let index = Arc::new(generation::verify(&bench.data)?);
    let (server, live) = serve::checks(index, bench.key.clone(), bench.today)?;
    let address = server.address;
    let load = |lasts| Load { pace: Some(PACE), ..Load::of(CONNECTIONS, lasts) };
    client::drive(address, &requests, load(CALM / 3))?;
    let calm = client::drive(address, &requests, load(CALM))?;
    // How long the swaps take is not known before; the client is told to stop when they are done.
    let threads = in_the_background()?;
    let open = || threads.install(|| generation::open(&bench.data));
    let one = Instant::now();
    drop(open()?);
    let lasts = (one.elapsed() * 2 + Duration::from_secs(1)) * SWAPS;
    let client = thread::spawn(move || client::drive(address, &requests, load(lasts)));
    let mut windows = Vec::new();
    for _ in 0..SWAPS {
        thread::sleep(lasts / (SWAPS * 4));
        let start = Instant::now();
        let next = Arc::new(open()?);
        drop(live.swap(next)?);
        windows.push((start, Instant::now()));
    }
    let swapped = client.join().map_err(|_| anyhow!("the client broke"))??;
    let swap = windows.iter().map(|(start, end)| *end - *start).sum::<Duration>() / SWAPS;
    let during = overlapping(&swapped, &windows);
    let calm_times = Times::new(calm.answered.into_iter().map(|(_, took)| took).collect());
    ensure!(calm_times.count() > 0, "nothing was answered: {}", calm.refusal.unwrap_or_default());
    Ok(UnderLoad { calm: calm_times, during, failed: calm.failed + swapped.failed, swap })
}

/// The requests that ran while a swap did.
fn overlapping(outcome: &Outcome, windows: &[(Instant, Instant)]) -> Times {
    let during = outcome.answered.iter().filter(|(start, took)| {
        windows.iter().any(|(from, to)| *start <= *to && *start + *took >= *from)
    });
    Times::new(during.map(|(_, took)| *took).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_runs_into_a_swap_counts() {
        let zero = Instant::now();
        let at = |millis| zero + Duration::from_millis(millis);
        let answered = vec![
            (at(0), Duration::from_millis(5)),
            (at(8), Duration::from_millis(5)),
            (at(11), Duration::from_millis(1)),
            (at(21), Duration::from_millis(1)),
        ];
        let outcome = Outcome { answered, ..Outcome::default() };
        assert_eq!(overlapping(&outcome, &[(at(10), at(20))]).count(), 2);
    }
}
