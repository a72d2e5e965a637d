//! The command as an operator runs it, in a process of its own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test"
)]

mod kill;
