//! Why a comma-separated message could not be read at all.

use thiserror::Error;

/// An input that cannot be used; single records that cannot be used are problems, not errors.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CsvMessageError {
    /// There is nothing to read.
    #[error("{file} is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// UTF-16, which no edition of these formats allows.
    #[error("{file} is UTF-16; save it as CP932 (Shift_JIS) or UTF-8")]
    Utf16 {
        /// The file.
        file: String,
    },
    /// The first line belongs to no edition of the format.
    #[error("{file} is no {expected}: it begins with {found:?}")]
    Header {
        /// The file.
        file: String,
        /// The format, and how it begins.
        expected: &'static str,
        /// The first field, cut to a few characters.
        found: String,
    },
    /// So many deviations that this is something else, or damaged throughout.
    #[error("{file} has more than {limit} deviations; it is damaged, or no {expected}")]
    TooManyProblems {
        /// The file.
        file: String,
        /// The format that was asked for.
        expected: &'static str,
        /// How many deviations an input of this size may have.
        limit: usize,
    },
    /// A file that was given as one part of several does not say so in a record 911.
    #[error("{file} has no usable record 911; give files that are no parts one by one")]
    NoPart {
        /// The file.
        file: String,
    },
    /// Two files that were given as parts of one message belong to different messages.
    #[error("{file} is a part of another message than {first}; join the parts of each separately")]
    OtherMessage {
        /// The file.
        file: String,
        /// The first file.
        first: String,
    },
}
