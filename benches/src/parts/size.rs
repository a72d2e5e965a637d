//! P5: the bytes of a line on disk, beside the entropy of code, day and length.

use anyhow::Result;
use chofuku_engine::format::section::SectionId;

use crate::data;
use crate::record::{Part, Row, at_most, times};
use crate::run::Bench;
use crate::stats::{bytes, figures, float};

/// What code, day and length of a line carry (spec, P5).
const ENTROPY_BYTES: f64 = 5.0;

/// Measures the target.
///
/// # Errors
///
/// When a section is missing.
pub fn measure(bench: &Bench) -> Result<Part> {
    let hot = [SectionId::HistoryRows, SectionId::HistoryBuckets];
    let lines = float(bench.records);
    let mut notes = Vec::new();
    let (mut all, mut of_hot) = (0.0, 0.0);
    for section in SectionId::HISTORY {
        let size = data::section_bytes(&bench.data, section)?;
        let a_line = float(size) / lines;
        all += a_line;
        if hot.contains(&section) {
            of_hot += a_line;
        }
        let name = section.file_name();
        notes.push(format!("`{name}`: {}, {} bytes a line", bytes(size), figures(a_line)));
    }
    let row = |target: &str, ours: f64, limit: f64| Row {
        target: target.to_owned(),
        ours: format!("{} bytes a line", figures(ours)),
        beside: format!("{} bytes entropy", figures(ENTROPY_BYTES)),
        ratio: times(ours / ENTROPY_BYTES),
        limit: format!("{} bytes", figures(limit)),
        verdict: at_most(ours, limit, bench.smaller()),
    };
    let rows = vec![row("P5 hot", of_hot, 10.0), row("P5 all in", all, 24.0)];
    notes.push("files as they are, with their headers and checksums".to_owned());
    Ok(Part { rows, notes, ..Part::default() })
}
