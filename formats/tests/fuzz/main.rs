//! The fuzz targets over random damage of the fixtures, on the stable toolchain and bounded by count: no
//! panic and no broken promise, on any input.
//!
//! `CHOFUKU_FUZZ_INPUTS` raises the number of inputs for each target.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test ends the test"
)]

mod damage;
#[expect(unreachable_pub, reason = "the fuzz crate has them in a public module")]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chofuku_formats::eprescription::encode;
use damage::over_damage;
use targets::TARGETS;

/// Inputs a target, unless more are asked for.
const INPUTS: usize = 20_000;
/// In so many places at most is an input damaged.
const PLACES: usize = 6;

/// The fixtures of a target, as they are and in CP932. Whoever adds a target adds its fixtures.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let files: &[&str] = match target {
        "dispensing_result" => &["dispensing_result.csv"],
        "eprescription" => &["prescription.csv", "split.csv"],
        "fhir" => &["fhir_document.json"],
        "inserts" => &["insert.xml"],
        "inserts_classes" => &["classes.csv"],
        "masters_check_master" => &["check_master.csv"],
        "masters_generic_names" => &["generic_names.csv"],
        "masters_hot" => &["hot_master.csv"],
        "masters_interactions_extract" => &["interactions_extract.csv"],
        "masters_pairs" => &["pairs.csv"],
        "masters_price_list" => &["price_list.csv"],
        "masters_receipt" => &["receipt_master.csv"],
        "masters_sheet" => &["sheet.xml", "price_list.csv"],
        "masters_usage" => &["usage_master.csv"],
        "message" => &[
            "prescription.csv",
            "notebook.csv",
            "fhir_document.json",
            "drug_history.xml",
            "receipt.uke",
            "pharmacy_receipt.uke",
        ],
        "notebook" => &["notebook.csv"],
        "online_eligibility" => &["drug_history.xml"],
        "receipt" => &["receipt.uke", "pharmacy_receipt.uke"],
        _ => &[],
    };
    assert!(!files.is_empty(), "{target} has no fixtures");
    let folder = folder().join("tests/fixtures");
    let mut seeds = Vec::new();
    for file in files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        seeds.push(encode(&text).bytes);
        if *file == "fhir_document.json" {
            seeds.push(ndjson(&text));
        }
        seeds.push(text.into_bytes());
    }
    seeds
}

/// The resources of a Bundle, one a line.
fn ndjson(bundle: &str) -> Vec<u8> {
    let bundle: serde_json::Value = serde_json::from_str(bundle).unwrap();
    let entries = bundle["entry"].as_array().unwrap().iter();
    let lines: Vec<String> = entries.map(|entry| entry["resource"].to_string()).collect();
    lines.join("\n").into_bytes()
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a target over damaged fixtures, which it reads whole.
fn run(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name);
    for seed in &seeds {
        assert!(target(seed), "{name} does not read {}", String::from_utf8_lossy(seed));
    }
    let (mut inputs, mut read) = (0_usize, 0_usize);
    over_damage(INPUTS, PLACES, &seeds, |bytes| {
        inputs += 1;
        read += usize::from(target(bytes));
    });
    // A run that reads next to nothing tests nothing.
    assert!(read > inputs / 20, "{name}: {read} of {inputs} were read");
}

macro_rules! each_takes_any_input {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )+

        /// The targets that the tests above run.
        const RUN: &[&str] = &[$(stringify!($name)),+];
    };
}

each_takes_any_input!(
    dispensing_result,
    eprescription,
    fhir,
    inserts,
    inserts_classes,
    masters_check_master,
    masters_generic_names,
    masters_hot,
    masters_interactions_extract,
    masters_pairs,
    masters_price_list,
    masters_receipt,
    masters_sheet,
    masters_usage,
    message,
    notebook,
    online_eligibility,
    receipt,
);

#[test]
fn every_target_is_run_here_and_by_the_fuzzer() {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, RUN);
    let manifest = fs::read_to_string(folder().join("fuzz/Cargo.toml")).unwrap();
    let binaries = fs::read_dir(folder().join("fuzz/fuzz_targets")).unwrap();
    let binaries: BTreeSet<String> = binaries
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(binaries, names.iter().map(|name| (*name).to_owned()).collect());
    for name in names {
        let line = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&line), "the manifest does not name {name}");
        let source = folder().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let source = fs::read_to_string(source).unwrap();
        assert!(source.contains(&format!("targets::{name}(bytes)")), "{name} runs something else");
    }
}

#[test]
fn every_file_that_reads_bytes_has_a_target() {
    let src = folder().join("src");
    let mut open = vec![src.clone()];
    let mut readers = BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        if text.lines().any(|line| line.trim_start().starts_with("pub fn read")) {
            let module: PathBuf = path.strip_prefix(&src).unwrap().with_extension("");
            readers.insert(module.to_str().unwrap().replace('/', "_"));
        }
    }
    assert!(readers.len() > 12, "{readers:?}");
    for reader in readers {
        assert!(RUN.contains(&reader.as_str()), "{reader} has no fuzz target of its name");
    }
}
