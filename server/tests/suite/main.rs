//! The server, over real sockets.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod answers;
mod batch;
mod cds_hooks;
mod client;
mod console;
mod drain;
mod drugs;
mod fixture;
mod hook;
mod http2;
mod limits;
mod metrics;
mod refusals;
mod request;
mod service;
mod timeouts;
