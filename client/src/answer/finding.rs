//! Findings: what a new line collides with, as far as consent lets it be told.

use serde::{Deserialize, Serialize};

use super::record::{Record, Totals};
use crate::word::words;

words! {
    /// The kind of a finding.
    FindingKind {
        /// 併用禁忌.
        Contraindication = "contraindication",
        /// 重複投薬.
        Duplicate = "duplicate",
    }
}

words! {
    /// What a new line collides with.
    Scope {
        /// Records of the past.
        History = "history",
        /// Another line of the request.
        Prescription = "prescription",
    }
}

words! {
    /// How close the drugs of a duplicate are.
    Level {
        /// The same substances.
        Product = "product",
        /// A shared substance.
        Ingredient = "ingredient",
    }
}

words! {
    /// Whose insert states a rule.
    StatedBy {
        /// That of the new line.
        Line = "line",
        /// That of the partner.
        Partner = "partner",
        /// Both.
        Both = "both",
    }
}

/// A finding. Fields that its kind does not have, or that consent keeps back, are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// Names the finding in an acknowledgement.
    pub id: String,
    /// The kind.
    pub kind: FindingKind,
    /// Against the past, or against another line.
    pub scope: Scope,
    /// The index of the new line, from 0.
    pub line: usize,
    /// The index of the other line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_line: Option<usize>,
    /// Of a duplicate: how close it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Of a duplicate: the shared ingredients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingredients: Option<Vec<Substance>>,
    /// Of a contraindication: the ingredient of the new line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingredient: Option<Substance>,
    /// Of a contraindication: what it must not meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<Substance>,
    /// Of a contraindication: whether the partner has ended and is not washed out yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub washout: Option<bool>,
    /// Of a contraindication: what inserts state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    /// Counts over the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Whether what collides may be this prescription, registered already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_double_registration: Option<bool>,
    /// The records that it collides with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Vec<Record>>,
    /// The finding in words.
    pub message: Message,
}

impl Finding {
    /// Whether consent keeps back with what the line collides.
    pub const fn is_withheld(&self) -> bool {
        self.ingredients.is_none() && self.rules.is_none()
    }
}

/// A finding in words, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// An ingredient and its route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Substance {
    /// The id of the ingredient.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its route, such as `oral`; several with semicolons between them.
    pub route: String,
}

/// What an insert states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rule {
    /// The package insert (添付文書), or the source that it was read from.
    pub insert: Option<String>,
    /// Its revision.
    pub revised: Option<String>,
    /// Its section.
    pub section: Option<String>,
    /// Whose insert it is.
    pub stated_by: StatedBy,
    /// A condition under which it holds.
    pub condition: Option<String>,
    /// Clinical symptoms and measures (臨床症状・措置方法).
    pub measures: Option<String>,
    /// Mechanism and risk factors (機序・危険因子).
    pub mechanism: Option<String>,
}
