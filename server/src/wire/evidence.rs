//! Records of the past as they are told.

use chofuku_engine::Day;
use chofuku_engine::check::disclose::Totals as EngineTotals;
use chofuku_engine::check::record::{Institution as EngineInstitution, Record};
use chofuku_engine::code::CodeSystem;
use chofuku_engine::history::document_id::DocumentId;
use chofuku_engine::knowledge::Resolution;
use chofuku_engine::period::DaysFrom;
use schemars::JsonSchema;
use serde::Serialize;

use super::{schema, text};

/// A record: evidence of a finding, or an entry of the history.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Evidence<'a> {
    /// The id of its document.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    document: DocumentId<'a>,
    /// What its basis day is the day of (S1).
    #[schemars(schema_with = "schema::basis")]
    basis: &'static str,
    /// The day from which its period counts.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    basis_day: Day,
    /// The length of its period in days.
    days: u16,
    /// Where the number of days comes from (S2 to S6).
    #[schemars(schema_with = "schema::word::<DaysFrom>")]
    days_from: &'static str,
    /// The last day of its period.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    end_day: Day,
    /// Whether it counts beyond the window because it is a refill (S8).
    refill_exempt: bool,
    /// Its drug as it was written.
    drug: Drug<'a>,
    /// How the code of the drug came to mean its products (S13).
    #[schemars(schema_with = "schema::word::<Resolution>")]
    resolution: &'static str,
    /// Dosage form (剤形区分).
    #[schemars(schema_with = "schema::form")]
    form: u8,
    /// Its quantity as it was written.
    quantity: Option<&'a str>,
    /// How it is taken.
    usage: Option<Usage<'a>>,
    /// The number of its RP in the document.
    rp: u32,
    /// The institution that prescribed it.
    institution: Option<Institution<'a>>,
    /// The pharmacy that dispensed it.
    pharmacy: Option<Institution<'a>>,
}

/// A record that is still taken and that the rule does not see (S8).
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BlindSpot<'a> {
    /// The id of its document.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    document: DocumentId<'a>,
    /// The number of its RP in the document.
    rp: u32,
    /// Its drug as it was written.
    drug: Drug<'a>,
    /// The day from which its period counts.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    basis_day: Day,
    /// The length of its period in days.
    days: u16,
    /// The last day of its period.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    end_day: Day,
}

/// Counts over the evidence of a finding (S21).
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Totals {
    /// Records.
    records: usize,
    /// Different institutions that prescribed them.
    institutions: usize,
    /// Different pharmacies that dispensed them.
    pharmacies: usize,
    /// The first basis day.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    first_day: Day,
    /// The last day of the longest period.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    last_day: Day,
    /// Days from the check day to `last_day`; below 0 within a wash-out.
    days_left: i32,
}

/// A drug of a record.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecordDrug")]
struct Drug<'a> {
    /// The system of its code.
    #[schemars(schema_with = "schema::word::<CodeSystem>")]
    system: &'static str,
    /// Its code as it was written.
    code: &'a str,
    /// The name that the tables know it by.
    name: Option<&'a str>,
}

/// How a record is taken.
#[derive(Debug, Serialize, JsonSchema)]
struct Usage<'a> {
    /// The usage code (用法コード).
    code: &'a str,
    /// What the usage master says of the code, if it knows it.
    text: Option<&'a str>,
}

/// A medical institution or pharmacy of a record.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecordInstitution")]
struct Institution<'a> {
    /// Its code of 10 digits.
    code: &'a str,
    /// Its name, if the table of institutions has it.
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
