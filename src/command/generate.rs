//! `chofuku generate`: a synthetic nation as files that `compile` reads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use chofuku_datasets::nation::{Format, Nation, Options, Totals};
use chofuku_loader::progress::{Progress, Unit};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde_json::json;

use crate::command::{thousands, today_in_japan};
use crate::output::Output;
use crate::progress::Bars;

/// Patients of a file, where the number of files is not given.
const PATIENTS_A_FILE: u64 = 10_000_000;

/// Write tables and the history of a synthetic nation.
///
/// Nobody in it ever lived. The same options give the same bytes on every machine.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// How many patients; a nation as large as Japan has 80,000,000.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000_000))]
    patients: u64,
    /// Another seed gives another nation.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The folder to make; it must be empty or not be there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The format of the history.
    #[arg(long, value_enum, default_value_t = FileFormat::Parquet)]
    format: FileFormat,
    /// How CSV is compressed; Parquet always is.
    #[arg(long, value_enum, default_value_t = Compression::None)]
    compress: Compression,
    /// How many files to split the history into; one for each 10,000,000 patients if not given.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=99_999))]
    files: Option<u32>,
    /// The youngest day of the history; today in Japan if not given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
    /// How many days it spans; a check looks back 100, so the default leaves something outside.
    #[arg(long, value_name = "D", default_value_t = 107,
          value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    Parquet,
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Generate {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let format = self.format()?;
        let (tables, history) = (self.out.join("tables"), self.out.join("history"));
        let began = Instant::now();
        claim(&self.out)?;
        let today = self.today.unwrap_or_else(today_in_japan);
        let (patients, seed, days) = (self.patients, self.seed, self.days);
        let nation = Nation::new(Options { patients, seed, today, days })?;
        nation
            .write_tables(&tables)
            .with_context(|| format!("{}: cannot be written", tables.display()))?;
        let files = self.files.unwrap_or_else(|| {
            u32::try_from(patients.div_ceil(PATIENTS_A_FILE)).unwrap_or(u32::MAX)
        });
        let bars = Bars::default();
        bars.stage("patients", Unit::Rows, Some(patients));
        let totals = nation
            .write_history(&history, format, files, |patients| bars.advance(patients))
            .with_context(|| format!("{}: cannot be written", history.display()))?;
        drop(bars);
        self.tell(&totals, began.elapsed().as_secs_f64(), out)?;
        Ok(ExitCode::SUCCESS)
    }

    fn format(&self) -> anyhow::Result<Format> {
        match (self.format, self.compress) {
            (FileFormat::Parquet, Compression::None) => Ok(Format::Parquet),
            (FileFormat::Csv, Compression::None) => Ok(Format::Csv),
            (FileFormat::Csv, Compression::Gzip) => Ok(Format::CsvGzip),
            (FileFormat::Csv, Compression::Zstd) => Ok(Format::CsvZstd),
            (FileFormat::Parquet, Compression::Gzip | Compression::Zstd) => {
                anyhow::bail!("--compress is for --format csv; Parquet is compressed by itself")
            }
        }
    }

    fn tell(&self, totals: &Totals, seconds: f64, out: Output) -> anyhow::Result<()> {
        let Totals { patients, documents, lines, bytes, files } = totals;
        let dir = self.out.display();
        out.say(format_args!("tables   {dir}/tables (not for clinical use)"))?;
        out.say(format_args!(
            "history  {dir}/history: {} patients, {} documents, {} lines, {} bytes in {} files, \
             {seconds:.1} s",
            thousands(*patients),
            thousands(*documents),
            thousands(*lines),
            thousands(*bytes),
            files.len(),
        ))?;
        out.say(format_args!(
            "\nNext:\n  chofuku compile --tables {dir}/tables --history {dir}/history/history-* \
             --out {dir}/data",
        ))?;
        out.value(&json!({
            "patients": patients,
            "documents": documents,
            "lines": lines,
            "bytes": bytes,
            "files": files,
            "seconds": seconds,
        }))
    }
}

/// Makes the folder, or refuses one that holds anything.
fn claim(folder: &Path) -> anyhow::Result<()> {
    let is_empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| format!("{}: unusable", folder.display())),
    };
    ensure!(is_empty, "{}: is not empty; choose another --out", folder.display());
    fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))
}
