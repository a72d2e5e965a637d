//! Documents and masters of the outside world, read leniently and reported exactly.
//!
//! A reader never drops what it cannot use: it returns what it understood as plain structs, and a
//! [`Report`] that names the file, line, field and reason of every deviation.

pub mod document;
pub mod inserts;
pub mod masters;
mod report;
mod text;

pub use report::{FileRead, Problem, Reason, Report};
pub use text::{Decoded, Encoding, Lines, decode};
