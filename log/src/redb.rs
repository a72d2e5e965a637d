//! The log in one file, carried by redb.
//!
//! A batch is one transaction with immediate durability and a two-phase commit: redb syncs the new
//! pages before it syncs the header that points at them. Its default, one sync, decides after a
//! crash by checksums which of the two last commits is whole, and cannot tell a commit that was cut
//! short from an acknowledged one that was damaged later: it would go back to the commit before and
//! say nothing. With two phases the commit in force is known to be whole, and damage to it is an
//! error. The second sync costs a batch some tenths of a millisecond on a good disk.
//!
//! Opening verifies the checksum of every page that is in use and counts the free ones anew, which
//! reads the whole file: a damaged page is an error before anything is written beside it.
//!
//! What remains is one bit of the header without a checksum, which of the two commits is in force.
//! Its flip takes back the last batch. The [mark](mark) beside the file finds that, and a file that
//! was replaced by an older copy; the server's own memory of what its generation has folded in
//! (`at_least`) finds whatever is older than that. Both find a loss and do not undo it: by then
//! redb has opened the older commit and written over the newer one's place. After a power cut the
//! mark may be some seconds behind, and a bit that flipped in the same moment goes unnoticed.
//!
//! redb may panic on damaged pages. That is caught here and becomes an error, so that the program
//! must be built to unwind.

mod copy;
mod create;
mod mark;
mod open;
mod tables;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::{Database, Durability, ReadableDatabase, WriteTransaction};

pub use self::copy::Copier;
use self::mark::Mark;
use self::tables::{BOUNDS, EVENTS, storage};
use crate::bounds::Bounds;
use crate::chain::Chain;
use crate::error::LogError;
use crate::event::{Event, NewEvent, Shard, Tail};
use crate::log::{EventLog, check_batch};
use crate::page;

/// Events that one transaction of a trim removes. Each begins where the one before ended, so that
/// a trim that was cut short has removed a beginning of what it should.
const TRIM_EVENTS: u64 = 1 << 16;

/// A log in one file. Its format is redb's; the events in it are this crate's.
#[derive(Debug)]
pub struct RedbLog {
    path: PathBuf,
    database: Arc<Database>,
    /// None where there is no file to stand beside.
    mark: Option<Mark>,
    /// The first failure of a write.
    poisoned: Option<String>,
}

impl EventLog for RedbLog {
    fn append(
        &mut self,
        shard: Shard,
        expected: u64,
        batch: &[NewEvent],
    ) -> Result<Tail, LogError> {
        check_batch(batch)?;
        self.write(|log| log.append_batch(shard, expected, batch))
    }

    fn read(&self, shard: Shard, from: u64, max: usize) -> Result<Vec<Event>, LogError> {
        guarded(&self.path, || {
            let transaction = self.database.begin_read().map_err(storage(&self.path))?;
            let bounds = tables::bounds(&transaction, &self.path, shard)?;
            let events = transaction.open_table(EVENTS).map_err(storage(&self.path))?;
            let range = (shard.0, page::start(&bounds, from))..=(shard.0, u64::MAX);
            let stored = events.range(range).map_err(storage(&self.path))?.map(|record| {
                let (key, value) = record.map_err(storage(&self.path))?;
                Ok((key.value().1, value.value().to_vec()))
            });
            page::collect(shard, &bounds, from, max, stored)
        })
    }

    fn tail(&self, shard: Shard) -> Result<Tail, LogError> {
        Ok(self.bounds(shard)?.tail)
    }

    fn anchor(&self, shard: Shard) -> Result<Tail, LogError> {
        Ok(self.bounds(shard)?.anchor)
    }

    fn trim(&mut self, shard: Shard, through: u64) -> Result<(), LogError> {
        while self.write(|log| log.trim_some(shard, through))? < through {}
        Ok(())
    }
}

impl RedbLog {
    fn bounds(&self, shard: Shard) -> Result<Bounds, LogError> {
        guarded(&self.path, || {
            let transaction = self.database.begin_read().map_err(storage(&self.path))?;
            tables::bounds(&transaction, &self.path, shard)
        })
    }

    /// Does what changes the file, unless such a step has failed before.
    fn write<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        if let Some(reason) = &self.poisoned {
            return Err(LogError::Poisoned { reason: reason.clone() });
        }
        let path = self.path.clone();
        let done = guarded(&path, || step(self));
        if let Err(error) = &done
            && !error.is_refusal()
        {
            self.poisoned = Some(error.reason());
        }
        done
    }

    fn begin(&self) -> Result<WriteTransaction, LogError> {
        let mut transaction = self.database.begin_write().map_err(storage(&self.path))?;
        transaction.set_durability(Durability::Immediate).map_err(storage(&self.path))?;
        transaction.set_two_phase_commit(true);
        Ok(transaction)
    }

    fn append_batch(
        &mut self,
        shard: Shard,
        expected: u64,
        batch: &[NewEvent],
    ) -> Result<Tail, LogError> {
        let transaction = self.begin()?;
        let mut bounds = tables::bounds_for_write(&transaction, &self.path, shard)?;
        let found = bounds.tail.sequence;
        if found != expected || batch.is_empty() {
            transaction.abort().map_err(storage(&self.path))?;
            let conflict = LogError::Conflict { shard, expected, found };
            return if found == expected { Ok(bounds.tail) } else { Err(conflict) };
        }
        let mut chain = Chain::behind(shard, bounds.tail);
        {
            let mut events = transaction.open_table(EVENTS).map_err(storage(&self.path))?;
            for event in batch {
                let bytes = chain.encode(event)?;
                let sequence = chain.last().sequence;
                let replaced = events.insert((shard.0, sequence), bytes.as_slice());
                if replaced.map_err(storage(&self.path))?.is_some() {
                    return Err(chain.corrupt(sequence, "an event stood behind the last one"));
                }
            }
        }
        bounds.tail = chain.last();
        self.commit(transaction, shard, &bounds)?;
        if let Some(mark) = &mut self.mark {
            mark.record(shard, bounds.tail)?;
        }
        Ok(bounds.tail)
    }

    /// Removes the next events up to `through`, but no more than one transaction may, and says
    /// through which event the shard is trimmed.
    fn trim_some(&mut self, shard: Shard, through: u64) -> Result<u64, LogError> {
        let transaction = self.begin()?;
        let mut bounds = tables::bounds_for_write(&transaction, &self.path, shard)?;
        let (trimmed, tail) = (bounds.anchor.sequence, bounds.tail.sequence);
        if through > tail || through <= trimmed {
            transaction.abort().map_err(storage(&self.path))?;
            let beyond = LogError::BeyondTail { shard, through, tail };
            return if through > tail { Err(beyond) } else { Ok(trimmed) };
        }
        let end = through.min(trimmed.saturating_add(TRIM_EVENTS));
        {
            let mut events = transaction.open_table(EVENTS).map_err(storage(&self.path))?;
            bounds.anchor = tables::event_as_anchor(&events, &self.path, shard, &bounds, end)?;
            let removed = (shard.0, 0)..=(shard.0, end);
            events.retain_in(removed, |_, _| false).map_err(storage(&self.path))?;
        }
        self.commit(transaction, shard, &bounds)?;
        Ok(end)
    }

    fn commit(
        &self,
        transaction: WriteTransaction,
        shard: Shard,
        bounds: &Bounds,
    ) -> Result<(), LogError> {
        {
            let mut table = transaction.open_table(BOUNDS).map_err(storage(&self.path))?;
            let bytes = bounds.encode();
            table.insert(shard.0, bytes.as_slice()).map_err(storage(&self.path))?;
        }
        transaction.commit().map_err(storage(&self.path))
    }
}

/// Runs what redb might panic in, and makes an error of it.
fn guarded<T>(path: &Path, step: impl FnOnce() -> Result<T, LogError>) -> Result<T, LogError> {
    // Whatever the step leaves half done is redb's, which marks it for repair, or a log that is
    // poisoned or dropped.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        let what = format!("redb panicked: {}", said(&*panic));
        Err(LogError::Damaged { place: path.display().to_string(), what })
    })
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
