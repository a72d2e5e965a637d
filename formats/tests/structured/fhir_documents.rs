//! FHIR: grouping, parties, Bundles, NDJSON and what is not the format.

use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::Reason;
use chofuku_formats::fhir::{FhirError, read};
use serde_json::{Value, json};

use crate::fhir::{DOCUMENT, day, has, reason, request, text};

#[test]
fn orders_group_by_number_else_by_when_and_by_whom() {
    let order = |id: &str, number: &str, authored: &str, by: &str| {
        json!({"resource": {
            "resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "groupIdentifier": {"value": number}, "authoredOn": authored,
            "subject": {"reference": "Patient/1"}, "requester": {"reference": by}}})
    };
    let bundle = json!({"resourceType": "Bundle", "type": "searchset", "entry": [
        order("1", "A", "2026-09-02T10:00:00+09:00", "Practitioner/1"),
        order("2", "", "2026-09-02T10:00:00+09:00", "Practitioner/1"),
        order("3", "A", "2026-09-02T10:05:00+09:00", "Practitioner/1"),
        order("4", "", "2026-09-02T10:00:00+09:00", "Practitioner/2"),
        order("5", "", "2026-09-02T10:00:00+09:00", "Practitioner/1"),
        order("6", "A", "2026-09-03T10:00:00+09:00", "Practitioner/1")]});
    let decoded = text(&bundle.to_string());
    let message = read("f.json", &decoded).unwrap();
    let found: Vec<_> = message
        .documents
        .iter()
        .map(|one| (one.place, one.id.as_deref(), one.lines.len()))
        .collect();
    // The Bundle is the first resource; one number with two days is two documents.
    assert_eq!(found, [(2, Some("A"), 2), (3, None, 2), (5, None, 1), (7, Some("A"), 1)]);
    assert_eq!(reason(&message, "document id"), &Reason::Repeated { first: 1 });
    let rps: Vec<_> = message.documents[0].lines.iter().map(|line| line.rp).collect();
    assert_eq!(rps, [1, 2], "each an RP of its own");
    assert!(has(&message, "RP number"));
}

#[test]
fn a_dispensing_names_its_prescription_pharmacy_and_day() {
    let dispense = json!({
        "resourceType": "MedicationDispense", "id": "d", "status": "completed",
        "identifier": [
            {"system": "urn:oid:1.2.392.100495.20.3.12.1", "value": "D7"},
            {"system": "urn:oid:1.2.392.100495.20.3.81", "value": "1"},
            {"system": "urn:oid:1.2.392.100495.20.3.82", "value": "1"}],
        "subject": {"reference": "Patient/1"}, "whenHandedOver": "2026-09-03T00:10:00+09:00",
        "performer": [{"actor": {"reference": "Organization/pharmacy"}}],
        "authorizingPrescription": [{"reference": "MedicationRequest/1"}],
        "medicationCodeableConcept": {"text": "見本錠", "coding": [
            {"system": "urn:oid:1.2.392.100495.20.1.73", "code": "2233002F1280"}]},
        "quantity": {"value": 42, "unit": "錠"}, "daysSupply": {"value": 14, "code": "d"},
        "dosageInstruction": [{"timing": {"code": {"coding": [
            {"system": "urn:oid:1.2.392.200250.2.2.20.20", "code": "1013044400000000"}]}}}]});
    let organization = |id: &str, number: &str| {
        json!({"resourceType": "Organization", "id": id, "name": id, "identifier": [
            {"system": "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
             "value": number}]})
    };
    let order = request(|order| order["requester"] = json!({"reference": "Organization/clinic"}));
    let lines = [
        dispense.to_string(),
        order.text.clone(),
        organization("pharmacy", "1340000001").to_string(),
        organization("clinic", "1310000001").to_string(),
    ];
    let decoded = text(&lines.join("\n"));
    let message = read("f.ndjson", &decoded).unwrap();
    let [dispensing, prescription] = &message.documents[..] else { panic!() };
    assert_eq!(dispensing.kind, DocumentKind::Dispensing);
    assert_eq!(
        (dispensing.id.as_deref(), dispensing.prescription.as_deref()),
        (Some("D7"), Some("RX9"))
    );
    assert_eq!(dispensing.day, day("2026-09-03"));
    assert_eq!(dispensing.pharmacy.as_ref().unwrap().code, "1340000001");
    assert_eq!(dispensing.institution.as_ref().unwrap().code, "1310000001");
    assert_eq!((dispensing.lines[0].form, &*dispensing.lines[0].quantity), (Form::Oral, "14"));
    assert_eq!((prescription.id.as_deref(), prescription.place), (Some("RX9"), 2));

    let without = dispense.to_string().replace("whenHandedOver", "whenPrepared");
    let decoded = text(&without);
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].day, day("2026-09-03"));
    assert!(matches!(reason(&message, "whenHandedOver"), Reason::ReadAs { .. }));
    assert_eq!(message.documents[0].prescription.as_deref(), Some("MedicationRequest/1"));
    for status in ["preparation", "on-hold", "declined", "cancelled", "entered-in-error"] {
        let other = dispense.to_string().replace("\"completed\"", &format!("\"{status}\""));
        let decoded = text(&other);
        assert!(read("f.json", &decoded).unwrap().documents.is_empty(), "{status}");
    }
}

#[test]
fn the_category_tells_in_house_documents() {
    for (category, kind) in [
        ("IHP", DocumentKind::Inpatient),
        ("inpatient", DocumentKind::Inpatient),
        ("DCG", DocumentKind::InHouse),
        ("OHI", DocumentKind::InHouse),
        ("outpatient", DocumentKind::Prescription),
    ] {
        let decoded = request(|order| {
            order["category"] = json!([{"coding": [{"code": category}]}]);
        });
        assert_eq!(read("f.json", &decoded).unwrap().documents[0].kind, kind, "{category}");
    }
}

#[test]
fn two_insured_identities_are_none() {
    let second = r#"{"resource": {"resourceType": "Coverage", "id": "c2", "status": "active",
        "beneficiary": {"reference": "Patient/p"}, "payor": [{"reference": "Organization/payer"}],
        "extension": [{"url": "x/JP_Coverage_InsuredPersonNumber", "valueString": "999"}]}},"#;
    let other = DOCUMENT.replacen("\"entry\": [", &format!("\"entry\": [{second}"), 1);
    let decoded = text(&other);
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].patient, None);
    let expected = Reason::Ambiguous { found: "2 insured identities".into() };
    assert_eq!(reason(&message, "Coverage"), &expected);
    let cancelled = other.replacen("\"status\": \"active\"", "\"status\": \"cancelled\"", 1);
    let decoded = text(&cancelled);
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].patient.as_ref().unwrap().number, "３４５６");
}

#[test]
fn other_patients_coverage_is_not_taken() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "1"}},
        {"resource": {"resourceType": "Patient", "id": "2"}},
        {"resource": {"resourceType": "Coverage", "id": "c", "beneficiary": {"reference": "Patient/2"},
            "extension": [{"url": "InsuredPersonNumber", "valueString": "1"}]}},
        {"resource": serde_json::from_str::<Value>(&request(|_| {}).text).unwrap()}]});
    let decoded = text(&bundle.to_string());
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].patient, None);
    assert_eq!(reason(&message, "Coverage"), &Reason::Missing);
}

#[test]
fn livelihood_protection_stands_for_an_insurer_and_no_other_public_payer_does() {
    for (number, expected) in [("12130012", true), ("88130012", false)] {
        let coverage = json!({"resourceType": "Coverage", "id": "c", "subscriberId": "1234567",
            "beneficiary": {"reference": "Patient/1"},
            "payor": [{"identifier": {"system": "urn:oid:1.2.392.100495.20.3.71", "value": number}}]});
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": coverage},
            {"resource": serde_json::from_str::<Value>(&request(|_| {}).text).unwrap()}]});
        let decoded = text(&bundle.to_string());
        let message = read("f.json", &decoded).unwrap();
        let patient = message.documents[0].patient.as_ref();
        assert_eq!(patient.map(|patient| &*patient.insurer), expected.then_some(number));
    }
}

#[test]
fn ndjson_goes_on_behind_a_broken_line() {
    let order = request(|_| {}).text;
    let decoded = text(&format!("{order}\n{{\"resourceType\": \n\n[1]\n{order}\n"));
    let message = read("f.ndjson", &decoded).unwrap();
    assert_eq!(message.documents[0].lines.len(), 2);
    let lines: Vec<_> = message
        .report
        .problems
        .iter()
        .filter(|one| one.field.is_empty())
        .map(|one| one.line)
        .collect();
    assert_eq!(lines, [2, 4]);
}

#[test]
fn bundles_nest_only_so_deep() {
    let mut nested = serde_json::from_str::<Value>(&request(|_| {}).text).unwrap();
    for _ in 0..4 {
        nested = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": nested}]});
    }
    let decoded = text(&nested.to_string());
    assert_eq!(read("f.json", &decoded).unwrap().documents.len(), 1);
    nested =
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": nested}]});
    let decoded = text(&nested.to_string());
    let message = read("f.json", &decoded).unwrap();
    assert!(message.documents.is_empty());
    assert_eq!(reason(&message, "entry"), &Reason::TooDeep { limit: 4 });
}

#[test]
fn versions_statements_and_further_pages_are_said() {
    let history = json!({"resourceType": "Bundle", "type": "history", "entry": []});
    let decoded = text(&history.to_string());
    assert!(matches!(reason(&read("f", &decoded).unwrap(), "type"), Reason::LeftOut { .. }));
    let page = json!({"resourceType": "Bundle", "type": "searchset",
        "link": [{"relation": "next", "url": "https://example.org/2"}], "entry": [
        {"resource": {"resourceType": "MedicationStatement", "id": "s"}}]});
    let decoded = text(&page.to_string());
    let message = read("f", &decoded).unwrap();
    assert_eq!(
        reason(&message, "link"),
        &Reason::NotUsed { found: "https://example.org/2".into() }
    );
    assert!(matches!(reason(&message, "resourceType"), Reason::LeftOut { .. }));
}

#[test]
fn what_is_not_the_format_is_an_error() {
    for other in ["", "SJ1\r\n1,1,2\r\n", "{", "[", "<XmlMsg/>", "\"x\"\n"] {
        let decoded = text(other);
        assert!(read("f", &decoded).is_err(), "{other}");
    }
    let decoded = text(r#"{"resourceType": "CodeSystem", "id": "x"}"#);
    let error = read("f.json", &decoded).unwrap_err();
    assert!(matches!(error, FhirError::NoOrders { ref found, .. } if found == "CodeSystem"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let decoded = text(&deep);
    assert!(read("f", &decoded).is_err());
}
