//! The server, over real sockets.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod answers;
mod batch;
mod client;
mod console;
mod drain;
mod drugs;
mod fixture;
mod http2;
mod limits;
mod refusals;
mod request;
mod service;
mod timeouts;
