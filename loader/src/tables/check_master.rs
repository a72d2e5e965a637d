//! The payment fund's pairs of codes as rules: what they add to the pair lists, and what they cover.
//!
//! The table names products, a rule is about ingredients, so its pairs are folded (see
//! [`chofuku_formats::masters::fold`]) and each pair of substances is one rule. Where only
//! combinations are named, it cannot be seen which of their components the table means: a component
//! that stands against the same partner by itself explains them, else the rule is laid on the first
//! component, with `only` the codes of the combinations. Nothing is said twice: a pair that a list
//! states for the same products already gives no rule.
//!
//! The table has no insert, section or date. `insert` names the file, and `stated_by` the side whose
//! code stands on the left; both where the pair stands both ways.
//!
//! A code that no product of the tables has gives no rule and is named in `unresolved.csv`. As a rule it
//! is younger than the newest receipt-code master that was given, or came with one of its differences
//! that was not: give the fund's table, the full master and all differences of one date.

use std::collections::{BTreeMap, BTreeSet};

use chofuku_formats::masters::{CheckMaster, CheckPair, CodePair, Folded, fold};

use super::report::CheckCounts;
use super::{Kind, Reason, Report};
use crate::canonical::{ContraindicationRow, DrugRow};

/// The characters of a code that say what a product contains.
const PREFIX: usize = 7;

/// Ingredient and route.
type Substance = (String, String);

/// What the tables know of receipt codes.
#[derive(Default)]
struct Codes<'d> {
    substances: BTreeMap<&'d str, BTreeSet<Substance>>,
    prefixes: BTreeMap<&'d str, &'d str>,
    /// How many codes contain each substance.
    counts: BTreeMap<Substance, usize>,
}

/// One side of a pair as a rule has it.
struct Side {
    substance: Substance,
    only: BTreeSet<String>,
}

/// Adds what the tables of the fund state and the rules do not.
pub(super) fn add(
    masters: &[CheckMaster],
    drugs: &[DrugRow],
    rules: &mut Vec<ContraindicationRow>,
    report: &mut Report,
) {
    if masters.is_empty() {
        return;
    }
    let codes = Codes::of(drugs);
    let pairs: Vec<CodePair> = masters.iter().flat_map(|master| master.pairs.clone()).collect();
    let substances = |code: &str| codes.substances_of(code).cloned().collect();
    let folded = fold(&pairs, substances, |substance| {
        codes.counts.get(substance).copied().unwrap_or_default()
    });
    let files: Vec<&str> = masters.iter().map(|master| master.file.as_str()).collect();
    let source = format!("支払基金 {}", files.join("; "));
    let listed: BTreeSet<(String, String)> = rules.iter().map(ingredients).collect();
    let mut counts = CheckCounts {
        deleted: masters.iter().map(|master| master.deleted).sum(),
        code_pairs: pairs.len(),
        code_pairs_resolved: pairs.len() - folded.lost - folded.same.len(),
        ..CheckCounts::default()
    };
    let own = stated(&folded, &codes, &source);
    let stated: BTreeSet<(String, String)> = own.iter().map(ingredients).collect();
    counts.pairs = stated.len();
    counts.pairs_of_lists = listed.len();
    counts.pairs_shared = stated.intersection(&listed).count();
    for rule in own {
        if !rules.iter().any(|known| states(known, &rule)) {
            counts.rules_added += 1;
            rules.push(rule);
        }
    }
    tell(&folded, &mut counts, report);
    report.counts.check = counts;
}

/// What the table does not cover, item by item.
fn tell(folded: &Folded, counts: &mut CheckCounts, report: &mut Report) {
    for code in &folded.unknown {
        report.unresolved(Kind::CheckMaster, code, "", Reason::UnknownCode);
    }
    for pair in &folded.same {
        let item = format!("{} × {}", pair.a, pair.b);
        report.unresolved(Kind::CheckMaster, &item, "", Reason::SharedIngredient);
    }
    let mut named = BTreeSet::new();
    for coverage in &folded.coverage {
        let (ingredient, route) = &coverage.substance;
        named.insert(ingredient);
        if coverage.named < coverage.all {
            let item = format!("{ingredient}@{route}");
            let reason = Reason::PartlyNamed { named: coverage.named, all: coverage.all };
            report.notice(Kind::CheckMaster, &item, "", reason);
        }
    }
    counts.ingredients = named.len();
}

/// The rules of all pairs, without what another pair explains.
fn stated(folded: &Folded, codes: &Codes<'_>, source: &str) -> Vec<ContraindicationRow> {
    let by_sides: BTreeMap<(&Substance, &Substance), &CheckPair> =
        folded.pairs.iter().map(|pair| ((&pair.a, &pair.b), pair)).collect();
    // The codes of `one` that stand against `other`.
    let against = |one: &Substance, other: &Substance| {
        if one <= other {
            by_sides.get(&(one, other)).map(|pair| &pair.codes_a)
        } else {
            by_sides.get(&(other, one)).map(|pair| &pair.codes_b)
        }
    };
    let side = |own: &Substance, own_codes: &BTreeSet<String>, partner: &Substance| {
        if own_codes.iter().any(|code| codes.is_alone(code)) {
            return Some(Side { substance: own.clone(), only: BTreeSet::new() });
        }
        let left: Vec<&String> = own_codes
            .iter()
            .filter(|code| {
                let mut others = codes.substances_of(code).filter(|other| *other != own);
                !others.any(|other| {
                    against(other, partner).is_some_and(|theirs| {
                        let alone = theirs.iter().any(|code| codes.is_alone(code));
                        // By itself, or as the first of components of which none is.
                        alone || (theirs.contains(*code) && other < own)
                    })
                })
            })
            .collect();
        let only: BTreeSet<String> =
            left.iter().filter_map(|code| codes.prefix(code)).map(str::to_owned).collect();
        (!only.is_empty()).then(|| Side { substance: own.clone(), only })
    };
    let rule = |pair: &CheckPair| {
        let a = side(&pair.a, &pair.codes_a, &pair.b)?;
        let b = side(&pair.b, &pair.codes_b, &pair.a)?;
        let stated_by = match (pair.a_b, pair.b_a) {
            (true, false) => "a",
            (false, true) => "b",
            _ => "both",
        };
        let only = |side: &Side| side.only.iter().map(String::as_str).collect::<Vec<_>>().join(";");
        Some(ContraindicationRow {
            a_only: only(&a),
            b_only: only(&b),
            a_ingredient: a.substance.0,
            a_routes: a.substance.1,
            b_ingredient: b.substance.0,
            b_routes: b.substance.1,
            insert: source.to_owned(),
            stated_by: stated_by.to_owned(),
            ..ContraindicationRow::default()
        })
    };
    folded.pairs.iter().filter_map(rule).collect()
}

/// The ingredients of a rule, in no order.
fn ingredients(rule: &ContraindicationRow) -> (String, String) {
    let (a, b) = (&rule.a_ingredient, &rule.b_ingredient);
    if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
}

/// Whether a rule holds for all products of another, and whenever that one does.
fn states(known: &ContraindicationRow, rule: &ContraindicationRow) -> bool {
    let is_open = known.valid_from.is_empty() && known.valid_to.is_empty();
    let within = |all: &str, some: &str| {
        all.is_empty()
            || !some.is_empty() && some.split(';').all(|one| all.split(';').any(|any| any == one))
    };
    let covers = |known: [&str; 4], rule: [&str; 3]| {
        let [ingredient, routes, only, except] = known;
        ingredient == rule[0]
            && within(routes, rule[1])
            && within(only, rule[2])
            && except.is_empty()
    };
    let known_a = [&known.a_ingredient, &known.a_routes, &known.a_only, &known.a_except];
    let known_b = [&known.b_ingredient, &known.b_routes, &known.b_only, &known.b_except];
    let (known_a, known_b) = (known_a.map(String::as_str), known_b.map(String::as_str));
    let a = [rule.a_ingredient.as_str(), &rule.a_routes, &rule.a_only];
    let b = [rule.b_ingredient.as_str(), &rule.b_routes, &rule.b_only];
    is_open
        && (covers(known_a, a) && covers(known_b, b) || covers(known_a, b) && covers(known_b, a))
}

impl<'d> Codes<'d> {
    fn of(drugs: &'d [DrugRow]) -> Self {
        let mut codes = Self::default();
        for drug in drugs {
            let substances: BTreeSet<Substance> = drug
                .substances
                .split(';')
                .filter_map(|substance| substance.split_once('@'))
                .map(|(ingredient, route)| (ingredient.to_owned(), route.to_owned()))
                .collect();
            let prefix = [&drug.yj, &drug.price].into_iter().find_map(|code| code.get(..PREFIX));
            for code in drug.receipt.split(';').filter(|code| !code.is_empty()) {
                for substance in &substances {
                    *codes.counts.entry(substance.clone()).or_default() += 1;
                }
                codes.substances.insert(code, substances.clone());
                codes.prefixes.extend(prefix.map(|prefix| (code, prefix)));
            }
        }
        codes
    }

    fn substances_of(&self, code: &str) -> impl Iterator<Item = &Substance> {
        self.substances.get(code).into_iter().flatten()
    }

    /// Whether a code is that of one ingredient alone.
    fn is_alone(&self, code: &str) -> bool {
        self.substances_of(code).count() == 1
    }

    fn prefix(&self, code: &str) -> Option<&'d str> {
        self.prefixes.get(code).copied()
    }
}

#[cfg(test)]
mod tests;
