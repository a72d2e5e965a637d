//! A record as an answer tells it, and what is told of several together.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    record::{Chart, Record, days_between},
    rule::or_null,
    world::{HistoryRow, World},
};

/// One piece of evidence.
pub(crate) fn evidence(world: &World, record: &Record<'_>) -> Value {
    let row = record.row;
    let mut usage = Value::Null;
    if !row.usage.is_empty() {
        usage = json!({"code": row.usage, "text": null});
    }
    json!({
        "document": row.document,
        "basis": basis(row),
        "basis_day": record.basis.to_string(),
        "days": record.period.days,
        "days_from": record.period.from,
        "end_day": record.period.end.to_string(),
        "refill_exempt": record.refill_exempt,
        "drug": drug(world, record),
        "resolution": record.resolved.how.word(),
        "form": row.form.parse::<u32>().expect("form is a number"),
        "quantity": or_null(row.quantity.trim()),
        "usage": usage,
        "rp": record.rp(),
        "institution": institution(world, &row.institution),
        "pharmacy": institution(world, &row.pharmacy),
    })
}

/// S8: a record that the window hides.
pub(crate) fn blind_spot(world: &World, record: &Record<'_>) -> Value {
    json!({
        "document": record.row.document,
        "rp": record.rp(),
        "drug": drug(world, record),
        "basis_day": record.basis.to_string(),
        "days": record.period.days,
        "end_day": record.period.end.to_string(),
    })
}

/// The record of `POST /v1/history`: evidence and its disposition.
pub(crate) fn history_record(world: &World, record: &Record<'_>) -> Value {
    let mut told = evidence(world, record);
    if let Some(fields) = told.as_object_mut() {
        fields.insert("disposition".to_owned(), json!(record.disposition.word()));
    }
    told
}

/// S21: the totals over all evidence of a finding.
pub(crate) fn totals(chart: &Chart<'_>, records: &[&Record<'_>]) -> Value {
    let distinct = |code: fn(&HistoryRow) -> &str| {
        let codes: BTreeSet<&str> = records.iter().map(|record| code(record.row)).collect();
        codes.iter().filter(|code| !code.is_empty()).count()
    };
    let first = records.iter().map(|record| record.basis).min().expect("a finding has evidence");
    let last = records.iter().map(|record| record.period.end).max().expect("as above");
    json!({
        "records": records.len(),
        "institutions": distinct(|row| &row.institution),
        "pharmacies": distinct(|row| &row.pharmacy),
        "first_day": first.to_string(),
        "last_day": last.to_string(),
        "days_left": days_between(chart.check_day, last) + 1,
    })
}

/// S11: two prescriptions of one institution and one day with the same lines.
pub(crate) fn is_double_registration(chart: &Chart<'_>, records: &[&Record<'_>]) -> bool {
    let prescriptions = records.iter().map(|r| r.row).filter(|row| row.kind == "prescription");
    let prescriptions: Vec<&HistoryRow> = prescriptions.collect();
    prescriptions.iter().any(|one| {
        prescriptions.iter().any(|other| {
            one.document != other.document
                && one.institution == other.institution
                && one.date == other.date
                && sorted_lines(chart, &one.document) == sorted_lines(chart, &other.document)
        })
    })
}

/// The multiset of a document's lines, by everything but the name.
fn sorted_lines<'w>(chart: &Chart<'w>, document: &str) -> Vec<[&'w str; 7]> {
    let lines = chart.lines_of(document).map(|row| {
        [
            row.rp.as_str(),
            &row.drug_system,
            &row.drug_code,
            &row.form,
            row.quantity.trim(),
            &row.usage,
            &row.usage_supplements,
        ]
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    lines
}

/// The drug as written; its name may come from the product that the code names.
fn drug(world: &World, record: &Record<'_>) -> Value {
    let row = record.row;
    let written = Some(row.drug_name.as_str()).filter(|name| !name.is_empty());
    let name = written.or_else(|| record.resolved.product_name(world));
    json!({"system": row.drug_system, "code": row.drug_code, "name": name})
}

fn institution(world: &World, code: &str) -> Value {
    if code.is_empty() {
        return Value::Null;
    }
    let mut told = Map::new();
    told.insert("code".to_owned(), json!(code));
    told.insert("name".to_owned(), json!(world.institution_name(code)));
    Value::Object(told)
}

fn basis(row: &HistoryRow) -> &'static str {
    match row.kind.as_str() {
        "dispensing" => "dispensed",
        "prescription" => "prescribed",
        _ => "in_house",
    }
}
