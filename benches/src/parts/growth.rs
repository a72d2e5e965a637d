//! P10: the same at a smaller size: the check grows no more than the floor, compiling in proportion.

use anyhow::Result;
use chofuku_datasets::nation::Format;
use chofuku_engine::check::Consent;
use chofuku_engine::policy::Policy;
use chofuku_engine::{Index, generation};

use crate::engine;
use crate::floor::Floor;
use crate::nation::Nation;
use crate::parts::check::{InTurn, in_turn};
use crate::record::{Part, Row, at_most, times};
use crate::run::{self, Bench, Compiled};
use crate::stats::{float, ratio, thousands, time};
use crate::workload::Sample;

/// Measures the target.
///
/// # Errors
///
/// When the smaller nation cannot be made.
pub fn measure(bench: &Bench) -> Result<Part> {
    let folder = bench.folder.join("smaller");
    let options = &bench.options;
    let parquet = bench.compiled.is_some_and(|compiled| compiled.parquet);
    let format = if parquet { Format::Parquet } else { Format::Csv };
    let nation = Nation::generate(&folder, options.smaller, options.seed, &[format])?;
    let data = folder.join("data");
    let compiled = bench.compile(&nation, nation.history(), &data)?;
    let (index, key) = {
        let (_, key) = generation::open_with_key(&data)?;
        (generation::verify(&data)?, key)
    };
    let sample = Sample::draw(nation.history(), options.checks, 1)?;
    let repeats = run::repeats(&index, &key, &sample, bench.today, options.seed)?;
    let checks = sample.checks(options.checks, repeats, options.seed);
    let policy = &Policy::OFFICIAL;
    let requests = engine::requests(&checks, &key, bench.today, policy, Consent::Full)?;
    let small = in_turn(&index, &requests, &mut Floor::open(&data)?)?;
    let records = index.history().dictionary().records();
    drop(index);
    let index: Index = generation::verify(&bench.data)?;
    let requests = bench.requests(bench.singles(), Consent::Full)?;
    let large = in_turn(&index, &requests, &mut Floor::open(&bench.data)?)?;
    let mut rows = vec![check_row(bench, &small, &large)];
    rows.push(match bench.compiled {
        None => Row::not_measured("P10 compile", "the data directory was given"),
        Some(compile) => compile_row(bench, compiled, compile),
    });
    let sizes = [(records, &small), (bench.records, &large)].map(|(records, times)| {
        let (check, read) = (time(times.checks.median()), time(times.floor.median()));
        format!("{} records: check {check}, random read {read}", thousands(records))
    });
    std::fs::remove_dir_all(&folder)?;
    Ok(Part { rows, notes: sizes.into(), ..Part::default() })
}

fn check_row(bench: &Bench, small: &InTurn, large: &InTurn) -> Row {
    let ours = ratio(large.checks.median(), small.checks.median());
    let floor = ratio(large.floor.median(), small.floor.median());
    Row {
        target: "P10 check".to_owned(),
        ours: format!("grows {}", times(ours)),
        beside: format!("the read {}", times(floor)),
        ratio: times(ours / floor),
        limit: times(1.0),
        verdict: at_most(ours, floor, bench.smaller()),
    }
}

fn compile_row(bench: &Bench, small: Compiled, large: Compiled) -> Row {
    let time_grows = ratio(large.took, small.took);
    let lines_grow = float(large.lines) / float(small.lines);
    Row {
        target: "P10 compile".to_owned(),
        ours: format!("grows {}", times(time_grows)),
        beside: format!("the lines {}", times(lines_grow)),
        ratio: times(time_grows / lines_grow),
        limit: times(1.3),
        verdict: at_most(time_grows / lines_grow, 1.3, bench.smaller()),
    }
}
