//! The targets, which are those of the ordinary tests.

#[path = "../../tests/fuzz/targets.rs"]
pub mod targets;
