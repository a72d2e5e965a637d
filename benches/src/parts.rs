//! The targets, one file each: what is measured, and beside what.

use anyhow::Result;

use crate::record::Part;
use crate::run::Bench;

pub mod check;
pub mod compile;
pub mod databases;
pub mod growth;
pub mod http;
pub mod register;
pub mod replay;
pub mod size;
pub mod swap;
pub mod worst;

/// A target and how it is measured.
pub type Measure = fn(&Bench) -> Result<Part>;

/// Every target, in order.
pub const ALL: [(&str, Measure); 10] = [
    ("P1", check::measure),
    ("P2", databases::measure),
    ("P3", http::measure),
    ("P4", compile::measure),
    ("P5", size::measure),
    ("P6", swap::measure),
    ("P7", register::measure),
    ("P8", replay::measure),
    ("P9", worst::measure),
    ("P10", growth::measure),
];
