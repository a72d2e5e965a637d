//! The engine's side of every comparison: requests as it takes them, and its findings as pairs.

use anyhow::{Context, anyhow};
use chofuku_engine::check::disclose::{Against, Finding};
use chofuku_engine::check::{Actor, ActorKind, Answer, Consent, NewLine, OwnInstitution, Request};
use chofuku_engine::patient::{Identity, IdentityKey};
use chofuku_engine::period::Form;
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index};
use serde_json::json;

use crate::workload::Check;

/// A collision of a new line with a record, before anything is grouped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The index of the new line.
    pub line: usize,
    /// The two ingredients of a contraindication; `None` for a duplicate.
    pub ingredients: Option<(String, String)>,
    /// Whether the record has ended and is still washed out.
    pub washout: bool,
    /// The record's document.
    pub document: String,
    /// The record's RP.
    pub rp: u32,
    /// The last day of the record's period, as a day number.
    pub end_day: i32,
}

/// The checks as the engine takes them.
///
/// # Errors
///
/// When a patient or a line is not what the engine can be asked.
pub fn requests<'c>(
    checks: &'c [Check],
    key: &IdentityKey,
    as_of: Day,
    policy: &'c Policy,
    consent: Consent,
) -> anyhow::Result<Vec<Request<'c>>> {
    checks.iter().map(|check| request(check, key, as_of, policy, consent)).collect()
}

/// A check as the engine takes it.
///
/// # Errors
///
/// As [`requests`].
pub fn request<'c>(
    check: &'c Check,
    key: &IdentityKey,
    as_of: Day,
    policy: &'c Policy,
    consent: Consent,
) -> anyhow::Result<Request<'c>> {
    let [insurer, symbol, number, branch, id] = &check.patient;
    let identity = if id.is_empty() {
        Identity::Insured { insurer, symbol, number, branch }
    } else {
        Identity::Opaque(id)
    };
    let lines = check.lines.iter().map(|line| {
        let system = line.system.parse().map_err(|_| anyhow!("{}: no code system", line.system))?;
        Ok(NewLine {
            rp: line.rp,
            system,
            code: &line.code,
            name: (!line.name.is_empty()).then_some(line.name.as_str()),
            form: Form::from_number(line.form).context("no such form")?,
        })
    });
    let actor = check.asker.as_ref().map(|asker| Actor {
        kind: if asker.pharmacy { ActorKind::Pharmacy } else { ActorKind::MedicalInstitution },
        code: &asker.code,
    });
    Ok(Request {
        patient: key.patient(identity)?,
        as_of,
        actor,
        own_institution: OwnInstitution::Exclude,
        consent,
        source_documents: Vec::new(),
        policy,
        lines: lines.collect::<anyhow::Result<_>>()?,
    })
}

/// The body of `POST /v1/check`.
pub fn body(check: &Check, as_of: Day) -> String {
    let lines: Vec<_> = check
        .lines
        .iter()
        .map(|line| {
            let mut drug = json!({"system": line.system, "code": line.code});
            if let (false, Some(drug)) = (line.name.is_empty(), drug.as_object_mut()) {
                drug.insert("name".to_owned(), json!(line.name));
            }
            json!({"rp": line.rp, "drug": drug, "form": line.form})
        })
        .collect();
    // Nobody's own records are left out where nobody is named.
    json!({
        "patient": patient(check),
        "as_of": as_of.to_string(),
        "own_institution": "include",
        "consent": {"level": "full", "recorded_by": "bench"},
        "lines": lines,
    })
    .to_string()
}

/// An in-house document with the lines of a check, as the body of `POST /v1/documents`.
pub fn document(check: &Check, number: usize, day: Day) -> String {
    let lines = check.lines.iter().map(|line| {
        let drug = json!({"system": line.system, "code": line.code, "name": line.name});
        json!({"rp": line.rp, "drug": drug, "form": line.form, "quantity": "14"})
    });
    json!({
        "id": format!("{number:08x}-0000-4000-8000-0000c40f0c0d"),
        "kind": "in_house",
        "setting": "outpatient",
        "patient": patient(check),
        "date": day.to_string(),
        "institution": {"code": "1311111111"},
        "lines": lines.collect::<Vec<_>>(),
    })
    .to_string()
}

fn patient(check: &Check) -> serde_json::Value {
    let [insurer, symbol, number, branch, id] = &check.patient;
    if id.is_empty() {
        return json!({"insurer": insurer, "symbol": symbol, "number": number, "branch": branch});
    }
    json!({"id": id})
}

/// How many (duplicate, contraindication) pairs of a new line and a record an answer holds.
pub fn count(answer: &Answer<'_>) -> (u64, u64) {
    let (mut duplicates, mut contraindications) = (0, 0);
    for finding in &answer.findings {
        let (count, against) = match finding {
            Finding::Duplicate(found) => (&mut duplicates, &found.against),
            Finding::Contraindication(found) => (&mut contraindications, &found.against),
            Finding::Withheld(_) => continue,
        };
        if let Against::History(evidence) = against {
            *count += u64::try_from(evidence.records.len()).unwrap_or(u64::MAX);
        }
    }
    (duplicates, contraindications)
}

/// Whether an answer has a duplicate.
pub fn has_duplicate(answer: &Answer<'_>) -> bool {
    answer.findings.iter().any(|finding| matches!(finding, Finding::Duplicate(_)))
}

/// The pairs of an answer, sorted.
pub fn pairs(answer: &Answer<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for finding in &answer.findings {
        let (line, ingredients, washout, against) = match finding {
            Finding::Duplicate(found) => (found.line, None, false, &found.against),
            Finding::Contraindication(found) => {
                let ids =
                    [&found.ingredient, &found.partner].map(|side| side.ingredient.id.clone());
                (found.line, Some(ids.into()), found.washout, &found.against)
            }
            Finding::Withheld(_) => continue,
        };
        let Against::History(evidence) = against else { continue };
        pairs.extend(evidence.records.iter().map(|record| Pair {
            line,
            ingredients: ingredients.clone(),
            washout,
            document: record.document().to_string(),
            rp: record.rp,
            end_day: record.end_day.number(),
        }));
    }
    pairs.sort_unstable();
    pairs
}

/// Of how many of 1,000 checks something is true.
///
/// # Errors
///
/// When the index is damaged.
pub fn per_mille(
    index: &Index,
    requests: &[Request<'_>],
    is: impl Fn(&Answer<'_>) -> bool,
) -> anyhow::Result<usize> {
    let mut found = 0;
    for request in requests {
        found += usize::from(is(&chofuku_engine::check::check(index, request)?));
    }
    Ok((found * 1000).checked_div(requests.len()).unwrap_or(0))
}
