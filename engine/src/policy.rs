//! What a site may decide about the check. Every judgement that is not the ministry's is a field.

use serde::{Deserialize, Serialize};

/// How alternate-day and weekly dosing is read (S6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalDosing {
    /// The quantity is days.
    Literal,
    /// The quantity is intake days, spread over the calendar.
    Expand,
}

/// What becomes of a prescription that nobody dispensed within its four days (S10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiredPrescriptions {
    /// It counts by its issue day.
    Keep,
    /// It has ended.
    Drop,
}

/// The rules of a check that a site can choose. Two are built in; others come from configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that a site can set"
)]
pub struct Policy {
    /// Days of a record whose days cannot be known (S5).
    pub default_period_days: u16,
    /// A record counts if its basis day is at most this many days before the check day.
    pub look_back_days: u16,
    /// Whether refills count beyond the window.
    pub refill_exempt: bool,
    /// How interval dosing is read (S6).
    pub interval_dosing: IntervalDosing,
    /// Whether the lines of a request are checked against each other (S22).
    pub intra_prescription: bool,
    /// Whether a record that has ended can still contraindicate (S23).
    pub washout: bool,
    /// What becomes of an expired prescription (S10).
    pub expired_prescriptions: ExpiredPrescriptions,
    /// Whether the answer names what the national rule does not see (S8).
    pub explain_blind_spots: bool,
}

impl Policy {
    /// The rule of the national service.
    pub const OFFICIAL: Self = Self {
        default_period_days: 14,
        look_back_days: 100,
        refill_exempt: true,
        interval_dosing: IntervalDosing::Literal,
        intra_prescription: false,
        washout: false,
        expired_prescriptions: ExpiredPrescriptions::Keep,
        explain_blind_spots: false,
    };

    /// The official rule and everything that this engine can see beyond it.
    pub const EXTENDED: Self = Self {
        interval_dosing: IntervalDosing::Expand,
        intra_prescription: true,
        washout: true,
        expired_prescriptions: ExpiredPrescriptions::Drop,
        explain_blind_spots: true,
        ..Self::OFFICIAL
    };

    /// Refuses values that would switch the check off without saying so.
    ///
    /// # Errors
    ///
    /// When a default period is not 1 to 999 days, or nothing would be looked back on.
    pub fn validate(&self) -> Result<(), PolicyFault> {
        if !(1..=999).contains(&self.default_period_days) {
            return Err(PolicyFault::DefaultPeriod(self.default_period_days));
        }
        if self.look_back_days == 0 {
            return Err(PolicyFault::LookBack);
        }
        Ok(())
    }

    /// The built-in policy of that name: `official` or `extended`.
    pub fn built_in(name: &str) -> Option<&'static Self> {
        match name {
            "official" => Some(&Self::OFFICIAL),
            "extended" => Some(&Self::EXTENDED),
            _ => None,
        }
    }
}

/// A value with which a policy would see nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// S5.
    #[error("default_period_days is {0}; use 1 to 999")]
    DefaultPeriod(u16),
    /// Disposition 7.
    #[error("look_back_days is 0, so that no record would count; use at least 1")]
    LookBack,
}

impl Default for Policy {
    fn default() -> Self {
        Self::OFFICIAL
    }
}
