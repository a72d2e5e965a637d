//! The policy of an answer: its name, and every field in which it is not the official one.

use chofuku_engine::policy::{ExpiredPrescriptions, IntervalDosing, Policy};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::request::Asked;
use super::schema;

/// The policy that an answer was made under.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Policy")]
pub(super) struct AnswerPolicy<'a> {
    /// Its name.
    name: &'a str,
    /// The fields in which it is not the official one, with their values.
    differs: Differs,
}

/// The fields of a policy that differ from the official one, with their values.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyDiffers")]
struct Differs {
    #[serde(skip_serializing_if = "Option::is_none")]
    /// Days of a record whose days cannot be known (S5); officially 14.
    default_period_days: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// A record counts if its basis day is at most this many days ago; officially 100.
    look_back_days: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// Whether refills count beyond the window; officially so.
    refill_exempt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// Whether the quantity of interval dosing is days or intake days (S6); officially `literal`.
    #[schemars(schema_with = "interval_dosing")]
    interval_dosing: Option<IntervalDosing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// Whether the lines of a request are checked against each other (S22); officially not.
    intra_prescription: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// Whether a record that has ended can still contraindicate (S23); officially not.
    washout: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// What becomes of a prescription that nobody dispensed in time (S10); officially `keep`.
    #[schemars(schema_with = "expired_prescriptions")]
    expired_prescriptions: Option<ExpiredPrescriptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// Whether the answer names what the national rule does not see (S8); officially not.
    explain_blind_spots: Option<bool>,
}

fn interval_dosing(_: &mut SchemaGenerator) -> Schema {
    schema::one_of(&["literal", "expand"])
}

fn expired_prescriptions(_: &mut SchemaGenerator) -> Schema {
    schema::one_of(&["keep", "drop"])
}

impl<'a> AnswerPolicy<'a> {
    pub(super) fn new(asked: &Asked<'a>) -> Self {
        Self { name: asked.policy_name, differs: Differs::new(asked.request.policy) }
    }
}

impl Differs {
    fn new(policy: &Policy) -> Self {
        fn differing<T: Copy + PartialEq>(value: T, official: T) -> Option<T> {
            (value != official).then_some(value)
        }
        // By name, so that a new field of the policy cannot be forgotten here.
        let &Policy {
            default_period_days,
            look_back_days,
            refill_exempt,
            interval_dosing,
            intra_prescription,
            washout,
            expired_prescriptions,
            explain_blind_spots,
        } = policy;
        let official = &Policy::OFFICIAL;
        Self {
            default_period_days: differing(default_period_days, official.default_period_days),
            look_back_days: differing(look_back_days, official.look_back_days),
            refill_exempt: differing(refill_exempt, official.refill_exempt),
            interval_dosing: differing(interval_dosing, official.interval_dosing),
            intra_prescription: differing(intra_prescription, official.intra_prescription),
            washout: differing(washout, official.washout),
            expired_prescriptions: differing(expired_prescriptions, official.expired_prescriptions),
            explain_blind_spots: differing(explain_blind_spots, official.explain_blind_spots),
        }
    }
}
