//! An event as bytes: encoder, decoder and validator.
//!
//! `version u16 ‖ sequence u64 ‖ id 16 ‖ hash of the event before 32 ‖ payload ‖ CRC32C u32`,
//! little-endian; the checksum is of all that stands before it, and the hash of an event is BLAKE3
//! of the same bytes. Every version begins with its number and ends with that checksum, so that an
//! event of a later program is told from a damaged one.

use crate::event::{Event, EventId, Hash, NewEvent};

/// The version of every event that this program writes, and the only one that it reads.
pub const VERSION: u16 = 1;
/// The largest payload, in bytes. A registration takes a few hundred.
pub const PAYLOAD_BYTES_MAX: usize = 16 << 20;

const VERSION_BYTES: usize = 2;
const SEQUENCE_BYTES: usize = 8;
const ID_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
/// What an event takes beside its payload, in bytes.
pub const OVERHEAD_BYTES: usize =
    VERSION_BYTES + SEQUENCE_BYTES + ID_BYTES + HASH_BYTES + CHECKSUM_BYTES;

/// Why bytes are not an event.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There are fewer bytes than an empty event has, or more than the largest.
    #[error("it is {0} bytes long, which no event is")]
    Length(usize),
    /// Stored and computed checksums differ.
    #[error("its checksum is {found:08x}, expected {expected:08x}")]
    Checksum {
        /// The stored checksum.
        expected: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// The event was written in another version.
    #[error("it has format {0}, this program reads {VERSION}")]
    Version(u16),
}

/// An event in the form in which it is stored.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// What is stored.
    pub bytes: Vec<u8>,
    /// The hash of the event, of which the next event carries a copy.
    pub hash: Hash,
}

/// Encodes an event at its place behind the event with the hash `previous`.
pub fn encode(sequence: u64, previous: &Hash, event: &NewEvent) -> Encoded {
    let mut bytes = Vec::with_capacity(OVERHEAD_BYTES + event.payload.len());
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&event.id.0);
    bytes.extend_from_slice(previous);
    bytes.extend_from_slice(&event.payload);
    let hash = *blake3::hash(&bytes).as_bytes();
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    Encoded { bytes, hash }
}

/// Decodes an event. Whether it is the one that should stand in its place, the
/// [chain](crate::chain) knows.
///
/// # Errors
///
/// When the length, the checksum or the version is not that of an event. Never panics.
pub fn decode(bytes: &[u8]) -> Result<Event, DecodeError> {
    let length = || DecodeError::Length(bytes.len());
    if bytes.len() > OVERHEAD_BYTES + PAYLOAD_BYTES_MAX {
        return Err(length());
    }
    let (covered, stored) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(length)?;
    let expected = u32::from_le_bytes(*stored);
    let found = crc32c::crc32c(covered);
    if expected != found {
        return Err(DecodeError::Checksum { expected, found });
    }
    let (version, rest) = covered.split_first_chunk::<VERSION_BYTES>().ok_or_else(length)?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        return Err(DecodeError::Version(version));
    }
    let (sequence, rest) = rest.split_first_chunk::<SEQUENCE_BYTES>().ok_or_else(length)?;
    let (id, rest) = rest.split_first_chunk::<ID_BYTES>().ok_or_else(length)?;
    let (previous, payload) = rest.split_first_chunk::<HASH_BYTES>().ok_or_else(length)?;
    Ok(Event {
        sequence: u64::from_le_bytes(*sequence),
        id: EventId(*id),
        payload: payload.to_vec(),
        previous: *previous,
        hash: *blake3::hash(covered).as_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> NewEvent {
        NewEvent { id: EventId([7; 16]), payload: "調剤".as_bytes().to_vec() }
    }

    #[test]
    fn an_event_comes_back() {
        for payload in [Vec::new(), vec![0; 3], vec![9; 70_000]] {
            let event = NewEvent { payload, ..event() };
            let encoded = encode(u64::MAX, &[1; 32], &event);
            assert_eq!(encoded.bytes.len(), OVERHEAD_BYTES + event.payload.len());
            let found = decode(&encoded.bytes).unwrap();
            assert_eq!((found.sequence, found.id), (u64::MAX, event.id));
            assert_eq!((found.previous, found.hash), ([1; 32], encoded.hash));
            assert_eq!(found.payload, event.payload);
        }
    }

    #[test]
    fn the_bytes_of_an_event_are_pinned() {
        // Compatibility-sensitive: a change here makes every log unreadable.
        let encoded = encode(0x0102, &[3; 32], &event());
        let mut expected = vec![1, 0, 2, 1, 0, 0, 0, 0, 0, 0];
        expected.extend_from_slice(&[7; 16]);
        expected.extend_from_slice(&[3; 32]);
        expected.extend_from_slice(&[0xe8, 0xaa, 0xbf, 0xe5, 0x89, 0xa4]);
        let (covered, checksum) = encoded.bytes.split_at(expected.len());
        assert_eq!(covered, expected);
        assert_eq!(checksum, crc32c::crc32c(&expected).to_le_bytes());
        assert_eq!(encoded.hash, *blake3::hash(&expected).as_bytes());
    }

    #[test]
    fn every_damage_is_an_error() {
        let bytes = encode(5, &[3; 32], &event()).bytes;
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[position] ^= 1 << bit;
                assert!(decode(&damaged).is_err(), "byte {position} bit {bit}");
            }
        }
        assert!(decode(&vec![0; OVERHEAD_BYTES + PAYLOAD_BYTES_MAX + 1]).is_err());
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let mut bytes = encode(5, &[3; 32], &event()).bytes;
        bytes[0] = 2;
        let covered = bytes.len() - CHECKSUM_BYTES;
        let checksum = crc32c::crc32c(&bytes[..covered]).to_le_bytes();
        bytes[covered..].copy_from_slice(&checksum);
        assert_eq!(decode(&bytes), Err(DecodeError::Version(2)));
    }
}
