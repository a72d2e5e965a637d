//! A run: the data made ready once, then each part in its turn; a part that fails loses only itself.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chofuku_datasets::nation::Format;
use chofuku_engine::check::{Consent, Request};
use chofuku_engine::manifest::{HISTORY, Manifest};
use chofuku_engine::patient::IdentityKey;
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index, generation};

use crate::nation::Nation;
use crate::parts;
use crate::record::{Part, Row};
use crate::workload::{Check, Sample, repeats_for};
use crate::{child, data, engine, history_file};

/// The size that targets of the nation ask for.
pub const NATIONAL_PATIENTS: u64 = 80_000_000;
/// Of 1,000 checks, so many shall have a duplicate.
const DUPLICATES_PER_MILLE: usize = 160;
/// Checks by which the number of repeats is chosen.
const TRIAL: usize = 2_000;
/// Rows that are read to draw patients; of a larger history, a part in even steps.
const SAMPLED_ROWS: u64 = 20_000_000;
/// Larger nations are generated as Parquet only: a patient is some 2 kB of CSV.
const CSV_PATIENTS_MAX: u32 = 5_000_000;

/// What to measure, and with what.
#[derive(Clone, Debug)]
pub struct Options {
    /// Patients to generate, where no history is given.
    pub patients: u32,
    /// The seed of generator and checks.
    pub seed: u64,
    /// Checks that are timed one by one.
    pub checks: usize,
    /// Checks of a batch.
    pub batch: usize,
    /// Patients of the smaller size of P10.
    pub smaller: u32,
    /// A nation that was generated before: `tables/` and `history/`.
    pub history: Option<PathBuf>,
    /// A data directory that was compiled from it before.
    pub data: Option<PathBuf>,
    /// Where to work; large files are removed at the end if it is not given.
    pub work: Option<PathBuf>,
    /// The program `chofuku`.
    pub chofuku: Option<PathBuf>,
    /// A Python, perhaps with `duckdb`.
    pub python: PathBuf,
    /// Records up to which `SQLite` and `DuckDB` take part.
    pub peer_records_max: u64,
    /// The parts to measure; all if empty.
    pub only: Vec<String>,
}

/// A compile that was measured.
#[derive(Clone, Copy, Debug)]
pub struct Compiled {
    /// From start to end.
    pub took: Duration,
    /// The most memory, if it ran as a process of its own.
    pub peak: Option<u64>,
    /// Whether the input was Parquet.
    pub parquet: bool,
    /// Rows of the history.
    pub lines: u64,
}

/// Everything that the parts share.
#[derive(Debug)]
pub struct Bench {
    /// The options of the run.
    pub options: Options,
    /// Where to work.
    pub folder: PathBuf,
    /// Tables and history files.
    pub nation: Nation,
    /// The data directory.
    pub data: PathBuf,
    /// The compile of it, if this run made it.
    pub compiled: Option<Compiled>,
    /// The key of its patients.
    pub key: IdentityKey,
    /// Patients with a past.
    pub sample: Sample,
    /// Checks of random patients, the same for everybody.
    pub checks: Vec<Check>,
    /// The check day.
    pub today: Day,
    /// Patients in the index.
    pub patients: u64,
    /// Records in the index.
    pub records: u64,
    #[expect(dead_code, reason = "its folder goes when the run does")]
    temporary: Option<tempfile::TempDir>,
}

impl Bench {
    /// Generates or takes a nation, compiles it, and draws the checks.
    ///
    /// # Errors
    ///
    /// When the data cannot be made or opened: nothing can be measured then.
    pub fn prepare(options: Options) -> Result<Self> {
        let temporary = if options.work.is_none() { Some(tempfile::tempdir()?) } else { None };
        let own = temporary.as_ref().map(|temporary| temporary.path().to_owned());
        let folder = options.work.clone().or(own).unwrap_or_default();
        fs::create_dir_all(&folder)?;
        let nation = if let Some(history) = &options.history {
            Nation::existing(history)?
        } else {
            let formats: &[Format] = if options.patients > CSV_PATIENTS_MAX {
                &[Format::Parquet]
            } else {
                &[Format::Csv, Format::Parquet]
            };
            Nation::generate(&folder.join("nation"), options.patients, options.seed, formats)?
        };
        let (data, compiled) = if let Some(data) = &options.data {
            (data.clone(), None)
        } else {
            let data = folder.join("data");
            let compiled = compile(&options, &nation, nation.history(), &data)?;
            (data, Some(compiled))
        };
        let (index, key) = generation::open_with_key(&data)?;
        let dictionary = index.history().dictionary();
        let (patients, records) = (dictionary.patients(), dictionary.records());
        let history = nation.history();
        let sparsely = usize::try_from(records.div_ceil(SAMPLED_ROWS))?.max(1);
        let sample = Sample::draw(history, options.checks.max(options.batch), sparsely)?;
        let today = match nation.today {
            Some(today) => Day::from(today),
            None => sample.youngest.parse().context("the history has no day")?,
        };
        let repeats = repeats(&index, &key, &sample, today, options.seed)?;
        let checks = sample.checks(options.checks.max(options.batch), repeats, options.seed);
        Ok(Self {
            options,
            folder,
            nation,
            data,
            compiled,
            key,
            sample,
            checks,
            today,
            patients,
            records,
            temporary,
        })
    }

    /// Whether the run is smaller than what the targets of the nation ask for.
    pub fn smaller(&self) -> bool {
        self.patients < NATIONAL_PATIENTS
    }

    /// The checks that are timed one by one.
    pub fn singles(&self) -> &[Check] {
        self.checks.get(..self.options.checks).unwrap_or(&self.checks)
    }

    /// Checks as the engine takes them, under the official policy.
    ///
    /// # Errors
    ///
    /// When a check is not what the engine can be asked.
    pub fn requests<'c>(&self, checks: &'c [Check], consent: Consent) -> Result<Vec<Request<'c>>> {
        engine::requests(checks, &self.key, self.today, &Policy::OFFICIAL, consent)
    }

    /// The program `chofuku`, given or beside this one.
    pub fn chofuku(&self) -> Option<PathBuf> {
        program(&self.options)
    }

    /// Compiles a history into a new data directory, measured.
    ///
    /// # Errors
    ///
    /// When it does not compile.
    pub fn compile(&self, nation: &Nation, history: &[PathBuf], data: &Path) -> Result<Compiled> {
        compile(&self.options, nation, history, data)
    }

    /// What was measured on, in words.
    pub fn describe(&self) -> String {
        format!(
            "{}; {} patients with records, {} records; {} checks of {} new lines one by one, {} as a batch",
            self.nation.origin,
            crate::stats::thousands(self.patients),
            crate::stats::thousands(self.records),
            crate::stats::thousands(u64::try_from(self.singles().len()).unwrap_or(0)),
            crate::workload::LINES,
            crate::stats::thousands(u64::try_from(self.checks.len()).unwrap_or(0)),
        )
    }
}

/// Measures every part that is wanted, in order, and tells of each when it is through.
pub fn run(bench: &Bench, mut tell: impl FnMut(&Part, Duration)) -> Vec<Part> {
    let only = &bench.options.only;
    let mut parts = Vec::new();
    for (name, measure) in parts::ALL {
        if !only.is_empty() && !only.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)) {
            continue;
        }
        let start = Instant::now();
        let mut part = measure(bench).unwrap_or_else(|error| Part {
            rows: vec![Row::failed(name, &error)],
            ..Part::default()
        });
        name.clone_into(&mut part.name);
        for row in &mut part.rows {
            row.hide(&bench.folder);
        }
        tell(&part, start.elapsed());
        parts.push(part);
    }
    parts
}

/// The share of checks that must repeat a drug of the patient, from a trial of none and of all.
///
/// # Errors
///
/// When a check fails.
pub fn repeats(
    index: &Index,
    key: &IdentityKey,
    sample: &Sample,
    today: Day,
    seed: u64,
) -> Result<usize> {
    let mut shares = [0; 2];
    for (share, repeats) in shares.iter_mut().zip([0, 1000]) {
        let checks = sample.checks(TRIAL, repeats, seed);
        let policy = &Policy::OFFICIAL;
        let requests = engine::requests(&checks, key, today, policy, Consent::None)?;
        *share = engine::per_mille(index, &requests, engine::has_duplicate)?;
    }
    let [without, with] = shares;
    Ok(repeats_for(DUPLICATES_PER_MILLE, without, with))
}

fn program(options: &Options) -> Option<PathBuf> {
    options.chofuku.clone().or_else(|| child::beside("chofuku"))
}

fn compile(
    options: &Options,
    nation: &Nation,
    history: &[PathBuf],
    data: &Path,
) -> Result<Compiled> {
    let start = Instant::now();
    let mut peak = None;
    if let Some(program) = program(options) {
        let mut arguments: Vec<&OsStr> = vec!["compile".as_ref(), "--tables".as_ref()];
        arguments.extend([nation.tables.as_os_str(), "--out".as_ref(), data.as_os_str()]);
        arguments.push("--history".as_ref());
        arguments.extend(history.iter().map(|path| path.as_os_str()));
        peak = child::run(&program, &arguments)?.peak;
    } else {
        data::compile(nation, history, data)?;
    }
    let took = start.elapsed();
    let manifest = Manifest::read(&generation::current(data)?)?;
    let sources = manifest.sources.iter().filter(|source| source.table == HISTORY);
    let parquet = history.iter().any(|path| history_file::is_parquet(path));
    Ok(Compiled { took, peak, parquet, lines: sources.map(|source| source.rows).sum() })
}
