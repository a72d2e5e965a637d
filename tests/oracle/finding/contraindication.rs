//! Contraindications, wash-outs among them: rules S19 to S23.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Finding, Kind, Order, Scope, Search, add};
use crate::{
    lines::NewLine,
    record::{Disposition, Record, ended_by_period},
    resolve::{Resolved, Substance},
    rule::{Direction, directions, is_valid, told},
    world::Rule,
};

/// A rule that holds between a new line and a partner, in one direction.
struct Match<'w> {
    rule_index: usize,
    rule: &'w Rule,
    direction: Direction<'w>,
    /// False when the new line is on side a, so that this one sorts first.
    on_side_b: bool,
    ingredient: Substance,
    partner: Substance,
}

impl<'a> Search<'a> {
    /// S19, S21: with the past, one finding per pair of ingredients, wash-out or not.
    pub(super) fn contraindications(self, line: &NewLine<'_>) -> Vec<Finding> {
        let mut groups: BTreeMap<(String, String, bool), Vec<(usize, Match<'a>)>> = BTreeMap::new();
        for (place, record) in self.chart.records.iter().enumerate() {
            for (washout, found) in self.matches_of_record(line, record) {
                let key = (found.ingredient.0.clone(), found.partner.0.clone(), washout);
                groups.entry(key).or_default().push((place, found));
            }
        }
        let findings = groups.into_iter().map(|((_, _, washout), found)| {
            let (places, matches): (BTreeSet<usize>, Vec<Match<'a>>) = found.into_iter().unzip();
            let mut finding = self.contraindication(line, None, washout, matches);
            self.add_past(&mut finding.body, &places);
            Finding { evidence: places, ..finding }
        });
        findings.collect()
    }

    /// S22: between any two lines, either way round.
    pub(super) fn contraindications_inside(
        self,
        line: &NewLine<'_>,
        other: &NewLine<'_>,
    ) -> Vec<Finding> {
        let mut groups: BTreeMap<(String, String), Vec<Match<'a>>> = BTreeMap::new();
        for found in self.matches(&line.resolved, &other.resolved) {
            let key = (found.ingredient.0.clone(), found.partner.0.clone());
            groups.entry(key).or_default().push(found);
        }
        let findings = groups
            .into_values()
            .map(|matches| self.contraindication(line, Some(other.index), false, matches));
        findings.collect()
    }

    /// The matches of a record that make a finding, each with whether it is a wash-out.
    fn matches_of_record(self, line: &NewLine<'_>, record: &Record<'_>) -> Vec<(bool, Match<'a>)> {
        let matches = || self.matches(&line.resolved, &record.resolved).into_iter();
        if record.disposition == Disposition::Active {
            return matches().map(|found| (false, found)).collect();
        }
        if !self.policy.washout || !ended_by_period(record, self.chart.check_day) {
            return Vec::new();
        }
        // S23: the days are those of the side that the record matches.
        let since = record.days_since_end(self.chart.check_day);
        let within =
            |found: &Match<'_>| (1..=found.direction.partner.washout_days).contains(&since);
        matches().filter(within).map(|found| (true, found)).collect()
    }

    /// Every way in which a rule valid on the check day holds between two things.
    fn matches(self, line: &Resolved, partner: &Resolved) -> Vec<Match<'a>> {
        let mut matches = Vec::new();
        let rules = self.world.contraindications.iter().enumerate();
        for (rule_index, rule) in rules.filter(|(_, rule)| is_valid(rule, self.chart.check_day)) {
            for (direction, on_side_b) in directions(rule).into_iter().zip([false, true]) {
                let partners = direction.partner.matching(self.world, partner);
                for ingredient in direction.line.matching(self.world, line) {
                    matches.extend(partners.iter().map(|partner| Match {
                        rule_index,
                        rule,
                        direction,
                        on_side_b,
                        ingredient: ingredient.clone(),
                        partner: partner.clone(),
                    }));
                }
            }
        }
        matches
    }

    fn contraindication(
        self,
        line: &NewLine<'_>,
        other_line: Option<usize>,
        washout: bool,
        mut matches: Vec<Match<'a>>,
    ) -> Finding {
        // S21: a rule stands once, in the order of the table, as with the new line on side a.
        matches.sort_by_key(|found| (found.rule_index, found.on_side_b));
        let (ingredient, route) = joined(matches.iter().map(|found| &found.ingredient));
        let (partner, partner_route) = joined(matches.iter().map(|found| &found.partner));
        matches.dedup_by_key(|found| found.rule_index);
        let rules = matches.iter().map(|found| told(found.rule, found.direction.stated_by));
        let mut body = Self::body(Kind::Contraindication, line.index, other_line);
        add(&mut body, "ingredient", self.ingredient(&ingredient, &route));
        add(&mut body, "partner", self.ingredient(&partner, &partner_route));
        add(&mut body, "washout", json!(washout));
        add(&mut body, "rules", rules.collect::<Value>());
        let order = Order {
            kind: Kind::Contraindication,
            line: line.index,
            ingredients: vec![ingredient],
            partners: vec![partner],
            scope: if other_line.is_some() { Scope::Prescription } else { Scope::History },
            washout,
            other_line,
            routes: vec![route, partner_route],
        };
        Finding { order, body, evidence: BTreeSet::new() }
    }
}

/// The one ingredient of the substances, and all their routes, sorted and joined.
fn joined<'m>(substances: impl Iterator<Item = &'m Substance>) -> (String, String) {
    let (ids, routes): (BTreeSet<&str>, BTreeSet<&str>) =
        substances.map(|(id, route)| (id.as_str(), route.as_str())).unzip();
    let id = ids.first().copied().unwrap_or_default().to_owned();
    (id, routes.into_iter().collect::<Vec<_>>().join(";"))
}
