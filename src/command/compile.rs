//! `chofuku compile`: tables and history files to a published generation.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use chofuku_engine::generation;
use chofuku_engine::manifest::Manifest;
use chofuku_loader::Compiled;
use clap::Args;
use serde_json::json;

use crate::command::{now, registry, thousands};
use crate::output::Output;
use crate::progress::Bars;

/// Warnings that are printed; the rest are counted.
const WARNINGS_SHOWN: usize = 10;

/// Compile canonical tables and history files.
#[derive(Debug, Args)]
pub(crate) struct Compile {
    /// The folder of canonical tables.
    #[arg(long, value_name = "DIR")]
    tables: PathBuf,
    /// History files, or directories of them: CSV tables, messages (電子処方箋 CSV, JAHIS symbols,
    /// お薬手帳, 薬剤情報 XML, FHIR, UKE), both also .gz and .zst, and Parquet. They replace the whole
    /// history in force; without any it stays.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    history: Vec<PathBuf>,
    /// The data directory in which the generation is published.
    #[arg(long, value_name = "DATA")]
    out: PathBuf,
    /// Where history waits to be sorted when it does not fit into memory, about 30 bytes a row; the
    /// data directory if nothing is said.
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// How many megabytes of history may wait in memory; 1024 if nothing is said.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u64).range(..1 << 24))]
    memory: Option<u64>,
    /// How many rows may be refused before nothing is published; never more than 100,000.
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_rejects: usize,
    /// The last registered event that the history files hold, with all before it; needed once what
    /// was registered has become part of the generation in force.
    #[arg(long, value_name = "N")]
    includes_event: Option<u64>,
}

impl Compile {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let Self { tables, history, out: data, scratch, memory, max_rejects, includes_event } =
            self;
        if let Some(event) = includes_event {
            registry::require_event(&data, event)?;
        }
        let compile = chofuku_loader::Compile {
            tables,
            history,
            data: data.clone(),
            scratch,
            memory: memory.map(|megabytes| megabytes << 20),
            includes_event,
            rejects_max: max_rejects,
        };
        let bars = Bars::default();
        let Compiled { manifest, rejects, warnings } = compile.run(&now(), &bars)?;
        drop(bars);
        for problem in warnings.iter().take(WARNINGS_SHOWN) {
            Output::note(format_args!("warning: {problem}"));
        }
        if let Some(more) = warnings.len().checked_sub(WARNINGS_SHOWN).filter(|more| *more > 0) {
            Output::note(format_args!("warning: {more} more; --json lists all"));
        }
        let directory = data.join(Manifest::directory_name(manifest.generation));
        let index = generation::open_directory(&directory).with_context(opening)?;
        let dictionary = index.history().dictionary();
        out.say(format_args!(
            "published {}: {} products, {} rules; {} patients, {} documents, {} records",
            directory.display(),
            index.knowledge().tables().products.len(),
            index.knowledge().tables().rules.len(),
            thousands(dictionary.patients()),
            thousands(dictionary.documents()),
            thousands(dictionary.records()),
        ))?;
        if !rejects.is_empty() {
            let file = data.join(chofuku_loader::compile::REJECTS);
            Output::note(format_args!(
                "warning: {} rows were refused and are not in the generation; see {}",
                rejects.len(),
                file.display(),
            ));
        }
        out.value(&json!({
            "generation": manifest.generation,
            "directory": directory,
            "products": index.knowledge().tables().products.len(),
            "rules": index.knowledge().tables().rules.len(),
            "patients": dictionary.patients(),
            "documents": dictionary.documents(),
            "records": dictionary.records(),
            "rejects": rejects,
            "warnings": warnings,
        }))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn opening() -> String {
    "the generation was published but does not open".to_owned()
}
