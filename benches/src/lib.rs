//! What the engine is measured against: each target of the project beside its floor or its peer, in
//! one run on one machine, and the dated record of it.
//!
//! `README.md` of this crate says what each target is compared with. [`parts`] measures them,
//! [`run`] puts them in order and [`record`] writes down what came out.

pub mod agree;
pub mod child;
pub mod client;
pub mod data;
pub mod demo;
pub mod dice;
pub mod echo;
pub mod engine;
pub mod floor;
pub mod history_file;
pub mod machine;
pub mod nation;
pub mod parts;
pub mod peers;
pub mod record;
pub mod run;
pub mod serve;
pub mod soak;
pub mod stats;
pub mod workload;
