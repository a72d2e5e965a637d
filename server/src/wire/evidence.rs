//! Records of the past as they are told.

use chofuku_engine::Day;
use chofuku_engine::check::disclose::Totals as EngineTotals;
use chofuku_engine::check::record::{Institution as EngineInstitution, Record};
use chofuku_engine::history::document_id::DocumentId;
use serde::Serialize;

use super::text;

/// A record: evidence of a finding, or an entry of the history.
#[derive(Debug, Serialize)]
pub(super) struct Evidence<'a> {
    #[serde(serialize_with = "text")]
    document: DocumentId<'a>,
    basis: &'static str,
    #[serde(serialize_with = "text")]
    basis_day: Day,
    days: u16,
    days_from: &'static str,
    #[serde(serialize_with = "text")]
    end_day: Day,
    refill_exempt: bool,
    drug: Drug<'a>,
    resolution: &'static str,
    form: u8,
    quantity: Option<&'a str>,
    usage: Option<Usage<'a>>,
    rp: u32,
    institution: Option<Institution<'a>>,
    pharmacy: Option<Institution<'a>>,
}

/// A record that is still taken and that the rule does not see (S8).
#[derive(Debug, Serialize)]
pub(super) struct BlindSpot<'a> {
    #[serde(serialize_with = "text")]
    document: DocumentId<'a>,
    rp: u32,
    drug: Drug<'a>,
    #[serde(serialize_with = "text")]
    basis_day: Day,
    days: u16,
    #[serde(serialize_with = "text")]
    end_day: Day,
}

/// Counts over the evidence of a finding (S21).
#[derive(Debug, Serialize)]
pub(super) struct Totals {
    records: usize,
    institutions: usize,
    pharmacies: usize,
    #[serde(serialize_with = "text")]
    first_day: Day,
    #[serde(serialize_with = "text")]
    last_day: Day,
    days_left: i32,
}

#[derive(Debug, Serialize)]
struct Drug<'a> {
    system: &'static str,
    code: &'a str,
    name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Usage<'a> {
    code: &'a str,
    /// What the usage master says of the code, if it knows it.
    text: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Institution<'a> {
    code: &'a str,
    name: Option<&'a str>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(record: &Record<'a>) -> Self {
        Self {
            document: record.document(),
            basis: record.basis,
            basis_day: record.basis_day,
            days: record.days,
            days_from: record.days_from.name(),
            end_day: record.end_day,
            refill_exempt: record.refill_exempt,
            drug: Drug::new(record),
            resolution: record.resolution(),
            form: record.form().number(),
            quantity: record.quantity(),
            usage: record.usage().map(|code| Usage { code, text: record.usage_text() }),
            rp: record.rp,
            institution: record.institution().as_ref().map(Institution::new),
            pharmacy: record.pharmacy().as_ref().map(Institution::new),
        }
    }
}

impl<'a> BlindSpot<'a> {
    pub(super) fn new(record: &Record<'a>) -> Self {
        Self {
            document: record.document(),
            rp: record.rp,
            drug: Drug::new(record),
            basis_day: record.basis_day,
            days: record.days,
            end_day: record.end_day,
        }
    }
}

impl Totals {
    pub(super) fn new(totals: &EngineTotals) -> Self {
        Self {
            records: totals.records,
            institutions: totals.institutions,
            pharmacies: totals.pharmacies,
            first_day: totals.first_day,
            last_day: totals.last_day,
            days_left: totals.days_left,
        }
    }
}

impl<'a> Drug<'a> {
    fn new(record: &Record<'a>) -> Self {
        Self { system: record.system().name(), code: record.code(), name: record.name() }
    }
}

impl<'a> Institution<'a> {
    fn new(institution: &EngineInstitution<'a>) -> Self {
        Self { code: institution.code, name: institution.name }
    }
}
