//! The answer of a check.

use chofuku_engine::check::disclose::{Answer, Considered};
use chofuku_live::Snapshot as State;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::evidence::BlindSpot;
use super::finding::Finding;
use super::message::Speaker;
use super::policy::AnswerPolicy;
use super::request::Asked;
use super::snapshot::Snapshot;
use super::warning::Warning;

/// The body of a successful check.
#[derive(Debug, serde::Serialize)]
pub(super) struct CheckAnswer<'a> {
    outcome: &'static str,
    complete: bool,
    incomplete_because: Vec<&'static str>,
    findings: Vec<Finding<'a>>,
    not_checked: Vec<NotChecked>,
    warnings: Vec<Warning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    considered: Option<Counts<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_drugs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blind_spots: Option<Vec<BlindSpot<'a>>>,
    policy: AnswerPolicy<'a>,
    snapshot: Snapshot<'a>,
}

#[derive(Debug, serde::Serialize)]
struct NotChecked {
    line: usize,
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
