//! Trimming: the sequence and the chain go on for ever.

use std::path::Path;

use super::{Open, SHARD, append, assert_holds, events};
use crate::error::LogError;

pub(super) fn what_is_trimmed_is_gone_and_the_chain_goes_on(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events(0..10));
    let whole = log.read(SHARD, 1, usize::MAX).unwrap();
    let mut trimmed = 0_u64;
    for through in [1, 4, 4, 2, 9] {
        log.trim(SHARD, through).unwrap();
        trimmed = trimmed.max(through);
        for _ in 0..2 {
            assert_eq!(log.first(SHARD).unwrap(), trimmed + 1);
            let kept = usize::try_from(trimmed).unwrap();
            assert_eq!(log.anchor(SHARD).unwrap(), whole[kept - 1].tail());
            let gone = log.read(SHARD, trimmed, 1);
            let first = trimmed + 1;
            match gone {
                Err(LogError::Trimmed { shard: SHARD, first: found }) => assert_eq!(found, first),
                other => panic!("{other:?}"),
            }
            assert_eq!(log.read(SHARD, first, usize::MAX).unwrap(), whole[kept..]);
            drop(log);
            log = open(directory);
        }
    }
    append(&mut *log, SHARD, &events(10..12));
    assert_holds(&*log, SHARD, &events(9..12));
}

pub(super) fn a_log_without_events_keeps_its_place(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let tail = append(&mut *log, SHARD, &events(0..5));
    log.trim(SHARD, 5).unwrap();
    for _ in 0..2 {
        assert_eq!(log.tail(SHARD).unwrap(), tail);
        assert_eq!(log.anchor(SHARD).unwrap(), tail);
        assert_eq!(log.first(SHARD).unwrap(), 6);
        assert_eq!(log.read(SHARD, 6, 1).unwrap(), []);
        let first = log.append(SHARD, 0, &events([9]));
        assert!(matches!(first, Err(LogError::Conflict { found: 5, .. })), "{first:?}");
        drop(log);
        log = open(directory);
    }
    let next = log.append(SHARD, 5, &events([5])).unwrap();
    assert_eq!(next.sequence, 6);
    let read = log.read(SHARD, 6, 1).unwrap();
    assert_eq!(read[0].previous, tail.hash);
    drop(log);
    assert_holds(&*open(directory), SHARD, &events([5]));
}

pub(super) fn what_cannot_be_trimmed_is_refused(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events(0..5));
    match log.trim(SHARD, 6) {
        Err(LogError::BeyondTail { shard: SHARD, through: 6, tail: 5 }) => {}
        other => panic!("{other:?}"),
    }
    log.trim(SHARD, 0).unwrap();
    // A refusal is no failure: the log goes on, and holds what it held.
    append(&mut *log, SHARD, &events([5]));
    assert_holds(&*log, SHARD, &events(0..6));
}
