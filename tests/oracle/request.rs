//! A request of `POST /v1/check` or `POST /v1/history`, as the oracle reads it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::world::HistoryRow;

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) patient: Patient,
    as_of: String,
    pub(crate) actor: Actor,
    #[serde(default)]
    own_institution: Option<String>,
    #[serde(default)]
    consent: Option<Consent>,
    #[serde(default)]
    pub(crate) source_documents: BTreeSet<String>,
    #[serde(default)]
    pub(crate) lines: Vec<Line>,
}

/// An insured identity, or an opaque id. Two are one patient when they are written alike.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Patient {
    id: String,
    insurer: String,
    symbol: String,
    number: String,
    branch: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Actor {
    pub(crate) kind: ActorKind,
    pub(crate) code: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActorKind {
    MedicalInstitution,
    Pharmacy,
}

#[derive(Debug, Deserialize)]
struct Consent {
    level: Level,
}

/// How much of the past may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    None,
    Oral,
    Full,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) rp: u32,
    pub(crate) drug: WrittenDrug,
    pub(crate) form: u32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WrittenDrug {
    pub(crate) system: String,
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
}

impl Request {
    pub(crate) fn read(request: &Value) -> Self {
        Self::deserialize(request).expect("the oracle is given valid requests")
    }

    pub(crate) fn check_day(&self) -> Date {
        day(&self.as_of)
    }

    pub(crate) fn include_own(&self) -> bool {
        self.own_institution.as_deref() == Some("include")
    }

    pub(crate) fn consent(&self) -> Level {
        self.consent.as_ref().map_or(Level::None, |consent| consent.level)
    }
}

impl Patient {
    pub(crate) fn of(row: &HistoryRow) -> Self {
        if !row.patient_id.is_empty() {
            return Self { id: row.patient_id.clone(), ..Self::default() };
        }
        Self {
            id: String::new(),
            insurer: row.insurer.clone(),
            symbol: row.symbol.clone(),
            number: row.number.clone(),
            branch: row.branch.clone(),
        }
    }
}

/// A date as the interface and the tables write it.
pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("dates are written YYYY-MM-DD")
}
