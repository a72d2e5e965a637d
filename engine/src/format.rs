//! The files of a generation: sections of checksummed blocks, and framed metadata.

pub mod codec;
pub mod section;
pub mod varint;
