//! P7: durable registrations at 64 clients, beside bare `redb` with batches of as many.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use chofuku_engine::generation;
use chofuku_live::Registry;
use chofuku_log::{RedbLog, Shard};
use redb::{Database, Durability, TableDefinition};

use crate::client::{self, Load};
use crate::record::{Part, Row, at_least};
use crate::run::Bench;
use crate::stats::{Times, a_second, length, time};
use crate::{engine, serve};

const CLIENTS: usize = 64;
const LASTS: Duration = Duration::from_secs(4);
/// More than can be registered in that time.
const DOCUMENTS: usize = 100_000;
/// Connections that check meanwhile, and how often each does.
const CHECKERS: usize = 4;
const PACE: Duration = Duration::from_millis(4);
const TARGET: f64 = 5_000.0;

/// Measures the target.
///
/// # Errors
///
/// When a server cannot be started, a request fails, or an event is not there afterwards.
pub fn measure(bench: &Bench) -> Result<Part> {
    let folder = tempfile::tempdir_in(bench.data.parent().unwrap_or(&bench.data))?;
    let file = folder.path().join("events.redb");
    let index = Arc::new(generation::verify(&bench.data)?);
    let open = || RedbLog::open(&file, &[]).context("the log cannot be opened");
    let registry = Registry::start(Arc::clone(&index), Box::new(open()?), &|_, _| {})?;
    let server = serve::registrations(registry, bench.key.clone(), bench.today)?;
    let bodies = bench.singles().iter().cycle().take(DOCUMENTS).enumerate();
    let documents = bodies.map(|(number, check)| {
        client::request_to("/v1/documents", &engine::document(check, number, bench.today))
    });
    let documents: Arc<[Vec<u8>]> = documents.collect();
    let bytes = length(documents.iter().map(Vec::len).sum()) / length(documents.len());
    let checks = bench.singles().iter().map(|check| engine::body(check, bench.today));
    let checks: Arc<[Vec<u8>]> = checks.map(|body| client::request(&body)).collect();
    let check = |lasts| Load { pace: Some(PACE), ..Load::of(CHECKERS, lasts) };
    let idle = client::drive(server.address, &checks, check(LASTS / 2))?;
    let address = server.address;
    let checking = thread::spawn(move || client::drive(address, &checks, check(LASTS)));
    let registering = Load { once: true, status: 201, ..Load::of(CLIENTS, LASTS) };
    let registered = client::drive(address, &documents, registering)?;
    let busy = checking.join().map_err(|_| anyhow!("the client broke"))??;
    let outcomes = [&registered, &busy, &idle];
    if let Some(refusal) = outcomes.iter().find_map(|outcome| outcome.refusal.as_ref()) {
        bail!("{} requests failed, the first with: {refusal}", registered.failed + busy.failed);
    }
    drop(server);
    let durable = chofuku_log::verify(&open()?, Shard(0))?.sequence;
    let answered = length(registered.answered.len());
    if length(usize::try_from(durable)?) < answered {
        bail!("{answered} registrations were answered, {durable} are in the log");
    }
    let rate = answered / registered.took.as_secs_f64();
    let floor = bare(&folder.path().join("bare.redb"), &documents)?;
    let waits = Times::new(registered.answered.iter().map(|(_, took)| *took).collect());
    let times = |outcome: client::Outcome| {
        Times::new(outcome.answered.into_iter().map(|(_, took)| took).collect())
    };
    let (idle, busy) = (times(idle), times(busy));
    Ok(Part {
        rows: vec![Row {
            target: "P7 registrations".to_owned(),
            ours: a_second(rate),
            beside: format!("{} bare redb", a_second(floor)),
            ratio: format!("{:.2} ×", rate / floor),
            limit: "≥ 5.00 k/s".to_owned(),
            verdict: at_least(rate, TARGET, false),
        }],
        notes: vec![
            format!(
                "{CLIENTS} clients over loopback, each document of {bytes:.0} bytes with its head answered when \
                 it is durable; {answered:.0} answered, all of them in the log afterwards; one took {} \
                 median, {} p99; bare redb commits batches of {CLIENTS} of the same bytes",
                time(waits.median()),
                time(waits.p99()),
            ),
            format!(
                "checks at the same time: {} median, {} p99; on the idle server {} and {}",
                time(busy.median()),
                time(busy.p99()),
                time(idle.median()),
                time(idle.p99()),
            ),
        ],
        ..Part::default()
    })
}

/// Rows a second that `redb` alone makes durable, in batches of as many as there are clients.
fn bare(file: &std::path::Path, rows: &[Vec<u8>]) -> Result<f64> {
    const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");
    let database = Database::create(file)?;
    let start = Instant::now();
    let mut written = 0;
    for batch in rows.chunks(CLIENTS) {
        let mut transaction = database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        let mut table = transaction.open_table(TABLE)?;
        for row in batch {
            table.insert(written, row.as_slice())?;
            written += 1;
        }
        drop(table);
        transaction.commit()?;
        if start.elapsed() >= LASTS {
            break;
        }
    }
    Ok(length(usize::try_from(written)?) / start.elapsed().as_secs_f64())
}
