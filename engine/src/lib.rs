//! The duplicate-medication check (重複投薬等チェック): pure, over memory-mapped artefacts.
//!
//! [`generation::open`] gives an [`Index`]: [`knowledge::Knowledge`] (products, codes, rules) and
//! [`history::History`] (patients and their records), joined. [`check::check`] answers a
//! [`check::Request`] on it: the assessment is always made in full, and [`check::disclose`] decides
//! by consent what of it is told.
//!
//! This crate knows no HTTP, no JSON, no async and no clock: the day of a check is an argument.
//! What the check means is written down, rule by rule (`S1` to `S30`), in `docs/semantics.md`; the
//! bytes of the artefacts in `docs/format.md`.

pub mod check;
pub mod code;
pub mod day;
pub mod document;
pub mod error;
pub mod format;
pub mod generation;
pub mod history;
pub mod index;
mod int;
pub mod knowledge;
pub mod left_out;
pub mod manifest;
mod map;
pub mod name;
pub mod overlay;
pub mod patient;
pub mod period;
pub mod policy;
pub mod replay;
mod view;
mod word;

pub use day::Day;
pub use index::Index;
pub use view::View;
