//! Requests of the tests: a valid one, and ways to change it.

use serde_json::{Value, json};

use crate::fixture;

/// A check of one line against a patient named by an opaque id.
pub(crate) fn check(patient: &str, consent: &str, code: &str) -> Value {
    let consent = match consent {
        "oral" => json!({"level": "oral", "recorded_by": "dr-017"}),
        level => json!({"level": level}),
    };
    json!({
        "patient": {"id": patient},
        "as_of": "2026-11-22",
        "actor": {"kind": "medical_institution", "code": "1311111111"},
        "consent": consent,
        "lines": [line(code)],
    })
}

pub(crate) fn line(code: &str) -> Value {
    json!({"rp": 1, "drug": {"system": "yj", "code": code}, "form": 1, "quantity": "14"})
}

/// A valid check.
pub(crate) fn valid() -> Value {
    check("one", "full", &fixture::amlodipine())
}

/// A valid check with the value at a JSON pointer replaced or added.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut request = valid();
    if let Some(place) = request.pointer_mut(pointer) {
        *place = value;
        return request;
    }
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    request.pointer_mut(parent).unwrap()[name] = value;
    request
}

/// A valid check without the field at a JSON pointer.
pub(crate) fn without(pointer: &str) -> Value {
    let mut request = valid();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = request.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().remove(name).unwrap();
    request
}
