//! What the server counts and measures while it works. Counting is an atomic addition in a place that is
//! known beforehand: no map, no lock, no allocation. Nothing counted names a patient, a drug or a
//! document. `docs/metrics.md` lists what [`page`] makes of it.

pub(crate) mod histogram;
pub(crate) mod page;
mod process;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use chofuku_engine::check::Outcome;
use chofuku_engine::check::disclose::{Against, Answer, Finding};
use hyper::StatusCode;

use crate::call::{ByCall, ByStatus, Call, Status};
use crate::state::State;
use crate::words::words;
use histogram::Histogram;

words! {
    /// What a finding is and what it was found in.
    Found, ByFound:
    DuplicateHistory = "duplicate";
    DuplicatePrescription = "duplicate";
    ContraindicationHistory = "contraindication";
    ContraindicationPrescription = "contraindication";
}

words! {
    /// What became of a piece of work that may fail.
    Done, ByDone:
    Done = "done";
    Failed = "failed";
}

/// A number that grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// What is counted of one call.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) answered: ByStatus<Counter>,
    pub(crate) took: Histogram,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) calls: ByCall<Calls>,
    in_flight: AtomicI64,
    pub(crate) check: Histogram,
    pub(crate) outcomes: [Counter; OUTCOMES.len()],
    pub(crate) findings: ByFound<Counter>,
    pub(crate) not_checked: [Counter; REASONS.len()],
    pub(crate) swaps: Counter,
    pub(crate) compactions: ByDone<Counter>,
    pub(crate) cards: [Counter; INDICATORS.len()],
    pub(crate) repeats: Counter,
    pub(crate) feedback: [Counter; FEEDBACK.len()],
}

/// The outcomes of checks, as answers name them.
pub(crate) const OUTCOMES: [&str; 3] = ["findings", "incomplete", "clear"];
/// Why new lines are not checked, as answers name it.
pub(crate) const REASONS: [&str; 5] =
    ["material", "dummy_code", "unknown_code", "not_covered", "no_substance"];
/// The indicators of cards, as CDS Hooks names them.
pub(crate) const INDICATORS: [&str; 3] = ["info", "warning", "critical"];
/// The outcomes of cards, as CDS Hooks names them.
pub(crate) const FEEDBACK: [&str; 2] = ["accepted", "overridden"];

/// Adds one to the counter of a word.
pub(crate) fn count(words: &[&str], counters: &[Counter], word: &str) {
    let position = words.iter().position(|known| *known == word);
    if let Some(counter) = position.and_then(|position| counters.get(position)) {
        counter.add(1);
    }
}

impl Found {
    /// The scope, as answers name it.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Self::DuplicateHistory | Self::ContraindicationHistory => "history",
            Self::DuplicatePrescription | Self::ContraindicationPrescription => "prescription",
        }
    }

    fn of(finding: &Finding<'_>) -> Self {
        match finding {
            Finding::Withheld(withheld) if withheld.kind.name() == "duplicate" => {
                Self::DuplicateHistory
            }
            Finding::Withheld(_) => Self::ContraindicationHistory,
            Finding::Duplicate(found) => match found.against {
                Against::History(_) => Self::DuplicateHistory,
                Against::Line(_) => Self::DuplicatePrescription,
            },
            Finding::Contraindication(found) => match found.against {
                Against::History(_) => Self::ContraindicationHistory,
                Against::Line(_) => Self::ContraindicationPrescription,
            },
        }
    }
}

impl Metrics {
    /// Counts a check: how long the engine took, and what it came to, as it is told.
    pub(crate) fn checked(&self, took: Duration, answer: &Answer<'_>) {
        self.check.observe(took);
        let [findings, incomplete, clear] = &self.outcomes;
        match answer.outcome {
            Outcome::Findings => findings.add(1),
            Outcome::Incomplete => incomplete.add(1),
            Outcome::Clear => clear.add(1),
        }
        for finding in &answer.findings {
            self.findings.of(Found::of(finding)).add(1);
        }
        for (_, reason) in &answer.not_checked {
            count(&REASONS, &self.not_checked, reason.name());
        }
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, call: Call, status: StatusCode, took: Duration) {
        let calls = self.calls.of(call);
        calls.answered.of(Status::from(status)).add(1);
        calls.took.observe(took);
    }

    /// Requests whose answers are not finished.
    pub(crate) fn in_flight(&self) -> i64 {
        self.in_flight.load(Relaxed)
    }
}

/// A request whose answer is not finished, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Counted(Arc<State>);

impl Counted {
    pub(crate) fn new(state: &Arc<State>) -> Self {
        state.metrics.in_flight.fetch_add(1, Relaxed);
        Self(Arc::clone(state))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.metrics.in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use chofuku_engine::check::NotChecked;

    use super::*;

    #[test]
    fn every_reason_is_counted() {
        for reason in [
            NotChecked::Material,
            NotChecked::DummyCode,
            NotChecked::UnknownCode,
            NotChecked::NotCovered,
            NotChecked::NoSubstance,
        ] {
            assert!(REASONS.contains(&reason.name()), "{}", reason.name());
        }
    }
}
