//! Examples of requests and answers. The answers are recorded ones, which the server's tests compare byte
//! for byte; the tests send the requests.

use serde_json::{Value, json};

const FINDINGS: &str = include_str!("answers/duplicate-full.json");
const WITHHELD: &str = include_str!("answers/duplicate-none.json");
const CONTRAINDICATION: &str = include_str!("answers/contraindication-full.json");
const HISTORY: &str = include_str!("answers/history.json");

/// A recorded answer; null if it were no JSON, which the tests find.
fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Answers of a check, by what they show.
pub(super) fn check_answers() -> Value {
    json!({
        "duplicate": {"summary": "A duplicate, with full consent", "value": recorded(FINDINGS)},
        "withheld": {"summary": "The same without consent", "value": recorded(WITHHELD)},
        "contraindication": {
            "summary": "A contraindication, with full consent",
            "value": recorded(CONTRAINDICATION),
        },
    })
}

/// The answer of a history.
pub(super) fn history_answer() -> Value {
    json!({"records": {"summary": "One record", "value": recorded(HISTORY)}})
}

fn patient() -> Value {
    json!({"insurer": "06130012", "symbol": "12", "number": "3456", "branch": "01"})
}

fn line() -> Value {
    json!({
        "rp": 1,
        "drug": {"system": "yj", "code": "2171022F2025", "name": "ノルバスク錠５ｍｇ"},
        "form": 1,
        "quantity": "14",
        "usage": "1011000400000000",
    })
}

/// A check.
pub(super) fn check() -> Value {
    json!({
        "patient": patient(),
        "as_of": "2026-11-22",
        "actor": {"kind": "medical_institution", "code": "1311234567"},
        "consent": {"level": "oral", "recorded_by": "dr-017"},
        "source_documents": ["rx-2026-000123"],
        "lines": [line()],
    })
}

/// A history.
pub(super) fn history() -> Value {
    json!({
        "patient": patient(),
        "as_of": "2026-11-22",
        "actor": {"kind": "pharmacy", "code": "1344444444"},
        "consent": {"level": "full"},
    })
}

/// A prescription.
pub(super) fn document() -> Value {
    json!({
        "id": "rx-2026-000123",
        "kind": "prescription",
        "patient": patient(),
        "date": "2026-11-22",
        "institution": {"code": "1311234567"},
        "lines": [line()],
        "acknowledged": [{"finding": "49e2ac761fbdf1ec6404ecf67cecbaa0", "reason": "続けて服用中"}],
    })
}

/// A document by its patient.
pub(super) fn named() -> Value {
    json!({"patient": patient()})
}

/// Two identities of one person.
pub(super) fn link() -> Value {
    json!({
        "patient": patient(),
        "same_as": {"insurer": "39131234", "number": "01234567"},
    })
}
