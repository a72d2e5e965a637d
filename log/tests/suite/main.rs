//! The event log as its writer sees it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step of a test ends the test")]

mod conformance;
mod copies;
mod damage;
mod events;
mod memory;
