//! Tables and history to a published generation.
//!
//! [`tables`] turns official lists into canonical tables ([`canonical`]); [`lint`] finds faults of
//! those tables; [`inserts`] makes rows for review out of package inserts; [`convert`] turns messages
//! into a history table; [`compile`] turns tables and history files into a generation and publishes
//! it.

pub mod canonical;
pub mod compile;
pub mod convert;
mod csv_table;
mod hashing;
mod history;
pub mod inserts;
mod key;
pub mod knowledge_tables;
pub mod lint;
pub mod problem;
pub mod progress;
mod publish;
pub mod rewrite;
pub mod space;
pub mod tables;
pub mod trial;

pub use compile::{Compile, CompileError, Compiled};
pub use convert::{Convert, ConvertError, Converted};
pub use publish::PublishError;
