//! `chofuku convert`: messages to a history table that a person can correct.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chofuku_loader::Converted;
use chofuku_loader::convert::{DEVIATIONS, Given};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::command::patient::PatientArgs;
use crate::command::thousands;
use crate::output::{FOUND, Output};
use crate::progress::Bars;

/// Deviations that are printed; all are in the file.
const DEVIATIONS_SHOWN: usize = 10;

/// Turn messages (電子処方箋 CSV, JAHIS symbols, お薬手帳, 薬剤情報 XML, FHIR, UKE) into a history
/// table.
#[derive(Debug, Args)]
#[command(after_help = "What is given fills what a message lacks and must agree with what it \
                        says. Both files hold what the messages say of persons: only their owner \
                        may read them.")]
pub(crate) struct Convert {
    /// Messages, or directories of them; also .gz and .zst.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The table to write; deviations.csv is written beside it. Neither may be there already.
    #[arg(long, value_name = "CSV")]
    out: PathBuf,
    #[command(flatten)]
    patient: PatientArgs,
    /// Who issued (医療機関): prefecture 2, point table 1, institution 7 digits.
    #[arg(long, value_name = "CODE")]
    institution: Option<String>,
    /// Who dispensed (薬局), ten digits; for dispensing results.
    #[arg(long, value_name = "CODE")]
    pharmacy: Option<String>,
    /// The data directory whose key names documents that have no id, so that they get the ids that a
    /// compile gives them. Without it they get ids that only this conversion knows.
    #[arg(long, value_name = "DATA")]
    data: Option<PathBuf>,
    /// Read the files in a layout that no first line names.
    #[arg(long = "as", value_name = "LAYOUT")]
    layout: Option<Layout>,
}

/// A layout that is only read when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// 電子処方箋 調剤結果 CSV, whose layout is not published: it is read as a notebook. Compare
    /// the table with what you know of the file.
    DispensingResult,
}

impl Convert {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let given = Given {
            patient_id: self.patient.patient_id.unwrap_or_default(),
            insurer: self.patient.insurer.unwrap_or_default(),
            symbol: self.patient.symbol.unwrap_or_default(),
            number: self.patient.number.unwrap_or_default(),
            branch: self.patient.branch.unwrap_or_default(),
            institution: self.institution.unwrap_or_default(),
            pharmacy: self.pharmacy.unwrap_or_default(),
        };
        let convert = chofuku_loader::Convert {
            files: self.files,
            out: self.out.clone(),
            given,
            data: self.data,
            dispensing_results: self.layout == Some(Layout::DispensingResult),
        };
        let bars = Bars::default();
        let converted = convert.run(&bars)?;
        drop(bars);
        tell(&converted, &self.out, out)?;
        let is_whole = converted.is_whole();
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

fn tell(converted: &Converted, table: &Path, out: Output) -> anyhow::Result<()> {
    let Converted { files, files_refused, documents, lines, incomplete, left_out, .. } = converted;
    let Converted { lost, deviations, .. } = converted;
    let beside = table.with_file_name(DEVIATIONS);
    for deviation in deviations.iter().take(DEVIATIONS_SHOWN) {
        Output::note(format_args!("odd: {deviation}"));
    }
    if let Some(more) = deviations.len().checked_sub(DEVIATIONS_SHOWN).filter(|more| *more > 0) {
        Output::note(format_args!("odd: {more} more in {}", beside.display()));
    }
    for (count, what) in [
        (files_refused, "files could not be read"),
        (left_out, "documents are not in the table"),
        (lost, "places could not be read, and may have held drugs; deviations.csv names them"),
        (incomplete, "documents lack something; a compile refuses them until it is written in"),
    ] {
        if *count > 0 {
            Output::note(format_args!("warning: {} {what}", thousands(*count)));
        }
    }
    let deviations_count = u64::try_from(deviations.len()).unwrap_or(u64::MAX);
    out.say(format_args!(
        "converted {} files to {}: {} documents, {} lines; {} deviations in {}",
        thousands(*files),
        table.display(),
        thousands(*documents),
        thousands(*lines),
        thousands(deviations_count),
        beside.display(),
    ))?;
    out.say(format_args!(
        "look at both, then: chofuku compile --tables TABLES --history {} --out DATA",
        table.display()
    ))?;
    out.value(&json!({
        "table": table,
        "files": files,
        "files_refused": files_refused,
        "documents": documents,
        "lines": lines,
        "incomplete": incomplete,
        "left_out": left_out,
        "lost": lost,
        "deviations_file": beside,
        "deviations": deviations,
    }))
}
