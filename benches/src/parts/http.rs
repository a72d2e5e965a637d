//! P3: `POST /v1/check` over loopback, beside a bare hyper echo of the same bodies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use chofuku_engine::generation;

use crate::client::{self, Load};
use crate::record::{Part, Row, at_least, at_most, times};
use crate::run::Bench;
use crate::stats::{Times, a_second, length, median, ratio, time};
use crate::{engine, serve};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 3;
const LASTS: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_millis(500);

/// What one side reached in all rounds.
#[derive(Debug, Default)]
struct Side {
    rates: Vec<f64>,
    alone: Vec<Duration>,
}

/// Measures the target.
///
/// # Errors
///
/// When a server cannot be started or a request fails.
pub fn measure(bench: &Bench) -> Result<Part> {
    let index = Arc::new(generation::verify(&bench.data)?);
    let bodies = bench.singles().iter().map(|check| engine::body(check, bench.today));
    let requests: Arc<[Vec<u8>]> = bodies.map(|body| client::request(&body)).collect();
    let (server, _) = serve::checks(index, bench.key.clone(), bench.today)?;
    let echo = serve::echo()?;
    let (mut ours, mut floor) = (Side::default(), Side::default());
    for address in [echo.address, server.address] {
        client::drive(address, &requests, load(CONNECTIONS, WARM_UP))?;
    }
    for _ in 0..ROUNDS {
        floor.round(echo.address, &requests)?;
        ours.round(server.address, &requests)?;
    }
    let bytes = length(requests.iter().map(Vec::len).sum()) / length(requests.len());
    let (our_rate, floor_rate) = (median(ours.rates), median(floor.rates));
    let (our_times, floor_times) = (Times::new(ours.alone), Times::new(floor.alone));
    let slower = ratio(our_times.median(), floor_times.median());
    Ok(Part {
        rows: vec![
            Row {
                target: "P3 throughput".to_owned(),
                ours: a_second(our_rate),
                beside: format!("{} echo", a_second(floor_rate)),
                ratio: times(our_rate / floor_rate),
                limit: "≥ 0.75 ×".to_owned(),
                verdict: at_least(our_rate / floor_rate, 0.75, false),
            },
            Row {
                target: "P3 one connection".to_owned(),
                ours: time(our_times.median()),
                beside: format!("{} echo", time(floor_times.median())),
                ratio: times(slower),
                limit: times(1.5),
                verdict: at_most(slower, 1.5, false),
            },
        ],
        notes: vec![format!(
            "{CONNECTIONS} connections, then one; each server has one worker thread, the client another; \
             median of {ROUNDS} rounds of {} in turn; requests of {bytes:.0} bytes with their heads; the \
             echo answers with the body of the request, the check with full findings; p99 at one \
             connection {}, of the echo {}",
            time(LASTS),
            time(our_times.p99()),
            time(floor_times.p99()),
        )],
        ..Part::default()
    })
}

impl Side {
    fn round(&mut self, address: SocketAddr, requests: &Arc<[Vec<u8>]>) -> Result<()> {
        let many = client::drive(address, requests, load(CONNECTIONS, LASTS))?;
        let alone = client::drive(address, requests, load(1, LASTS / 2))?;
        if let Some(refusal) = many.refusal.or(alone.refusal) {
            bail!("{} requests failed, the first with: {refusal}", many.failed + alone.failed);
        }
        self.rates.push(length(many.answered.len()) / many.took.as_secs_f64());
        self.alone.extend(alone.answered.into_iter().map(|(_, took)| took));
        Ok(())
    }
}

fn load(connections: usize, lasts: Duration) -> Load {
    Load::of(connections, lasts)
}
