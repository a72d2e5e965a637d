//! What a log holds, in the words of its callers.

use std::fmt;

/// One of the independent sequences of a log. Patients are spread over shards by their keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(pub u16);

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What tells two attempts to register one thing from two things: chosen by the caller, once for
/// an event and all its retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

/// A BLAKE3 hash of an event as it is stored, without its checksum.
pub type Hash = [u8; 32];

/// An event that has no place in a log yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// The same for every retry.
    pub id: EventId,
    /// Opaque to the log; may be empty.
    pub payload: Vec<u8>,
}

/// An event of a log, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the shard, from 1.
    pub sequence: u64,
    /// As it was appended.
    pub id: EventId,
    /// As it was appended.
    pub payload: Vec<u8>,
    /// The hash of the event before; of the first event, zeros.
    pub previous: Hash,
    /// Its own hash.
    pub hash: Hash,
}

/// The last event of a shard, or of the part of it that somebody has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The place of the last event; 0 where nothing was appended yet.
    pub sequence: u64,
    /// The hash of the last event; zeros where nothing was appended yet.
    pub hash: Hash,
}

impl Tail {
    /// The tail of a shard to which nothing was appended yet.
    pub const START: Self = Self { sequence: 0, hash: [0; 32] };
}

impl Event {
    /// The tail of a shard that ends with this event.
    pub fn tail(&self) -> Tail {
        Tail { sequence: self.sequence, hash: self.hash }
    }
}
