//! Backup and restore: a data directory copied whole, while a server runs or not.
//!
//! Published files never change, so the generation in force is copied as it is; the log is copied as
//! of one moment, which is behind the generation's events. What is copied is opened and verified
//! before it counts: the copy has another name until then, so that one that was cut short is no backup.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use chofuku_engine::error::OpenError;
use chofuku_engine::generation::{self, CURRENT, PATIENT_KEY};
use chofuku_engine::manifest::Manifest;
use chofuku_log::{LogError, RedbLog, Shard};

/// The event log of a data directory.
pub const LOG: &str = "events.redb";

/// What stands behind the name of a copy until it is complete.
const INCOMPLETE: &str = ".incomplete";

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be copied.
    #[error("{path}: cannot be copied")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The target is not new.
    #[error("{path}: is there already; name a directory that is not")]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// What is to be restored was never completed.
    #[error(
        "{path}: no complete backup: one that was stopped leaves such a directory; take another, and \
         remove this one"
    )]
    Incomplete {
        /// What was to be restored.
        path: PathBuf,
    },
    /// What is to be copied, or the copy, does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The log cannot be copied, or its copy not opened.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Writes a log as of one moment to a path.
pub type CopyLog<'l> = dyn Fn(&Path) -> Result<(), LogError> + Send + Sync + 'l;

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The generation.
    pub generation: u64,
    /// The last event of the log; 0 where there is no log.
    pub event: u64,
    /// Whether there is a log.
    pub has_log: bool,
}

/// Copies the generation in force, the key of its patients and the event log to a new directory.
/// `copy_log` writes the log as of one moment to a path; without it there is no log to copy. Nobody
/// may publish or trim meanwhile.
///
/// The copy holds the key: whoever has it can tell whose records they are.
///
/// # Errors
///
/// When anything cannot be copied, or the copy does not verify. What was written is left for a look,
/// under a name that says that it is incomplete.
pub fn copy(from: &Path, to: &Path, copy_log: Option<&CopyLog<'_>>) -> Result<Copied, BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    // Without a slash at its end, behind which the name would go on.
    let to = &to.components().collect::<PathBuf>();
    let mut name = to.as_os_str().to_owned();
    name.push(INCOMPLETE);
    let begun = PathBuf::from(name);
    let copied = copy_to(from, &begun, copy_log)?;
    fs::rename(&begun, to).map_err(io_error(to))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    sync(parent.unwrap_or(Path::new(".")))?;
    Ok(copied)
}

/// Copies to a new directory that has its name already.
fn copy_to(from: &Path, to: &Path, copy_log: Option<&CopyLog<'_>>) -> Result<Copied, BackupError> {
    let current = generation::current(from)?;
    make_private(to)?;
    let directory = to.join(current.file_name().unwrap_or_default());
    fs::create_dir(&directory).map_err(io_error(&directory))?;
    for entry in fs::read_dir(&current).map_err(io_error(&current))? {
        let path = entry.map_err(io_error(&current))?.path();
        copy_file(&path, &directory.join(path.file_name().unwrap_or_default()))?;
    }
    sync(&directory)?;
    copy_file(&from.join(PATIENT_KEY), &to.join(PATIENT_KEY))?;
    if let Some(copy_log) = copy_log {
        copy_log(&to.join(LOG))?;
    }
    sync(to)?;
    let pointer = to.join(CURRENT);
    copy_file(&from.join(CURRENT), &to.join(format!(".{CURRENT}.new")))?;
    fs::rename(to.join(format!(".{CURRENT}.new")), &pointer).map_err(io_error(&pointer))?;
    sync(to)?;
    verify(to)
}

/// Refuses what is to be restored if it was never completed.
///
/// # Errors
///
/// [`BackupError::Incomplete`].
pub fn require_complete(from: &Path) -> Result<(), BackupError> {
    let is_begun = from.as_os_str().to_string_lossy().trim_end_matches('/').ends_with(INCOMPLETE);
    // Earlier versions wrote the pointer last, under the name of the backup.
    if is_begun || (from.is_dir() && !from.join(CURRENT).exists()) {
        return Err(BackupError::Incomplete { path: from.to_owned() });
    }
    Ok(())
}

/// Whether a data directory has an event log.
///
/// # Errors
///
/// When the log is lost: the generation in force holds events of it, or its mark remembers some.
pub fn has_log(data: &Path) -> Result<bool, BackupError> {
    let folded = Manifest::read(&generation::current(data)?)?.event;
    Ok(RedbLog::exists(&data.join(LOG), &[(Shard(0), folded)])?)
}

/// Verifies every byte of a data directory that no server has: generation, key and log.
///
/// # Errors
///
/// The first thing that is not right, a log that is lost among them.
pub fn verify(data: &Path) -> Result<Copied, BackupError> {
    let index = generation::verify(data)?;
    let (generation, folded) = (index.manifest().generation, index.manifest().event);
    let (log, folded) = (data.join(LOG), [(Shard(0), folded)]);
    if !RedbLog::exists(&log, &folded)? {
        return Ok(Copied { generation, event: 0, has_log: false });
    }
    let log = RedbLog::open(&log, &folded)?;
    let event = chofuku_log::verify(&log, Shard(0))?.sequence;
    Ok(Copied { generation, event, has_log: true })
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}

/// A directory that was not there, and that only its owner may enter.
fn make_private(path: &Path) -> Result<(), BackupError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let exists = || BackupError::Exists { path: path.to_owned() };
    builder.create(path).map_err(|source| {
        let is_there = source.kind() == io::ErrorKind::AlreadyExists;
        if is_there { exists() } else { io_error(path)(source) }
    })
}

/// Copies a file with its permissions, durably.
fn copy_file(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::copy(from, to).map_err(io_error(to))?;
    OpenOptions::new().read(true).open(to).and_then(|file| file.sync_all()).map_err(io_error(to))
}

fn sync(directory: &Path) -> Result<(), BackupError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(io_error(directory))
}
