//! Every test that crosses crates, in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test, and a test that did not run says so"
)]

mod acknowledgement;
mod agreement;
mod client;
mod compaction;
mod corruption;
mod demo;
mod feedback;
mod golden;
mod http;
mod live;
mod messages;
mod nation;
mod official;
mod openapi;
mod registration;
mod replay;
mod site;
mod tidy;
mod worlds;
