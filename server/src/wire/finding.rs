//! Findings as they are told: one flat object each, whose fields depend on kind and consent.

use chofuku_engine::check::disclose::{
    Against, Contraindication, Duplicate, Evidence as Records, Finding as Told, FindingId,
    StatedRule, Substance as EngineSubstance,
};
use chofuku_engine::check::{FindingKind, Level};
use chofuku_engine::knowledge::rule::Rule as TableRule;
use chofuku_engine::knowledge::tables::Ingredient;
use schemars::JsonSchema;
use serde::Serialize;

use super::evidence::{Evidence, Totals};
use super::message::{Message, Speaker};
use super::{or_null, schema, text};

/// A finding: what a new line collides with. What it tells depends on its kind and on consent.
// The fields stand in the order in which they are written.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Finding<'a> {
    /// A collision with the past, without consent.
    Withheld(WithheldFinding<'a>),
    /// A duplicate.
    Duplicate(DuplicateFinding<'a>),
    /// A contraindication.
    Contraindication(ContraindicationFinding<'a>),
}

/// What a new line collides with: records of the past, or another line of the request.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum Scope {
    History,
    Prescription,
}

/// That a new line collides with the past, and how; nothing else is told without consent (S26).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WithheldFinding<'a> {
    /// Names the finding in an acknowledgement; it depends on the new line and the kind alone.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    id: FindingId,
    /// 併用禁忌 or 重複投薬.
    #[schemars(schema_with = "schema::word::<FindingKind>")]
    kind: &'static str,
    /// Always `history`.
    scope: Scope,
    /// The index of the new line, from 0.
    line: usize,
    /// The finding in words.
    message: Message<'a>,
}

/// A duplicate (重複投薬): the new line shares a substance with what is being taken (S17).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DuplicateFinding<'a> {
    /// Names the finding in an acknowledgement.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    id: FindingId,
    /// Always `duplicate`.
    #[schemars(schema_with = "schema::word::<FindingKind>")]
    kind: &'static str,
    /// Against the past, or against another line of the request (S22).
    scope: Scope,
    /// The index of the new line, from 0.
    line: usize,
    /// With scope `prescription`: the index of the other line.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_line: Option<usize>,
    /// Whether all substances are the same or some (S18).
    #[schemars(schema_with = "schema::word::<Level>")]
    level: &'static str,
    /// The shared ingredients.
    ingredients: Vec<Substance<'a>>,
    /// With scope `history`: counts over the evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    /// With scope `history`: whether what collides may be this prescription, registered already.
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_double_registration: Option<bool>,
    /// With scope `history`: the records that it collides with.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<Evidence<'a>>>,
    /// The finding in words.
    message: Message<'a>,
}

/// A contraindication (併用禁忌): the new line must not meet what is being taken (S19).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ContraindicationFinding<'a> {
    /// Names the finding in an acknowledgement.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    id: FindingId,
    /// Always `contraindication`.
    #[schemars(schema_with = "schema::word::<FindingKind>")]
    kind: &'static str,
    /// Against the past, or against another line of the request (S22).
    scope: Scope,
    /// The index of the new line, from 0.
    line: usize,
    /// With scope `prescription`: the index of the other line.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_line: Option<usize>,
    /// The ingredient of the new line.
    ingredient: Substance<'a>,
    /// What it must not meet.
    partner: Substance<'a>,
    /// Whether the partner has ended and is not washed out yet (S23).
    washout: bool,
    /// What inserts state.
    rules: Vec<Rule<'a>>,
    /// With scope `history`: counts over the evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    /// With scope `history`: whether what collides may be this prescription, registered already.
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_double_registration: Option<bool>,
    /// With scope `history`: the records that it collides with.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<Evidence<'a>>>,
    /// The finding in words.
    message: Message<'a>,
}

/// An ingredient and its route.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Substance<'a> {
    /// The id of the ingredient in the tables.
    id: &'a str,
    /// Its name.
    name: &'a str,
    /// How it is taken, such as `oral`; several stand with semicolons between them.
    route: String,
}

/// What an insert states.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rule<'a> {
    /// The package insert (添付文書), or the source that it was read from.
    insert: Option<&'a str>,
    /// Its revision.
    revised: Option<&'a str>,
    /// Its section.
    section: Option<&'a str>,
    /// Whose insert states it: that of the new line, of the partner, or both.
    #[schemars(schema_with = "schema::stated_by")]
    stated_by: &'static str,
    /// A condition under which it holds, and which the request cannot answer.
    condition: Option<&'a str>,
    /// Clinical symptoms and measures (臨床症状・措置方法).
    measures: Option<&'a str>,
    /// Mechanism and risk factors (機序・危険因子).
    mechanism: Option<&'a str>,
}

impl<'a> Finding<'a> {
    /// The finding on the wire.
    pub(super) fn new(told: &'a Told<'a>, speaker: Speaker<'a>) -> Self {
        match told {
            Told::Withheld(found) => Self::Withheld(WithheldFinding {
                id: found.id(),
                kind: found.kind.name(),
                scope: Scope::History,
                line: found.line,
                message: Message::withheld(speaker, found.line, found.kind.name()),
            }),
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
