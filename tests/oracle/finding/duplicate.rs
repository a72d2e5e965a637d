//! Duplicates: rules S17, S18 and S22.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Finding, Kind, Order, Scope, Search, add};
use crate::{
    lines::NewLine,
    record::Disposition,
    resolve::{Resolved, Substance},
};

impl Search<'_> {
    /// S17, S21: with the active records, one finding per set of shared substances.
    pub(super) fn duplicates(self, line: &NewLine<'_>) -> Vec<Finding> {
        let mut groups: BTreeMap<BTreeSet<Substance>, BTreeSet<usize>> = BTreeMap::new();
        for (place, record) in self.chart.records.iter().enumerate() {
            let shared = shared(&line.resolved, &record.resolved);
            if record.disposition == Disposition::Active && !shared.is_empty() {
                groups.entry(shared).or_default().insert(place);
            }
        }
        let findings = groups.into_iter().map(|(shared, places)| {
            let records = self.records(&places);
            let same = records.iter().any(|record| is_same(&line.resolved, &record.resolved));
            let mut finding = self.duplicate(line, None, &shared, same);
            self.add_past(&mut finding.body, &places);
            Finding { evidence: places, ..finding }
        });
        findings.collect()
    }

    /// S22: between lines of different RPs that are not the same product.
    pub(super) fn duplicate_inside(
        self,
        line: &NewLine<'_>,
        other: &NewLine<'_>,
    ) -> Option<Finding> {
        let shared = shared(&line.resolved, &other.resolved);
        let one_treatment = line.line.rp == other.line.rp || line.is_same_product(other);
        if shared.is_empty() || one_treatment {
            return None;
        }
        let same = is_same(&line.resolved, &other.resolved);
        Some(self.duplicate(line, Some(other.index), &shared, same))
    }

    fn duplicate(
        self,
        line: &NewLine<'_>,
        other_line: Option<usize>,
        shared: &BTreeSet<Substance>,
        same_product: bool,
    ) -> Finding {
        let ingredients = shared.iter().map(|(id, route)| self.ingredient(id, route));
        let mut body = Self::body(Kind::Duplicate, line.index, other_line);
        // S18: the closest level of the evidence.
        add(&mut body, "level", json!(if same_product { "product" } else { "ingredient" }));
        add(&mut body, "ingredients", ingredients.collect());
        let ids: Vec<String> = shared.iter().map(|(id, _)| id.clone()).collect();
        let order = Order {
            kind: Kind::Duplicate,
            line: line.index,
            ingredients: ids.clone(),
            partners: ids,
            scope: if other_line.is_some() { Scope::Prescription } else { Scope::History },
            washout: false,
            other_line,
            routes: shared.iter().map(|(_, route)| route.clone()).collect(),
        };
        Finding { order, body, evidence: BTreeSet::new() }
    }
}

fn shared(one: &Resolved, other: &Resolved) -> BTreeSet<Substance> {
    one.substances.intersection(&other.substances).cloned().collect()
}

/// S18: the same set of substances.
fn is_same(one: &Resolved, other: &Resolved) -> bool {
    one.substances == other.substances
}
