//! Appending: what is acknowledged is there, once and whole.

use std::path::Path;

use super::{Open, SHARD, append, assert_holds, event, events};
use crate::codec::PAYLOAD_BYTES_MAX;
use crate::error::LogError;
use crate::event::{NewEvent, Shard, Tail};

pub(super) fn a_new_log_is_empty(directory: &Path, open: Open<'_>) {
    for _ in 0..2 {
        let log = open(directory);
        assert_eq!(log.tail(SHARD).unwrap(), Tail::START);
        assert_eq!(log.anchor(SHARD).unwrap(), Tail::START);
        assert_eq!(log.first(SHARD).unwrap(), 1);
        assert_eq!(log.read(SHARD, 1, 10).unwrap(), []);
        assert_holds(&*log, SHARD, &[]);
    }
}

pub(super) fn sequences_have_no_gap(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let mut expected = 0;
    for size in [1, 1, 5, 2, 17] {
        let batch = events(expected..expected + size);
        let tail = log.append(SHARD, expected, &batch).unwrap();
        expected += size;
        assert_eq!(tail.sequence, expected);
        assert_eq!(log.tail(SHARD).unwrap(), tail);
    }
    assert_holds(&*log, SHARD, &events(0..expected));
}

pub(super) fn only_the_last_sequence_is_appended_to(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events(0..3));
    for wrong in [0, 2, 4, u64::MAX] {
        for batch in [events([9]), Vec::new()] {
            match log.append(SHARD, wrong, &batch) {
                Err(LogError::Conflict { shard, expected, found }) => {
                    assert_eq!((shard, expected, found), (SHARD, wrong, 3));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    // A conflict is no failure: the log goes on.
    append(&mut *log, SHARD, &events([3]));
    assert_holds(&*log, SHARD, &events(0..4));
}

pub(super) fn an_empty_batch_changes_nothing(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    assert_eq!(log.append(SHARD, 0, &[]).unwrap(), Tail::START);
    let tail = append(&mut *log, SHARD, &events(0..2));
    assert_eq!(log.append(SHARD, 2, &[]).unwrap(), tail);
    assert_holds(&*log, SHARD, &events(0..2));
}

pub(super) fn a_refused_batch_leaves_nothing(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events(0..2));
    let mut batch = events(2..5);
    batch.push(NewEvent { payload: vec![0; PAYLOAD_BYTES_MAX + 1], ..event(5) });
    let refused = log.append(SHARD, 2, &batch);
    assert!(matches!(refused, Err(LogError::TooLarge { .. })), "{refused:?}");
    assert!(log.append(SHARD, 1, &events(2..5)).is_err());
    assert_holds(&*log, SHARD, &events(0..2));
    append(&mut *log, SHARD, &events(2..3));
    drop(log);
    assert_holds(&*open(directory), SHARD, &events(0..3));
}

pub(super) fn ids_and_payloads_come_back(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let batch = [event(1), NewEvent { payload: every_byte, ..event(u64::MAX) }];
    let tail = append(&mut *log, SHARD, &batch);
    let read = log.read(SHARD, 1, 10).unwrap();
    assert_eq!(read.len(), 2);
    for (read, written) in read.iter().zip(&batch) {
        assert_eq!((read.id, &read.payload), (written.id, &written.payload));
    }
    assert_eq!(read[0].previous, [0; 32]);
    assert_eq!(read[1].previous, read[0].hash);
    assert_eq!(read[1].tail(), tail);
}

/// Dropping the second of two events with one id is for whoever reads.
pub(super) fn a_repeated_id_is_stored_again(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events([1, 1]));
    append(&mut *log, SHARD, &events([1]));
    assert_holds(&*log, SHARD, &events([1, 1, 1]));
}

pub(super) fn payloads_of_every_size_come_back(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let sizes = [0, 1, 4095, 4096, 4097, 1 << 20, 0, PAYLOAD_BYTES_MAX, 3];
    let numbered = sizes.into_iter().zip(0_u8..);
    let batch: Vec<_> = numbered
        .map(|(size, number)| NewEvent { payload: vec![number; size], ..event(number.into()) })
        .collect();
    for half in batch.chunks(5) {
        append(&mut *log, SHARD, half);
    }
    assert_holds(&*log, SHARD, &batch);
    drop(log);
    assert_holds(&*open(directory), SHARD, &batch);
}

pub(super) fn a_large_batch_is_one(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let batch = events(0..20_000);
    let tail = log.append(SHARD, 0, &batch).unwrap();
    assert_eq!(tail.sequence, 20_000);
    drop(log);
    assert_holds(&*open(directory), SHARD, &batch);
}

pub(super) fn shards_are_independent(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let shards = [Shard(0), Shard(1), Shard(u16::MAX)];
    for round in 0..4 {
        for shard in shards {
            let base = 1000 * u64::from(shard.0);
            let size = 1 + u64::from(shard.0) % 3;
            let batch = events(base + round * size..base + (round + 1) * size);
            append(&mut *log, shard, &batch);
        }
    }
    log.trim(Shard(1), 3).unwrap();
    for _ in 0..2 {
        for shard in shards {
            let base = 1000 * u64::from(shard.0);
            let size = 1 + u64::from(shard.0) % 3;
            let trimmed = if shard == Shard(1) { 3 } else { 0 };
            assert_eq!(log.first(shard).unwrap(), trimmed + 1);
            assert_holds(&*log, shard, &events(base + trimmed..base + 4 * size));
        }
        assert_eq!(log.tail(Shard(2)).unwrap(), Tail::START);
        drop(log);
        log = open(directory);
    }
}
