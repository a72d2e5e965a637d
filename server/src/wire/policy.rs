//! The policy of an answer: its name, and every field in which it is not the official one.

use chofuku_engine::policy::{ExpiredPrescriptions, IntervalDosing, Policy};
use serde::Serialize;

use super::request::Asked;

/// The policy that an answer was made under.
#[derive(Debug, Serialize)]
pub(super) struct AnswerPolicy<'a> {
    name: &'a str,
    differs: Differs,
}

/// The fields that differ, with their values.
#[derive(Debug, Serialize)]
struct Differs {
    #[serde(skip_serializing_if = "Option::is_none")]
    default_period_days: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    look_back_days: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refill_exempt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval_dosing: Option<IntervalDosing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intra_prescription: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    washout: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_prescriptions: Option<ExpiredPrescriptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain_blind_spots: Option<bool>,
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
