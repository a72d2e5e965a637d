//! The contract of every log, and what can be asked of any.

use std::fmt;

use crate::chain::Chain;
use crate::codec::{OVERHEAD_BYTES, PAYLOAD_BYTES_MAX};
use crate::error::LogError;
use crate::event::{Event, NewEvent, Shard, Tail};

/// The largest batch, in bytes as they are stored.
pub const BATCH_BYTES_MAX: usize = 256 << 20;
/// Events that [`verify`] asks for at once.
const VERIFY_EVENTS: usize = 4096;

/// A log of events, used by one writer.
///
/// After a write or a sync has failed, a log is poisoned: every later [`append`](Self::append) and
/// [`trim`](Self::trim) is refused with [`LogError::Poisoned`]. A refused argument
/// ([`LogError::is_refusal`]) changes nothing and poisons nothing. The conformance suite (feature
/// `testing`) holds every implementation to this.
pub trait EventLog: Send + Sync + fmt::Debug {
    /// Appends a batch behind the event `expected`, which must be the last one, and returns the new
    /// tail when every event of the batch is durable. All of the batch is appended or none of it;
    /// an empty one changes nothing.
    ///
    /// # Errors
    ///
    /// [`LogError::Conflict`] and [`LogError::TooLarge`] refuse the batch. After any other error it
    /// is not known whether the batch is in the log: open the log again and look for its ids.
    fn append(&mut self, shard: Shard, expected: u64, batch: &[NewEvent])
    -> Result<Tail, LogError>;

    /// The events from `from` on, in order and verified: their checksums, that none is missing, and
    /// the chain from the event before the first of them. At least one and at most `max` events;
    /// fewer than there are where a page would become too large ([`crate::page::PAGE_BYTES`]).
    /// Empty only if `from` is behind the tail.
    ///
    /// # Errors
    ///
    /// [`LogError::Trimmed`] where `from` is no longer in the log; [`LogError::Corrupt`] with the
    /// number of the first event that is not right, even if those before it are.
    fn read(&self, shard: Shard, from: u64, max: usize) -> Result<Vec<Event>, LogError>;

    /// The last event of a shard.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    fn tail(&self, shard: Shard) -> Result<Tail, LogError>;

    /// The last event of a shard that was trimmed, which the first one follows; of a shard that was
    /// never trimmed, [`Tail::START`].
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    fn anchor(&self, shard: Shard) -> Result<Tail, LogError>;

    /// The number of the first event that can be read; of a shard without events, of the next.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    fn first(&self, shard: Shard) -> Result<u64, LogError> {
        Ok(self.anchor(shard)?.sequence.saturating_add(1))
    }

    /// Removes the events up to and including `through`, durably; the sequence and the chain go on
    /// behind them. Nothing is left to do where they were removed before. What a failure leaves is
    /// trimmed through `through` or through an event before it.
    ///
    /// # Errors
    ///
    /// [`LogError::BeyondTail`] refuses; whatever else fails.
    fn trim(&mut self, shard: Shard, through: u64) -> Result<(), LogError>;
}

/// Reads a whole shard and gives its tail.
///
/// # Errors
///
/// The first event that is not right, or what reading fails with.
pub fn verify(log: &dyn EventLog, shard: Shard) -> Result<Tail, LogError> {
    // The tail comes first: events that are appended meanwhile are behind it.
    let tail = log.tail(shard)?;
    let anchor = log.anchor(shard)?;
    let mut chain = Chain::behind(shard, anchor);
    while chain.last().sequence < tail.sequence {
        let from = chain.next_sequence()?;
        let events = log.read(shard, from, VERIFY_EVENTS)?;
        let before = chain.last();
        if let Some(first) = events.first()
            && (first.sequence != from || first.previous != before.hash)
        {
            return Err(chain.corrupt(from, "it does not follow the event before it"));
        }
        // `read` has verified the page in itself.
        let within = events.iter().take_while(|event| event.sequence <= tail.sequence).last();
        let last = within.ok_or_else(|| chain.corrupt(from, "it is missing"))?;
        chain = Chain::behind(shard, last.tail());
    }
    chain.ends_at(tail)?;
    Ok(tail)
}

/// Refuses a log that ends before an event that somebody depends on, as a generation does on those
/// that it has folded in.
///
/// # Errors
///
/// [`LogError::Shorter`], and when the log cannot be read.
pub fn require(log: &dyn EventLog, place: &str, at_least: &[(Shard, u64)]) -> Result<(), LogError> {
    for &(shard, expected) in at_least {
        let found = log.tail(shard)?.sequence;
        if found < expected {
            return Err(LogError::Shorter { place: place.to_owned(), shard, expected, found });
        }
    }
    Ok(())
}

/// Refuses a batch that is too large for any log.
///
/// # Errors
///
/// [`LogError::TooLarge`].
pub fn check_batch(batch: &[NewEvent]) -> Result<(), LogError> {
    let mut total = 0_usize;
    for event in batch {
        let bytes = event.payload.len();
        if bytes > PAYLOAD_BYTES_MAX {
            return Err(LogError::TooLarge { what: "a payload", bytes, limit: PAYLOAD_BYTES_MAX });
        }
        total = total.saturating_add(bytes).saturating_add(OVERHEAD_BYTES);
    }
    if total > BATCH_BYTES_MAX {
        return Err(LogError::TooLarge { what: "a batch", bytes: total, limit: BATCH_BYTES_MAX });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventId;

    #[test]
    fn what_is_too_large_is_refused() {
        let event = |bytes| NewEvent { id: EventId([0; 16]), payload: vec![0; bytes] };
        check_batch(&[event(PAYLOAD_BYTES_MAX), event(0)]).unwrap();
        assert!(matches!(
            check_batch(&[event(PAYLOAD_BYTES_MAX + 1)]),
            Err(LogError::TooLarge { what: "a payload", .. })
        ));
        let batch = vec![event(PAYLOAD_BYTES_MAX); BATCH_BYTES_MAX / PAYLOAD_BYTES_MAX];
        assert!(matches!(check_batch(&batch), Err(LogError::TooLarge { what: "a batch", .. })));
    }
}
