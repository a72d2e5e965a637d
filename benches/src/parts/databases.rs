//! P2: the same rule in `SQLite` and `DuckDB`, on the same data, with the same findings.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, ensure};
use chofuku_engine::check::{Consent, Request, check, check_each};
use chofuku_engine::{Index, generation};

use crate::engine;
use crate::parts::check::once;
use crate::peers::duckdb;
use crate::peers::meaning::Tables;
use crate::peers::past::Pasts;
use crate::peers::sqlite::{Checker, Reading, Sqlite};
use crate::record::{Part, Row, at_least, times};
use crate::run::Bench;
use crate::stats::{Times, a_second, length, median, ratio, thousands, time};
use crate::workload::Check;

const SQLITE: &str = "P2 SQLite";
const DUCKDB: &str = "P2 DuckDB";
/// Checks that one side answers before the other has its turn: few enough that both see the same machine,
/// and so many that hardly any begins with the caches full of what the other side reads.
const BLOCK: usize = 2_500;
const WARM_UP: usize = 2_000;
/// How often the engine answers the batch.
const ROUNDS: usize = 3;

/// Measures the target.
///
/// # Errors
///
/// When a database cannot be loaded or asked.
pub fn measure(bench: &Bench) -> Result<Part> {
    if bench.records > bench.options.peer_records_max {
        let why = format!("{} records are more than the peers take", thousands(bench.records));
        let rows = vec![Row::not_measured(SQLITE, &*why), Row::not_measured(DUCKDB, &*why)];
        return Ok(Part { rows, ..Part::default() });
    }
    let index = generation::verify(&bench.data)?;
    let start = Instant::now();
    let sqlite = {
        let pasts = Pasts::read(bench.nation.history())?;
        let tables = Tables::read(&bench.nation.tables)?;
        Sqlite::load(&bench.folder.join("peer.sqlite"), &tables, &pasts)?
    };
    let loaded = start.elapsed();
    let mut part = Part::default();
    part.notes.push(format!("SQLite took {} to load the same history", time(loaded)));
    let row = row_by_row(bench, &index, &sqlite, &mut part.notes);
    part.rows.push(row.unwrap_or_else(|error| Row::failed(SQLITE, &error)));
    let row = as_a_batch(bench, &index, &sqlite, &mut part.notes);
    part.rows.push(row.unwrap_or_else(|error| Row::failed(DUCKDB, &error)));
    Ok(part)
}

/// Check by check, the two in turn.
fn row_by_row(
    bench: &Bench,
    index: &Index,
    sqlite: &Sqlite,
    notes: &mut Vec<String>,
) -> Result<Row> {
    let checks = bench.singles();
    let requests = bench.requests(checks, Consent::Full)?;
    let mut checker = sqlite.checker(Reading::Official, i64::from(bench.today.number()))?;
    let pairs = same_counts(index, checks, &requests, &mut checker)?;
    for (request, asked) in requests.iter().zip(checks).take(WARM_UP) {
        once(index, request)?;
        black_box(checker.check(asked)?);
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (block, asked) in requests.chunks(BLOCK).zip(checks.chunks(BLOCK)) {
        for request in block {
            ours.push(once(index, request)?);
        }
        for check in asked {
            let start = Instant::now();
            drop(black_box(checker.check(black_box(check))?));
            theirs.push(start.elapsed());
        }
    }
    let (ours, theirs) = (Times::new(ours), Times::new(theirs));
    notes.push(format!(
        "both found the same {} pairs of a new line and a record in each of {} checks; SQLite p99 {}, \
         the engine's {}",
        thousands(pairs),
        thousands(u64::try_from(checks.len())?),
        time(theirs.p99()),
        time(ours.p99()),
    ));
    let faster = ratio(theirs.median(), ours.median());
    Ok(Row {
        target: SQLITE.to_owned(),
        ours: time(ours.median()),
        beside: format!("{} SQLite", time(theirs.median())),
        ratio: times(faster),
        limit: "≥ 20 ×".to_owned(),
        verdict: at_least(faster, 20.0, false),
    })
}

/// Refuses figures of two sides that find different things.
fn same_counts(
    index: &Index,
    checks: &[Check],
    requests: &[Request<'_>],
    checker: &mut Checker<'_>,
) -> Result<u64> {
    let mut pairs = 0;
    for (asked, request) in checks.iter().zip(requests) {
        let ours = engine::count(&check(index, request)?);
        let told = checker.check(asked)?;
        let duplicates = told.iter().filter(|told| told.pair.ingredients.is_none()).count();
        let theirs = (u64::try_from(duplicates)?, u64::try_from(told.len() - duplicates)?);
        ensure!(ours == theirs, "the engine found {ours:?}, SQLite {theirs:?} in {asked:?}");
        pairs += ours.0 + ours.1;
    }
    Ok(pairs)
}

/// All checks as one set, on one thread each.
fn as_a_batch(
    bench: &Bench,
    index: &Index,
    sqlite: &Sqlite,
    notes: &mut Vec<String>,
) -> Result<Row> {
    let python = &bench.options.python;
    if !duckdb::is_there(python) {
        let why = format!("{} has no package duckdb", python.display());
        return Ok(Row::not_measured(DUCKDB, why));
    }
    let today = i64::from(bench.today.number());
    let folder = bench.folder.join("duckdb");
    let theirs = duckdb::ask(python, &folder, sqlite, &bench.checks, today)?;
    let requests = bench.requests(&bench.checks, Consent::Full)?;
    let answers = check_each(index, &requests);
    for ((answer, asked), theirs) in answers.zip(&bench.checks).zip(&theirs.counts) {
        let ours = engine::count(&answer?);
        ensure!(ours == *theirs, "the engine found {ours:?}, DuckDB {theirs:?} in {asked:?}");
    }
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for answer in check_each(index, black_box(&requests)) {
            drop(black_box(answer?));
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    let count = length(requests.len());
    let (ours, beside) = (count / median(seconds), count / theirs.seconds);
    notes.push(format!(
        "DuckDB {}: one query over {} checks with one thread, the evidence into a table; the same counts in \
         each check",
        theirs.version,
        thousands(u64::try_from(requests.len())?),
    ));
    Ok(Row {
        target: DUCKDB.to_owned(),
        ours: format!("{} a core", a_second(ours)),
        beside: format!("{} DuckDB", a_second(beside)),
        ratio: times(ours / beside),
        limit: "≥ 3 ×".to_owned(),
        verdict: at_least(ours / beside, 3.0, false),
    })
}
