//! Events whose content follows from their place, so that any one lost, repeated or changed shows.

use chofuku_log::{Event, EventId, EventLog, NewEvent, Shard, Tail, verify};

pub(crate) const SHARD: Shard = Shard(5);

/// The event that belongs at `sequence`.
pub(crate) fn event(sequence: u64) -> NewEvent {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&sequence.to_le_bytes());
    let size = usize::try_from(sequence * 37 % 700).unwrap();
    let payload = sequence.to_le_bytes().iter().copied().cycle().take(size).collect();
    NewEvent { id: EventId(id), payload }
}

pub(crate) fn batch(first: u64, count: u64) -> Vec<NewEvent> {
    (first..first + count).map(event).collect()
}

/// Appends the next events behind the tail.
pub(crate) fn append(log: &mut dyn EventLog, shard: Shard, count: u64) -> Tail {
    let tail = log.tail(shard).unwrap().sequence;
    log.append(shard, tail, &batch(tail + 1, count)).unwrap()
}

/// Every event of a shard.
pub(crate) fn read_all(log: &dyn EventLog, shard: Shard) -> Vec<Event> {
    let first = log.first(shard).unwrap();
    let tail = verify(log, shard).unwrap();
    let mut events = Vec::new();
    while to_u64(events.len()) + first <= tail.sequence {
        events.extend(log.read(shard, first + to_u64(events.len()), 500).unwrap());
    }
    events
}

/// Asserts that a log of events that belong where they stand holds all that are not trimmed, and at least those up
/// to `acknowledged`. Gives its last sequence.
pub(crate) fn assert_whole(log: &dyn EventLog, acknowledged: u64) -> u64 {
    let events = read_all(log, SHARD);
    let first = log.first(SHARD).unwrap();
    for (read, sequence) in events.iter().zip(first..) {
        let expected = event(sequence);
        assert_eq!(read.sequence, sequence);
        assert!(read.id == expected.id && read.payload == expected.payload, "event {sequence}");
    }
    let tail = first - 1 + to_u64(events.len());
    assert!(tail >= acknowledged, "event {acknowledged} was acknowledged, the log ends at {tail}");
    tail
}

pub(crate) fn to_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap()
}
