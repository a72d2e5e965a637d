//! Duplicates (重複投薬): a shared substance, and nothing else (S17, S18).

use smallvec::{SmallVec, smallvec};

use crate::check::finding::{Few, Finding, FindingKind, Level, shared};
use crate::check::line::Line;
use crate::check::records::Holding;
use crate::int;
use crate::knowledge::{Knowledge, Resolution};

/// One finding for each new line and set of shared substances (S21).
pub(crate) fn with_history(
    lines: &[Line<'_>],
    active: &[Holding<'_>],
    knowledge: &Knowledge,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut of_line = usize::MAX;
    let mut first_of_line = 0;
    for meeting in meetings(lines, active) {
        let (position, place) = (meeting.line(), meeting.place());
        if of_line != position {
            (of_line, first_of_line) = (position, findings.len());
        }
        let (Some(line), Some((record, theirs))) = (lines.get(position), active.get(place)) else {
            continue;
        };
        let level = Level::of(line.substances, theirs);
        let mut known = findings.iter_mut().skip(first_of_line);
        let same =
            |finding: &&mut Finding| finding.substances.iter().eq(shared(line.substances, theirs));
        if let Some(known) = known.find(same) {
            known.evidence.push(*record);
            known.level = known.level.min(level);
        } else {
            let substances = shared(line.substances, theirs).copied().collect();
            let new = finding(position, None, substances, level, knowledge);
            findings.push(Finding { evidence: smallvec![*record], ..new });
        }
    }
    findings
}

/// A new line and a record that share a substance. The order is that of lines, then of records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Meeting(u64);

impl Meeting {
    /// The meeting of the line at a position and the record at a place among the active ones. In one
    /// number, because that is what is sorted fastest.
    fn new(line: usize, place: usize) -> Self {
        Self(int::length(line) << 32 | int::length(place))
    }

    fn line(self) -> usize {
        int::wide(self.0 >> 32)
    }

    fn place(self) -> usize {
        int::wide(self.0 & u64::from(u32::MAX))
    }
}

/// The meetings of new lines with active records, ascending, each once.
///
/// Goes through the records once, with the few substances of the new lines at hand, instead of
/// holding every line against every record.
fn meetings(lines: &[Line<'_>], active: &[Holding<'_>]) -> Vec<Meeting> {
    let mut met = Vec::new();
    if active.is_empty() {
        return met;
    }
    let mut mine: SmallVec<[(u32, usize); 8]> = SmallVec::new();
    for (position, line) in lines.iter().enumerate() {
        mine.extend(line.substances.iter().map(|substance| (*substance, position)));
    }
    mine.sort_unstable();
    for (place, (_, substances)) in active.iter().enumerate() {
        for substance in *substances {
            let start = mine.partition_point(|(known, _)| known < substance);
            let run = mine.iter().skip(start).take_while(|(known, _)| known == substance);
            met.extend(run.map(|(_, position)| Meeting::new(*position, place)));
        }
    }
    met.sort_unstable();
    met.dedup();
    met
}

/// Lines of different RPs that share a substance and are not the same product (S22).
pub(crate) fn within_request(
    (first, one): (usize, &Line<'_>),
    (second, other): (usize, &Line<'_>),
    knowledge: &Knowledge,
) -> Option<Finding> {
    let substances = || shared(one.substances, other.substances);
    let apart = one.new.rp != other.new.rp && substances().next().is_some();
    if !apart || are_same_product(one, other) {
        return None;
    }
    let level = Level::of(one.substances, other.substances);
    Some(finding(first, Some(second), substances().copied().collect(), level, knowledge))
}

/// One drug split over morning and evening is one treatment. What only stands in for a code says
/// nothing of which product it is, nor does a code that names more products than the other.
fn are_same_product(one: &Line<'_>, other: &Line<'_>) -> bool {
    let same_code = one.new.system == other.new.system && one.new.code == other.new.code;
    let are_named = || [one, other].map(|line| line.meaning.resolution) == [Resolution::Exact; 2];
    same_code || are_named() && one.meaning.products() == other.meaning.products()
}

fn finding(
    line: usize,
    other_line: Option<usize>,
    substances: Few<u32>,
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
        partners: Few::new(),
        level,
        rules: Few::new(),
        evidence: Few::new(),
    }
}
