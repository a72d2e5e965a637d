//! Findings, grouped and ordered: rules S21, S22 and S24.

mod contraindication;
mod duplicate;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    evidence::{evidence, is_double_registration, totals},
    lines::NewLine,
    policy::Policy,
    record::{Chart, Record},
    world::World,
};

/// S24: contraindications come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contraindication,
    Duplicate,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Contraindication => "contraindication",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Against the past, or against another line of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    History,
    Prescription,
}

impl Scope {
    fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Prescription => "prescription",
        }
    }
}

/// What findings are ordered by, the most important field first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    /// Ingredient ids of the new line, as they stand in the finding.
    pub(crate) ingredients: Vec<String>,
    /// Ingredient ids of the record.
    pub(crate) partners: Vec<String>,
    pub(crate) scope: Scope,
    pub(crate) washout: bool,
    pub(crate) other_line: Option<usize>,
    pub(crate) routes: Vec<String>,
}

/// A finding with all that it could tell.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) order: Order,
    pub(crate) body: Value,
    /// Places of the evidence in the chart.
    pub(crate) evidence: BTreeSet<usize>,
}

/// Where the findings are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    pub(crate) world: &'a World,
    pub(crate) policy: &'a Policy,
    pub(crate) chart: &'a Chart<'a>,
    pub(crate) lines: &'a [NewLine<'a>],
}

impl<'a> Search<'a> {
    /// All findings, in the order of S24.
    pub(crate) fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let checked: Vec<_> = self.lines.iter().filter(|line| line.not_checked.is_none()).collect();
        for (place, line) in checked.iter().enumerate() {
            findings.extend(self.duplicates(line));
            findings.extend(self.contraindications(line));
            if self.policy.intra_prescription {
                for other in checked.iter().skip(place + 1) {
                    findings.extend(self.duplicate_inside(line, other));
                    findings.extend(self.contraindications_inside(line, other));
                }
            }
        }
        findings.sort_by(|a, b| a.order.cmp(&b.order));
        findings
    }

    /// The beginning of every finding. S22: one inside the request names the other line too.
    fn body(kind: Kind, line: usize, other_line: Option<usize>) -> Value {
        match other_line {
            None => json!({"kind": kind.word(), "scope": Scope::History.word(), "line": line}),
            Some(other_line) => json!({
                "kind": kind.word(),
                "scope": Scope::Prescription.word(),
                "line": line,
                "other_line": other_line,
            }),
        }
    }

    /// What only findings with the past carry.
    fn add_past(self, body: &mut Value, places: &BTreeSet<usize>) {
        let records = self.records(places);
        let evidence: Vec<_> = records.iter().map(|record| evidence(self.world, record)).collect();
        add(body, "totals", totals(self.chart, &records));
        let double = is_double_registration(self.chart, &records);
        add(body, "possible_double_registration", json!(double));
        add(body, "evidence", json!(evidence));
    }

    /// The chart is in the order of evidence, and so are the places.
    fn records(self, places: &BTreeSet<usize>) -> Vec<&'a Record<'a>> {
        places.iter().filter_map(|&place| self.chart.records.get(place)).collect()
    }

    fn ingredient(self, id: &str, route: &str) -> Value {
        json!({"id": id, "name": self.world.ingredient_name(id), "route": route})
    }
}

/// Adds a field to an object.
fn add(body: &mut Value, field: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}
