//! The policy of a check: every judgement that a site may make otherwise.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A named policy, field by field as in the interface's description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are those of the interface")]
pub struct Policy {
    /// The name that the answer repeats; not a field that can differ.
    #[serde(skip_serializing)]
    pub name: String,
    /// S5: the period where the quantity does not give one.
    pub default_period_days: i64,
    /// Disposition 7: the window.
    pub look_back_days: i64,
    /// Disposition 7: whether refills are seen beyond the window.
    pub refill_exempt: bool,
    /// S6: how interval dosing is read.
    pub interval_dosing: IntervalDosing,
    /// S22: whether the lines of the request are held against each other.
    pub intra_prescription: bool,
    /// S23: whether a wash-out is a finding.
    pub washout: bool,
    /// S10: what an undispensed prescription counts for after its validity.
    pub expired_prescriptions: ExpiredPrescriptions,
    /// S8: whether blind spots are named.
    pub explain_blind_spots: bool,
}

/// S6: intake days as calendar days, or the intake days alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are those of the interface")]
pub enum IntervalDosing {
    Literal,
    Expand,
}

/// S10: an undispensed prescription after its four days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are those of the interface")]
pub enum ExpiredPrescriptions {
    Keep,
    Drop,
}

impl Policy {
    /// The policy of the national service.
    pub fn official() -> Self {
        Self {
            name: "official".to_owned(),
            default_period_days: 14,
            look_back_days: 100,
            refill_exempt: true,
            interval_dosing: IntervalDosing::Literal,
            intra_prescription: false,
            washout: false,
            expired_prescriptions: ExpiredPrescriptions::Keep,
            explain_blind_spots: false,
        }
    }

    /// The official policy with its last five fields turned on.
    pub fn extended() -> Self {
        Self {
            name: "extended".to_owned(),
            interval_dosing: IntervalDosing::Expand,
            intra_prescription: true,
            washout: true,
            expired_prescriptions: ExpiredPrescriptions::Drop,
            explain_blind_spots: true,
            ..Self::official()
        }
    }

    /// Every field that is not as in the official policy, with its value.
    pub(crate) fn differs(&self) -> Map<String, Value> {
        let official = Self::official().fields();
        let mut differs = self.fields();
        differs.retain(|field, value| official.get(field) != Some(value));
        differs
    }

    fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) | Err(_) => Map::new(),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::official()
    }
}
