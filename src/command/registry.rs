//! The event log of a data directory, and what was registered in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use chofuku_engine::manifest::Manifest;
use chofuku_engine::{Index, generation};
use chofuku_live::backup::LOG;
use chofuku_live::{Live, Registry};
use chofuku_log::{EventLog, LogError, RedbLog, Shard};

use crate::command::thousands;
use crate::output::Output;

/// The file of the event log in a data directory.
fn log_file(data: &Path) -> PathBuf {
    data.join(LOG)
}

/// Opens the log, creating it where there is none, and applies what it holds to a generation.
pub(crate) fn open(data: &Path, index: Arc<Index>) -> anyhow::Result<Registry> {
    let file = log_file(data);
    let folded = [(Shard(0), index.manifest().event)];
    let log = RedbLog::open(&file, &folded)
        .with_context(|| format!("{}: the event log cannot be opened", file.display()))?;
    let told = |done: u64, all: u64| {
        if done < all {
            Output::note(format_args!("{} of {} events applied", thousands(done), thousands(all)));
        }
    };
    let copier = log.copier();
    let registry = Registry::start(index, Box::new(log), &told)
        .with_context(|| format!("{}: not all events can be applied", file.display()))?;
    Ok(registry.with_copies(move |path| copier.copy_to(path)))
}

/// Whether a data directory has an event log. One that is lost is refused, as a server refuses it: what
/// was registered in it would be missed without a word.
pub(crate) fn has_log(data: &Path, folded: u64) -> anyhow::Result<bool> {
    let file = log_file(data);
    RedbLog::exists(&file, &[(Shard(0), folded)])
        .with_context(|| format!("{}: the event log is lost", file.display()))
}

/// Refuses an event behind which a generation would not go on with the log: the next start would fail.
pub(crate) fn require_event(data: &Path, event: u64) -> anyhow::Result<()> {
    // Where nothing can be read, the compile says why.
    let current = generation::current(data).and_then(|current| Manifest::read(&current));
    let folded = current.map_or(0, |manifest| manifest.event);
    let (trimmed, last) = ends(data, folded)?;
    if (trimmed..=last).contains(&event) {
        return Ok(());
    }
    bail!(
        "--includes-event {event}: the event log of {} goes on behind event {trimmed} and ends with \
         event {last}; say one of these or one between them",
        data.display()
    )
}

/// The last event of the log that may be trimmed, and its last one.
fn ends(data: &Path, folded: u64) -> anyhow::Result<(u64, u64)> {
    if !has_log(data, folded)? {
        return Ok((0, 0));
    }
    let (file, shard) = (log_file(data), Shard(0));
    match RedbLog::open(&file, &[(shard, folded)]) {
        Ok(log) => Ok((log.anchor(shard)?.sequence, log.tail(shard)?.sequence)),
        // A server has it. What is behind the generation in force is never trimmed.
        Err(LogError::Locked { .. }) => Ok((folded, RedbLog::marked(&file, shard)?)),
        Err(error) => Err(error.into()),
    }
}

/// Says what a command does not see that reads the generation alone.
pub(crate) fn note_registered(data: &Path, folded: u64) {
    let registered = has_log(data, folded).and_then(|is_there| {
        let last = RedbLog::marked(&log_file(data), Shard(0))?;
        Ok(last.saturating_sub(folded) * u64::from(is_there))
    });
    match registered {
        Ok(0) => {}
        Ok(events) => Output::note(format_args!(
            "warning: {} events registered since are not part of the generation and not looked at; \
             compact first",
            thousands(events)
        )),
        Err(error) => Output::note(format_args!("warning: {error:#}")),
    }
}

/// What checks of a data directory see: a generation, and what was registered since.
///
/// A check beside a running server would miss what that registers, so it is refused: the server has
/// the log.
pub(crate) fn live(data: &Path, index: Index) -> anyhow::Result<Arc<Live>> {
    let index = Arc::new(index);
    if !has_log(data, index.manifest().event)? {
        return Ok(Arc::new(Live::new(index)?));
    }
    let registry =
        open(data, index).context("ask the server, if one serves this data directory")?;
    Ok(Arc::clone(registry.live()))
}
