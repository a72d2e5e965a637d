//! The past of all patients as plain records: states of documents, days of supply, from rows of text.

use std::path::PathBuf;

use anyhow::Context;
use jiff::civil::{Date, date};
use rustc_hash::FxHashMap;

use crate::history_file::{self, Row};
use crate::workload::hash_of;

/// S5 under both built-in policies.
const DEFAULT_DAYS: u16 = 14;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A prescription.
    Prescription,
    /// A dispensing result.
    Dispensing,
    /// In-house, outpatient or at discharge.
    InHouse,
    /// In-house, to an inpatient.
    Inpatient,
}

/// A document of a patient.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The basis day (S1).
    pub day: i64,
    /// Who issued it; 0 is nobody.
    pub institution: u32,
    /// Who dispensed it; 0 is nobody.
    pub pharmacy: u32,
    prescription: Option<String>,
    /// Total uses of a refill as far as they are known: a second use has a first.
    refill_uses: u32,
    cancelled: bool,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A line of a document.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// RP number.
    pub rp: u32,
    /// The drug: an ordinal of [`Pasts::codes`].
    pub code: u32,
    /// Whether it is no drug (form 6).
    pub material: bool,
    /// The last day of its period, read literally.
    pub end_literal: i64,
    /// The same with alternate-day and weekly dosing spread over the calendar (S6).
    pub end_expanded: i64,
    /// The quantity as written: an ordinal of [`Pasts::texts`].
    pub quantity: u32,
    /// The usage code, likewise.
    pub usage: u32,
}

/// Every patient's documents, by the hash of the identity.
#[derive(Debug, Default)]
pub struct Pasts {
    /// Patients in ascending order once [`Pasts::read`] is through.
    pub patients: Vec<(i64, Vec<Document>)>,
    /// (system, code, name) by ordinal.
    pub codes: Interner<(String, String, String)>,
    /// Institutions, pharmacies, quantities and usages; 0 is the empty text.
    pub texts: Interner<String>,
    /// Lines in all.
    pub lines: u64,
}

/// Distinct values by ordinal.
#[derive(Debug)]
pub struct Interner<T> {
    ordinals: FxHashMap<T, u32>,
    /// The values.
    pub values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { ordinals: FxHashMap::default(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Interner<T> {
    fn intern(&mut self, value: T) -> u32 {
        if let Some(ordinal) = self.ordinals.get(&value) {
            return *ordinal;
        }
        let ordinal = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.ordinals.insert(value, ordinal);
        ordinal
    }

    /// The ordinal of a value that is there.
    pub fn find(&self, value: &T) -> Option<u32> {
        self.ordinals.get(value).copied()
    }
}

/// The number by which the peers know a patient.
pub fn patient_number<T: AsRef<str>>(identity: &[T; 5]) -> i64 {
    let [insurer, symbol, number, branch, id] = identity;
    let parts = [insurer, symbol, number, branch, id].map(AsRef::as_ref);
    i64::from_le_bytes(hash_of(parts).to_le_bytes())
}

/// A day as its distance from 1970-01-01.
pub fn day_number(day: Date) -> i64 {
    i64::from(day.since(date(1970, 1, 1)).map_or(0, |span| span.get_days()))
}

impl Pasts {
    /// Reads history files.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or has a value that is none.
    pub fn read(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut pasts = Self::default();
        pasts.texts.intern(String::new());
        let mut patients: FxHashMap<i64, Vec<Document>> = FxHashMap::default();
        history_file::read(paths, 1, |row| {
            let documents = patients.entry(patient_number(&row.patient())).or_default();
            let line = pasts.line(&row)?;
            pasts.lines += 1;
            // Rows of one document mostly stand together, so it is looked for from the end.
            let known = documents.iter_mut().rev().find(|known| known.id == row.document());
            match known {
                Some(document) => document.lines.push(line),
                None => documents.push(Document { lines: vec![line], ..pasts.document(&row)? }),
            }
            Ok(())
        })?;
        pasts.patients = patients.into_iter().collect();
        pasts.patients.sort_unstable_by_key(|(number, _)| *number);
        Ok(pasts)
    }

    fn document(&mut self, row: &Row<'_>) -> anyhow::Result<Document> {
        let kind = match (row.kind(), row.setting()) {
            ("prescription", _) => Kind::Prescription,
            ("dispensing", _) => Kind::Dispensing,
            (_, "inpatient") => Kind::Inpatient,
            _ => Kind::InHouse,
        };
        let prescription = row.prescription();
        let uses = [row.refill_uses(), row.refill_use()].map(|uses| match uses {
            "" => Ok(0),
            uses => uses.parse(),
        });
        let [total, this] = uses;
        Ok(Document {
            id: row.document().to_owned(),
            kind,
            day: day_number(row.date().parse().with_context(|| row.date().to_owned())?),
            institution: self.texts.intern(row.institution().to_owned()),
            pharmacy: self.texts.intern(row.pharmacy().to_owned()),
            prescription: (!prescription.is_empty()).then(|| prescription.to_owned()),
            refill_uses: total?.max(this?),
            cancelled: row.status() == "cancelled",
            lines: Vec::new(),
        })
    }

    fn line(&mut self, row: &Row<'_>) -> anyhow::Result<Line> {
        let code = [row.drug_system(), row.drug_code(), row.drug_name()].map(str::to_owned);
        let days = days(row.form(), row.quantity(), row.usage());
        let expanded =
            if days.literal { expand(days.count, row.usage_supplements()) } else { days.count };
        let day = day_number(row.date().parse().with_context(|| row.date().to_owned())?);
        // S2, and a record of form 6 ends on its basis day.
        let end = |days: u16| day + i64::from(days.max(1)) - 1;
        Ok(Line {
            rp: row.rp().parse()?,
            code: self.codes.intern(code.into()),
            material: row.form() == "6",
            end_literal: end(days.count),
            end_expanded: end(expanded),
            quantity: self.texts.intern(row.quantity().to_owned()),
            usage: self.texts.intern(row.usage().to_owned()),
        })
    }
}

/// Which records of a patient cannot be active whatever is asked, and which are refills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Cancelled, superseded, or given to an inpatient.
    pub dead: bool,
    /// Of a refill prescription (see the readings of `own_chain` and refill).
    pub refill: bool,
}

/// The standing of each document of a patient.
pub fn standings(documents: &[Document]) -> Vec<Standing> {
    let live = documents.iter().filter(|other| other.kind == Kind::Dispensing && !other.cancelled);
    let dispensed: Vec<&str> = live.filter_map(|other| other.prescription.as_deref()).collect();
    let is_refill = |document: &Document| document.refill_uses >= 2;
    documents
        .iter()
        .map(|document| {
            let superseded =
                document.kind == Kind::Prescription && dispensed.contains(&document.id.as_str());
            let is_result = document.kind == Kind::Dispensing;
            let named = document.prescription.as_ref().filter(|_| is_result);
            let named = named.and_then(|id| documents.iter().find(|other| other.id == *id));
            Standing {
                dead: document.cancelled || superseded || document.kind == Kind::Inpatient,
                refill: is_refill(document) || named.is_some_and(is_refill),
            }
        })
        .collect()
}

struct Days {
    count: u16,
    /// Whether the quantity is days, which S6 may spread.
    literal: bool,
}

/// S3 and S4.
fn days(form: &str, quantity: &str, usage: &str) -> Days {
    let default = Days { count: DEFAULT_DAYS, literal: false };
    match form {
        "6" => return Days { count: 0, literal: false },
        "1" if usage.chars().nth(2) != Some('5') => {}
        _ => return default,
    }
    let quantity = quantity.trim();
    let (whole, zeros) = match quantity.split_once('.') {
        None => (quantity, "0"),
        Some(parts) => parts,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(zeros) || zeros.bytes().any(|byte| byte != b'0') {
        return default;
    }
    match whole.trim_start_matches('0').parse::<u16>() {
        Ok(count) if count <= 999 => Days { count, literal: true },
        Ok(_) | Err(_) => default,
    }
}

/// S6, for a policy that spreads.
fn expand(days: u16, supplements: &str) -> u16 {
    for code in supplements.split(';').map(str::trim) {
        if code == "I1100000" {
            return days * 2;
        }
        let Some(week) = code.strip_prefix('W').filter(|week| week.len() == 7) else { continue };
        if week.bytes().any(|flag| flag != b'0' && flag != b'1') {
            continue;
        }
        let taken = u16::try_from(week.matches('1').count()).unwrap_or(0);
        return (days * 7 + taken.saturating_sub(1)).checked_div(taken).unwrap_or(days);
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_from_form_usage_and_quantity() {
        let read = |form, quantity, usage| {
            let days = days(form, quantity, usage);
            (days.count, days.literal)
        };
        assert_eq!(read("1", "28", "1011000400000000"), (28, true));
        assert_eq!(read("1", " 014.0 ", ""), (14, true));
        for quantity in ["", "0", "14.", "14.5", "-3", "1000", "１４", "70000"] {
            assert_eq!(read("1", quantity, ""), (14, false), "{quantity}");
        }
        assert_eq!(read("1", "28", "1050000000000000"), (14, false));
        assert_eq!(read("2", "5", ""), (14, false));
        assert_eq!(read("6", "5", ""), (0, false));
        assert_eq!(expand(7, "X;I1100000"), 14);
        assert_eq!(expand(10, "W1000100"), 35);
        assert_eq!(expand(10, "W0000000"), 10);
        assert_eq!(expand(4, "W10001"), 4);
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day_number(date(1970, 1, 1)), 0);
        assert_eq!(day_number(date(2026, 11, 22)), 20_779);
    }
}
