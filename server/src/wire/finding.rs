//! Findings as they are told: one flat object each, whose fields depend on kind and consent.

use chofuku_engine::check::disclose::{
    Against, Contraindication, Duplicate, Evidence as Records, Finding as Told, FindingId,
    StatedRule, Substance as EngineSubstance,
};
use chofuku_engine::knowledge::rule::Rule as TableRule;
use chofuku_engine::knowledge::tables::Ingredient;
use serde::Serialize;

use super::evidence::{Evidence, Totals};
use super::message::{Message, Speaker};
use super::{or_null, text};

/// A finding. The fields stand in the order in which they are written.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Finding<'a> {
    /// That a new line collides with the past, and how; nothing else (S26).
    Withheld {
        #[serde(serialize_with = "text")]
        id: FindingId,
        kind: &'static str,
        scope: Scope,
        line: usize,
        message: Message<'a>,
    },
    /// A duplicate.
    Duplicate(DuplicateFinding<'a>),
    /// A contraindication.
    Contraindication(ContraindicationFinding<'a>),
}

/// Against the past, or against another line of the request.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    History,
    Prescription,
}

#[derive(Debug, Serialize)]
pub(super) struct DuplicateFinding<'a> {
    #[serde(serialize_with = "text")]
    id: FindingId,
    kind: &'static str,
    scope: Scope,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_line: Option<usize>,
    level: &'static str,
    ingredients: Vec<Substance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_double_registration: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<Evidence<'a>>>,
    message: Message<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct ContraindicationFinding<'a> {
    #[serde(serialize_with = "text")]
    id: FindingId,
    kind: &'static str,
    scope: Scope,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_line: Option<usize>,
    ingredient: Substance<'a>,
    partner: Substance<'a>,
    washout: bool,
    rules: Vec<Rule<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_double_registration: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<Evidence<'a>>>,
    message: Message<'a>,
}

/// An ingredient and its route, or its routes joined.
#[derive(Debug, Serialize)]
pub(super) struct Substance<'a> {
    id: &'a str,
    name: &'a str,
    route: String,
}

/// What an insert states.
#[derive(Debug, Serialize)]
pub(super) struct Rule<'a> {
    insert: Option<&'a str>,
    revised: Option<&'a str>,
    section: Option<&'a str>,
    stated_by: &'static str,
    condition: Option<&'a str>,
    measures: Option<&'a str>,
    mechanism: Option<&'a str>,
}

impl<'a> Finding<'a> {
    /// The finding on the wire.
    pub(super) fn new(told: &'a Told<'a>, speaker: Speaker<'a>) -> Self {
        match told {
            Told::Withheld(found) => Self::Withheld {
                id: found.id(),
                kind: found.kind.name(),
                scope: Scope::History,
                line: found.line,
                message: Message::withheld(speaker, found.line, found.kind.name()),
            },
            Told::Duplicate(found) => Self::Duplicate(DuplicateFinding::new(found, speaker)),
            Told::Contraindication(found) => {
                Self::Contraindication(ContraindicationFinding::new(found, speaker))
            }
        }
    }
}

impl<'a> DuplicateFinding<'a> {
    fn new(found: &'a Duplicate<'a>, speaker: Speaker<'a>) -> Self {
        let against = &found.against;
        Self {
            id: found.id(),
            kind: "duplicate",
            scope: Scope::of(against),
            line: found.line,
            other_line: other_line(against),
            level: found.level.name(),
            ingredients: found.ingredients.iter().map(Substance::new).collect(),
            totals: records(against).map(|past| Totals::new(&past.totals)),
            possible_double_registration: records(against)
                .map(|past| past.possible_double_registration),
            evidence: records(against).map(evidence),
            message: Message::duplicate(speaker, found),
        }
    }
}

impl<'a> ContraindicationFinding<'a> {
    fn new(found: &'a Contraindication<'a>, speaker: Speaker<'a>) -> Self {
        let against = &found.against;
        Self {
            id: found.id(),
            kind: "contraindication",
            scope: Scope::of(against),
            line: found.line,
            other_line: other_line(against),
            ingredient: Substance::new(&found.ingredient),
            partner: Substance::new(&found.partner),
            washout: found.washout,
            rules: found.rules.iter().map(Rule::new).collect(),
            totals: records(against).map(|past| Totals::new(&past.totals)),
            possible_double_registration: records(against)
                .map(|past| past.possible_double_registration),
            evidence: records(against).map(evidence),
            message: Message::contraindication(speaker, found),
        }
    }
}

impl Scope {
    fn of(against: &Against<'_>) -> Self {
        match against {
            Against::History(_) => Self::History,
            Against::Line(_) => Self::Prescription,
        }
    }
}

impl<'a> Substance<'a> {
    fn new(substance: &EngineSubstance<'a>) -> Self {
        Self::named(substance.ingredient, substance.routes.join(";"))
    }

    /// An ingredient, and the route or routes by which it is taken.
    pub(super) fn named(ingredient: &'a Ingredient, route: String) -> Self {
        Self { id: &ingredient.id, name: &ingredient.name_ja, route }
    }
}

impl<'a> Rule<'a> {
    fn new(stated: &StatedRule<'a>) -> Self {
        Self::stated(stated.rule, stated.stated_by)
    }

    /// A rule, and by whose insert it is stated as seen from the drug that is asked about.
    pub(super) fn stated(rule: &'a TableRule, stated_by: &'static str) -> Self {
        Self {
            insert: or_null(&rule.insert),
            revised: or_null(&rule.revised),
            section: or_null(&rule.section),
            stated_by,
            condition: or_null(&rule.condition),
            measures: or_null(&rule.measures),
            mechanism: or_null(&rule.mechanism),
        }
    }
}

fn other_line(against: &Against<'_>) -> Option<usize> {
    match against {
        Against::History(_) => None,
        Against::Line(other) => Some(*other),
    }
}

fn records<'a>(against: &'a Against<'a>) -> Option<&'a Records<'a>> {
    match against {
        Against::History(records) => Some(records),
        Against::Line(_) => None,
    }
}

fn evidence<'a>(past: &'a Records<'a>) -> Vec<Evidence<'a>> {
    past.records.iter().map(Evidence::new).collect()
}
