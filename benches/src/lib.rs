//! What the engine is measured against: each target of the project beside its floor or its peer, in
//! one run on one machine, and the dated record of it.
//!
//! [`workload`] says which checks are asked, [`peers`] is the rule in other people's databases, and
//! [`agree`] compares what the two find.

pub mod agree;
pub mod child;
pub mod data;
pub mod demo;
pub mod dice;
pub mod engine;
pub mod history_file;
pub mod nation;
pub mod peers;
pub mod stats;
pub mod workload;
