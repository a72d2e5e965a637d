//! The targets, one file each: what is measured, and beside what.

use anyhow::Result;

use crate::record::{Part, Row};
use crate::run::Bench;

pub mod check;
pub mod compile;
pub mod databases;
pub mod growth;
pub mod http;
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
    ("P7", registrations),
    ("P8", replay::measure),
    ("P9", worst::measure),
    ("P10", growth::measure),
];

/// P7 comes with the log of registrations.
#[expect(clippy::unnecessary_wraps, reason = "a part among others")]
fn registrations(_: &Bench) -> Result<Part> {
    let rows = vec![Row::not_measured("P7 registrations", "registrations are not built yet")];
    Ok(Part { rows, ..Part::default() })
}
