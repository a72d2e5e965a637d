//! `chofuku lint`: faults of canonical tables, the worst first.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use chofuku_loader::lint::{self, Severity};
use clap::Args;

use crate::output::{FOUND, Output};

/// Report faults of canonical tables.
#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// The folder of canonical tables.
    #[arg(long, value_name = "DIR")]
    tables: PathBuf,
    /// Faults of one kind that are printed; the rest are counted. 0 prints all.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
}

impl Lint {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        let faults = lint::lint(&self.tables)?;
        let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
        for fault in &faults {
            let count = counts.entry((fault.severity, fault.kind)).or_default();
            *count += 1;
            if self.limit == 0 || *count <= self.limit {
                let (severity, kind) = (word(fault.severity), fault.kind);
                let place = match fault.line {
                    0 => fault.file.clone(),
                    line => format!("{}:{line}", fault.file),
                };
                out.say(format_args!("{severity} [{kind}] {place}: {}", fault.message))?;
            }
        }
        for ((severity, kind), count) in &counts {
            out.say(format_args!("{count:>6} {} {kind}", word(*severity)))?;
        }
        if faults.is_empty() {
            out.say("no faults")?;
        }
        out.value(&faults)?;
        let worst = faults.iter().any(|fault| fault.severity == Severity::Error);
        Ok(if worst { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
