//! The two ends of a shard as bytes: encoder, decoder and validator.
//!
//! `version u16 ‖ anchor sequence u64 ‖ anchor hash 32 ‖ tail sequence u64 ‖ tail hash 32 ‖ CRC32C
//! u32`, little-endian. They are stored beside the events, so that an event that is missing at an
//! end is missed, and that the chain goes on when every event is trimmed.

use crate::event::{Hash, Tail};

/// The version of the encoded form.
pub const VERSION: u16 = 1;

const TAIL_BYTES: usize = 40;
const CHECKSUM_BYTES: usize = 4;
/// The length of the encoded form.
pub const ENCODED_BYTES: usize = 2 + 2 * TAIL_BYTES + CHECKSUM_BYTES;

/// The two ends of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The last event that was trimmed, which the first event of the log follows.
    pub anchor: Tail,
    /// The last event that was appended; the anchor where none is left.
    pub tail: Tail,
}

/// Why bytes are not the ends of a shard.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoundsError {
    /// The length is another.
    #[error("{0} bytes long, expected {ENCODED_BYTES}")]
    Length(usize),
    /// Stored and computed checksums differ.
    #[error("checksum {found:08x}, expected {expected:08x}")]
    Checksum {
        /// The stored checksum.
        expected: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// They were written in another version.
    #[error("version {0}, this program reads {VERSION}")]
    Version(u16),
    /// The shard would end before it begins, or an empty one has two ends.
    #[error("the anchor is event {anchor}, the tail event {tail}")]
    Order {
        /// The sequence of the anchor.
        anchor: u64,
        /// The sequence of the tail.
        tail: u64,
    },
}

impl Bounds {
    /// A shard with no events behind an anchor.
    pub fn empty(anchor: Tail) -> Self {
        Self { anchor, tail: anchor }
    }

    /// The number of the first event that can be read, when there is one.
    pub fn first(&self) -> u64 {
        self.anchor.sequence.saturating_add(1)
    }

    /// Encodes the ends of a shard.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ENCODED_BYTES);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        for end in [&self.anchor, &self.tail] {
            bytes.extend_from_slice(&end.sequence.to_le_bytes());
            bytes.extend_from_slice(&end.hash);
        }
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }

    /// Decodes the ends of a shard.
    ///
    /// # Errors
    ///
    /// When the length, the checksum, the version or the order of the ends is not right. Never
    /// panics.
    pub fn decode(bytes: &[u8]) -> Result<Self, BoundsError> {
        let length = || BoundsError::Length(bytes.len());
        let bytes: &[u8; ENCODED_BYTES] = bytes.try_into().map_err(|_| length())?;
        let (covered, stored) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(length)?;
        let expected = u32::from_le_bytes(*stored);
        let found = crc32c::crc32c(covered);
        if expected != found {
            return Err(BoundsError::Checksum { expected, found });
        }
        let (version, rest) = covered.split_first_chunk::<2>().ok_or_else(length)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(BoundsError::Version(version));
        }
        let (anchor, rest) = split_tail(rest).ok_or_else(length)?;
        let (tail, _) = split_tail(rest).ok_or_else(length)?;
        let empty = anchor.sequence == tail.sequence;
        if anchor.sequence > tail.sequence || (empty && anchor.hash != tail.hash) {
            return Err(BoundsError::Order { anchor: anchor.sequence, tail: tail.sequence });
        }
        Ok(Self { anchor, tail })
    }
}

fn split_tail(bytes: &[u8]) -> Option<(Tail, &[u8])> {
    let (sequence, rest) = bytes.split_first_chunk::<8>()?;
    let (hash, rest): (&Hash, _) = rest.split_first_chunk()?;
    Some((Tail { sequence: u64::from_le_bytes(*sequence), hash: *hash }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        anchor: Tail { sequence: 3, hash: [4; 32] },
        tail: Tail { sequence: 0x0105, hash: [6; 32] },
    };

    #[test]
    fn the_bytes_of_bounds_are_pinned() {
        // Compatibility-sensitive: a change here makes every log unreadable.
        let bytes = BOUNDS.encode();
        let mut expected = vec![1, 0, 3, 0, 0, 0, 0, 0, 0, 0];
        expected.extend_from_slice(&[4; 32]);
        expected.extend_from_slice(&[5, 1, 0, 0, 0, 0, 0, 0]);
        expected.extend_from_slice(&[6; 32]);
        expected.extend_from_slice(&crc32c::crc32c(&expected).to_le_bytes());
        assert_eq!(bytes, expected);
        assert_eq!(Bounds::decode(&bytes), Ok(BOUNDS));
    }

    #[test]
    fn every_damage_is_an_error() {
        let bytes = BOUNDS.encode();
        for end in 0..bytes.len() {
            assert!(Bounds::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[position] ^= 1 << bit;
                assert!(Bounds::decode(&damaged).is_err(), "byte {position} bit {bit}");
            }
        }
    }

    #[test]
    fn ends_that_contradict_each_other_are_refused() {
        let end = |sequence, byte| Tail { sequence, hash: [byte; 32] };
        for (anchor, tail) in [(end(2, 1), end(1, 1)), (end(2, 1), end(2, 2))] {
            let bytes = Bounds { anchor, tail }.encode();
            assert!(matches!(Bounds::decode(&bytes), Err(BoundsError::Order { .. })));
        }
    }
}
