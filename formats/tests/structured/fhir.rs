//! FHIR: documents, lines, days and everything that is no order.

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::{Form, Supply};
use chofuku_formats::document::Line;
use chofuku_formats::fhir::{Drafts, Message, read, read_files};
use chofuku_formats::{Decoded, Reason, decode};
use serde_json::{Value, json};

/// A prescription of three orders.
pub(crate) const DOCUMENT: &str = include_str!("../fixtures/fhir_document.json");

pub(crate) fn text(text: &str) -> Decoded {
    decode(text.as_bytes())
}

/// One order on its own, changed by a closure.
pub(crate) fn request(change: impl FnOnce(&mut Value)) -> Decoded {
    let mut order = json!({
        "resourceType": "MedicationRequest", "id": "1", "status": "active", "intent": "order",
        "identifier": [
            {"system": "urn:oid:1.2.392.100495.20.3.11", "value": "RX9"},
            {"system": "urn:oid:1.2.392.100495.20.3.81", "value": "4"},
            {"system": "urn:oid:1.2.392.100495.20.3.82", "value": "1"}],
        "subject": {"reference": "Patient/1"}, "authoredOn": "2026-09-02T12:00:00+09:00",
        "medicationCodeableConcept": {"text": "見本錠", "coding": [
            {"system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code", "code": "2233002F1280"}]},
        "dosageInstruction": [{
            "timing": {"code": {"coding": [{
                "system": "urn:oid:1.2.392.200250.2.2.20.20", "code": "1013044400000000"}]}}}],
        "dispenseRequest": {"expectedSupplyDuration": {"value": 14, "code": "d"}}});
    change(&mut order);
    text(&order.to_string())
}

pub(crate) fn has(message: &Message<'_>, field: &str) -> bool {
    message.report.problems.iter().any(|one| one.field == field)
}

pub(crate) fn reason<'a>(message: &'a Message<'_>, field: &str) -> &'a Reason {
    &message.report.problems.iter().find(|one| one.field == field).unwrap().reason
}

pub(crate) fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}

pub(crate) fn code<'a>(line: &'a Line<'_>) -> Option<(CodeSystem, &'a str)> {
    line.drug.as_ref().map(|drug| (drug.system, &*drug.code))
}

#[test]
fn a_document_bundle_is_one_document() {
    let decoded = text(DOCUMENT);
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.report.problems, []);
    let [document] = &message.documents[..] else { panic!("{:?}", message.documents) };
    assert_eq!(document.id.as_deref(), Some("RX-0001"));
    assert_eq!(document.kind, DocumentKind::Prescription);
    assert_eq!(document.day, day("2026-09-02"));
    assert_eq!(document.refill_uses, 3);
    let institution = document.institution.as_ref().unwrap();
    assert_eq!((&*institution.code, &*institution.name), ("1317654321", "見本病院"));
    let patient = document.patient.as_ref().unwrap();
    let parts = [&patient.insurer, &patient.symbol, &patient.number, &patient.branch];
    assert_eq!(parts.map(|part| &**part), ["06130012", "記12", "３４５６", "02"]);

    let [oral, drops, as_needed] = &document.lines[..] else { panic!() };
    // YJ before HOT; the calendar span, and no interval code that would spread it again (S6).
    assert_eq!(code(oral), Some((CodeSystem::Yj, "2233002F1280")));
    assert_eq!((oral.rp, oral.form, &*oral.quantity), (1, Form::Oral, "13"));
    assert_eq!(&*oral.usage, "1013044400000000");
    assert!(oral.supplements.is_empty());
    assert_eq!((&*oral.name, &*oral.dose, &*oral.unit), ("見本錠", "3", "錠"));
    // External without a supply duration: the amount as written.
    assert_eq!(code(drops), Some((CodeSystem::Hot, "102094601")));
    assert_eq!((drops.rp, drops.form, &*drops.quantity), (2, Form::External, "2"));
    assert_eq!(&*drops.usage_text, "右眼 / 左眼");
    // Doses, not days and not tablets.
    assert_eq!(code(as_needed), Some((CodeSystem::Generic, "1149019F1ZZZ")));
    assert_eq!((as_needed.rp, as_needed.form), (3, Form::AsNeeded));
    assert_eq!((&*as_needed.quantity, &*as_needed.dose), ("10", "0.5"));
    assert_eq!(as_needed.name, "【般】見本錠");
}

#[test]
fn without_a_calendar_span_the_interval_code_stays() {
    let decoded = request(|order| {
        order["dosageInstruction"][0]["additionalInstruction"] = json!([{"coding": [
            {"system": "http://jami.jp/CodeSystem/MedicationUsageAdditional", "code": "W0100100"}]}]);
    });
    let message = read("f.json", &decoded).unwrap();
    let line = &message.documents[0].lines[0];
    assert_eq!((&*line.quantity, &line.supplements[..]), ("14", &["W0100100".into()][..]));
    let with_span = |span: &str| {
        request(|order| {
            let dosage = &mut order["dosageInstruction"][0];
            dosage["additionalInstruction"] = json!([{"coding": [
                {"system": "urn:oid:1.2.392.200250.2.2.20.22", "code": "I1100000"},
                {"system": "urn:oid:1.2.392.200250.2.2.20.22", "code": "V14NNNNN"}]}]);
            dosage["timing"]["repeat"] = serde_json::from_str(span).unwrap();
        })
    };
    for (span, quantity) in [
        (r#"{"boundsDuration": {"value": 27, "code": "d"}}"#, "27"),
        (r#"{"boundsDuration": {"value": 27.0, "unit": "日"}}"#, "27"),
        (r#"{"boundsDuration": {"value": 4, "code": "wk"}}"#, "28"),
        (r#"{"boundsPeriod": {"start": "2026-09-02", "end": "2026-09-28"}}"#, "27"),
    ] {
        let decoded = with_span(span);
        let message = read("f.json", &decoded).unwrap();
        let line = &message.documents[0].lines[0];
        assert_eq!((&*line.quantity, &line.supplements[..]), (quantity, &["V14NNNNN".into()][..]));
    }
    // What is no number of days is reported, and the next statement holds.
    for span in [
        r#"{"boundsDuration": {"value": 2, "code": "mo"}}"#,
        r#"{"boundsDuration": {"value": "x", "code": "d"}}"#,
        r#"{"boundsPeriod": {"start": "2026-09-28", "end": "2026-09-02"}}"#,
        r#"{"boundsRange": {"low": {"value": 1}}}"#,
    ] {
        let decoded = with_span(span);
        let message = read("f.json", &decoded).unwrap();
        let line = &message.documents[0].lines[0];
        assert_eq!((&*line.quantity, line.supplements.len()), ("14", 2), "{span}");
        assert!(has(&message, "dosageInstruction.timing.repeat"), "{span}");
    }
}

#[test]
fn a_span_that_differs_from_the_supply_is_reported() {
    let decoded = request(|order| {
        order["dosageInstruction"][0]["timing"]["repeat"] =
            json!({"boundsDuration": {"value": 28, "code": "d"}});
        order["dosageInstruction"][0]["extension"] = json!([{"url": "x/JP_MedicationRequest_DosageInstruction_UsageDuration",
                    "valueDuration": {"value": 10, "code": "d"}}]);
    });
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].lines[0].quantity, "28");
    let expected = Reason::Differs { found: "14".into(), used: "28".into() };
    assert_eq!(reason(&message, "supply duration"), &expected);
    let expected = Reason::Differs { found: "10".into(), used: "14".into() };
    assert_eq!(reason(&message, "UsageDuration"), &expected);
}

#[test]
fn the_period_that_follows_is_the_calendar_span() {
    let decoded = text(DOCUMENT);
    let message = read("f.json", &decoded).unwrap();
    let line = &message.documents[0].lines[0];
    let supplements = line.supplements.iter().map(|code| &**code);
    let supply = Supply::of(line.form, &line.quantity, &line.usage, supplements);
    let literal = Supply::of(Form::Oral, "13", "", []);
    assert_eq!(supply, literal, "13 days under every policy");
}

#[test]
fn codes_are_known_by_url_and_oid_and_never_guessed() {
    use CodeSystem::{Generic, Hot, Yj};
    for (system, code_text, expected) in [
        ("http://capstandard.jp/iyaku.info/CodeSystem/YJ-code", "2233002F1280", Some(Yj)),
        ("urn:oid:1.2.392.100495.20.1.73", "2233002F1280", Some(Yj)),
        ("urn:oid:1.2.392.100495.20.2.73", "2233002F1280", Some(Yj)),
        ("http://medis.or.jp/CodeSystem/master-HOT9", "103831601", Some(Hot)),
        ("http://medis.or.jp/CodeSystem/master-HOT13", "1038316010101", Some(Hot)),
        ("urn:oid:1.2.392.200119.4.403.1", "103831601", Some(Hot)),
        ("urn:oid:1.2.392.100495.20.1.81", "1149019F1ZZZ", Some(Generic)),
        ("urn:oid:1.2.392.100495.20.2.81", "1149019F1ZZZ", Some(Generic)),
        ("http://www.whocc.no/atc", "C08CA01", None),
        ("http://medis.or.jp/CodeSystem/master-HOT", "103831601", None),
        ("", "2233002F1280", None),
    ] {
        let decoded = request(|order| {
            order["medicationCodeableConcept"]["coding"] =
                json!([{"system": system, "code": code_text}]);
        });
        let message = read("f.json", &decoded).unwrap();
        let line = &message.documents[0].lines[0];
        assert_eq!(code(line), expected.map(|system| (system, code_text)), "{system}");
        assert_eq!(has(&message, "medication"), expected.is_none(), "{system}");
        assert_eq!(line.name, "見本錠");
    }
}

#[test]
fn codes_that_contradict_each_other_are_no_drug() {
    let yj = "urn:oid:1.2.392.100495.20.1.73";
    let with = |codes: Value| {
        request(move |order| {
            order["medicationCodeableConcept"]["coding"] = codes;
        })
    };
    let decoded = with(json!([
        {"system": yj, "code": "2233002F1280"}, {"system": yj, "code": "1149019F1560"}]));
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].lines[0].drug, None);
    let expected = Reason::Ambiguous { found: "2233002F1280, 1149019F1560".into() };
    assert_eq!(reason(&message, "medication"), &expected);
    let decoded = with(json!([{"system": yj, "code": "2233002F128"}]));
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(code(&message.documents[0].lines[0]), Some((CodeSystem::Yj, "2233002F128")));
    let expected = Reason::Code { expected: 12, found: "2233002F128".into() };
    assert_eq!(reason(&message, "medication"), &expected);
}

#[test]
fn a_referenced_medication_is_found_contained_or_beside() {
    let medication = json!({
        "resourceType": "Medication", "id": "m",
        "code": {"coding": [{"system": "urn:oid:1.2.392.100495.20.1.73", "code": "1149019F1560"}]}});
    let decoded = request(|order| {
        order.as_object_mut().unwrap().remove("medicationCodeableConcept");
        order["medicationReference"] = json!({"reference": "#m"});
        order["contained"] = json!([medication]);
    });
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(code(&message.documents[0].lines[0]), Some((CodeSystem::Yj, "1149019F1560")));
    let decoded = request(|order| {
        order.as_object_mut().unwrap().remove("medicationCodeableConcept");
        order["medicationReference"] = json!({"reference": "Medication/m/_history/1"});
    });
    let beside = text(&medication.to_string());
    let files = [("order.ndjson", &decoded), ("medication.ndjson", &beside)];
    let message = read_files(&files, Drafts::LeaveOut).unwrap();
    assert_eq!(code(&message.documents[0].lines[0]), Some((CodeSystem::Yj, "1149019F1560")));
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].lines[0].drug, None);
    assert!(has(&message, "medicationReference"));
}

#[test]
fn the_form_follows_the_first_statement_that_is_known() {
    let of = |dosage: Value| {
        let decoded = request(|order| order["dosageInstruction"] = json!([dosage]));
        let message = read("f.json", &decoded).unwrap();
        (message.documents[0].lines[0].form, has(&message, "dosage form"))
    };
    let usage = |code: &str| json!({"code": {"coding": [{"system": "urn:oid:1.2.392.200250.2.2.20.20", "code": code}]}});
    let coding = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    let method = |code: &str| coding("urn:oid:1.2.392.200250.2.2.20.40", code);
    let route =
        |code: &str| coding("http://jpfhir.jp/fhir/ePrescription/CodeSystem/route-codes", code);
    for (dosage, expected) in [
        (json!({"timing": usage("1013044400000000")}), (Form::Oral, false)),
        (json!({"timing": usage("1050110000000000")}), (Form::AsNeeded, false)),
        (json!({"timing": usage("2A71000000000000")}), (Form::External, false)),
        (json!({"timing": usage("2A50000000000000")}), (Form::External, false)),
        (json!({"timing": usage("3071000000000000")}), (Form::Injection, false)),
        (json!({"timing": usage("4071000000000000")}), (Form::Other, false)),
        (json!({"timing": usage("0X0XXXXXXXXX0000")}), (Form::Other, true)),
        (json!({"method": method("2B")}), (Form::External, false)),
        (json!({"method": method("10")}), (Form::Oral, false)),
        (json!({"route": route("PO")}), (Form::Oral, false)),
        (json!({"route": route("OP")}), (Form::External, false)),
        (json!({"route": route("IM")}), (Form::Injection, false)),
        (json!({"route": route("QQ")}), (Form::Other, true)),
        (json!({"route": coding("http://snomed.info/sct", "PO")}), (Form::Other, true)),
        (json!({"route": route("PO"), "asNeededBoolean": true}), (Form::AsNeeded, false)),
        (json!({"asNeededBoolean": true}), (Form::AsNeeded, false)),
        (json!({"route": route("AP"), "asNeededBoolean": true}), (Form::External, false)),
        (json!({"timing": usage("1013044400000000"), "route": route("AP")}), (Form::Oral, true)),
        (json!({}), (Form::Other, true)),
    ] {
        assert_eq!(of(dosage.clone()), expected, "{dosage}");
    }
    let decoded = request(|order| {
        order["category"] = json!([coding("urn:oid:1.2.392.100495.20.2.21", "4")]);
    });
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].lines[0].form, Form::Drops);
}

#[test]
fn as_needed_without_a_number_of_doses_has_no_quantity() {
    let decoded = request(|order| {
        order["dosageInstruction"][0]["asNeededBoolean"] = json!(true);
        order["dispenseRequest"]["quantity"] = json!({"value": 10, "unit": "錠"});
    });
    let message = read("f.json", &decoded).unwrap();
    let line = &message.documents[0].lines[0];
    assert_eq!((line.form, &*line.quantity), (Form::AsNeeded, ""));
    assert_eq!(reason(&message, "ExpectedRepeatCount"), &Reason::Missing);
}

#[test]
fn days_are_those_of_japan_and_a_start_is_reported_only() {
    for (authored, expected) in [
        ("2026-09-01T15:00:00Z", day("2026-09-02")),
        ("2026-09-02", day("2026-09-02")),
        ("2026-09", None),
        ("きのう", None),
    ] {
        let decoded = request(|order| order["authoredOn"] = json!(authored));
        let message = read("f.json", &decoded).unwrap();
        assert_eq!(message.documents[0].day, expected);
        assert_eq!(has(&message, "authoredOn"), expected.is_none());
    }
    let decoded = request(|order| {
        order["dosageInstruction"][0]["extension"] = json!([
            {"url": "http://jpfhir.jp/JP_MedicationDosage_PeriodOfUse",
             "valuePeriod": {"start": "2026-09-05"}}]);
    });
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].day, day("2026-09-02"));
    let expected = Reason::Differs { found: "2026-09-05".into(), used: "2026-09-02".into() };
    assert_eq!(reason(&message, "PeriodOfUse"), &expected);
}

#[test]
fn the_issue_day_of_a_document_is_before_authored_on() {
    let other = DOCUMENT
        .replace(r#""period": {"start": "2026-09-02"}}"#, r#""period": {"start": "2026-09-09"}}"#);
    let decoded = text(&other);
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents.len(), 1);
    assert_eq!(message.documents[0].day, day("2026-09-09"));
    let expected = Reason::Differs { found: "2026-09-02".into(), used: "2026-09-09".into() };
    assert_eq!(reason(&message, "authoredOn"), &expected);
}

#[test]
fn what_is_no_order_is_left_out_and_reported() {
    let change = |key: &'static str, value: Value| request(move |order| order[key] = value);
    for (key, value) in [
        ("status", json!("draft")),
        ("status", json!("cancelled")),
        ("status", json!("entered-in-error")),
        ("intent", json!("proposal")),
        ("intent", json!("plan")),
        ("intent", json!("option")),
        ("doNotPerform", json!(true)),
    ] {
        let decoded = change(key, value.clone());
        let message = read("f.json", &decoded).unwrap();
        assert!(message.documents.is_empty(), "{value}");
        assert!(matches!(reason(&message, key), Reason::LeftOut { .. }), "{value}");
    }
    for (key, value) in [
        ("status", json!("draft")),
        ("intent", json!("proposal")),
        ("intent", json!("plan")),
        ("intent", json!("option")),
    ] {
        let decoded = change(key, value);
        let message = read_files(&[("f.json", &decoded)], Drafts::Take).unwrap();
        assert_eq!(message.documents.len(), 1);
        assert!(!has(&message, key));
    }
    for status in ["on-hold", "stopped", "unknown", "", "x"] {
        let decoded = change("status", json!(status));
        let message = read("f.json", &decoded).unwrap();
        assert_eq!(message.documents.len(), 1, "{status} may be taken");
        assert!(has(&message, "status"), "{status}");
    }
}

#[test]
fn what_may_be_an_order_and_is_not_read_is_lost() {
    let order: Value = serde_json::from_str(&request(|_| {}).text).unwrap();
    let with = |key: &str, value: Value| {
        let mut order = order.clone();
        order[key] = value;
        order
    };
    let bundle = |entries: Value| json!({"resourceType": "Bundle", "entry": entries});
    let beside = |other: Value| bundle(json!([{"resource": order}, {"resource": other}]));
    let page = json!({"resourceType": "Bundle", "entry": [{"resource": order}],
                      "link": [{"relation": "next", "url": "http://example.org/2"}]});
    for (input, field) in [
        (beside(with("resourceType", json!("Medicationrequest"))), Some("resourceType")),
        (beside(with("resourceType", Value::Null)), Some("resourceType")),
        (beside(json!("x")), Some("")),
        (bundle(json!([{"resource": order}, {"fullUrl": "urn:uuid:1"}])), Some("entry.resource")),
        (bundle(json!([{"resource": order}, null])), Some("entry.resource")),
        (page, Some("link")),
        (with("contained", json!([order])), Some("contained")),
        (beside(json!({"resourceType": "CarePlan", "contained": [order]})), Some("contained")),
        (order.clone(), None),
        (with("status", json!("cancelled")), None),
        (with("contained", json!([{"resourceType": "Medication", "id": "m"}])), None),
        (beside(json!({"resourceType": "NutritionOrder"})), None),
        (beside(json!({"resourceType": "MedicationStatement"})), None),
    ] {
        let decoded = text(&input.to_string());
        let message = read("f.json", &decoded).unwrap();
        let lost: Vec<_> = message.report.losses().map(|lost| lost.field).collect();
        assert_eq!(lost, field.into_iter().collect::<Vec<_>>(), "{input}");
    }
    let decoded = text(&format!("{order}\n{}", &order.to_string()[..200]));
    let message = read("f.ndjson", &decoded).unwrap();
    assert_eq!(message.report.losses().map(|lost| lost.line).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_modified_order_stays_as_a_line_without_a_drug() {
    let decoded = request(|order| order["modifierExtension"] = json!([{"url": "x"}]));
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].lines[0].drug, None);
    assert!(has(&message, "modifierExtension"));
    let decoded = request(|order| {
        order["dosageInstruction"][0]["modifierExtension"] = json!([{"url": "x"}]);
    });
    let message = read("f.json", &decoded).unwrap();
    let line = &message.documents[0].lines[0];
    assert_eq!((line.form, &*line.usage), (Form::Other, ""));
    assert!(line.drug.is_some());
    assert!(has(&message, "dosageInstruction"));
}

#[test]
fn elements_of_a_wrong_type_are_reported_and_the_rest_is_read() {
    for (key, field) in [
        ("medicationCodeableConcept", "medicationCodeableConcept"),
        ("dosageInstruction", "dosageInstruction"),
        ("dispenseRequest", "dispenseRequest"),
        ("identifier", "identifier"),
        ("subject", "subject"),
        ("authoredOn", "authoredOn"),
    ] {
        let decoded = request(|order| order[key] = json!("x"));
        let message = read("f.json", &decoded).unwrap();
        assert_eq!(message.documents[0].lines.len(), 1, "{key}");
        assert!(has(&message, field), "{key}");
    }
    // A resource that serde refuses as a whole is a line that nobody can check.
    let decoded =
        text(r#"{"resourceType": "MedicationRequest", "status": "active", "status": "x"}"#);
    let message = read("f.json", &decoded).unwrap();
    assert_eq!(message.documents[0].lines[0].drug, None);
    assert!(matches!(reason(&message, ""), Reason::Malformed { .. }));
    // One element where a list belongs is a list.
    let decoded =
        request(|order| order["dosageInstruction"] = order["dosageInstruction"][0].take());
    assert_eq!(read("f.json", &decoded).unwrap().documents[0].lines[0].form, Form::Oral);
}
