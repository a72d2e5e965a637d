//! The union of what the inserts of both sides say.

use std::collections::BTreeMap;

use super::{Rule, Side};

/// Joins rows about the same two sides, whichever insert states them, into one row with every source.
///
/// Rows whose sides differ in routes or products stay apart: each holds for what its own insert says.
/// Side a of a joined row is the smaller of the two sides.
pub fn join(rules: Vec<Rule>) -> Vec<Rule> {
    let mut joined: BTreeMap<(Side, Side), Rule> = BTreeMap::new();
    for rule in rules {
        let rule = if rule.a <= rule.b { rule } else { flipped(rule) };
        let sides = (rule.a.clone(), rule.b.clone());
        match joined.get_mut(&sides) {
            Some(known) => merge(known, rule),
            None => {
                joined.insert(sides, rule);
            }
        }
    }
    joined.into_values().collect()
}

fn flipped(rule: Rule) -> Rule {
    Rule {
        a: rule.b,
        b: rule.a,
        stated_by: rule.stated_by.flipped(),
        washout_a: rule.washout_b,
        washout_b: rule.washout_a,
        ..rule
    }
}

fn merge(known: &mut Rule, rule: Rule) {
    known.stated_by = known.stated_by.with(rule.stated_by);
    known.washout_a = known.washout_a.max(rule.washout_a);
    known.washout_b = known.washout_b.max(rule.washout_b);
    add(&mut known.sources, rule.sources);
    add(&mut known.conditions, rule.conditions);
    add(&mut known.measures, rule.measures);
    add(&mut known.mechanism, rule.mechanism);
    add(&mut known.notes, rule.notes);
}

/// Appends what is not there yet.
fn add<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}
