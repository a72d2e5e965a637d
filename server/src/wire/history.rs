//! The answer of `POST /v1/history`: every record with its disposition and period.

use chofuku_engine::check::{Disposition, Record};
use chofuku_live::Snapshot as State;
use serde::Serialize;

use super::evidence::Evidence;
use super::policy::AnswerPolicy;
use super::request::Asked;
use super::snapshot::Snapshot;

/// The body of a successful history.
#[derive(Debug, Serialize)]
pub(super) struct HistoryAnswer<'a> {
    records: Vec<HistoryRecord<'a>>,
    policy: AnswerPolicy<'a>,
    snapshot: Snapshot<'a>,
}

#[derive(Debug, Serialize)]
struct HistoryRecord<'a> {
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
        Self {
            records: told.collect(),
            policy: AnswerPolicy::new(asked),
            snapshot: Snapshot::new(state.index(), state.event(), asked.request.as_of),
        }
    }
}
