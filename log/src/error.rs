//! Why a log refuses, in words that say what to do.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use crate::event::Shard;

/// Why a log did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The shard does not end where the caller believed. Nothing was changed.
    #[error(
        "shard {shard} ends at event {found}, not at {expected}: read what was appended and \
         append behind it"
    )]
    Conflict {
        /// The shard.
        shard: Shard,
        /// The last sequence that the caller knew.
        expected: u64,
        /// The last sequence.
        found: u64,
    },
    /// An event is damaged, missing, or not the one that was appended. Whatever stands behind it
    /// is not read: a shorter history would look like a healthy one.
    #[error(
        "event {sequence} of shard {shard}: {what}; stop, and restore the log from a copy or a \
         replica"
    )]
    Corrupt {
        /// The shard.
        shard: Shard,
        /// The first event that is not right.
        sequence: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The storage of the log is damaged where no event can be named.
    #[error("{place}: damaged: {what}; stop, and restore the log from a copy or a replica")]
    Damaged {
        /// The file or database.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// The log ends before an event that it once acknowledged.
    #[error(
        "{place}: shard {shard} ends at event {found}, but event {expected} was acknowledged: \
         events are lost; restore a newer copy of the log"
    )]
    Shorter {
        /// The file or database.
        place: String,
        /// The shard.
        shard: Shard,
        /// An event that was acknowledged or folded into a generation.
        expected: u64,
        /// The last sequence.
        found: u64,
    },
    /// The events that were asked for are no longer in the log.
    #[error(
        "shard {shard} begins with event {first}: what is before it was trimmed; begin from a \
         generation that holds it"
    )]
    Trimmed {
        /// The shard.
        shard: Shard,
        /// The first sequence that can be read.
        first: u64,
    },
    /// Events that do not exist cannot be trimmed.
    #[error("shard {shard} ends at event {tail}: it cannot be trimmed through {through}")]
    BeyondTail {
        /// The shard.
        shard: Shard,
        /// The last event that was to be removed.
        through: u64,
        /// The last sequence.
        tail: u64,
    },
    /// The log is open elsewhere.
    #[error("{path}: open in another process or twice in this one; a log has one writer")]
    Locked {
        /// The file of the log.
        path: PathBuf,
    },
    /// A write failed earlier, and since then nobody knows what the disk holds. After a failed
    /// sync the system may have dropped what it could not write and report success the next time,
    /// so that nothing is tried again: the log is opened anew, and what it then holds is the truth.
    #[error("nothing more is written after this failure: {reason}; restart, and retry by event id")]
    Poisoned {
        /// The first failure.
        reason: String,
    },
    /// A file or directory cannot be read or written.
    #[error("{path}: cannot be read or written; look at the disk and its permissions")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The storage of the log failed in another way.
    #[error("{place}: the storage of the log failed; restart, and look at the reason")]
    Storage {
        /// The file or database.
        place: String,
        /// The reason.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// An event was written by another version of this program.
    #[error(
        "event {sequence} of shard {shard} has format {found}, this program reads {expected}: use \
         the program that wrote it"
    )]
    Format {
        /// The shard.
        shard: Shard,
        /// The event.
        sequence: u64,
        /// The format that this program reads.
        expected: u16,
        /// The format of the event.
        found: u16,
    },
    /// An event or a batch is larger than the log takes. Nothing was changed.
    #[error("{what} of {bytes} bytes, at most {limit}: split it")]
    TooLarge {
        /// The payload or the batch.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl LogError {
    /// Whether the caller's argument was refused and the log is as it was before.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Conflict { .. }
                | Self::Trimmed { .. }
                | Self::BeyondTail { .. }
                | Self::TooLarge { .. }
        )
    }

    /// The error and what caused it, in one line.
    pub(crate) fn reason(&self) -> String {
        let mut reason = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            source = cause.source();
        }
        reason
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
