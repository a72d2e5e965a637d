//! Small cold metadata as bytes, and the only place that knows bincode.
//!
//! A frame is `length u32 ‖ CRC32C of the payload u32 ‖ version u32 ‖ payload`, little-endian. The
//! checksum is compared before a byte is decoded, and decoding has a limit: bincode without one
//! allocates whatever length a damaged byte declares. bincode is pinned to 2.0.1, the last complete
//! release of an unmaintained crate; keeping it here is what makes it replaceable.

use bincode::config;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::int;

/// The version of every frame. Any change of an encoded type changes it.
pub const VERSION: u32 = 6;

const HEADER_BYTES: usize = 12;
/// More than the largest metadata of a national generation (products, rules, dictionaries).
const PAYLOAD_BYTES_MAX: usize = 1 << 30;

/// Why a frame cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The frame is shorter or longer than it says.
    #[error("{found} bytes long, expected {expected}")]
    Length {
        /// The length that the frame states.
        expected: u64,
        /// The length that is there.
        found: u64,
    },
    /// Stored and computed checksums differ.
    #[error("checksum {found:08x}, expected {expected:08x}")]
    Checksum {
        /// The stored checksum.
        expected: u32,
        /// The checksum of the payload.
        found: u32,
    },
    /// The frame was written in another version.
    #[error("version {found}, this program reads {VERSION}; compile again")]
    Version {
        /// The version of the frame.
        found: u32,
    },
    /// The payload does not decode to the expected type.
    #[error("the payload does not decode: {0}")]
    Payload(#[source] bincode::error::DecodeError),
    /// Bytes are left over behind the decoded value.
    #[error("{0} bytes are left over behind the value")]
    LeftOver(usize),
}

/// Why a value cannot be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The encoder refused the value.
    #[error("the value does not encode: {0}")]
    Payload(#[source] bincode::error::EncodeError),
    /// The value is larger than a frame may be.
    #[error("{0} bytes of metadata, more than a frame may hold")]
    TooLarge(usize),
}

/// Encodes a value as a frame.
///
/// # Errors
///
/// When the value does not encode, or is larger than a frame may be.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let payload =
        bincode::serde::encode_to_vec(value, config::standard()).map_err(EncodeError::Payload)?;
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|_| payload.len() <= PAYLOAD_BYTES_MAX)
        .ok_or(EncodeError::TooLarge(payload.len()))?;
    let mut frame = Vec::with_capacity(HEADER_BYTES + payload.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&crc32c::crc32c(&payload).to_le_bytes());
    frame.extend_from_slice(&VERSION.to_le_bytes());
    frame.extend_from_slice(&payload);
    Ok(frame)
}

/// Decodes a frame that fills `bytes`.
///
/// # Errors
///
/// When a length, the checksum or the version is not what it should be, or the payload does not
/// decode to `T`. Never panics, and allocates no more than the limit.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let short = || DecodeError::Length {
        expected: int::length(HEADER_BYTES),
        found: int::length(bytes.len()),
    };
    let (header, payload) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or_else(short)?;
    let [l1, l2, l3, l4, c1, c2, c3, c4, v1, v2, v3, v4] = *header;
    let length = int::to_usize(u32::from_le_bytes([l1, l2, l3, l4]));
    if length != payload.len() {
        return Err(DecodeError::Length {
            expected: int::length(length),
            found: int::length(payload.len()),
        });
    }
    let expected = u32::from_le_bytes([c1, c2, c3, c4]);
    let found = crc32c::crc32c(payload);
    if expected != found {
        return Err(DecodeError::Checksum { expected, found });
    }
    let version = u32::from_le_bytes([v1, v2, v3, v4]);
    if version != VERSION {
        return Err(DecodeError::Version { found: version });
    }
    let limited = config::standard().with_limit::<PAYLOAD_BYTES_MAX>();
    let (value, read) =
        bincode::serde::decode_from_slice(payload, limited).map_err(DecodeError::Payload)?;
    if read != payload.len() {
        return Err(DecodeError::LeftOver(payload.len().saturating_sub(read)));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_its_frame() {
        let value = (7_u32, vec!["成分".to_owned()], Some(-3_i32));
        let frame = encode(&value).unwrap();
        assert_eq!(decode::<(u32, Vec<String>, Option<i32>)>(&frame).unwrap(), value);
    }

    #[test]
    fn the_bytes_of_a_frame_are_pinned() {
        // Compatibility-sensitive: a change here makes every published generation unreadable.
        let frame = encode(&(300_u32, "あ".to_owned())).unwrap();
        let payload = [251, 44, 1, 3, 0xe3, 0x81, 0x82];
        assert_eq!(&frame[..4], [7, 0, 0, 0]);
        assert_eq!(&frame[8..], [&[6, 0, 0, 0][..], &payload].concat());
    }

    #[test]
    fn every_damage_is_an_error() {
        let frame = encode(&vec!["amlodipine".to_owned(), "losartan".to_owned()]).unwrap();
        for end in 0..frame.len() {
            assert!(decode::<Vec<String>>(&frame[..end]).is_err(), "cut at {end}");
        }
        for position in 0..frame.len() {
            for bit in 0..8 {
                let mut damaged = frame.clone();
                damaged[position] ^= 1 << bit;
                assert!(decode::<Vec<String>>(&damaged).is_err(), "byte {position} bit {bit}");
            }
        }
    }

    #[test]
    fn a_declared_length_allocates_nothing_before_the_limit() {
        let mut frame = encode(&u64::MAX).unwrap();
        let payload = frame.split_off(HEADER_BYTES);
        assert!(payload.len() == 9, "one marker and eight bytes");
        frame[4..8].copy_from_slice(&crc32c::crc32c(&payload).to_le_bytes());
        frame.extend_from_slice(&payload);
        assert!(matches!(decode::<Vec<u64>>(&frame), Err(DecodeError::Payload(_))));
    }
}
