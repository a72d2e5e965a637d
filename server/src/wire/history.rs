//! The answer of `POST /v1/history`: every record with its disposition and period.

use chofuku_engine::check::disclose::Incomplete;
use chofuku_engine::check::{Disposition, Record};
use chofuku_live::Snapshot as State;
use schemars::JsonSchema;
use serde::Serialize;

use super::evidence::Evidence;
use super::policy::AnswerPolicy;
use super::request::Asked;
use super::schema;
use super::snapshot::Snapshot;

/// The body of a successful history.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HistoryAnswer<'a> {
    /// Every record that is known, and what became of it.
    records: Vec<HistoryRecord<'a>>,
    /// `past_left_out` where a compaction left out what a check of that day may see by the policy; else
    /// empty, though records that had ended may be left out all the same.
    #[schemars(schema_with = "schema::words::<Incomplete>")]
    incomplete_because: Vec<&'static str>,
    /// The policy that it was made under.
    policy: AnswerPolicy<'a>,
    /// What it was made from.
    snapshot: Snapshot<'a>,
}

/// A record of the history.
#[derive(Debug, Serialize, JsonSchema)]
struct HistoryRecord<'a> {
    /// What became of it: only `active` and `unresolved` ones can be evidence.
    #[schemars(schema_with = "schema::word::<Disposition>")]
    disposition: &'static str,
    #[serde(flatten)]
    evidence: Evidence<'a>,
}

impl<'a> HistoryAnswer<'a> {
    pub(super) fn new(
        state: &'a State,
        asked: &'a Asked<'a>,
        records: &'a [(Disposition, Record<'a>)],
    ) -> Self {
        let told = records.iter().map(|(disposition, record)| HistoryRecord {
            disposition: disposition.name(),
            evidence: Evidence::new(record),
        });
        let (as_of, policy) = (asked.request.as_of, asked.request.policy);
        let left_out = state.index().is_left_out(as_of, policy).then_some(Incomplete::PastLeftOut);
        Self {
            records: told.collect(),
            incomplete_because: left_out.iter().map(|why| why.name()).collect(),
            policy: AnswerPolicy::new(asked),
            snapshot: Snapshot::new(state.index(), state.event(), asked.request.as_of),
        }
    }
}
