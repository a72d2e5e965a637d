//! Events that are damaged or missing in a file whose pages are whole: what redb cannot notice.

use std::path::{Path, PathBuf};

use chofuku_log::{EventLog, LogError, RedbLog, verify};
use redb::{Database, ReadableTable, TableDefinition};

use crate::events::{SHARD, append};

type Events = TableDefinition<'static, (u16, u64), &'static [u8]>;
const EVENTS: Events = TableDefinition::new("events");
const BOUNDS: TableDefinition<'_, u16, &[u8]> = TableDefinition::new("bounds");
const COUNT: u64 = 9;

/// Stores other bytes for an event, or none.
fn change(path: &Path, sequence: u64, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(EVENTS).unwrap();
        let key = (SHARD.0, sequence);
        let bytes = table.get(key).unwrap().map(|value| value.value().to_vec());
        match change(bytes.unwrap_or_default()) {
            Some(bytes) => drop(table.insert(key, bytes.as_slice()).unwrap()),
            None => drop(table.remove(key).unwrap()),
        }
    }
    transaction.commit().unwrap();
}

fn stored(path: &Path, sequence: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    change(path, sequence, |stored| {
        bytes.clone_from(&stored);
        Some(stored)
    });
    bytes
}

/// The number of the event at which opening, reading or copying stops.
fn first_fault(path: &Path) -> u64 {
    let fault = |error: LogError| {
        let LogError::Corrupt { shard: SHARD, sequence, .. } = error else { panic!("{error:?}") };
        sequence
    };
    let log = match RedbLog::open(path, &[]) {
        Ok(log) => log,
        Err(error) => return fault(error),
    };
    let sequence = fault(verify(&log, SHARD).unwrap_err());
    let read = log.read(SHARD, 1, usize::MAX);
    assert_eq!(fault(read.unwrap_err()), sequence);
    let copied = log.copy_to(&path.with_extension("copy"));
    assert_eq!(fault(copied.unwrap_err()), sequence);
    assert!(!path.with_extension("copy").exists());
    // What is before the fault can still be read.
    if let Some(before) = sequence.checked_sub(1).filter(|before| *before > 0) {
        let max = usize::try_from(before).unwrap();
        assert_eq!(log.read(SHARD, 1, max).unwrap().len(), max);
    }
    sequence
}

fn log(directory: &Path, name: &str) -> PathBuf {
    let path = directory.join(name);
    append(&mut RedbLog::open(&path, &[]).unwrap(), SHARD, COUNT);
    path
}

#[test]
fn a_damaged_event_is_named() {
    let directory = tempfile::tempdir().unwrap();
    for sequence in 1..=COUNT {
        let path = log(directory.path(), &format!("damaged-{sequence}"));
        change(&path, sequence, |mut bytes| {
            bytes[40] ^= 0x10;
            Some(bytes)
        });
        assert_eq!(first_fault(&path), sequence);
    }
}

#[test]
fn a_missing_event_is_named() {
    let directory = tempfile::tempdir().unwrap();
    for sequence in 1..=COUNT {
        let path = log(directory.path(), &format!("missing-{sequence}"));
        change(&path, sequence, |_| None);
        assert_eq!(first_fault(&path), sequence);
    }
}

#[test]
fn an_event_in_the_place_of_another_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = log(directory.path(), "moved");
    let other = stored(&path, 4);
    change(&path, 6, |_| Some(other));
    assert_eq!(first_fault(&path), 6);

    // Whole, in its place, and of another chain.
    let foreign = directory.path().join("foreign");
    let mut log = RedbLog::open(&foreign, &[]).unwrap();
    log.append(SHARD, 0, &crate::events::batch(3, COUNT)).unwrap();
    drop(log);
    let path = self::log(directory.path(), "mixed");
    let other = stored(&foreign, 6);
    change(&path, 6, |_| Some(other));
    assert_eq!(first_fault(&path), 6);
}

#[test]
fn an_event_behind_the_last_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = log(directory.path(), "behind");
    let bytes = stored(&path, COUNT);
    change(&path, COUNT + 3, |_| Some(bytes));
    assert_eq!(first_fault(&path), COUNT + 3);
}

#[test]
fn ends_that_are_missing_or_damaged_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for (name, other) in [("gone", None), ("damaged", Some([0_u8; 86]))] {
        let path = log(directory.path(), name);
        let database = Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(BOUNDS).unwrap();
            match other {
                Some(bytes) => drop(table.insert(SHARD.0, bytes.as_slice()).unwrap()),
                None => drop(table.remove(SHARD.0).unwrap()),
            }
        }
        transaction.commit().unwrap();
        drop(database);
        let opened = RedbLog::open(&path, &[]);
        let refused = match other {
            Some(_) => matches!(opened, Err(LogError::Damaged { .. })),
            None => matches!(opened, Err(LogError::Corrupt { sequence: 1, .. })),
        };
        assert!(refused, "{opened:?}");
    }
}

#[test]
fn an_event_of_a_later_program_is_told_from_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = log(directory.path(), "later");
    change(&path, 5, |mut bytes| {
        bytes[0] = 2;
        let covered = bytes.len() - 4;
        let checksum = crc32c::crc32c(&bytes[..covered]);
        bytes[covered..].copy_from_slice(&checksum.to_le_bytes());
        Some(bytes)
    });
    let log = RedbLog::open(&path, &[]).unwrap();
    let read = log.read(SHARD, 1, 9);
    assert!(matches!(read, Err(LogError::Format { sequence: 5, found: 2, .. })), "{read:?}");
}

#[test]
fn nothing_is_trimmed_through_a_damaged_event() {
    let directory = tempfile::tempdir().unwrap();
    let path = log(directory.path(), "trim");
    change(&path, 5, |mut bytes| {
        bytes[40] ^= 0x10;
        Some(bytes)
    });
    let mut log = RedbLog::open(&path, &[]).unwrap();
    let trimmed = log.trim(SHARD, 5);
    assert!(matches!(trimmed, Err(LogError::Corrupt { sequence: 5, .. })), "{trimmed:?}");
    assert!(matches!(log.trim(SHARD, 2), Err(LogError::Poisoned { .. })));
    assert_eq!(log.first(SHARD).unwrap(), 1);
}
