//! The answer of a check.

use std::borrow::Cow;

use chofuku_engine::check::disclose::{Answer, Considered, Incomplete, Outcome};
use chofuku_engine::check::{self, Disposition};
use chofuku_live::Snapshot as State;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, json};

use super::evidence::BlindSpot;
use super::finding::Finding;
use super::message::Speaker;
use super::policy::AnswerPolicy;
use super::request::Asked;
use super::schema;
use super::snapshot::Snapshot;
use super::warning::Warning;

/// The body of a successful check.
#[derive(Debug, serde::Serialize, JsonSchema)]
pub(crate) struct CheckAnswer<'a> {
    /// What the caller must look at. Only `clear` says that everything was checked and nothing was
    /// found; `incomplete` is not `clear` (S25).
    #[schemars(schema_with = "schema::word::<Outcome>")]
    outcome: &'static str,
    /// Whether everything could be checked.
    complete: bool,
    /// Why not; empty where everything could be.
    #[schemars(schema_with = "schema::words::<Incomplete>")]
    incomplete_because: Vec<&'static str>,
    /// What the new lines collide with, sorted: contraindications first (S24).
    findings: Vec<Finding<'a>>,
    /// New lines that were not checked.
    not_checked: Vec<NotChecked>,
    /// What is odd about the message, new lines and records. Nothing was left unchecked for it, unless
    /// `incomplete_because` says so.
    warnings: Vec<Warning<'a>>,
    /// With full consent: the records of the window by what became of them (S30).
    #[serde(skip_serializing_if = "Option::is_none")]
    considered: Option<Counts<'a>>,
    /// With full consent: how many different drugs, as sets of substances, are being taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_drugs: Option<u32>,
    /// With full consent and a policy that explains them: records that are still taken and that the
    /// rule does not see (S8).
    #[serde(skip_serializing_if = "Option::is_none")]
    blind_spots: Option<Vec<BlindSpot<'a>>>,
    /// The policy that it was made under.
    policy: AnswerPolicy<'a>,
    /// What it was made from.
    snapshot: Snapshot<'a>,
}

/// A new line that was not checked: nothing is known of what it collides with.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct NotChecked {
    /// Its index in `lines`, from 0.
    line: usize,
    /// Why (S16).
    #[schemars(schema_with = "schema::word::<check::NotChecked>")]
    reason: &'static str,
}

/// How many records there are, and how many of each disposition that has any.
#[derive(Debug)]
struct Counts<'a>(&'a Considered<'a>);

impl<'a> CheckAnswer<'a> {
    /// The answer on the wire.
    ///
    /// `deviations` are those of the message that the request was.
    pub(super) fn new(
        state: &'a State,
        asked: &'a Asked<'a>,
        answer: &'a Answer<'a>,
        deviations: &'a [String],
    ) -> Self {
        let speaker = Speaker::new(state.index(), &asked.request);
        let considered = answer.considered.as_ref();
        let blind_spots =
            |told: &'a Considered<'a>| told.blind_spots.iter().map(BlindSpot::new).collect();
        Self {
            outcome: answer.outcome.name(),
            complete: answer.incomplete_because.is_empty(),
            incomplete_because: answer.incomplete_because.iter().map(|why| why.name()).collect(),
            findings: answer.findings.iter().map(|told| Finding::new(told, speaker)).collect(),
            not_checked: answer
                .not_checked
                .iter()
                .map(|(line, reason)| NotChecked { line: *line, reason: reason.name() })
                .collect(),
            warnings: Warning::all(answer, deviations),
            considered: considered.map(Counts),
            active_drugs: considered.map(|told| told.active_drugs),
            blind_spots: considered.map(blind_spots),
            policy: AnswerPolicy::new(asked),
            snapshot: Snapshot::new(state.index(), state.event(), asked.request.as_of),
        }
    }
}

impl JsonSchema for Counts<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Considered".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let count = |of: String| json!({"type": "integer", "minimum": 0, "description": of});
        let mut properties = Map::new();
        properties.insert("records".to_owned(), count("How many records there are.".to_owned()));
        for disposition in Disposition::ALL {
            let name = disposition.name();
            let of = format!("How many of them are {name}; left out where none is.");
            properties.insert(name.to_owned(), count(of));
        }
        json_schema!({
            "description": "How many records there are, and how many of each disposition that has any.",
            "type": "object",
            "properties": properties,
            "required": ["records"],
        })
    }
}

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let records: u32 = self.0.counts().map(|(_, count)| count).sum();
        let mut map = serializer.serialize_map(Some(self.0.counts().count() + 1))?;
        map.serialize_entry("records", &records)?;
        for (disposition, count) in self.0.counts() {
            map.serialize_entry(disposition.name(), &count)?;
        }
        map.end()
    }
}
