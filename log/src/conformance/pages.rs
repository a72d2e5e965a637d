//! Reading: verified events in order, never silently fewer.

use std::path::Path;

use super::{Open, SHARD, append, assert_holds, event, events};
use crate::error::LogError;
use crate::event::NewEvent;
use crate::page::PAGE_BYTES;

pub(super) fn events_are_read_in_pages(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events(0..10));
    let sequences = |from, max| {
        let page = log.read(SHARD, from, max).unwrap();
        page.iter().map(|event| event.sequence).collect::<Vec<_>>()
    };
    assert_eq!(sequences(1, 3), [1, 2, 3]);
    assert_eq!(sequences(4, 3), [4, 5, 6]);
    assert_eq!(sequences(8, 3), [8, 9, 10]);
    assert_eq!(sequences(10, 3), [10]);
    assert_eq!(sequences(9, usize::MAX), [9, 10]);
    assert_eq!(sequences(5, 0), [5], "an empty page would say that there are no more");
    assert_eq!(sequences(11, 3), []);
    assert_eq!(sequences(u64::MAX, 3), []);
    let before = log.read(SHARD, 0, 3);
    assert!(matches!(before, Err(LogError::Trimmed { shard: SHARD, first: 1 })), "{before:?}");
}

pub(super) fn a_page_is_bounded_in_bytes(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    let large = PAGE_BYTES / 4;
    let batch: Vec<_> =
        (0..9).map(|number| NewEvent { payload: vec![1; large], ..event(number) }).collect();
    append(&mut *log, SHARD, &batch);
    let page = log.read(SHARD, 1, usize::MAX).unwrap();
    assert!(!page.is_empty() && page.len() < 9, "{} events in a page", page.len());
    assert_holds(&*log, SHARD, &batch);
}

pub(super) fn a_reopened_log_holds_the_same(directory: &Path, open: Open<'_>) {
    let mut log = open(directory);
    append(&mut *log, SHARD, &events(0..100));
    let before = log.read(SHARD, 1, usize::MAX).unwrap();
    let tail = log.tail(SHARD).unwrap();
    for _ in 0..3 {
        drop(log);
        log = open(directory);
        assert_eq!(log.read(SHARD, 1, usize::MAX).unwrap(), before);
        assert_eq!(log.tail(SHARD).unwrap(), tail);
    }
    append(&mut *log, SHARD, &events(100..101));
    assert_holds(&*log, SHARD, &events(0..101));
}
