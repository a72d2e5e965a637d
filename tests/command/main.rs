//! The command as an operator runs it, in a process of its own.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

mod backup;
mod kill;
mod registrations;
