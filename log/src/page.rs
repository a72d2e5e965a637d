//! One page of events out of what is stored, verified, or an error: never fewer than there are.

use crate::bounds::Bounds;
use crate::chain::Chain;
use crate::error::LogError;
use crate::event::{Event, Shard};

/// A page ends behind the event with which it exceeds this many bytes of payload.
pub const PAGE_BYTES: usize = 16 << 20;

/// The first stored event that [`collect`] needs: the one before `from`, whose hash `from` must
/// carry, or `from` itself where it follows the anchor.
pub fn start(bounds: &Bounds, from: u64) -> u64 {
    if from <= bounds.first() { from } else { from.saturating_sub(1) }
}

/// The events from `from`, at most `max` (of 0, one), with their chain verified.
///
/// `stored` gives the stored events with their numbers in order, from [`start`] on.
///
/// # Errors
///
/// [`LogError::Trimmed`] where `from` is before the first event; [`LogError::Corrupt`] and
/// [`LogError::Format`] with the number of the first event that is not right; what `stored` fails
/// with.
pub fn collect(
    shard: Shard,
    bounds: &Bounds,
    from: u64,
    max: usize,
    stored: impl IntoIterator<Item = Result<(u64, Vec<u8>), LogError>>,
) -> Result<Vec<Event>, LogError> {
    if from < bounds.first() {
        return Err(LogError::Trimmed { shard, first: bounds.first() });
    }
    if from > bounds.tail.sequence {
        return Ok(Vec::new());
    }
    let mut stored = stored.into_iter();
    let mut next = |sequence: u64| -> Result<Vec<u8>, LogError> {
        let missing = || LogError::Corrupt { shard, sequence, what: "it is missing".to_owned() };
        let record = stored.next().transpose()?;
        let (_, bytes) = record.filter(|(found, _)| *found == sequence).ok_or_else(missing)?;
        Ok(bytes)
    };
    let start = start(bounds, from);
    let mut chain = if start == from {
        Chain::behind(shard, bounds.anchor)
    } else {
        Chain::at(shard, start, &next(start)?)?
    };
    let mut events = Vec::new();
    let mut bytes = 0_usize;
    while chain.last().sequence < bounds.tail.sequence {
        let event = chain.follow(&next(chain.next_sequence()?)?)?;
        bytes = bytes.saturating_add(event.payload.len());
        events.push(event);
        if events.len() >= max || bytes > PAGE_BYTES {
            break;
        }
    }
    if chain.last().sequence == bounds.tail.sequence {
        chain.ends_at(bounds.tail)?;
    }
    Ok(events)
}
