//! Where the data of a run comes from: the one place that knows the generator.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chofuku_datasets::nation::{self, Format, Options};
use jiff::civil::Date;

/// Days that a history spans: a week more than a check looks back on.
const DAYS: u32 = 107;
const PATIENTS_A_FILE: u32 = 10_000_000;

/// Tables and history files, as the loader takes them.
#[derive(Clone, Debug)]
pub struct Nation {
    /// The folder of canonical tables.
    pub tables: PathBuf,
    /// The history as CSV; empty where there is Parquet only.
    pub csv: Vec<PathBuf>,
    /// The same history as Parquet; empty where there is CSV only.
    pub parquet: Vec<PathBuf>,
    /// How it came about, for the record.
    pub origin: String,
    /// The check day, if it was generated here.
    pub today: Option<Date>,
}

impl Nation {
    /// Generates so many patients into a folder, in each of the formats.
    ///
    /// # Errors
    ///
    /// When the folder holds a nation already or a file cannot be written.
    pub fn generate(
        folder: &Path,
        patients: u32,
        seed: u64,
        formats: &[Format],
    ) -> anyhow::Result<Self> {
        let (tables, history) = (folder.join("tables"), folder.join("history"));
        let patients_of_nation = u64::from(patients);
        let options = Options { patients: patients_of_nation, seed, today: today(), days: DAYS };
        let nation = nation::Nation::new(options)?;
        nation.write_tables(&tables)?;
        for format in formats {
            nation.write_history(&history, *format, patients.div_ceil(PATIENTS_A_FILE), |_| {})?;
        }
        let origin = format!("generated nation of {patients} patients, seed {seed}");
        Ok(Self { origin, today: Some(today()), ..Self::existing(folder)? })
    }

    /// A nation that was generated before: a folder with `tables/` and `history/`.
    ///
    /// # Errors
    ///
    /// When it holds no history files.
    pub fn existing(folder: &Path) -> anyhow::Result<Self> {
        let tables = folder.join("tables");
        ensure!(tables.is_dir(), "{}: there is no folder of tables", tables.display());
        let (csv, parquet) = files(&folder.join("history"))?;
        ensure!(!csv.is_empty() || !parquet.is_empty(), "{}: no history files", folder.display());
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self { tables, csv, parquet, origin: format!("the nation in {name}"), today: None })
    }

    /// The history in the form that every reader takes.
    pub fn history(&self) -> &[PathBuf] {
        if self.csv.is_empty() { &self.parquet } else { &self.csv }
    }
}

/// The check day of generated nations.
pub fn today() -> Date {
    jiff::civil::date(2026, 11, 22)
}

fn files(folder: &Path) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    let of = |wanted: &str| {
        let is = |path: &&PathBuf| path.extension().is_some_and(|found| found == wanted);
        paths.iter().filter(is).cloned().collect::<Vec<_>>()
    };
    Ok((of("csv"), of("parquet")))
}
