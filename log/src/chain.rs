//! The chain of events: each follows the one before by its number and its hash.
//!
//! The checksum of an event finds a damaged one; the chain finds one that is missing, repeated,
//! moved, or whole but from another log.

use crate::codec::{self, DecodeError};
use crate::error::LogError;
use crate::event::{Event, NewEvent, Shard, Tail};

/// A place in the chain of a shard.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    shard: Shard,
    last: Tail,
}

impl Chain {
    /// The place behind an event whose sequence and hash are known.
    pub fn behind(shard: Shard, last: Tail) -> Self {
        Self { shard, last }
    }

    /// The place behind a stored event that follows something unknown: only its number and its
    /// checksum are verified, and its hash binds what comes next.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] and [`LogError::Format`], with `sequence`.
    pub fn at(shard: Shard, sequence: u64, bytes: &[u8]) -> Result<Self, LogError> {
        Ok(Self::behind(shard, decode(shard, sequence, bytes)?.tail()))
    }

    /// The last event before this place.
    pub fn last(&self) -> Tail {
        self.last
    }

    /// The number of the event that comes next.
    ///
    /// # Errors
    ///
    /// When there is no greater number.
    pub fn next_sequence(&self) -> Result<u64, LogError> {
        self.last.sequence.checked_add(1).ok_or_else(|| {
            self.corrupt(self.last.sequence, "no greater number exists for the event behind it")
        })
    }

    /// Encodes the event that comes next, and goes on behind it.
    ///
    /// # Errors
    ///
    /// When there is no greater number.
    pub fn encode(&mut self, event: &NewEvent) -> Result<Vec<u8>, LogError> {
        let sequence = self.next_sequence()?;
        let encoded = codec::encode(sequence, &self.last.hash, event);
        self.last = Tail { sequence, hash: encoded.hash };
        Ok(encoded.bytes)
    }

    /// Decodes the event that comes next, verifies that it does, and goes on behind it.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] and [`LogError::Format`], with the number of the event.
    pub fn follow(&mut self, bytes: &[u8]) -> Result<Event, LogError> {
        let sequence = self.next_sequence()?;
        let event = decode(self.shard, sequence, bytes)?;
        if event.previous != self.last.hash {
            return Err(self.corrupt(sequence, "it does not follow the event before it"));
        }
        self.last = event.tail();
        Ok(event)
    }

    /// Verifies that the shard ends here.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] when it should end with another event.
    pub fn ends_at(&self, tail: Tail) -> Result<(), LogError> {
        if self.last.sequence != tail.sequence {
            let sequence = self.last.sequence.min(tail.sequence).saturating_add(1);
            return Err(self.corrupt(sequence, "the shard ends before or behind its last event"));
        }
        if self.last.hash != tail.hash {
            return Err(self.corrupt(tail.sequence, "it is not the event that was appended last"));
        }
        Ok(())
    }

    /// An error at an event of this shard.
    pub fn corrupt(&self, sequence: u64, what: impl Into<String>) -> LogError {
        LogError::Corrupt { shard: self.shard, sequence, what: what.into() }
    }
}

fn decode(shard: Shard, sequence: u64, bytes: &[u8]) -> Result<Event, LogError> {
    let corrupt = |what| LogError::Corrupt { shard, sequence, what };
    let event = codec::decode(bytes).map_err(|error| match error {
        DecodeError::Version(found) => {
            LogError::Format { shard, sequence, expected: codec::VERSION, found }
        }
        DecodeError::Length(_) | DecodeError::Checksum { .. } => corrupt(error.to_string()),
    })?;
    if event.sequence != sequence {
        return Err(corrupt(format!("event {} stands in its place", event.sequence)));
    }
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventId;

    const SHARD: Shard = Shard(3);

    fn events(count: u8) -> Vec<Vec<u8>> {
        let mut chain = Chain::behind(SHARD, Tail::START);
        let new = |number| NewEvent { id: EventId([number; 16]), payload: vec![number] };
        (0..count).map(|number| chain.encode(&new(number)).unwrap()).collect()
    }

    fn first_fault<'a>(stored: impl IntoIterator<Item = &'a Vec<u8>>) -> Option<u64> {
        let mut chain = Chain::behind(SHARD, Tail::START);
        stored.into_iter().find_map(|bytes| match chain.follow(bytes) {
            Err(LogError::Corrupt { shard: SHARD, sequence, .. }) => Some(sequence),
            other => {
                other.unwrap();
                None
            }
        })
    }

    #[test]
    fn the_first_event_that_does_not_follow_is_named() {
        let whole = events(5);
        assert_eq!(first_fault(&whole), None);
        let [a, b, c, d, _] = &whole[..] else { panic!("five events") };
        assert_eq!(first_fault([b]), Some(1));
        assert_eq!(first_fault([a, b, d]), Some(3));
        assert_eq!(first_fault([a, b, b]), Some(3));
        assert_eq!(first_fault([a, c, b, d]), Some(2));
        // Whole and in its place, but of another chain.
        let mut other = Chain::behind(SHARD, Tail { sequence: 1, hash: [9; 32] });
        let foreign = NewEvent { id: EventId([1; 16]), payload: vec![1] };
        let foreign = other.encode(&foreign).unwrap();
        assert_eq!(first_fault([a, &foreign]), Some(2));
    }

    #[test]
    fn an_end_at_another_event_is_found() {
        let whole = events(3);
        let mut chain = Chain::behind(SHARD, Tail::START);
        for bytes in &whole {
            chain.follow(bytes).unwrap();
        }
        let tail = chain.last();
        chain.ends_at(tail).unwrap();
        for wrong in [
            Tail { sequence: 2, ..tail },
            Tail { sequence: 4, ..tail },
            Tail { hash: [0; 32], ..tail },
        ] {
            assert!(matches!(chain.ends_at(wrong), Err(LogError::Corrupt { .. })));
        }
    }

    #[test]
    fn no_number_is_used_twice_at_the_end_of_all_numbers() {
        let mut chain = Chain::behind(SHARD, Tail { sequence: u64::MAX, hash: [0; 32] });
        let event = NewEvent { id: EventId([0; 16]), payload: Vec::new() };
        assert!(matches!(chain.encode(&event), Err(LogError::Corrupt { .. })));
    }
}
