//! What is answered: owned types, tolerant of fields and words that a newer server adds.

pub(crate) mod document;
pub(crate) mod drug;
pub(crate) mod finding;
pub(crate) mod record;
pub(crate) mod status;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::word::words;
use finding::Finding;
use record::{BlindSpot, Record};

words! {
    /// The outcome of a check. Only [`Outcome::Clear`] is clear.
    Outcome {
        /// There are findings.
        Findings = "findings",
        /// There are none, but not everything could be checked.
        Incomplete = "incomplete",
        /// Everything was checked and nothing was found.
        Clear = "clear",
    }
}

words! {
    /// Why a check is not complete.
    IncompleteBecause {
        /// A new line was not checked.
        LineNotChecked = "line_not_checked",
        /// A record that would count has a code that nothing is known of.
        PastUnresolved = "past_unresolved",
        /// A compaction left out what a check of that day may see by its policy and rules.
        PastLeftOut = "past_left_out",
        /// Something of the message that may be a drug could not be read.
        Input = "input",
    }
}

words! {
    /// Why a new line was not checked.
    NotCheckedReason {
        /// A medical material, which is no drug.
        Material = "material",
        /// A code that stands for no known drug.
        DummyCode = "dummy_code",
        /// A code that nothing is known of.
        UnknownCode = "unknown_code",
        /// No product with insurance coverage on the check day.
        NotCovered = "not_covered",
        /// A product whose substances the table does not know.
        NoSubstance = "no_substance",
    }
}

words! {
    /// What becomes of a record.
    Disposition {
        /// Its document is cancelled or replaced.
        Cancelled = "cancelled",
        /// A prescription whose dispensing result counts in its place.
        Superseded = "superseded",
        /// Of the prescription that is in hand.
        OwnChain = "own_chain",
        /// Given to an inpatient.
        Inpatient = "inpatient",
        /// Not a drug.
        Material = "material",
        /// Not covered by insurance on its basis day.
        NotCovered = "not_covered",
        /// Dated after the check day.
        Future = "future",
        /// Beyond the look-back window and no refill.
        OutsideWindow = "outside_window",
        /// No longer taken.
        Ended = "ended",
        /// Of the asking institution itself.
        OwnInstitution = "own_institution",
        /// Of a code that nothing is known of.
        Unresolved = "unresolved",
        /// Being taken.
        Active = "active",
    }
}

/// The answer of a check, under the consent of its request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckAnswer {
    /// What the caller must look at.
    pub outcome: Outcome,
    /// Whether everything could be checked.
    pub complete: bool,
    /// Why not.
    pub incomplete_because: Vec<IncompleteBecause>,
    /// What the new lines collide with.
    pub findings: Vec<Finding>,
    /// New lines that were not checked.
    pub not_checked: Vec<NotChecked>,
    /// What is odd, though nothing was left unchecked for it.
    pub warnings: Vec<Warning>,
    /// With full consent: how many records there are, and how many of each disposition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub considered: Option<BTreeMap<String, u64>>,
    /// With full consent: how many different drugs are being taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_drugs: Option<u64>,
    /// With full consent: records that are taken and that the rule does not see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind_spots: Option<Vec<BlindSpot>>,
    /// The policy that it was made under.
    pub policy: Policy,
    /// What it was made from.
    pub snapshot: Snapshot,
}

impl CheckAnswer {
    /// Whether everything was checked and nothing was found: the outcome says so, and nothing else in the
    /// answer contradicts it. An outcome that this client does not know is not clear.
    pub fn is_clear(&self) -> bool {
        self.outcome == Outcome::Clear
            && self.complete
            && self.incomplete_because.is_empty()
            && self.findings.is_empty()
    }
}

/// A new line that was not checked: nothing is known of what it collides with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotChecked {
    /// Its index, from 0.
    pub line: usize,
    /// Why.
    pub reason: NotCheckedReason,
}

/// Something odd about the message, a new line, or a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Warning {
    /// What is odd, such as `name_mismatch`.
    pub kind: String,
    /// What it speaks of.
    pub detail: String,
    /// Of a new line: its index, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Of a record: the id of its document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Of a record: the number of its RP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rp: Option<u32>,
}

/// The policy that an answer was made under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The fields in which it is not the official one.
    pub differs: BTreeMap<String, Value>,
}

/// What an answer was made from. With the same snapshot and request it is the same, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// The generation in force.
    pub generation: u64,
    /// The last event that it saw.
    pub event: u64,
    /// The revision of the drug table.
    pub drugs: String,
    /// The revision of the contraindications.
    pub rules: String,
    /// The check day, `YYYY-MM-DD`.
    pub as_of: String,
}

/// The history of a patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryAnswer {
    /// Every record that is known.
    pub records: Vec<HistoryRecord>,
    /// Why a check of that day would not be complete for what is known no more.
    pub incomplete_because: Vec<IncompleteBecause>,
    /// The policy that it was made under.
    pub policy: Policy,
    /// What it was made from.
    pub snapshot: Snapshot,
}

/// A record of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryRecord {
    /// What became of it.
    pub disposition: Disposition,
    /// The record.
    #[serde(flatten)]
    pub record: Record,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(outcome: &str, complete: bool) -> CheckAnswer {
        serde_json::from_value(json!({
            "outcome": outcome,
            "complete": complete,
            "incomplete_because": [],
            "findings": [],
            "not_checked": [],
            "warnings": [],
            "policy": {"name": "official", "differs": {}, "of_the_future": 1},
            "snapshot":
                {"generation": 1, "event": 0, "drugs": "", "rules": "", "as_of": "2026-11-22"},
            "of_the_future": {"any": "thing"},
        }))
        .unwrap()
    }

    #[test]
    fn only_clear_is_clear() {
        assert!(answer("clear", true).is_clear());
        assert!(!answer("clear", false).is_clear(), "it contradicts itself");
        for outcome in ["findings", "incomplete", "", "Clear", "clear ", "all_clear"] {
            assert!(!answer(outcome, true).is_clear(), "{outcome}");
        }
    }

    #[test]
    fn an_answer_without_its_outcome_is_none() {
        let mut json = serde_json::to_value(answer("clear", true)).unwrap();
        for field in ["outcome", "complete", "findings", "incomplete_because", "not_checked"] {
            let taken = json.as_object_mut().unwrap().remove(field).unwrap();
            assert!(serde_json::from_value::<CheckAnswer>(json.clone()).is_err(), "{field}");
            json.as_object_mut().unwrap().insert(field.to_owned(), taken);
        }
    }
}
