//! The loader as a caller sees it: files in, a data directory out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test ends the test"
)]

mod bulk_export;
mod compile;
#[path = "../../../formats/tests/fuzz/damage.rs"]
mod damage;
mod damaged;
mod dictionaries;
mod history;
mod messages;
mod site;
