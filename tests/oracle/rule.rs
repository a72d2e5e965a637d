//! When a contraindication holds between two things: rules S19, S20 and S23.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{
    request::day,
    resolve::{Resolved, Substance, substances},
    world::{Rule, World, split},
};

/// One of the two sides of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'w> {
    ingredient: &'w str,
    routes: &'w str,
    only: &'w str,
    except: &'w str,
    /// Days after the end of this side during which the other must not start.
    pub(crate) washout_days: i64,
}

/// A rule with the new line on one of its sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direction<'w> {
    pub(crate) line: Side<'w>,
    pub(crate) partner: Side<'w>,
    /// Whose insert states it, seen from the new line.
    pub(crate) stated_by: &'static str,
}

/// S19: valid on the check day, both ends inclusive.
pub(crate) fn is_valid(rule: &Rule, on: Date) -> bool {
    (rule.valid_from.is_empty() || day(&rule.valid_from) <= on)
        && (rule.valid_to.is_empty() || on <= day(&rule.valid_to))
}

/// S19: either way round; the new line on side a comes first.
pub(crate) fn directions(rule: &Rule) -> [Direction<'_>; 2] {
    let a = Side {
        ingredient: &rule.a_ingredient,
        routes: &rule.a_routes,
        only: &rule.a_only,
        except: &rule.a_except,
        washout_days: rule.washout_a.parse().unwrap_or(0),
    };
    let b = Side {
        ingredient: &rule.b_ingredient,
        routes: &rule.b_routes,
        only: &rule.b_only,
        except: &rule.b_except,
        washout_days: rule.washout_b.parse().unwrap_or(0),
    };
    let (on_a, on_b) = match rule.stated_by.as_str() {
        "a" => ("line", "partner"),
        "b" => ("partner", "line"),
        _ => ("both", "both"),
    };
    [
        Direction { line: a, partner: b, stated_by: on_a },
        Direction { line: b, partner: a, stated_by: on_b },
    ]
}

impl Side<'_> {
    /// S20: the substances of what a code means for which this side holds.
    pub(crate) fn matching(&self, world: &World, resolved: &Resolved) -> BTreeSet<Substance> {
        if resolved.how.is_stand_in() {
            // For a stand-in the one code is the code asked for.
            return self.matching_codes(&resolved.substances, &[resolved.code.as_str()]);
        }
        if resolved.substances.is_empty() {
            return BTreeSet::new();
        }
        // Of several products, one for which the side holds is enough.
        let products = resolved.drugs(world).map(|drug| {
            let codes: Vec<&str> = split(&drug.yj).chain(split(&drug.price)).collect();
            self.matching_codes(&substances(drug), &codes)
        });
        products.flatten().collect()
    }

    fn matching_codes(
        &self,
        substances: &BTreeSet<Substance>,
        codes: &[&str],
    ) -> BTreeSet<Substance> {
        let begins = |prefix: &str| codes.iter().any(|code| code.starts_with(prefix));
        let only = split(self.only).next().is_none() || split(self.only).any(begins);
        let except = split(self.except).any(begins);
        let any_route = split(self.routes).next().is_none();
        let holds = |(ingredient, route): &&Substance| {
            let routed = any_route || split(self.routes).any(|r| r == route);
            ingredient == self.ingredient && routed && only && !except
        };
        substances.iter().filter(holds).cloned().collect()
    }
}

/// The rule as a finding tells it.
pub(crate) fn told(rule: &Rule, stated_by: &str) -> Value {
    json!({
        "insert": or_null(&rule.insert),
        "revised": or_null(&rule.revised),
        "section": or_null(&rule.section),
        "stated_by": stated_by,
        "condition": or_null(&rule.condition),
        "measures": or_null(&rule.measures),
        "mechanism": or_null(&rule.mechanism),
    })
}

/// The text of a cell, or null when it is empty.
pub(crate) fn or_null(cell: &str) -> Value {
    if cell.is_empty() { Value::Null } else { json!(cell) }
}
