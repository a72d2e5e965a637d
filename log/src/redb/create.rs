//! A new log file: complete under another name before it gets its own, so that no crash leaves one
//! that is half made. What a crash does leave is a file `.log-….new` that nobody reads and anybody
//! may remove.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ::redb::{Builder, Database};
use tempfile::NamedTempFile;

use super::tables::{BOUNDS, EVENTS, storage};
use crate::bounds::Bounds;
use crate::error::LogError;
use crate::event::{Shard, Tail};

/// What redb may keep in memory, in bytes. A log is read from one end to the other, so that more
/// would only hold what is not read again.
const CACHE_BYTES: usize = 64 << 20;

/// How every file is opened.
pub(super) fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder.set_check_integrity_on_open(true);
    builder
}

/// A file that gets its name when it is complete. Without that, it is removed.
pub(super) struct Staged {
    path: PathBuf,
    file: NamedTempFile,
}

impl Staged {
    /// An empty file beside `path`, readable by its owner only.
    pub(super) fn beside(path: &Path) -> Result<Self, LogError> {
        let directory = directory_of(path);
        let file = tempfile::Builder::new()
            .prefix(".log-")
            .suffix(".new")
            .tempfile_in(directory)
            .map_err(LogError::io(directory))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Makes a database of the file, with both tables and the given ends of shards.
    pub(super) fn database(&self, ends: &[(Shard, Tail)]) -> Result<Database, LogError> {
        let path = self.file.path();
        let database = builder().create(path).map_err(storage(path))?;
        let mut transaction = database.begin_write().map_err(storage(path))?;
        transaction.set_two_phase_commit(true);
        transaction.open_table(EVENTS).map_err(storage(path))?;
        {
            let mut bounds = transaction.open_table(BOUNDS).map_err(storage(path))?;
            for (shard, anchor) in ends {
                let bytes = Bounds::empty(*anchor).encode();
                bounds.insert(shard.0, bytes.as_slice()).map_err(storage(path))?;
            }
        }
        transaction.commit().map_err(storage(path))?;
        Ok(database)
    }

    /// Syncs the file and gives it its name, unless another has that already.
    pub(super) fn publish(self, database: Database) -> Result<(), LogError> {
        database.close().map_err(storage(self.file.path()))?;
        self.file.as_file().sync_all().map_err(LogError::io(self.file.path()))?;
        self.file
            .persist_noclobber(&self.path)
            .map_err(|error| LogError::Io { path: self.path.clone(), source: error.error })?;
        sync_directory(directory_of(&self.path))
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_directory(directory: &Path) -> Result<(), LogError> {
    let synced = File::open(directory).and_then(|opened| opened.sync_all());
    synced.map_err(LogError::io(directory))
}

pub(super) fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Whether an error says that a file has the name already.
pub(super) fn is_taken(error: &LogError) -> bool {
    matches!(error, LogError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
}
