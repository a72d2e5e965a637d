//! Requests of CDS Hooks for the tests: orders in FHIR with Japanese codes.

use serde_json::{Value, json};

use crate::client::{Reply, Server};

pub(crate) const PATH: &str = "/cds-services/medication-check";
const YJ: &str = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";

/// A draft order of a YJ code.
pub(crate) fn order(id: &str, code: &str, name: &str) -> Value {
    json!({
        "resourceType": "MedicationRequest", "id": id, "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/one"},
        "medicationCodeableConcept": {"text": name, "coding": [{"system": YJ, "code": code}]},
        "dosageInstruction": [{"timing": {"code": {"coding": [
            {"system": "urn:oid:1.2.392.200250.2.2.20.20", "code": "1011000400000000"}]}}}],
        "dispenseRequest": {"expectedSupplyDuration": {"value": 14, "unit": "日", "code": "d"}}
    })
}

/// A request of a hook by `Practitioner/1`, at a clinic that has no records of its own.
pub(crate) fn request(hook: &str, patient: &str, consent: &str, orders: &[Value]) -> Value {
    let entries: Vec<Value> = orders.iter().map(|order| json!({"resource": order})).collect();
    let selections: Vec<String> = orders
        .iter()
        .filter_map(|order| Some(format!("MedicationRequest/{}", order["id"].as_str()?)))
        .collect();
    let mut request = json!({
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "hook": hook,
        "fhirServer": "https://ehr.example/fhir",
        "context": {
            "userId": "Practitioner/1",
            "patientId": patient,
            "encounterId": "89284",
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entries}
        },
        "extension": {"com.chofuku": {
            "actor": {"kind": "medical_institution", "code": "1311111111"},
            "consent": {"level": consent, "recorded_by": "dr-017"},
            "as_of": "2026-11-22"
        }}
    });
    if hook == "order-select" {
        request["context"]["selections"] = json!(selections);
    }
    request
}

/// The answer to a request that is taken.
pub(crate) fn asked(server: &Server, request: &Value) -> Value {
    let reply = server.post(PATH, &request.to_string());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

pub(crate) fn cards(answer: &Value) -> &[Value] {
    answer["cards"].as_array().unwrap()
}

/// The summaries of cards, with their indicators.
pub(crate) fn summaries(answer: &Value) -> Vec<(&str, &str)> {
    let summaries: Vec<_> = cards(answer)
        .iter()
        .map(|card| (card["indicator"].as_str().unwrap(), card["summary"].as_str().unwrap()))
        .collect();
    assert!(summaries.iter().all(|(_, text)| text.chars().count() < 140), "{summaries:?}");
    summaries
}

/// A request with headers, as a browser sends it.
pub(crate) fn send(server: &Server, head: &str, body: &str) -> Reply {
    let mut client = server.connect();
    client.send(&format!("{head}\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    client.reply()
}
