//! `chofuku backup` and `chofuku restore`: a data directory copied whole, and verified.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use chofuku_live::backup::{self, Copied, CopyLog, LOG};
use chofuku_log::RedbLog;
use clap::Args;
use serde_json::json;

use crate::command::thousands;
use crate::config::SiteArgs;
use crate::output::Output;

/// Copy a data directory: the generation in force, the key of its patients and the event log.
///
/// A running server has the log and makes its own copy: `POST /v1/admin/backup`, in the directory of
/// `serve --backups`. The copy holds the patient key; keep it as safe as the original.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    site: SiteArgs,
    /// The directory to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Make a data directory of a backup.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The data directory to make; it may not be there yet.
    #[arg(long, value_name = "DATA")]
    data: PathBuf,
}

impl Backup {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        copied(&self.site.read()?.data, &self.out, "backed up", out)
    }
}

impl Restore {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        backup::require_complete(&self.from)?;
        copied(&self.from, &self.data, "restored", out)
    }
}

fn copied(from: &Path, to: &Path, done: &str, out: Output) -> anyhow::Result<ExitCode> {
    let file = from.join(LOG);
    let log = if backup::has_log(from)? {
        let hint = "a running server makes its own copy: POST /v1/admin/backup";
        Some(RedbLog::open(&file, &[]).context(hint)?)
    } else {
        None
    };
    let copier = log.as_ref().map(RedbLog::copier);
    let copy_log = copier.map(|copier| move |path: &Path| copier.copy_to(path));
    let copy_log = copy_log.as_ref().map(|copy| -> &CopyLog<'_> { copy });
    let Copied { generation, event, has_log } = backup::copy(from, to, copy_log)?;
    if out.is_json() {
        Output::line(json!({"generation": generation, "event": event, "to": to}))?;
    } else {
        let events = if has_log {
            format!("events up to {}", thousands(event))
        } else {
            "no event log, since there is none".to_owned()
        };
        out.say(format_args!(
            "{done} {}: generation {generation} and {events}, every byte verified",
            to.display(),
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
