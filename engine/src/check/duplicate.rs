//! Duplicates (重複投薬): a shared substance, and nothing else (S17, S18).

use crate::check::finding::{Finding, FindingKind, Level, shared};
use crate::check::line::Line;
use crate::check::records::Records;
use crate::error::FormatError;
use crate::knowledge::Knowledge;

/// One finding for each new line and set of shared substances (S21).
pub(crate) fn with_history(
    lines: &[Line<'_>],
    records: &Records<'_>,
    active: &[usize],
) -> Result<Vec<Finding>, FormatError> {
    let mut findings: Vec<Finding> = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        let first_of_line = findings.len();
        for record in active {
            let theirs = records.substances(*record)?;
            let substances = shared(line.substances(), theirs);
            if substances.is_empty() {
                continue;
            }
            let level = Level::of(line.substances(), theirs);
            let mut of_line = findings.iter_mut().skip(first_of_line);
            if let Some(known) = of_line.find(|finding| finding.substances == substances) {
                known.evidence.push(*record);
                known.level = known.level.min(level);
            } else {
                let knowledge = records.index.knowledge();
                let new = finding(position, None, substances, level, knowledge);
                findings.push(Finding { evidence: vec![*record], ..new });
            }
        }
    }
    Ok(findings)
}

/// Lines of different RPs that share a substance and are not the same product (S22).
pub(crate) fn within_request(
    (first, one): (usize, &Line<'_>),
    (second, other): (usize, &Line<'_>),
    knowledge: &Knowledge,
) -> Option<Finding> {
    let substances = shared(one.substances(), other.substances());
    if substances.is_empty() || one.new.rp == other.new.rp || are_same_product(one, other) {
        return None;
    }
    let level = Level::of(one.substances(), other.substances());
    Some(finding(first, Some(second), substances, level, knowledge))
}

/// One drug split over morning and evening is one treatment.
fn are_same_product(one: &Line<'_>, other: &Line<'_>) -> bool {
    let same_code = one.new.system == other.new.system && one.new.code == other.new.code;
    same_code || one.meaning.products.iter().any(|id| other.meaning.products.contains(id))
}

fn finding(
    line: usize,
    other_line: Option<usize>,
    substances: Vec<u32>,
    level: Level,
    knowledge: &Knowledge,
) -> Finding {
    let names = substances.iter().filter_map(|substance| knowledge.substance(*substance));
    Finding {
        kind: FindingKind::Duplicate,
        line,
        ingredients: names.map(|name| name.ordinal).collect(),
        partner_ingredient: None,
        washout: false,
        other_line,
        substances,
        partners: Vec::new(),
        level,
        rules: Vec::new(),
        evidence: Vec::new(),
    }
}
