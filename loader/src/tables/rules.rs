//! Pairs to rules: which products each side of a contraindicated pair means.
//!
//! A side that lists codes means those products. Its routes are those of the codes. If it lists
//! every product of the ingredient by these routes the rule is about the ingredient; if some are
//! missing, the list has left them out on purpose (a brand for another indication), and `only`
//! names the codes that it has, with the combinations that contain the ingredient, because nobody
//! who limits a rule to a brand thereby allows its combinations.
//!
//! A side that names a combination is laid on one component with `only` the combination's codes.
//! Every component would match exactly the same products, so no pair is lost by the choice, and one
//! rule gives one finding instead of one for each component. The component is the one that the side
//! is called by, else the one that stands against the same partner elsewhere in the list, else the
//! first one named.
//!
//! A side without codes is resolved by its name, for any route.

use std::collections::{BTreeMap, BTreeSet};

use chofuku_formats::masters::{Category, Pair, PairSide};

use super::{
    Kind, Reason, Report,
    naming::{Ingredient, Naming},
    products::{Products, Substance, route_name},
    sources::revision_day,
    washout::Washout,
};
use crate::canonical::ContraindicationRow;

mod evidence;

/// One side of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Side {
    ingredient: String,
    routes: BTreeSet<Category>,
    only: BTreeSet<String>,
}

struct Resolver<'a> {
    naming: &'a Naming,
    products: &'a Products,
    /// Which single ingredients stand against which partners, by normalised names.
    partners: BTreeSet<(String, String)>,
    /// The pairs as written, to find those that both inserts state.
    written: BTreeSet<(&'a str, &'a str)>,
}

/// Turns the pairs into rules; a pair that gives none is reported as unresolved.
pub(super) fn build(
    pairs: &[Pair],
    naming: &Naming,
    products: &Products,
    report: &mut Report,
) -> Vec<ContraindicationRow> {
    let resolver = Resolver::new(pairs, naming, products);
    let mut rules = Vec::new();
    for pair in pairs {
        report.counts.pairs += 1;
        let coded = !pair.a.prefixes.is_empty() && !pair.b.prefixes.is_empty();
        report.counts.pairs_coded += usize::from(coded);
        let a = resolver.sides("a", pair, &pair.a, &pair.b, report);
        let b = resolver.sides("b", pair, &pair.b, &pair.a, report);
        if a.is_empty() || b.is_empty() {
            continue;
        }
        report.counts.pairs_resolved += 1;
        report.counts.pairs_coded_resolved += usize::from(coded);
        for a in &a {
            rules.extend(b.iter().map(|b| resolver.rule(pair, a, b)));
        }
    }
    sort(&mut rules);
    rules
}

/// Puts rules into the one order that the same files give.
pub(super) fn sort(rules: &mut Vec<ContraindicationRow>) {
    rules.sort_by(|a, b| fields(a).cmp(&fields(b)));
    rules.dedup();
}

impl<'a> Resolver<'a> {
    fn new(pairs: &'a [Pair], naming: &'a Naming, products: &'a Products) -> Self {
        let mut resolver =
            Self { naming, products, partners: BTreeSet::new(), written: BTreeSet::new() };
        for pair in pairs {
            resolver.written.insert((&pair.a.name_ja, &pair.b.name_ja));
            let (a, b) = (resolver.named(&pair.a), resolver.named(&pair.b));
            for (side, partner) in [(&a, &b), (&b, &a)] {
                if let [ingredient] = side.as_slice() {
                    let partner = partner.iter().map(|partner| partner.id.clone());
                    let ingredient = &ingredient.id;
                    resolver.partners.extend(partner.map(|partner| (ingredient.clone(), partner)));
                }
            }
        }
        resolver
    }

    fn named(&self, side: &PairSide) -> Vec<Ingredient> {
        self.naming.resolve(&side.name_ja).0
    }

    fn sides(
        &self,
        which: &'static str,
        pair: &Pair,
        side: &PairSide,
        partner: &PairSide,
        report: &mut Report,
    ) -> Vec<Side> {
        let item = format!("{} × {}", pair.a.name_ja, pair.b.name_ja);
        let mut sides: BTreeMap<String, Side> = BTreeMap::new();
        for listed in &side.prefixes {
            let contents = self.products.with_prefix(&listed.prefix);
            if contents.is_empty() {
                let prefix = listed.prefix.clone();
                let reason = Reason::UnknownSidePrefix { side: which, prefix };
                report.unresolved(Kind::Pair, &item, "", reason);
            }
            for content in contents {
                let Some(ingredient) = self.component(content, side, partner) else { continue };
                if content.len() > 1 {
                    let ingredient = ingredient.id.clone();
                    let reason = Reason::ComponentChosen { side: which, ingredient };
                    report.notice(Kind::Pair, &item, "", reason);
                }
                let ingredient = ingredient.id.clone();
                let side = sides.entry(ingredient.clone()).or_default();
                side.ingredient = ingredient;
                side.routes.insert(listed.category);
                side.only.insert(listed.prefix.clone());
            }
        }
        if sides.is_empty() {
            return self.side_by_name(which, &item, side, report).into_iter().collect();
        }
        sides.into_values().map(|side| self.widen(side)).collect()
    }

    /// The component of a product that a rule about the product names.
    fn component<'p>(
        &self,
        content: &'p [Substance],
        side: &PairSide,
        partner: &PairSide,
    ) -> Option<&'p Ingredient> {
        let named = self.named(side);
        let called = |ingredient: &&Ingredient| match named.as_slice() {
            [one] => one == *ingredient,
            _ => false,
        };
        let partners = self.named(partner);
        let known = |ingredient: &&Ingredient| {
            let against = |partner: &Ingredient| (ingredient.id.clone(), partner.id.clone());
            partners.iter().any(|partner| self.partners.contains(&against(partner)))
        };
        let mut components = content.iter().map(|substance| &substance.ingredient);
        let mut again = components.clone();
        let first = components.clone().next();
        components.find(called).or_else(|| again.find(known)).or(first)
    }

    /// Drops `only` where it excludes nothing, and adds the combinations where it limits.
    fn widen(&self, mut side: Side) -> Side {
        let mut all: Vec<(&str, bool)> =
            self.products.prefixes_of(&side.ingredient, &side.routes).collect();
        let about_ingredient =
            all.iter().any(|(prefix, alone)| *alone && side.only.contains(*prefix));
        all.retain(|(prefix, _)| !side.only.contains(*prefix));
        if all.is_empty() || (about_ingredient && all.iter().all(|(_, alone)| !alone)) {
            side.only.clear();
        } else if about_ingredient {
            let combinations = all.into_iter().filter(|(_, alone)| !alone);
            side.only.extend(combinations.map(|(prefix, _)| prefix.to_owned()));
        }
        side
    }

    fn side_by_name(
        &self,
        which: &'static str,
        item: &str,
        side: &PairSide,
        report: &mut Report,
    ) -> Option<Side> {
        let ingredients = self.named(side);
        let name = side.name_ja.clone();
        let unresolved = match ingredients.as_slice() {
            [one] if self.products.contain(&one.id) => {
                let ingredient = one.id.clone();
                let reason = Reason::ByName { side: which, ingredient: ingredient.clone() };
                report.notice(Kind::Pair, item, "", reason);
                return Some(Side { ingredient, ..Side::default() });
            }
            [] | [_] => Reason::UnknownSide { side: which, name },
            _ => Reason::CombinationSide { side: which, name },
        };
        report.unresolved(Kind::Pair, item, "", unresolved);
        None
    }

    fn rule(&self, pair: &Pair, a: &Side, b: &Side) -> ContraindicationRow {
        let washout = Washout::read(&pair.condition, &pair.a, &pair.b);
        let days = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
        // Each row was read in the insert of its side a, unless the list has it the other way too.
        let both = self.written.contains(&(pair.b.name_ja.as_str(), pair.a.name_ja.as_str()));
        ContraindicationRow {
            a_ingredient: a.ingredient.clone(),
            a_routes: routes(a),
            a_only: only(a),
            b_ingredient: b.ingredient.clone(),
            b_routes: routes(b),
            b_only: only(b),
            insert: evidence::insert(pair),
            revised: revision_day(&pair.source_date).unwrap_or_default().to_owned(),
            section: evidence::sections(&pair.source),
            stated_by: if both { "both" } else { "a" }.to_owned(),
            condition: pair.condition.clone(),
            washout_a: days(washout.a),
            washout_b: days(washout.b),
            ..ContraindicationRow::default()
        }
    }
}

fn routes(side: &Side) -> String {
    side.routes.iter().map(|route| route_name(*route)).collect::<Vec<_>>().join(";")
}

fn only(side: &Side) -> String {
    side.only.iter().map(String::as_str).collect::<Vec<_>>().join(";")
}

/// What rules are ordered by.
fn fields(rule: &ContraindicationRow) -> [&str; 9] {
    [
        &rule.a_ingredient,
        &rule.b_ingredient,
        &rule.a_only,
        &rule.b_only,
        &rule.a_routes,
        &rule.b_routes,
        &rule.insert,
        &rule.revised,
        &rule.condition,
    ]
}

#[cfg(test)]
mod tests;
