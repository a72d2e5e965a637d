//! `chofuku inserts`: package inserts to rows of contraindications that a person reviews.

use std::path::PathBuf;
use std::process::ExitCode;

use chofuku_loader::inserts::{InsertSources, Reviewable, review};
use clap::Args;
use serde_json::json;

use crate::command::thousands;
use crate::output::Output;

/// Turn package inserts into rows of contraindications for review.
///
/// Nothing is put into force: read rules.csv, copy what is right into contraindications.csv of your
/// tables, and look through unresolved.csv, which has everything that gave no row.
#[derive(Debug, Args)]
pub(crate) struct Inserts {
    /// Canonical tables, whose ingredients and products give names their meaning.
    #[arg(long, value_name = "DIR")]
    tables: PathBuf,
    /// Package inserts (添付文書) as XML: files, folders, zip archives, also nested.
    #[arg(long, value_name = "PATH", num_args = 1.., required_unless_present = "extracts")]
    xml: Vec<PathBuf>,
    /// Extracts of inserts as csv of seven columns.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    extracts: Vec<PathBuf>,
    /// Which ingredients a class name means, as csv with the columns class and member.
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// The folder in which rules.csv and unresolved.csv are written.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Inserts {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let found = review(&InsertSources {
            tables: self.tables,
            inserts: self.xml,
            extracts: self.extracts,
            classes: self.classes,
        })?;
        found.write(&self.out)?;
        for (count, what) in counts(&found) {
            out.say(format_args!("{:>8} {what}", thousands(count)))?;
        }
        out.say(format_args!(
            "wrote {0}/rules.csv and {0}/unresolved.csv; review both, then copy rows into \
             contraindications.csv",
            self.out.display()
        ))?;
        let value = counts(&found).map(|(count, what)| (what.to_owned(), json!(count)));
        out.value(&value.into_iter().collect::<serde_json::Map<_, _>>())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn counts(found: &Reviewable) -> [(u64, &'static str); 6] {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    [
        (count(found.statements), "statements read"),
        (count(found.rules.len()), "rows for review"),
        (count(found.unresolved.len()), "names or statements not resolved"),
        (count(found.passages.len()), "passages outside the tables to be read"),
        (count(found.refused.len()), "files that are no insert"),
        (count(found.report.problems.len()), "deviations"),
    ]
}
