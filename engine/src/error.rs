//! What can be wrong with the bytes of a generation. Nothing here ever becomes "no findings".

use std::io;
use std::path::PathBuf;

/// Bytes that are not what the format says.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The file does not begin as a section does.
    #[error("{section}: not a chofuku section file")]
    Magic {
        /// The section.
        section: &'static str,
    },
    /// The file was written in another version of the format.
    #[error("{section}: format version {found}, this program reads {expected}; compile again")]
    Version {
        /// The section.
        section: &'static str,
        /// The version that this program reads.
        expected: u32,
        /// The version of the file.
        found: u32,
    },
    /// The file holds another section.
    #[error("{section}: the file holds section {found}, expected {expected}")]
    WrongSection {
        /// The section.
        section: &'static str,
        /// The number of the section that was looked for.
        expected: u32,
        /// The number that the file carries.
        found: u32,
    },
    /// The file is shorter or longer than its header says.
    #[error("{section}: {found} bytes long, expected {expected}")]
    Length {
        /// The section.
        section: &'static str,
        /// The length that the header or the manifest states.
        expected: u64,
        /// The length of the file.
        found: u64,
    },
    /// Stored and computed checksums differ.
    #[error("{section}: checksum of {what} is {found:08x}, expected {expected:08x}")]
    Checksum {
        /// The section.
        section: &'static str,
        /// What the checksum covers.
        what: &'static str,
        /// The stored checksum.
        expected: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// One block of a section is damaged.
    #[error("{section}: block {block} is damaged (checksum {found:08x}, expected {expected:08x})")]
    Block {
        /// The section.
        section: &'static str,
        /// The number of the 4,096-byte block.
        block: usize,
        /// The stored checksum.
        expected: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// Reserved bytes are not zero.
    #[error("{section}: reserved bytes are not zero")]
    Reserved {
        /// The section.
        section: &'static str,
    },
    /// A structure reaches beyond its section.
    #[error("{section}: {what} reaches beyond the section")]
    Truncated {
        /// The section.
        section: &'static str,
        /// The structure.
        what: &'static str,
    },
    /// A value breaks an invariant of the format.
    #[error("{section}: {what} is {found}, which breaks the format")]
    Invalid {
        /// The section.
        section: &'static str,
        /// The value's name.
        what: &'static str,
        /// The value.
        found: u64,
    },
    /// Encoded metadata cannot be decoded.
    #[error("{section}: metadata cannot be decoded")]
    Metadata {
        /// The section.
        section: &'static str,
        /// The decoder's reason.
        #[source]
        source: crate::format::codec::DecodeError,
    },
    /// An fst is damaged.
    #[error("{section}: the fst is damaged")]
    Fst {
        /// The section.
        section: &'static str,
        /// The reason.
        #[source]
        source: fst::Error,
    },
}

/// Why a generation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory holds no published generation.
    #[error("{path}: no published generation; run `chofuku compile` first")]
    NotPublished {
        /// The data directory.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// `CURRENT` does not name a generation.
    #[error("{path}: does not name a generation and the checksum of its manifest")]
    Current {
        /// The pointer file.
        path: PathBuf,
    },
    /// A file breaks the format.
    #[error("{path}: damaged")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is broken.
        #[source]
        source: FormatError,
    },
    /// The bytes of a file are not those that the manifest describes.
    #[error("{path}: not the file that the manifest describes")]
    NotInManifest {
        /// The file.
        path: PathBuf,
    },
    /// The history was made with another key.
    #[error(
        "{path}: not the key that the history was made with; restore it from a backup, or compile \
         tables and history into a new data directory"
    )]
    OtherKey {
        /// The key file.
        path: PathBuf,
    },
    /// The key file is damaged.
    #[error("{path}: not a key of 64 hexadecimal digits; restore it from a backup")]
    Key {
        /// The key file.
        path: PathBuf,
    },
}

impl OpenError {
    /// The error of reading `path`.
    pub fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    /// The error of a damaged `path`.
    pub fn format(path: impl Into<PathBuf>, source: FormatError) -> Self {
        Self::Format { path: path.into(), source }
    }
}
