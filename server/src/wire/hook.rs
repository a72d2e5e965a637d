//! Answers of CDS Hooks 2.0: services, cards, and what stands under our own key of their extensions. What
//! of them is a check's is copied from its answer and is described as there.

use chofuku_engine::check::FindingKind;
use chofuku_engine::check::disclose::Outcome;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use super::finding::Scope;
use super::policy::AnswerPolicy;
use super::schema;
use super::snapshot::Snapshot;
use super::warning::Warning;
use crate::metrics::INDICATORS;

/// How a patient can be named in a request.
const IDENTITIES: [&str; 2] = ["insured", "id"];

/// What this server offers to CDS Hooks.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HookServices")]
pub(crate) struct ServicesAnswer {
    /// One for each hook.
    pub(crate) services: Vec<Service>,
}

/// A service of CDS Hooks.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "HookService")]
pub(crate) struct Service {
    /// The hook that it answers.
    pub(crate) hook: &'static str,
    /// The last part of its path.
    pub(crate) id: &'static str,
    /// Its name for people.
    pub(crate) title: &'static str,
    /// What it does.
    pub(crate) description: &'static str,
    /// What it needs.
    pub(crate) usage_requirements: &'static str,
    /// What it wants fetched beforehand.
    pub(crate) prefetch: Prefetch,
}

/// Queries of FHIR, by the keys of `prefetch` in a request.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HookPrefetch")]
pub(crate) struct Prefetch {
    /// The patient.
    pub(crate) patient: &'static str,
    /// Who is insured where.
    pub(crate) coverage: &'static str,
}

/// The cards; none only if all was checked and nothing found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HookAnswer<'a> {
    /// What the user must look at.
    pub(crate) cards: Vec<Card>,
    /// The check that the cards are made of.
    pub(crate) extension: AnswerExtension<'a>,
}

/// Extensions of an answer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HookAnswerExtension")]
pub(crate) struct AnswerExtension<'a> {
    /// Ours.
    #[serde(rename = "com.chofuku")]
    pub(crate) ours: Checked<'a>,
}

/// The check that cards are made of; without an order to check there was none, and `repeated` is all.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "HookCheck")]
pub(crate) struct Checked<'a> {
    /// As in the answer of a check, also of findings that are not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::word::<Outcome>")]
    pub(crate) outcome: Option<&'a Value>,
    /// Whether everything could be checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub(crate) complete: Option<&'a Value>,
    /// As in the answer of a check; left out where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Warning<'static>>")]
    pub(crate) warnings: Option<&'a Value>,
    /// The policy that it was made under.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AnswerPolicy<'static>")]
    pub(crate) policy: Option<&'a Value>,
    /// What it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Snapshot<'static>")]
    pub(crate) snapshot: Option<&'a Value>,
    /// By what the patient was found: an insured identity, or an opaque id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "identities")]
    pub(crate) identity: Option<&'static str>,
    /// Findings that are not shown again, because the user saw the same at selection.
    pub(crate) repeated: usize,
}

/// A card.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card {
    /// Names the card of a finding in feedback.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) uuid: Option<String>,
    /// In a sentence.
    #[schemars(length(max = 139))]
    pub(crate) summary: String,
    /// Markdown: on what it rests, as far as consent goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) detail: Option<String>,
    /// How grave it is.
    #[schemars(schema_with = "indicators")]
    pub(crate) indicator: &'static str,
    /// Who says so.
    pub(crate) source: Source,
    /// What can be done about the order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) suggestions: Vec<Suggestion>,
    /// How many suggestions can be taken; with suggestions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) selection_behavior: Option<&'static str>,
    /// Why a finding may be accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) override_reasons: Vec<OverrideReason>,
    /// Where people reach this server, if it knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<Link>,
    /// Of the card of a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CardExtension")]
    pub(crate) extension: Option<CardExtension>,
}

/// Who says what a card says.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "CardSource")]
pub(crate) struct Source {
    /// Its name.
    pub(crate) label: &'static str,
    /// Where people reach it, if it knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) url: Option<String>,
    /// What the card is about.
    pub(crate) topic: Coding,
}

/// A code with what it says.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "CardCoding")]
pub(crate) struct Coding {
    /// The system of the code.
    pub(crate) system: &'static str,
    /// The code.
    pub(crate) code: String,
    /// What it says.
    pub(crate) display: &'static str,
}

/// A reason to accept a finding.
pub(crate) type OverrideReason = Coding;

/// Something that can be done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CardSuggestion")]
pub(crate) struct Suggestion {
    /// In words.
    pub(crate) label: &'static str,
    /// Names it in feedback.
    pub(crate) uuid: String,
    /// What is done.
    pub(crate) actions: Vec<Action>,
}

/// What is done with a resource.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CardAction")]
pub(crate) struct Action {
    /// Always `delete`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// In words.
    pub(crate) description: &'static str,
    /// The order, as the request names it.
    pub(crate) resource_id: String,
}

/// Where a card leads.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CardLink")]
pub(crate) struct Link {
    /// In words.
    pub(crate) label: &'static str,
    /// The address.
    pub(crate) url: String,
    /// Always `absolute`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

/// Extensions of a card.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CardExtension {
    /// Ours.
    #[serde(rename = "com.chofuku")]
    pub(crate) ours: OfFinding,
}

/// The finding that a card shows.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CardFinding")]
pub(crate) struct OfFinding {
    /// As in the answer of a check.
    #[schemars(with = "String")]
    pub(crate) id: Value,
    /// As in the answer of a check.
    #[schemars(schema_with = "schema::word::<FindingKind>")]
    pub(crate) kind: Value,
    /// As in the answer of a check.
    #[schemars(with = "Scope")]
    pub(crate) scope: Value,
    /// The index of the order among those that were read, from 0.
    pub(crate) line: usize,
    /// The order, if it has an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) order: Option<String>,
}

/// Feedback that is stored.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StoredFeedback")]
pub(crate) struct FeedbackAnswer {
    /// How many cards.
    pub(crate) stored: usize,
    /// The last event that keeps them.
    pub(crate) event: u64,
}

fn identities(_: &mut SchemaGenerator) -> Schema {
    schema::one_of(&IDENTITIES)
}

fn indicators(_: &mut SchemaGenerator) -> Schema {
    schema::one_of(&INDICATORS)
}
