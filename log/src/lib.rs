//! The event log: what was registered, durable before it is acknowledged.
//!
//! A log is a set of independent shards, each a sequence of events without a gap, numbered from 1.
//! An event has an id of the caller's, opaque bytes, a checksum, and the hash of the event before,
//! so that a hole or a change is found whichever implementation carried it: a damaged event is an
//! error with its number, never a shorter answer. Events that a generation has folded in are
//! trimmed; the hash of the last of them stays as the anchor of the chain.
//!
//! [`EventLog`] is the contract, [`RedbLog`] the log in one file. Retries are the caller's: after a
//! failure whose outcome is unknown, the same events are appended again with the same ids, and
//! whoever reads drops the second of two events with one id.

#![forbid(unsafe_code)]

pub mod bounds;
pub mod chain;
pub mod codec;
mod error;
mod event;
mod log;
pub mod page;
mod redb;

#[cfg(feature = "testing")]
pub mod conformance;
#[cfg(feature = "testing")]
mod memory;

pub use crate::error::LogError;
pub use crate::event::{Event, EventId, Hash, NewEvent, Shard, Tail};
pub use crate::log::{BATCH_BYTES_MAX, EventLog, check_batch, require, verify};
#[cfg(feature = "testing")]
pub use crate::memory::{Fault, MemoryLog};
pub use crate::redb::{Copier, RedbLog};
