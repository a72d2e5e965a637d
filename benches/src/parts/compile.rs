//! P4: compile, beside reading and parsing the same input and doing nothing with it.

use std::time::Instant;

use anyhow::Result;

use crate::history_file;
use crate::record::{Part, Row, at_least, at_most};
use crate::run::{Bench, Compiled};
use crate::stats::{a_second, bytes, float, rate, ratio, time};

const GIB: f64 = 1_073_741_824.0;
const MEMORY_GIB: f64 = 8.0;

/// Measures the target.
///
/// # Errors
///
/// When the input cannot be read.
pub fn measure(bench: &Bench) -> Result<Part> {
    let mut part = Part::default();
    let mut peak = None;
    for (target, parquet, wanted) in [("P4 Parquet", true, 2e6), ("P4 CSV", false, 1e6)] {
        match compiled(bench, parquet) {
            Ok(Some(compiled)) => {
                part.rows.push(row(bench, target, compiled, wanted, &mut part.notes)?);
                peak = peak.max(compiled.peak);
            }
            Ok(None) => part.rows.push(Row::not_measured(target, why_not(bench, parquet))),
            Err(error) if parquet && reads_as_csv(&error) => {
                let why = "the loader does not read Parquet yet";
                part.rows.push(Row::not_measured(target, why));
            }
            Err(error) => part.rows.push(Row::failed(target, &error)),
        }
    }
    part.rows.push(match peak {
        None => Row::not_measured("P4 memory", "needs the program `chofuku` to run as a child"),
        Some(peak) => Row {
            target: "P4 memory".to_owned(),
            ours: bytes(peak),
            beside: String::new(),
            ratio: String::new(),
            limit: "8 GiB".to_owned(),
            verdict: at_most(float(peak) / GIB, MEMORY_GIB, bench.smaller()),
        },
    });
    Ok(part)
}

/// Whether the loader took a file for CSV and missed its columns.
fn reads_as_csv(error: &anyhow::Error) -> bool {
    format!("{error:#}").contains("column document is missing")
}

/// A compile from that format: the one of this run's data, or another into a folder of its own.
fn compiled(bench: &Bench, parquet: bool) -> Result<Option<Compiled>> {
    if let Some(compiled) = bench.compiled.filter(|compiled| compiled.parquet == parquet) {
        return Ok(Some(compiled));
    }
    let history = if parquet { &bench.nation.parquet } else { &bench.nation.csv };
    // With a data directory given, the nation may be too large to compile by the way.
    if history.is_empty() || bench.compiled.is_none() {
        return Ok(None);
    }
    let data = bench.folder.join("data-of-the-other-format");
    let compiled = bench.compile(&bench.nation, history, &data)?;
    std::fs::remove_dir_all(&data)?;
    Ok(Some(compiled))
}

fn why_not(bench: &Bench, parquet: bool) -> &'static str {
    let history = if parquet { &bench.nation.parquet } else { &bench.nation.csv };
    match (history.is_empty(), parquet) {
        (false, _) => "the data directory was given",
        (true, true) => "the history has no Parquet files",
        (true, false) => "the history has no CSV files",
    }
}

fn row(
    bench: &Bench,
    target: &str,
    compiled: Compiled,
    wanted: f64,
    notes: &mut Vec<String>,
) -> Result<Row> {
    let history = if compiled.parquet { &bench.nation.parquet } else { &bench.nation.csv };
    let start = Instant::now();
    let rows = history_file::parse_only(history)?;
    let parsing = start.elapsed();
    let ours = rate(compiled.lines, compiled.took);
    notes.push(format!(
        "{target}: {} lines in {}, the whole process; reading and parsing alone, on one thread, takes {}; \
         the files have {}; peak memory {}",
        crate::stats::thousands(compiled.lines),
        time(compiled.took),
        time(parsing),
        bytes(history_file::total_bytes(history)?),
        compiled.peak.map_or_else(|| "not measured".to_owned(), bytes),
    ));
    Ok(Row {
        target: target.to_owned(),
        ours: a_second(ours),
        beside: format!("{} parsing", a_second(rate(rows, parsing))),
        ratio: crate::record::times(ratio(compiled.took, parsing)),
        limit: format!("≥ {}", a_second(wanted)),
        verdict: at_least(ours, wanted, bench.smaller()),
    })
}
