//! Something to check with: demo tables of real drugs and synthetic patients who take them.
//!
//! Not for clinical use; `README.md` of this crate says where each fact was read. The crate
//! depends on no other crate of the workspace: a shared type could be wrong on both sides of a
//! comparison. It writes the loader's input files as text and request bodies as JSON.
//!
//! - [`demo`]: the tables, as files for `compile`.
//! - [`story`]: a few fixed patients, each made to show one thing, with the request that shows it.
//! - [`demo_history`]: the story patients and any number of generated ones, as `history.csv`.
//! - [`nation`]: a whole nation, made as a stream, as Parquet or CSV.

mod course;
pub mod demo;
pub mod demo_history;
mod formulary;
pub mod nation;
mod person;
mod places;
mod random;
mod regimen;
mod row;
pub mod story;
mod visit;

pub use person::Identity;
pub use row::HistoryRow;
