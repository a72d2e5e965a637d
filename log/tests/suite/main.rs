//! The event log as its writer sees it, and as a failing disk, a killed process and a power cut
//! leave it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test"
)]

mod conformance;
mod copies;
mod damage;
mod disk;
mod events;
mod faults;
mod file_system;
mod files;
mod flips;
mod full;
mod killed;
mod memory;
mod power;
mod torn;
mod writer;
