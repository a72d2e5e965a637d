//! What a drug must not meet: the rules of its substances, by pair of ingredients.

use std::collections::{BTreeMap, BTreeSet};

use chofuku_engine::Day;
use chofuku_engine::knowledge::rule::{Orientation, Partner};
use chofuku_engine::knowledge::{Knowledge, Meaning};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::finding::{Rule as ToldRule, Substance};

/// An ingredient of the drug and one that it must not meet.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Contraindicated<'a> {
    /// The ingredient of the drug.
    ingredient: Substance<'a>,
    /// What it must not meet.
    partner: Substance<'a>,
    /// The rules that say so and hold today.
    rules: Vec<PartnerRule<'a>>,
}

/// A rule, and to which products of the partner it is narrowed.
#[derive(Debug, Serialize, JsonSchema)]
struct PartnerRule<'a> {
    #[serde(flatten)]
    rule: ToldRule<'a>,
    /// Beginnings of the codes to which the partner is narrowed; empty for all of its products.
    partner_only: &'a [String],
    /// Beginnings of the codes that are excepted.
    partner_except: &'a [String],
}

/// What is collected of a pair of ingredients.
#[derive(Default)]
struct Pair {
    substances: BTreeSet<u32>,
    partners: BTreeSet<u32>,
    /// Told once each, as with the drug on side a where both sides match.
    rules: BTreeMap<u32, Orientation>,
}

/// The pairs of a code that hold today, by ingredient ids.
pub(super) fn of<'a>(
    knowledge: &'a Knowledge,
    meaning: &Meaning<'_>,
    code: &str,
    today: Day,
) -> Vec<Contraindicated<'a>> {
    let ingredient = |substance| knowledge.substance(substance).map(|name| name.ordinal);
    let mut pairs = BTreeMap::<_, Pair>::new();
    for substance in meaning.substances().iter().copied() {
        for Partner { substance: partner, rule, orientation } in knowledge.partners(substance) {
            let holds = knowledge.rule(*rule).is_some_and(|rule| {
                let (own, _) = rule.oriented(*orientation);
                rule.is_valid(today) && knowledge.side_holds(own, substance, meaning, code)
            });
            if holds {
                let pair = pairs.entry((ingredient(substance), ingredient(*partner))).or_default();
                pair.substances.insert(substance);
                pair.partners.insert(*partner);
                let told = pair.rules.entry(*rule).or_insert(*orientation);
                *told = (*told).min(*orientation);
            }
        }
    }
    pairs.into_values().filter_map(|pair| Contraindicated::new(knowledge, &pair)).collect()
}

impl<'a> Contraindicated<'a> {
    fn new(knowledge: &'a Knowledge, pair: &Pair) -> Option<Self> {
        let rules = pair.rules.iter().filter_map(|(rule, orientation)| {
            let rule = knowledge.rule(*rule)?;
            let (_, partner) = rule.oriented(*orientation);
            Some(PartnerRule {
                rule: ToldRule::stated(rule, rule.stated_by_seen_from_line(*orientation)),
                partner_only: &partner.only,
                partner_except: &partner.except,
            })
        });
        Some(Self {
            rules: rules.collect(),
            ingredient: joined(knowledge, &pair.substances)?,
            partner: joined(knowledge, &pair.partners)?,
        })
    }
}

/// Substances of one ingredient as that ingredient and its routes.
fn joined<'a>(knowledge: &'a Knowledge, ordinals: &BTreeSet<u32>) -> Option<Substance<'a>> {
    let names: Vec<_> = ordinals.iter().filter_map(|name| knowledge.substance(*name)).collect();
    let routes: Vec<&str> = names.iter().map(|name| name.route).collect();
    Some(Substance::named(names.first()?.ingredient, routes.join(";")))
}
