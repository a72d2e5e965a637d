//! Documents as rows of CSV, put together from texts that are made once.

use jiff::{ToSpan, civil::Date};

use crate::nation::Nation;
use crate::nation::batch::{Batch, Entry, KINDS, Line, SETTINGS, uuid_text};
use crate::nation::drugs::{Drugs, SUPPLEMENTS};
use crate::nation::person::BRANCHES;
use crate::person::SYMBOL;

/// The columns of the canonical history table, in their order.
pub(super) const COLUMNS: [&str; 23] = [
    "document",
    "kind",
    "setting",
    "insurer",
    "symbol",
    "number",
    "branch",
    "patient_id",
    "date",
    "institution",
    "pharmacy",
    "prescription",
    "refill_uses",
    "refill_use",
    "rp",
    "drug_system",
    "drug_code",
    "drug_name",
    "form",
    "quantity",
    "usage",
    "usage_supplements",
    "status",
];

/// Texts by ordinal.
#[derive(Debug)]
pub(super) struct Texts {
    first_day: i32,
    /// The days from the first on.
    days: Vec<String>,
    /// `system,code,name` of each drug.
    drugs: Vec<String>,
}

impl Texts {
    pub(super) fn of(drugs: &Drugs, first_day: i32, today: Date, days: u32) -> Self {
        let back = (0..days).rev().map(|back| today.saturating_sub(i64::from(back).days()));
        let drugs = drugs.coded.iter();
        let drugs =
            drugs.map(|drug| format!("{},{},{}", drug.system, drug.code, quoted(&drug.name)));
        Self { first_day, days: back.map(|day| day.to_string()).collect(), drugs: drugs.collect() }
    }

    fn day(&self, day: i32) -> &str {
        at(&self.days, day - self.first_day)
    }
}

/// A cell as RFC 4180 wants it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

/// The first row of a file.
pub(super) fn header() -> String {
    format!("{}\n", COLUMNS.join(","))
}

/// Appends the rows of a batch.
pub(super) fn append(nation: &Nation, batch: &Batch, out: &mut Vec<u8>) {
    let mut lines = batch.lines.as_slice();
    let mut frame = vec![];
    for entry in &batch.entries {
        frame.clear();
        append_frame(nation, entry, &mut frame);
        let (own, rest) = lines.split_at_checked(entry.lines).unwrap_or_default();
        lines = rest;
        for line in own {
            out.extend_from_slice(&frame);
            append_line(nation, *line, out);
            if entry.document.is_cancelled {
                out.extend_from_slice(b"cancelled");
            }
            out.push(b'\n');
        }
    }
}

/// The cells that all rows of a document share, up to `refill_use`.
fn append_frame(nation: &Nation, entry: &Entry, out: &mut Vec<u8>) {
    let Entry { insured, document, .. } = entry;
    out.extend_from_slice(&uuid_text(document.id));
    let mut cell = |text: &str| {
        out.push(b',');
        out.extend_from_slice(text.as_bytes());
    };
    cell(at(&KINDS, document.kind));
    cell(at(&SETTINGS, document.setting));
    cell(at(&nation.insurers.numbers, insured.insurer));
    cell(SYMBOL);
    cell(&format!("{:08}", insured.number));
    cell(at(&BRANCHES, insured.branch));
    cell("");
    cell(nation.texts.day(document.day));
    cell(nation.places.code(document.institution));
    cell(document.pharmacy.map_or("", |pharmacy| nation.places.code(pharmacy)));
    out.push(b',');
    if let Some(prescription) = document.prescription {
        out.extend_from_slice(&uuid_text(prescription));
    }
    for uses in [document.refill_uses, document.refill_use] {
        out.push(b',');
        if let Some(uses) = uses {
            append_number(u64::from(uses), out);
        }
    }
    out.push(b',');
}

fn append_line(nation: &Nation, line: Line, out: &mut Vec<u8>) {
    append_number(u64::from(line.rp), out);
    out.push(b',');
    out.extend_from_slice(at(&nation.texts.drugs, line.drug).as_bytes());
    out.push(b',');
    append_number(u64::from(line.form), out);
    out.push(b',');
    append_number(u64::from(line.quantity), out);
    out.push(b',');
    out.extend_from_slice(at(&nation.drugs.usages, line.usage).as_bytes());
    out.push(b',');
    out.extend_from_slice(at(&SUPPLEMENTS, line.supplement).as_bytes());
    out.push(b',');
}

fn append_number(number: u64, out: &mut Vec<u8>) {
    if number >= 10 {
        append_number(number / 10, out);
    }
    out.push(b'0' + u8::try_from(number % 10).unwrap_or_default());
}

/// The text of an ordinal; every ordinal of a batch has one.
fn at<T: AsRef<str>>(texts: &[T], ordinal: impl TryInto<usize>) -> &str {
    let text = ordinal.try_into().ok().and_then(|ordinal| texts.get(ordinal));
    debug_assert!(text.is_some(), "an ordinal without a text");
    text.map_or("", T::as_ref)
}
