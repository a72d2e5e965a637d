//! P8: a month of checks, counts only, by `chofuku replay`.

use std::ffi::OsStr;

use anyhow::{Context, Result};
use chofuku_engine::check::Consent;
use chofuku_engine::generation;
use serde_json::Value;

use crate::child;
use crate::parts::check::timed;
use crate::record::{Part, Row, at_least, times};
use crate::run::Bench;
use crate::stats::a_second;

const TARGET: &str = "P8 replay";
/// A month of checks in a minute.
const WANTED: f64 = 64.5e6 / 60.0;
/// The target is for two cores.
const CORES: f64 = 2.0;

/// Measures the target.
///
/// # Errors
///
/// When the replay fails or prints no rate.
pub fn measure(bench: &Bench) -> Result<Part> {
    let Some(program) = bench.chofuku() else {
        return Ok(not_measured("needs the program `chofuku`"));
    };
    if child::run(&program, &["replay".as_ref(), "--help".as_ref()]).is_err() {
        return Ok(not_measured("`chofuku replay` is not built yet"));
    }
    let arguments: [&OsStr; 4] =
        ["replay".as_ref(), "--json".as_ref(), "--data".as_ref(), bench.data.as_ref()];
    let ran = child::run(&program, &arguments)?;
    let rate = rate(&serde_json::from_str(&ran.output)?).context("the replay prints no rate")?;
    let index = generation::verify(&bench.data)?;
    let alone = timed(&index, &bench.requests(bench.singles(), Consent::None)?)?;
    let floor = CORES / alone.median().as_secs_f64();
    let row = Row {
        target: TARGET.to_owned(),
        ours: a_second(rate),
        beside: format!("{} single-thread × 2", a_second(floor)),
        ratio: times(rate / floor),
        limit: format!("≥ {}", a_second(WANTED)),
        verdict: at_least(rate, WANTED, bench.smaller()),
    };
    Ok(Part { rows: vec![row], ..Part::default() })
}

fn not_measured(why: &str) -> Part {
    Part { rows: vec![Row::not_measured(TARGET, why)], ..Part::default() }
}

/// Checks a second of the replay itself, without opening and printing.
fn rate(printed: &Value) -> Option<f64> {
    let number = |name: &str| printed.get(name).and_then(Value::as_f64);
    Some(number("checks")? / number("seconds")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_computed() {
        assert_eq!(rate(&serde_json::json!({"checks": 10, "seconds": 4.0})), Some(2.5));
        assert_eq!(rate(&serde_json::json!({"checks": 10})), None);
    }
}
