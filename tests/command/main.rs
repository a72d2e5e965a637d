//! The command as an operator runs it, in a process of its own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test, and one that does not run says so"
)]

mod backup;
mod check;
mod convert;
#[path = "../../log/tests/suite/file_system.rs"]
mod file_system;
mod kill;
mod power;
mod registrations;
