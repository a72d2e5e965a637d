//! P1: one check on one thread, beside one dependent random read over the same file.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use chofuku_engine::Index;
use chofuku_engine::check::{Answer, Consent, Request, check};
use chofuku_engine::generation;

use crate::floor::Floor;
use crate::record::{Part, Row, at_most, times};
use crate::run::Bench;
use crate::stats::{Times, ratio, time};
use crate::{data, engine};

/// Checks between two runs of reads.
const BLOCK: usize = 500;
/// Chains of reads in a run: few, since each fills caches with what no check asks for, and a server that
/// checks does nothing of the kind between its checks.
const CHAINS: usize = 25;
/// Checks before the clock counts.
const WARM_UP: usize = 2_000;
/// Checks without any page in memory; each costs several reads of the disk.
const COLD: usize = 2_000;

/// The times of checks and, in turn with them, of floor reads.
#[derive(Debug)]
pub struct InTurn {
    /// Of each check.
    pub checks: Times,
    /// Of one read, from chains.
    pub floor: Times,
}

/// Measures the target.
///
/// # Errors
///
/// When the generation cannot be opened or a check fails.
pub fn measure(bench: &Bench) -> Result<Part> {
    let singles = bench.singles();
    let requests = bench.requests(singles, Consent::Full)?;
    let few = requests.get(..COLD).unwrap_or(&requests);
    data::cool(&bench.data)?;
    let cold = timed(&generation::open(&bench.data)?, few)?;
    data::warm(&bench.data)?;
    let first_touch = timed(&generation::open(&bench.data)?, few)?;
    // Verifying reads every block through the index: what a server has done after a while.
    let index = generation::verify(&bench.data)?;
    let mut floor = Floor::open(&bench.data)?;
    let warm = in_turn(&index, &requests, &mut floor)?;
    let mut asked = singles.to_vec();
    bench.sample.with_askers(&mut asked, bench.options.seed);
    let variant = |requests: &[Request<'_>]| timed(&index, requests);
    let with_askers = variant(&bench.requests(&asked, Consent::Full)?)?;
    let withheld = variant(&bench.requests(singles, Consent::None)?)?;
    let with_ids = Times::new(
        requests.iter().map(|request| clocked(&index, request, hash_ids)).collect::<Result<_>>()?,
    );
    let found = engine::per_mille(&index, &requests, |answer| !answer.findings.is_empty())?;
    let duplicates = engine::per_mille(&index, &requests, engine::has_duplicate)?;
    let read = warm.floor.median();
    let row = |target: &str, ours: Duration, limit: f64| Row {
        target: target.to_owned(),
        ours: time(ours),
        beside: format!("{} a random read", time(read)),
        ratio: times(ratio(ours, read)),
        limit: times(limit),
        verdict: at_most(ratio(ours, read), limit, bench.smaller()),
    };
    let tail =
        |times: &Times| format!("{} median, {} p99", time(times.median()), time(times.p99()));
    Ok(Part {
        rows: vec![
            row("P1 median", warm.checks.median(), 2.0),
            row("P1 p99", warm.checks.p99(), 5.0),
        ],
        notes: vec![
            format!(
                "warm, one thread, full consent with evidence: {}; the read: {}; reading the clock \
                     is in each check: {}; the request has just been read, its patient's past has not",
                tail(&warm.checks),
                tail(&warm.floor),
                time(clock())
            ),
            format!("{} of 1,000 checks have a finding, {duplicates} a duplicate", found),
            format!("the same with an asker named in every second check: {}", tail(&with_askers)),
            format!("the same with consent `none`: {}", tail(&withheld)),
            format!(
                "the same with the id of each finding hashed, which is part of writing the answer: {}",
                tail(&with_ids)
            ),
            format!(
                "pages in memory, but each block read for the first time: {}",
                tail(&first_touch)
            ),
            format!("cold, no page in memory, the first {} checks: {}", few.len(), tail(&cold)),
        ],
        ..Part::default()
    })
}

/// Times checks and floor reads in turn, block by block, so that both see the same machine.
///
/// # Errors
///
/// When a check fails.
pub fn in_turn(index: &Index, requests: &[Request<'_>], floor: &mut Floor) -> Result<InTurn> {
    timed(index, requests.get(..WARM_UP).unwrap_or(requests))?;
    let (mut checks, mut reads) = (Vec::with_capacity(requests.len()), Vec::new());
    for block in requests.chunks(BLOCK) {
        for request in block {
            checks.push(once(index, request)?);
        }
        reads.extend((0..CHAINS).map(|_| floor.read()));
    }
    Ok(InTurn { checks: Times::new(checks), floor: Times::new(reads) })
}

/// The time of each check.
///
/// # Errors
///
/// When a check fails.
pub fn timed(index: &Index, requests: &[Request<'_>]) -> Result<Times> {
    let times = requests.iter().map(|request| once(index, request)).collect::<Result<_>>()?;
    Ok(Times::new(times))
}

/// The time of one check, its answer dropped.
///
/// # Errors
///
/// When the check fails.
pub fn once(index: &Index, request: &Request<'_>) -> Result<Duration> {
    clocked(index, request, |_| ())
}

/// The time of one check and of what is done with its answer, which is dropped.
fn clocked(index: &Index, request: &Request<'_>, then: impl Fn(&Answer<'_>)) -> Result<Duration> {
    touch(request);
    let start = Instant::now();
    let answer = check(index, black_box(request))?;
    then(&answer);
    drop(black_box(answer));
    Ok(start.elapsed())
}

fn hash_ids(answer: &Answer<'_>) {
    for finding in &answer.findings {
        black_box(finding.id());
    }
}

/// Reads a request, as whoever asks has just done: it came from a socket or a file.
fn touch(request: &Request<'_>) {
    for line in &request.lines {
        let texts = [line.code, line.name.unwrap_or_default()];
        let sum = texts.into_iter().flat_map(str::bytes).fold(0, |sum, byte| sum ^ byte);
        black_box(sum);
    }
}

/// What reading the clock twice costs.
fn clock() -> Duration {
    Times::new((0..1000).map(|_| Instant::now().elapsed()).collect()).median()
}
