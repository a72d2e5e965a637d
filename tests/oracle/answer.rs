//! The answer: what of the findings is told at which consent (sections 6 and 7).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    evidence::{blind_spot, history_record},
    finding::{Finding, Scope, Search},
    lines::NewLine,
    period::quantity_warning,
    policy::Policy,
    record::{Chart, Disposition, is_blind_spot},
    request::{Level, Request},
    world::World,
};

pub(crate) fn check(world: &World, request: &Request, policy: &Policy, chart: &Chart<'_>) -> Value {
    let lines = NewLine::all(world, request);
    let findings = Search { world, policy, chart, lines: &lines }.findings();
    let consent = request.consent();
    let incomplete_because = incomplete_because(&lines, chart);
    let outcome = match (findings.is_empty(), incomplete_because.is_empty()) {
        (false, _) => "findings",
        (true, false) => "incomplete",
        (true, true) => "clear",
    };
    let mut warnings: Vec<Value> = lines.iter().flat_map(|line| line.warnings(world)).collect();
    warnings.extend(past_warnings(chart, consent, &findings));
    let not_checked = lines.iter().filter_map(|line| {
        line.not_checked.map(|reason| json!({"line": line.index, "reason": reason}))
    });
    let mut answer = Map::new();
    let mut add = |field: &str, value: Value| answer.insert(field.to_owned(), value);
    add("outcome", json!(outcome));
    add("complete", json!(incomplete_because.is_empty()));
    add("incomplete_because", json!(incomplete_because));
    add("findings", json!(disclosed(findings, consent)));
    add("not_checked", not_checked.collect());
    add("warnings", json!(warnings));
    add("policy", told_policy(policy));
    if consent == Level::Full {
        add("considered", considered(chart));
        add("active_drugs", json!(active_drugs(chart)));
        add("blind_spots", json!(blind_spots(world, policy, chart)));
    }
    Value::Object(answer)
}

/// The answer of `POST /v1/history`: every record of the patient.
pub(crate) fn history(world: &World, policy: &Policy, chart: &Chart<'_>) -> Value {
    let records: Vec<Value> =
        chart.records.iter().map(|record| history_record(world, record)).collect();
    json!({"records": records, "incomplete_because": [], "policy": told_policy(policy)})
}

fn told_policy(policy: &Policy) -> Value {
    json!({"name": policy.name, "differs": policy.differs()})
}

/// S25: why not everything could be checked.
fn incomplete_because(lines: &[NewLine<'_>], chart: &Chart<'_>) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    if lines.iter().any(|line| line.not_checked.is_some_and(|reason| reason != "material")) {
        reasons.push("line_not_checked");
    }
    if chart.records.iter().any(|record| record.disposition == Disposition::Unresolved) {
        reasons.push("past_unresolved");
    }
    reasons
}

/// S26: with `none`, findings with history collapse to one per new line and kind, which stands
/// where a finding without ingredients would stand.
fn disclosed(findings: Vec<Finding>, consent: Level) -> Vec<Value> {
    let mut told = BTreeMap::new();
    for Finding { mut order, mut body, .. } in findings {
        if consent == Level::None && order.scope == Scope::History {
            body = json!({"kind": order.kind.word(), "scope": "history", "line": order.line});
            order.ingredients.clear();
            order.partners.clear();
            order.routes.clear();
            order.washout = false;
        }
        told.insert(order, body);
    }
    told.into_values().collect()
}

/// Warnings about records, in the order of evidence.
fn past_warnings(chart: &Chart<'_>, consent: Level, findings: &[Finding]) -> Vec<Value> {
    let evidence: BTreeSet<usize> = findings.iter().flat_map(|f| f.evidence.clone()).collect();
    let mut warnings = Vec::new();
    for (place, record) in chart.records.iter().enumerate() {
        let row = record.row;
        let mut warn = |kind: &str, detail: &str| {
            let (document, rp) = (&row.document, record.rp());
            warnings.push(json!({"document": document, "rp": rp, "kind": kind, "detail": detail}));
        };
        let full = consent == Level::Full;
        let is_told = match consent {
            Level::None => false,
            Level::Oral => evidence.contains(&place),
            Level::Full => evidence.contains(&place) || record.disposition == Disposition::Active,
        };
        if let Some(kind) = quantity_warning(record.period.from).filter(|_| is_told) {
            warn(kind, row.quantity.trim());
        }
        if full && record.disposition == Disposition::Unresolved {
            warn("past_unresolved", &format!("{} {}", row.drug_system, row.drug_code));
        }
    }
    warnings
}

/// S30: every disposition that has a count, and their sum.
fn considered(chart: &Chart<'_>) -> Value {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for record in &chart.records {
        *counts.entry("records").or_default() += 1;
        *counts.entry(record.disposition.word()).or_default() += 1;
    }
    counts.entry("records").or_default();
    json!(counts)
}

/// The different sets of substances among the active records.
fn active_drugs(chart: &Chart<'_>) -> usize {
    let active = chart.records.iter().filter(|record| record.disposition == Disposition::Active);
    active.map(|record| &record.resolved.substances).collect::<BTreeSet<_>>().len()
}

/// S8: under `explain_blind_spots`, in the order of evidence.
fn blind_spots(world: &World, policy: &Policy, chart: &Chart<'_>) -> Vec<Value> {
    let hidden = chart.records.iter().filter(|record| is_blind_spot(record, chart.check_day));
    hidden.filter(|_| policy.explain_blind_spots).map(|record| blind_spot(world, record)).collect()
}
