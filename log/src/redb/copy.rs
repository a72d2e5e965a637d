//! A copy of a log that goes on meanwhile: what one read transaction sees, verified event by event.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::{Database, ReadableDatabase, ReadableTable};

use super::create::Staged;
use super::tables::{self, BOUNDS, EVENTS, storage};
use super::{RedbLog, guarded};
use crate::bounds::Bounds;
use crate::chain::Chain;
use crate::error::LogError;
use crate::event::Shard;

/// One transaction of the copy holds about this many bytes.
const TRANSACTION_BYTES: usize = 32 << 20;

/// What makes copies of a log, on another thread than the writer's if need be. Holds the file open
/// and locked while it lives.
#[derive(Clone, Debug)]
pub struct Copier {
    path: PathBuf,
    database: Arc<Database>,
}

impl RedbLog {
    /// What makes copies of this log.
    pub fn copier(&self) -> Copier {
        Copier { path: self.path.clone(), database: Arc::clone(&self.database) }
    }

    /// Writes a copy of the log to the file `path`. See [`Copier::copy_to`].
    ///
    /// # Errors
    ///
    /// As [`Copier::copy_to`].
    pub fn copy_to(&self, path: &Path) -> Result<(), LogError> {
        self.copier().copy_to(path)
    }
}

impl Copier {
    /// Writes a copy of the log as it is now to the file `path`, which must not exist. Every event
    /// is verified; the file is synced and gets its name when it is complete.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] with the first event that is not right; [`LogError::Io`], also where
    /// there is such a file.
    pub fn copy_to(&self, path: &Path) -> Result<(), LogError> {
        guarded(&self.path, || {
            let staged = Staged::beside(path)?;
            let copy = staged.database(&[])?;
            self.copy_events(path, &copy)?;
            staged.publish(copy)
        })
    }

    fn copy_events(&self, path: &Path, copy: &Database) -> Result<(), LogError> {
        let transaction = self.database.begin_read().map_err(storage(&self.path))?;
        let events = transaction.open_table(EVENTS).map_err(storage(&self.path))?;
        let table = transaction.open_table(BOUNDS).map_err(storage(&self.path))?;
        for row in table.iter().map_err(storage(&self.path))? {
            let (shard, bytes) = row.map_err(storage(&self.path))?;
            let shard = Shard(shard.value());
            let bounds = tables::decode_bounds(&self.path, shard, bytes.value())?;
            let mut chain = Chain::behind(shard, bounds.anchor);
            while chain.last().sequence < bounds.tail.sequence {
                self.copy_some(&events, path, copy, shard, &bounds, &mut chain)?;
            }
            chain.ends_at(bounds.tail)?;
            let transaction = copy.begin_write().map_err(storage(path))?;
            {
                let mut table = transaction.open_table(BOUNDS).map_err(storage(path))?;
                table.insert(shard.0, bytes.value()).map_err(storage(path))?;
            }
            transaction.commit().map_err(storage(path))?;
        }
        Ok(())
    }

    /// Copies the next events of a shard in one transaction.
    fn copy_some(
        &self,
        events: &impl ReadableTable<(u16, u64), &'static [u8]>,
        path: &Path,
        copy: &Database,
        shard: Shard,
        bounds: &Bounds,
        chain: &mut Chain,
    ) -> Result<(), LogError> {
        let from = chain.next_sequence()?;
        let range = (shard.0, from)..=(shard.0, bounds.tail.sequence);
        let mut stored = events.range(range).map_err(storage(&self.path))?;
        let transaction = copy.begin_write().map_err(storage(path))?;
        {
            let mut written = transaction.open_table(EVENTS).map_err(storage(path))?;
            let mut bytes = 0_usize;
            while bytes < TRANSACTION_BYTES && chain.last().sequence < bounds.tail.sequence {
                let sequence = chain.next_sequence()?;
                let record = stored.next().transpose().map_err(storage(&self.path))?;
                let Some((key, value)) = record.filter(|(key, _)| key.value().1 == sequence) else {
                    return Err(chain.corrupt(sequence, "it is missing"));
                };
                chain.follow(value.value())?;
                written.insert(key.value(), value.value()).map_err(storage(path))?;
                bytes = bytes.saturating_add(value.value().len());
            }
        }
        transaction.commit().map_err(storage(path))
    }
}
