//! The harness: `report`, `national`, `soak` and `agree`. Arguments, one call, and what a person reads of it.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use chofuku_benches::agree;
use chofuku_benches::machine::Machine;
use chofuku_benches::peers::meaning::Tables;
use chofuku_benches::peers::past::Pasts;
use chofuku_benches::peers::sqlite::Sqlite;
use chofuku_benches::record::{Part, Record};
use chofuku_benches::run::{self, Bench, NATIONAL_PATIENTS, Options};
use chofuku_benches::soak::Soak;
use chofuku_benches::stats::{thousands, time};
use chofuku_engine::generation;
use clap::{Args, Parser, Subcommand};

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the engine beside floors and peers.
#[derive(Debug, Parser)]
#[command(name = "chofuku-benches", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure every target at the size of a laptop and write a dated record.
    Report {
        /// Patients to generate.
        #[arg(long, default_value_t = 1_000_000)]
        patients: u32,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Measure every target at the size of a nation and write a dated record.
    National {
        /// Patients to generate, where no history is given.
        #[arg(long, default_value_t = 80_000_000)]
        patients: u32,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Keep a server at the peak of a nation for minutes, while it compacts, and write a dated record.
    Soak {
        /// Patients to generate, where no history is given.
        #[arg(long, default_value_t = 300_000)]
        patients: u32,
        /// For how long.
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        seconds: u64,
        /// Registrations a second.
        #[arg(long, default_value_t = 1000)]
        registrations: u32,
        /// Checks a second.
        #[arg(long, default_value_t = 2000)]
        checks_a_second: u32,
        /// The time between two compactions.
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        compact_every: u64,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Compare the engine's findings with those of `SQLite`, and fail on any difference.
    Agree {
        /// Patients to generate.
        #[arg(long, default_value_t = 1_000_000)]
        patients: u32,
        #[command(flatten)]
        run: RunArgs,
    },
}

/// What all three take.
#[derive(Debug, Args)]
struct RunArgs {
    /// The seed of patients and checks.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Checks that are asked one by one.
    #[arg(long, default_value_t = 20_000)]
    checks: usize,
    /// Checks that are asked as a batch.
    #[arg(long, default_value_t = 100_000)]
    batch: usize,
    /// Measure these only, such as `P1,P5`.
    #[arg(long, value_delimiter = ',', value_name = "TARGETS")]
    only: Vec<String>,
    /// A nation that was generated before: a folder with `tables` and `history`.
    #[arg(long, value_name = "DIR")]
    history: Option<PathBuf>,
    /// A data directory that was compiled from that nation before.
    #[arg(long, value_name = "DIR", requires = "history")]
    data: Option<PathBuf>,
    /// Work in this folder and leave everything there.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// The program to measure as a process; else `chofuku` beside this one.
    #[arg(long, value_name = "FILE")]
    chofuku: Option<PathBuf>,
    /// A Python with the package duckdb.
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
    /// Records up to which `SQLite` and `DuckDB` take part.
    #[arg(long, value_name = "N", default_value_t = 30_000_000)]
    peer_records_max: u64,
    /// A word for the name of the record.
    #[arg(long, value_name = "WORD")]
    name: Option<String>,
    /// The folder of records.
    #[arg(long, value_name = "DIR", default_value = "benches/record")]
    record: PathBuf,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Report { patients, run } => {
            report("report", patients, (patients / 10).max(1), run)
        }
        Command::National { patients, run } => {
            report("national", patients, patients.min(1_000_000), run)
        }
        Command::Agree { patients, run } => agree(patients, run),
        Command::Soak {
            patients,
            seconds,
            registrations,
            checks_a_second: checks,
            compact_every,
            run,
        } => {
            let (lasts, every) = (Duration::from_secs(seconds), Duration::from_secs(compact_every));
            soak(patients, Soak { lasts, registrations, checks, compact_every: every }, run)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn report(command: &str, patients: u32, smaller: u32, args: RunArgs) -> Result<()> {
    let given = args.history.is_some();
    let written = format!(
        "chofuku-benches {command} --patients {patients} --seed {} --checks {} --batch {}{}",
        args.seed,
        args.checks,
        args.batch,
        if given { " --history … --data …" } else { "" },
    );
    let name = args.name.clone().unwrap_or_else(|| command.to_owned());
    let record = args.record.clone();
    // A run takes long: files may be others at its end.
    let machine = Machine::this();
    let bench = prepare(patients, smaller, args)?;
    let parts = run::run(&bench, |part, took| {
        say(format_args!("{} is measured, {}", part.name, time(took)));
    });
    write(&bench, machine, name, written, parts, &record)
}

/// Shows what was measured and writes the dated record of it.
fn write(
    bench: &Bench,
    machine: Machine,
    name: String,
    command: String,
    parts: Vec<Part>,
    folder: &Path,
) -> Result<()> {
    let record = Record {
        date: jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
        name,
        machine,
        data: bench.describe(),
        command,
        parts,
    };
    say(format_args!("\n{}", record.table()));
    let page = record.write(folder)?;
    say(format_args!("written: {}", page.display()));
    Ok(())
}

fn soak(patients: u32, soak: Soak, args: RunArgs) -> Result<()> {
    let command = format!(
        "chofuku-benches soak --patients {patients} --seed {} --seconds {} --registrations {} \
         --checks-a-second {} --compact-every {}",
        args.seed,
        soak.lasts.as_secs(),
        soak.registrations,
        soak.checks,
        soak.compact_every.as_secs(),
    );
    let name = args.name.clone().unwrap_or_else(|| "soak".to_owned());
    let folder = args.record.clone();
    let machine = Machine::this();
    let bench = prepare(patients, 1, args)?;
    let part = Part { name: "soak".to_owned(), ..soak.run(&bench)? };
    write(&bench, machine, name, command, vec![part], &folder)
}

fn agree(patients: u32, args: RunArgs) -> Result<()> {
    let batch = args.checks;
    let bench = prepare(patients, 1, RunArgs { batch, ..args })?;
    let (index, key) = generation::open_with_key(&bench.data)?;
    let tables = Tables::read(&bench.nation.tables)?;
    let sqlite = {
        let pasts = Pasts::read(bench.nation.history())?;
        Sqlite::load(&bench.folder.join("peer.sqlite"), &tables, &pasts)?
    };
    let mut checks = bench.singles().to_vec();
    agree::collide(&bench.sample, &tables, &mut checks, bench.options.seed);
    let agreement = agree::compare(&index, &key, &sqlite, &checks, bench.today)?;
    let [duplicates, contraindications, washouts] = agreement.pairs.map(thousands);
    say(format_args!(
        "{} checks (each under both built-in policies): {duplicates} duplicate pairs, \
         {contraindications} contraindication pairs, {washouts} wash-out pairs; {} checks differ",
        thousands(agreement.checks),
        thousands(agreement.differing),
    ));
    for difference in &agreement.shown {
        say(difference);
    }
    ensure!(agreement.differing == 0, "the engine and SQLite disagree");
    Ok(())
}

fn prepare(patients: u32, smaller: u32, args: RunArgs) -> Result<Bench> {
    let start = std::time::Instant::now();
    let bench = Bench::prepare(Options {
        patients,
        seed: args.seed,
        checks: args.checks,
        batch: args.batch,
        smaller,
        history: args.history,
        data: args.data,
        work: args.work,
        chofuku: args.chofuku,
        python: args.python,
        peer_records_max: args.peer_records_max,
        only: args.only,
    })?;
    said_ready(&bench, start.elapsed());
    Ok(bench)
}

fn said_ready(bench: &Bench, took: Duration) {
    let size = if bench.smaller() {
        format!("; the nation's targets are for {} patients", thousands(NATIONAL_PATIENTS))
    } else {
        String::new()
    };
    say(format_args!("ready after {}: {}{size}", time(took), bench.describe()));
    if bench.chofuku().as_deref().is_none_or(|program| !Path::exists(program)) {
        say("note: no program `chofuku` beside this one: build it with `cargo build --release`");
    }
}

fn say(text: impl Display) {
    // Whoever closes the pipe has read enough.
    drop(writeln!(std::io::stdout(), "{text}"));
}
