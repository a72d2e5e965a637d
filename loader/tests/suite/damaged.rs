//! Random damage to what a site compiles. Whatever is in a file, either nothing is published and what
//! was in force stays, or what is published verifies and holds every row; there is no third outcome.

use std::fs;
use std::path::PathBuf;

use chofuku_engine::generation;
use chofuku_loader::{CompileError, Compiled};
use parquet::file::properties::WriterProperties;

use crate::damage::over_damage;
use crate::history::{as_csv, gzip, parquet_of, rows};
use crate::site::{DRUGS, GOOD, INGREDIENTS, INSTITUTIONS, RULES, Site};

/// Compiles a file of each test, unless `CHOFUKU_FUZZ_INPUTS` asks for more.
const INPUTS: usize = 100;
/// A file is damaged in one place: of files that are damaged all over, none is published.
const PLACES: usize = 1;
/// Enough for several documents of several patients, and few enough that damage meets all of it.
const DOCUMENTS: usize = 5;

/// How often damaged files were published.
#[derive(Debug, Default)]
struct Outcomes {
    published: usize,
    refused: usize,
}

/// A site with a good generation in force, and the files that are damaged in it.
struct Damaged {
    site: Site,
    outcomes: Outcomes,
}

impl Damaged {
    fn new() -> Self {
        let site = Site::new();
        let history = site.history("good.csv", &[GOOD.as_bytes()]);
        site.compile(vec![history]).unwrap();
        Self { site, outcomes: Outcomes::default() }
    }

    /// Compiles, and makes sure that the outcome is one of the two; gives the records in force if
    /// something was published.
    fn compile(&mut self, history: Vec<PathBuf>, what: &[u8]) -> Option<u64> {
        let before = self.site.generation();
        assert!(before.is_some());
        match self.site.compile(history) {
            Ok(compiled) => {
                self.outcomes.published += 1;
                Some(self.in_force(&compiled, what))
            }
            Err(error) => {
                self.outcomes.refused += 1;
                assert_eq!(self.site.generation(), before, "{error}\n{}", shown(what));
                assert!(is_explained(&error), "{error}\n{}", shown(what));
                None
            }
        }
    }

    fn in_force(&self, compiled: &Compiled, what: &[u8]) -> u64 {
        let data = self.site.path("data");
        let verified = generation::verify(&data);
        assert!(
            verified.is_ok(),
            "what is published is damaged
{}",
            shown(what)
        );
        let index = verified.unwrap();
        assert_eq!(index.manifest().generation, compiled.manifest.generation);
        assert!(compiled.rejects.is_empty(), "{:?}", compiled.rejects);
        index.history().dictionary().records()
    }

    /// A run in which all files end in the same way tests half of what it should.
    fn ends(self, published_at_least: usize) {
        let Outcomes { published, refused } = self.outcomes;
        assert!(published >= published_at_least && refused > 10, "{:?}", self.outcomes);
    }
}

/// An error that says where: a file, or rows that were written to the list of what was refused.
fn is_explained(error: &CompileError) -> bool {
    let text = error.to_string();
    [".csv", ".parquet", ".gz", ".zst"].iter().any(|end| text.contains(end))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Damages a file of history; gives how many records each published one must hold.
fn damage_history(name: &str, seed: Vec<u8>, records: impl Fn(&[u8]) -> u64) -> Damaged {
    let mut damaged = Damaged::new();
    let file = damaged.site.path(name);
    over_damage(INPUTS, PLACES, &[seed], |bytes| {
        fs::write(&file, bytes).unwrap();
        if let Some(found) = damaged.compile(vec![file.clone()], bytes) {
            assert_eq!(found, records(bytes), "{}", shown(bytes));
        }
    });
    damaged
}

/// The rows of a CSV file as another reader counts them, without the header.
fn csv_rows(bytes: &[u8]) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    u64::try_from(reader.byte_records().map(Result::unwrap).count()).unwrap()
}

#[test]
fn a_damaged_csv_file_is_refused_or_loses_nothing() {
    damage_history("damaged.csv", as_csv(&rows(DOCUMENTS)), csv_rows).ends(10);
}

#[test]
fn a_damaged_compressed_file_is_refused_or_loses_nothing() {
    let csv = as_csv(&rows(DOCUMENTS));
    let all = csv_rows(&csv);
    damage_history("damaged.csv.gz", gzip(&csv), |_| all).ends(0);
    let zst = zstd::encode_all(csv.as_slice(), 1).unwrap();
    damage_history("damaged.csv.zst", zst, |_| all).ends(0);
}

#[test]
fn a_damaged_parquet_file_is_refused_or_loses_nothing() {
    let rows = rows(DOCUMENTS);
    let parquet = parquet_of(&rows, true, WriterProperties::builder());
    let all = u64::try_from(rows.len()).unwrap();
    damage_history("damaged.parquet", parquet, |_| all).ends(0);
}

#[test]
fn a_damaged_table_is_refused_or_compiled() {
    let rule = "amlodipine,oral,,,amlodipine,oral,,,1,2026-01,10.1,a,,,,,,,\n";
    let rules = format!("{RULES}{rule}");
    for (name, text) in [
        ("ingredients", INGREDIENTS),
        ("drugs", DRUGS),
        ("contraindications", rules.as_str()),
        ("institutions", INSTITUTIONS),
    ] {
        let mut damaged = Damaged::new();
        let file = damaged.site.path("tables").join(format!("{name}.csv"));
        over_damage(INPUTS / 2, PLACES, &[text.as_bytes().to_vec()], |bytes| {
            fs::write(&file, bytes).unwrap();
            let history = damaged.site.path("good.csv");
            if let Some(records) = damaged.compile(vec![history], bytes) {
                assert_eq!(records, 1, "{name}: {}", shown(bytes));
            }
        });
        damaged.ends(1);
    }
}
