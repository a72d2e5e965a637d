//! The same rule in other people's databases: what the engine's speed and findings are held against.
//!
//! [`meaning`] and [`past`] are a third reading of `docs/semantics.md`, beside the engine's and the
//! oracle's: codes, coverage, sides of rules, periods and the states of documents, from the same
//! files. The rest of the rule is SQL: [`sqlite`] asks it check by check, [`duckdb`] for all at once.

pub mod duckdb;
pub mod meaning;
pub mod past;
pub mod sqlite;
