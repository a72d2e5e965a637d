//! The command as an operator runs it, in a process of its own.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test, one that does not run says so, and speed is no matter"
)]

mod backup;
mod check;
mod convert;
mod documents;
#[path = "../../log/tests/suite/file_system.rs"]
mod file_system;
mod greeting;
mod kill;
mod lost;
mod packaging;
mod power;
mod registrations;
mod schemathesis;
#[cfg(feature = "otlp")]
mod telemetry;
