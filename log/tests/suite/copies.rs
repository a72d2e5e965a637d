//! Copies of a log that goes on meanwhile.

use std::thread;

use chofuku_log::{EventLog, LogError, RedbLog, Shard};

use crate::events::{SHARD, append, assert_whole, read_all};

#[test]
fn a_copy_holds_what_the_log_held() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("log"), directory.path().join("copy"));
    let mut log = RedbLog::open(&path, &[]).unwrap();
    let shards = [SHARD, Shard(0), Shard(8), Shard(9)];
    for shard in [SHARD, Shard(0), Shard(9)] {
        append(&mut log, shard, 100);
    }
    log.trim(Shard(0), 60).unwrap();
    log.trim(Shard(9), 100).unwrap();
    log.copy_to(&copy).unwrap();
    let again = log.copy_to(&copy);
    assert!(matches!(again, Err(LogError::Io { .. })), "{again:?}");
    let mut copied = RedbLog::open(&copy, &[(SHARD, 100)]).unwrap();
    for shard in shards {
        assert_eq!(copied.tail(shard).unwrap(), log.tail(shard).unwrap());
        assert_eq!(copied.anchor(shard).unwrap(), log.anchor(shard).unwrap());
        assert_eq!(read_all(&copied, shard), read_all(&log, shard));
    }
    for shard in shards {
        assert_eq!(append(&mut copied, shard, 7), append(&mut log, shard, 7));
    }
}

#[test]
fn a_copy_is_made_while_events_are_appended() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = RedbLog::open(&directory.path().join("log"), &[]).unwrap();
    append(&mut log, SHARD, 2000);
    let copier = log.copier();
    let copy = directory.path().join("copy");
    let to = copy.clone();
    let copying = thread::spawn(move || copier.copy_to(&to));
    while !copying.is_finished() {
        append(&mut log, SHARD, 10);
    }
    copying.join().unwrap().unwrap();
    let tail = log.tail(SHARD).unwrap().sequence;
    let held = assert_whole(&RedbLog::open(&copy, &[]).unwrap(), 2000);
    assert!(held <= tail);
}
