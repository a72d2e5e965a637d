//! The two tables of the file and what a shard has in them.

use std::path::Path;

use ::redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::bounds::Bounds;
use crate::chain::Chain;
use crate::error::LogError;
use crate::event::{Shard, Tail};

/// Shard and sequence to the event as [`crate::codec`] encodes it.
pub(super) const EVENTS: TableDefinition<'_, (u16, u64), &[u8]> = TableDefinition::new("events");
/// Shard to its ends as [`Bounds`] encodes them.
pub(super) const BOUNDS: TableDefinition<'_, u16, &[u8]> = TableDefinition::new("bounds");

/// A failure of redb in the words of this crate.
pub(super) fn storage<E: Into<::redb::Error>>(path: &Path) -> impl FnOnce(E) -> LogError {
    use ::redb::Error;
    move |error| {
        let place = path.display().to_string();
        let error = error.into();
        if let Error::Io(source) = error {
            return LogError::Io { path: path.to_owned(), source };
        }
        if let Error::Corrupted(what) = error {
            return LogError::Damaged { place, what };
        }
        if matches!(error, Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch) {
            return LogError::Locked { path: path.to_owned() };
        }
        if matches!(error, Error::TableDoesNotExist(_) | Error::TableTypeMismatch { .. }) {
            return LogError::Damaged { place, what: format!("it is no event log: {error}") };
        }
        LogError::Storage { place, source: Box::new(error) }
    }
}

/// The ends of a shard; of one that was never written, those of an empty one.
pub(super) fn bounds(
    transaction: &ReadTransaction,
    path: &Path,
    shard: Shard,
) -> Result<Bounds, LogError> {
    let table = transaction.open_table(BOUNDS).map_err(storage(path))?;
    bounds_in(&table, path, shard)
}

/// The same inside a transaction that writes.
pub(super) fn bounds_for_write(
    transaction: &WriteTransaction,
    path: &Path,
    shard: Shard,
) -> Result<Bounds, LogError> {
    let table = transaction.open_table(BOUNDS).map_err(storage(path))?;
    bounds_in(&table, path, shard)
}

fn bounds_in(
    table: &impl ReadableTable<u16, &'static [u8]>,
    path: &Path,
    shard: Shard,
) -> Result<Bounds, LogError> {
    match table.get(shard.0).map_err(storage(path))? {
        Some(bytes) => decode_bounds(path, shard, bytes.value()),
        None => Ok(Bounds::empty(Tail::START)),
    }
}

/// The ends of a shard out of their bytes.
pub(super) fn decode_bounds(path: &Path, shard: Shard, bytes: &[u8]) -> Result<Bounds, LogError> {
    Bounds::decode(bytes).map_err(|error| LogError::Damaged {
        place: path.display().to_string(),
        what: format!("the ends of shard {shard}: {error}"),
    })
}

/// The bytes of an event that must be there.
pub(super) fn event(
    events: &impl ReadableTable<(u16, u64), &'static [u8]>,
    path: &Path,
    shard: Shard,
    sequence: u64,
) -> Result<Vec<u8>, LogError> {
    let bytes = events.get((shard.0, sequence)).map_err(storage(path))?;
    let missing = || LogError::Corrupt { shard, sequence, what: "it is missing".to_owned() };
    Ok(bytes.ok_or_else(missing)?.value().to_vec())
}

/// A stored event as what the chain goes on from, verified with the event behind it or the tail:
/// once it is removed, nobody can look it up again.
pub(super) fn event_as_anchor(
    events: &impl ReadableTable<(u16, u64), &'static [u8]>,
    path: &Path,
    shard: Shard,
    bounds: &Bounds,
    sequence: u64,
) -> Result<Tail, LogError> {
    let mut chain = Chain::at(shard, sequence, &event(events, path, shard, sequence)?)?;
    let anchor = chain.last();
    if sequence == bounds.tail.sequence {
        chain.ends_at(bounds.tail)?;
    } else {
        chain.follow(&event(events, path, shard, chain.next_sequence()?)?)?;
    }
    Ok(anchor)
}
