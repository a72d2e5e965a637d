//! The event log of a data directory, and what was registered in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use chofuku_engine::Index;
use chofuku_live::backup::LOG;
use chofuku_live::{Live, Registry};
use chofuku_log::{RedbLog, Shard};

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

/// What checks of a data directory see: a generation, and what was registered since.
///
/// A check beside a running server would miss what that registers, so it is refused: the server has
/// the log.
pub(crate) fn live(data: &Path, index: Index) -> anyhow::Result<Arc<Live>> {
    let index = Arc::new(index);
    if index.manifest().event == 0 && !log_file(data).exists() {
        return Ok(Arc::new(Live::new(index)?));
    }
    let registry =
        open(data, index).context("ask the server, if one serves this data directory")?;
    Ok(Arc::clone(registry.live()))
}
