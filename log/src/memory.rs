//! A log in memory, for tests of whoever uses one: the same contract, with faults on demand.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::bounds::Bounds;
use crate::chain::Chain;
use crate::error::LogError;
use crate::event::{Event, NewEvent, Shard, Tail};
use crate::log::{EventLog, check_batch};
use crate::page;

/// When an injected failure strikes. The caller sees the same error, and cannot tell which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Before the batch has taken effect.
    Before,
    /// After the batch has taken effect.
    After,
}

/// A log in memory. Reopening it is [`MemoryLog::reopen`].
#[derive(Debug, Default)]
pub struct MemoryLog {
    shards: Arc<Mutex<BTreeMap<Shard, StoredShard>>>,
    /// How many appends until the one that fails.
    fault: Option<(usize, Fault)>,
    poisoned: Option<String>,
}

#[derive(Debug)]
struct StoredShard {
    bounds: Bounds,
    events: BTreeMap<u64, Vec<u8>>,
}

impl Default for StoredShard {
    fn default() -> Self {
        Self { bounds: Bounds::empty(Tail::START), events: BTreeMap::new() }
    }
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same events, as a process that starts anew finds them: not poisoned, without faults.
    #[must_use]
    pub fn reopen(&self) -> Self {
        Self { shards: Arc::clone(&self.shards), fault: None, poisoned: None }
    }

    /// Makes the `count`-th append from now fail, where the next one is the first, before or after
    /// it has taken effect. An append of an empty batch counts as well.
    pub fn fail_append_after(&mut self, count: usize, fault: Fault) {
        self.fault = Some((count, fault));
    }

    /// Changes the stored bytes of an event. Does nothing where there is no such event.
    pub fn damage(&mut self, shard: Shard, sequence: u64, change: impl FnOnce(&mut Vec<u8>)) {
        let mut shards = self.shards();
        let events = shards.get_mut(&shard).map(|shard| &mut shard.events);
        if let Some(bytes) = events.and_then(|events| events.get_mut(&sequence)) {
            change(bytes);
        }
    }

    /// Removes a stored event.
    pub fn lose(&mut self, shard: Shard, sequence: u64) {
        if let Some(stored) = self.shards().get_mut(&shard) {
            stored.events.remove(&sequence);
        }
    }

    fn shards(&self) -> MutexGuard<'_, BTreeMap<Shard, StoredShard>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bounds(&self, shard: Shard) -> Bounds {
        self.shards().get(&shard).map_or(Bounds::empty(Tail::START), |stored| stored.bounds)
    }

    fn writable(&self) -> Result<(), LogError> {
        let refused = self.poisoned.clone().map(|reason| LogError::Poisoned { reason });
        refused.map_or(Ok(()), Err)
    }

    /// Counts an append, and says whether it is to fail.
    fn strike(&mut self) -> Option<Fault> {
        let (left, fault) = self.fault?;
        let left = left.saturating_sub(1);
        self.fault = (left > 0).then_some((left, fault));
        (left == 0).then_some(fault)
    }

    fn fail(&mut self) -> LogError {
        let source = io::Error::other("an injected failure");
        let error = LogError::Io { path: PathBuf::from("memory"), source };
        self.poisoned = Some(error.reason());
        error
    }
}

impl EventLog for MemoryLog {
    fn append(
        &mut self,
        shard: Shard,
        expected: u64,
        batch: &[NewEvent],
    ) -> Result<Tail, LogError> {
        check_batch(batch)?;
        self.writable()?;
        let fault = self.strike();
        if fault == Some(Fault::Before) {
            return Err(self.fail());
        }
        let bounds = self.bounds(shard);
        let found = bounds.tail.sequence;
        if found != expected {
            return Err(LogError::Conflict { shard, expected, found });
        }
        let mut chain = Chain::behind(shard, bounds.tail);
        let mut encoded = Vec::with_capacity(batch.len());
        for event in batch {
            let bytes = chain.encode(event)?;
            encoded.push((chain.last().sequence, bytes));
        }
        if !encoded.is_empty() {
            let mut shards = self.shards();
            let stored = shards.entry(shard).or_default();
            stored.events.extend(encoded);
            stored.bounds.tail = chain.last();
        }
        if fault == Some(Fault::After) { Err(self.fail()) } else { Ok(chain.last()) }
    }

    fn read(&self, shard: Shard, from: u64, max: usize) -> Result<Vec<Event>, LogError> {
        let shards = self.shards();
        let empty = StoredShard::default();
        let stored = shards.get(&shard).unwrap_or(&empty);
        let range = stored.events.range(page::start(&stored.bounds, from)..);
        let events = range.map(|(sequence, bytes)| Ok((*sequence, bytes.clone())));
        page::collect(shard, &stored.bounds, from, max, events)
    }

    fn tail(&self, shard: Shard) -> Result<Tail, LogError> {
        Ok(self.bounds(shard).tail)
    }

    fn anchor(&self, shard: Shard) -> Result<Tail, LogError> {
        Ok(self.bounds(shard).anchor)
    }

    fn trim(&mut self, shard: Shard, through: u64) -> Result<(), LogError> {
        self.writable()?;
        let mut shards = self.shards();
        let stored = shards.entry(shard).or_default();
        let tail = stored.bounds.tail.sequence;
        if through > tail {
            return Err(LogError::BeyondTail { shard, through, tail });
        }
        if through <= stored.bounds.anchor.sequence {
            return Ok(());
        }
        let missing =
            || LogError::Corrupt { shard, sequence: through, what: "it is missing".to_owned() };
        let bytes = stored.events.get(&through).ok_or_else(missing)?;
        stored.bounds.anchor = Chain::at(shard, through, bytes)?.last();
        stored.events.retain(|sequence, _| *sequence > through);
        Ok(())
    }
}
