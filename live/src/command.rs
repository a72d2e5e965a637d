//! Commands: what a caller wants to register, and the answers that a command can get.

use chofuku_engine::document::{Acknowledged, WrittenDocument};
use chofuku_engine::patient::PatientKey;

use crate::event::Judgement;

/// What a caller wants. Values of documents are checked already: a patient, a day, at least one line.
#[derive(Clone, Debug)]
pub enum Command {
    /// Register a document.
    Register {
        /// Whose document.
        patient: PatientKey,
        /// The document.
        document: WrittenDocument,
        /// Findings that the prescriber judged acceptable.
        acknowledged: Vec<Acknowledged>,
    },
    /// Put a new version in the place of a document.
    Change {
        /// Whose document.
        patient: PatientKey,
        /// The new version, with the id of the old one.
        document: WrittenDocument,
        /// Findings that the prescriber judged acceptable.
        acknowledged: Vec<Acknowledged>,
    },
    /// Cancel a document.
    Cancel(Named),
    /// Undo a cancellation.
    Restore(Named),
    /// Join two identities of one person.
    Link {
        /// The one.
        patient: PatientKey,
        /// The other.
        same_as: PatientKey,
    },
    /// Keep what a prescriber made of a finding.
    Judge {
        /// Whose finding.
        patient: PatientKey,
        /// The judgement.
        judgement: Judgement,
    },
}

/// A document by its id.
#[derive(Clone, Debug)]
pub struct Named {
    /// The id.
    pub document: String,
    /// Whose it is, where the caller says so: another patient's document is then unknown.
    pub patient: Option<PatientKey>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is durable, and seen by every later check.
    New {
        /// The number of the event.
        event: u64,
    },
    /// It was so already: a repeated command, of which the first answer may have been lost.
    Known {
        /// The number of the event that made it so, or of a later one by which it was so.
        event: u64,
    },
}

impl Done {
    /// The number of the event.
    pub const fn event(self) -> u64 {
        match self {
            Self::New { event } | Self::Known { event } => event,
        }
    }
}

/// Why a command contradicts what is known. Nothing is registered then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The id is taken by another content, or by another patient's document.
    #[error("a document of this id is registered with other content")]
    DocumentExists,
    /// No document of that id is known.
    #[error("no document of this id is known")]
    UnknownDocument,
    /// The prescription has a live dispensing result.
    #[error("the prescription is dispensed already")]
    AlreadyDispensed,
    /// The document is cancelled.
    #[error("the document is cancelled")]
    AlreadyCancelled,
    /// The document is not cancelled.
    #[error("the document is not cancelled")]
    NotCancelled,
    /// A new version must be of the same kind and patient.
    #[error("a new version must be of the same kind and the same patient")]
    OtherDocument,
}
