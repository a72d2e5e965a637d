//! The command as an operator runs it, in a process of its own.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

mod backup;
mod convert;
#[path = "../../log/tests/suite/file_system.rs"]
mod file_system;
mod kill;
mod power;
mod registrations;
