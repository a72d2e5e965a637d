//! Opening a log: nothing is appended behind an end that is not verified.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use ::redb::{Database, ReadableDatabase, ReadableTable};

use super::create::{self, Staged};
use super::mark::Mark;
use super::tables::{self, BOUNDS, EVENTS, storage};
use super::{RedbLog, guarded};
use crate::bounds::Bounds;
use crate::chain::Chain;
use crate::error::LogError;
use crate::event::{Shard, Tail};
use crate::log::{EventLog, require};

impl RedbLog {
    /// Whether there is a log in the file `path`, for whoever must not make one. `at_least` is as for
    /// [`RedbLog::open`].
    ///
    /// # Errors
    ///
    /// [`LogError::Shorter`] where there is none, and `at_least` or the mark says that there was one;
    /// [`LogError::Io`].
    pub fn exists(path: &Path, at_least: &[(Shard, u64)]) -> Result<bool, LogError> {
        if path.try_exists().map_err(LogError::io(path))? {
            return Ok(true);
        }
        let marked = Mark::read(path)?;
        let marked = marked.iter().map(|(shard, tail)| (*shard, tail.sequence));
        let mut lost = at_least.iter().copied().chain(marked).filter(|(_, expected)| *expected > 0);
        lost.next().map_or(Ok(false), |(shard, expected)| {
            let place = path.display().to_string();
            Err(LogError::Shorter { place, shard, expected, found: 0 })
        })
    }

    /// The last event of a shard that the mark beside the log in the file `path` remembers; 0 where it
    /// remembers none. The log may be open elsewhere, and its last event is this one or a later one.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`].
    pub fn marked(path: &Path, shard: Shard) -> Result<u64, LogError> {
        Ok(Mark::read(path)?.get(&shard).map_or(0, |tail| tail.sequence))
    }

    /// Opens the log in the file `path`, or makes an empty one there, readable by its owner only.
    /// A file of the same name with `.mark` behind it belongs to it.
    ///
    /// `at_least` names events that must be in the log or trimmed from it: the last ones that the
    /// newest generation has folded in. A log that was lost or replaced by an older one is refused
    /// by them; an empty list asks for nothing.
    ///
    /// Reads the whole file, at about a gigabyte a second. What a crash cut short is taken back: it
    /// was not acknowledged.
    ///
    /// # Errors
    ///
    /// [`LogError::Locked`] where it is open elsewhere; [`LogError::Shorter`] where acknowledged
    /// events are missing at its end (whoever has no newer copy, and knows what is lost, removes
    /// the mark); [`LogError::Corrupt`] where its ends are not right;
    /// [`LogError::Damaged`] where its pages are not; [`LogError::Io`].
    pub fn open(path: &Path, at_least: &[(Shard, u64)]) -> Result<Self, LogError> {
        guarded(path, || {
            let marked = Mark::read(path)?;
            if !Self::exists(path, at_least)? {
                make(path, &[]).or_else(|error| {
                    // Made by another meanwhile: whose lock it is decides below.
                    if create::is_taken(&error) { Ok(()) } else { Err(error) }
                })?;
            }
            let database = create::builder().open(path).map_err(storage(path))?;
            let (mut log, tails) = Self::verified(path, database, at_least)?;
            log.verify_mark(&marked)?;
            log.mark = Some(Mark::write(path, tails)?);
            Ok(log)
        })
    }

    /// Makes a log in the file `path`, which must not exist, whose shards go on behind `anchors`:
    /// for a site whose log is lost, and whose newest generation holds the events up to them.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`], also where there is such a file.
    pub fn open_at(path: &Path, anchors: &[(Shard, Tail)]) -> Result<Self, LogError> {
        guarded(path, || {
            if path.try_exists().map_err(LogError::io(path))? {
                let source = io::ErrorKind::AlreadyExists.into();
                return Err(LogError::Io { path: path.to_owned(), source });
            }
            // That of the log that was here before would refuse this one.
            Mark::remove(path)?;
            make(path, anchors)?;
            let database = create::builder().open(path).map_err(storage(path))?;
            let (mut log, tails) = Self::verified(path, database, &[])?;
            log.mark = Some(Mark::write(path, tails)?);
            Ok(log)
        })
    }

    /// Opens or makes a log that lies behind another backend than a file, without a mark.
    ///
    /// # Errors
    ///
    /// As [`RedbLog::open`].
    #[cfg(feature = "testing")]
    pub fn open_backend(
        backend: impl ::redb::StorageBackend,
        at_least: &[(Shard, u64)],
    ) -> Result<Self, LogError> {
        let path = Path::new("backend");
        guarded(path, || {
            let database = create::builder().create_with_backend(backend).map_err(storage(path))?;
            let transaction = database.begin_read().map_err(storage(path))?;
            let tables = transaction.list_tables().map_err(storage(path))?.count();
            drop(transaction);
            if tables == 0 {
                let mut transaction = database.begin_write().map_err(storage(path))?;
                transaction.set_two_phase_commit(true);
                transaction.open_table(EVENTS).map_err(storage(path))?;
                transaction.open_table(BOUNDS).map_err(storage(path))?;
                transaction.commit().map_err(storage(path))?;
            }
            Ok(Self::verified(path, database, at_least)?.0)
        })
    }

    /// A log whose shards begin and end as they should, and their tails.
    fn verified(
        path: &Path,
        database: Database,
        at_least: &[(Shard, u64)],
    ) -> Result<(Self, BTreeMap<Shard, Tail>), LogError> {
        let log = Self {
            path: path.to_owned(),
            database: Arc::new(database),
            mark: None,
            poisoned: None,
        };
        let tails = log.verify_ends()?;
        require(&log, &path.display().to_string(), at_least)?;
        Ok((log, tails))
    }

    /// Verifies, for each shard, that the events begin behind its anchor and end with its tail.
    fn verify_ends(&self) -> Result<BTreeMap<Shard, Tail>, LogError> {
        let path = self.path.as_path();
        let transaction = self.database.begin_read().map_err(storage(path))?;
        let table = transaction.open_table(BOUNDS).map_err(storage(path))?;
        let events = transaction.open_table(EVENTS).map_err(storage(path))?;
        let mut tails = BTreeMap::new();
        for row in table.iter().map_err(storage(path))? {
            let (shard, bytes) = row.map_err(storage(path))?;
            let shard = Shard(shard.value());
            let bounds = tables::decode_bounds(path, shard, bytes.value())?;
            verify_shard(&events, path, shard, &bounds)?;
            tails.insert(shard, bounds.tail);
        }
        // Events of a shard whose row is gone would be overwritten.
        let mut from = Some(0_u16);
        while let Some(shard) = from {
            let mut range = events.range((shard, 0)..).map_err(storage(path))?;
            let Some(record) = range.next() else { break };
            let (found, sequence) = record.map_err(storage(path))?.0.value();
            if !tails.contains_key(&Shard(found)) {
                let what = "its shard is not known to have events".to_owned();
                return Err(LogError::Corrupt { shard: Shard(found), sequence, what });
            }
            from = found.checked_add(1);
        }
        Ok(tails)
    }

    /// Verifies that what the mark remembers is in the log or trimmed from it.
    fn verify_mark(&self, marked: &BTreeMap<Shard, Tail>) -> Result<(), LogError> {
        for (&shard, marked) in marked {
            let place = self.path.display().to_string();
            require(self, &place, &[(shard, marked.sequence)])?;
            let bounds = self.bounds(shard)?;
            let hash = match marked.sequence.cmp(&bounds.anchor.sequence) {
                Ordering::Less => continue,
                Ordering::Equal => bounds.anchor.hash,
                Ordering::Greater => {
                    let page = self.read(shard, marked.sequence, 1)?;
                    page.first().map_or([0; 32], |event| event.hash)
                }
            };
            if hash != marked.hash {
                let what = "it is not the event that was acknowledged".to_owned();
                return Err(LogError::Corrupt { shard, sequence: marked.sequence, what });
            }
        }
        Ok(())
    }
}

fn make(path: &Path, anchors: &[(Shard, Tail)]) -> Result<(), LogError> {
    let staged = Staged::beside(path)?;
    let database = staged.database(anchors)?;
    staged.publish(database)
}

fn verify_shard(
    events: &impl ReadableTable<(u16, u64), &'static [u8]>,
    path: &Path,
    shard: Shard,
    bounds: &Bounds,
) -> Result<(), LogError> {
    let mut range = events.range((shard.0, 0)..=(shard.0, u64::MAX)).map_err(storage(path))?;
    let first = range.next().transpose().map_err(storage(path))?;
    let last = range.next_back().transpose().map_err(storage(path))?;
    let first = first.map(|(key, value)| (key.value().1, value.value().to_vec()));
    let last = last.map(|(key, value)| (key.value().1, value.value().to_vec()));
    let last = last.or_else(|| first.clone());
    let corrupt = |sequence, what: &str| LogError::Corrupt { shard, sequence, what: what.into() };
    let Some(((first, first_bytes), (last, last_bytes))) = first.zip(last) else {
        let missing = corrupt(bounds.first(), "it is missing, and every event behind it");
        return if bounds.anchor == bounds.tail { Ok(()) } else { Err(missing) };
    };
    if first != bounds.first() {
        let what = "the log begins before or behind it";
        return Err(corrupt(first.min(bounds.first()), what));
    }
    Chain::behind(shard, bounds.anchor).follow(&first_bytes)?;
    if last != bounds.tail.sequence {
        let what = "the log ends before or behind it";
        return Err(corrupt(last.max(bounds.tail.sequence), what));
    }
    Chain::at(shard, last, &last_bytes)?.ends_at(bounds.tail)
}
