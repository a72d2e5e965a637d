//! Messages of the outside over a real socket: the same content gets the same answer, whatever it was
//! written in.

use std::path::Path;
use std::sync::Arc;

use chofuku_engine::generation;
use chofuku_formats::eprescription;
use chofuku_live::Registry;
use chofuku_log::MemoryLog;
use chofuku_server::{Live, Policies};
use chofuku_tests::{HistoryRow, World};
use serde_json::{Value, json};

use crate::http::Served;
use crate::site::Site;

const CLINIC: &str = "1311234567";
const PHARMACY: &str = "1341234567";
const NAME: &str = "見本錠５ｍｇ";
const WHOSE: &str = "insurer=06130012&symbol=12&number=3456&branch=01";
const ASKED: &str = "as_of=2026-11-22&actor_kind=medical_institution&actor_code=1311234575";

fn served() -> Served {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tables");
    let site = Site::of(&World::read(&tables).unwrap());
    let log = Box::new(MemoryLog::new());
    let registry = Registry::start(Arc::clone(&site.index), log, &|_, _| {}).unwrap();
    Served::with_registry(registry, site.key.clone())
}

fn line() -> Value {
    json!({"rp": 1, "drug": {"system": "yj", "code": "2171022F2025", "name": NAME}, "form": 1,
           "quantity": "14", "usage": "1011000400000000", "usage_supplements": []})
}

fn patient() -> Value {
    json!({"insurer": "06130012", "symbol": "12", "number": "3456", "branch": "01"})
}

/// A check of the same drug by another clinic.
fn check(consent: &str) -> Value {
    json!({"patient": patient(), "as_of": "2026-11-22", "lines": [line()],
           "actor": {"kind": "medical_institution", "code": "1311234575"},
           "consent": {"level": consent, "recorded_by": "dr-1"}})
}

/// The lines of a prescription as its CSV has them.
fn records() -> String {
    format!(
        "101,1,1,,14\r\n111,1,3,1011000400000000,１日１回朝食後,1\r\n\
         201,1,1,1,4,2171022F2025,{NAME},1,1,錠\r\n"
    )
}

fn prescription_csv() -> String {
    format!(
        "SJ1\r\n1,1,1234567,13,見本医院\r\n11,1,見本　太郎,ﾐﾎﾝ ﾀﾛｳ\r\n22,06130012\r\n\
         23,１２,3456,1,01\r\n51,20261120\r\n{}",
        records()
    )
}

fn notebook() -> String {
    format!(
        "JAHISTC08,1\r\n1,見本　太郎,1,19600101\r\n5,20261121,1\r\n\
         11,見本薬局,13,4,1234567,,,\r\n51,見本医院,13,1,1234567,1\r\n\
         201,1,{NAME},1,錠,4,2171022F2025,1\r\n\
         301,1,１日１回朝食後,14,日分,1,2,1011000400000000,1\r\n"
    )
}

/// What an order and a dispensing in FHIR have in common.
fn fhir(kind: &str) -> Value {
    let drug = json!({"text": NAME, "coding": [{"code": "2171022F2025",
        "system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code"}]});
    let usage = json!({"coding": [{"code": "1011000400000000",
        "system": "urn:oid:1.2.392.200250.2.2.20.20"}]});
    json!({"resourceType": kind, "medicationCodeableConcept": drug,
           "identifier": [{"system": "urn:oid:1.2.392.100495.20.3.81", "value": "1"}],
           "subject": {"reference": "Patient/1"},
           "dosageInstruction": [{"timing": {"code": usage}}]})
}

fn order() -> String {
    let mut order = fhir("MedicationRequest");
    order["status"] = json!("active");
    order["intent"] = json!("order");
    order["authoredOn"] = json!("2026-11-20T10:00:00+09:00");
    order["dispenseRequest"] = json!({"expectedSupplyDuration": {"value": 14, "code": "d"}});
    json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]})
        .to_string()
}

fn dispensing() -> String {
    let mut dispensing = fhir("MedicationDispense");
    dispensing["status"] = json!("completed");
    dispensing["whenHandedOver"] = json!("2026-11-21T10:00:00+09:00");
    dispensing["daysSupply"] = json!({"value": 14, "code": "d"});
    dispensing.to_string()
}

/// What a server that took one document answers at every consent level.
fn answers(query: &str, content: &str, body: &[u8]) -> Vec<String> {
    let server = served();
    let path = format!("/v1/documents{query}");
    let (status, answer) = server.raw("POST", &path, &[("content-type", content)], body);
    assert_eq!(status, 201, "{content}: {answer}");
    ["none", "oral", "full"]
        .iter()
        .map(|consent| {
            let body = check(consent).to_string();
            let json = [("content-type", "application/json")];
            let (status, answer) = server.raw("POST", "/v1/check", &json, body.as_bytes());
            assert_eq!(status, 200, "{answer}");
            assert!(answer.contains("\"outcome\":\"findings\""), "{content}: {answer}");
            answer
        })
        .collect()
}

#[test]
fn a_document_counts_the_same_in_whatever_it_was_written() {
    let of = |kind: &str, date: &str| {
        json!({"id": "d-1", "kind": kind, "patient": patient(), "date": date,
               "institution": {"code": CLINIC}, "lines": [line()]})
    };
    let json = "application/json";
    let expected = answers("", json, of("prescription", "2026-11-20").to_string().as_bytes());
    let csv = prescription_csv();
    assert_eq!(answers("?id=d-1", "text/csv; charset=utf-8", csv.as_bytes()), expected);
    let cp932 = eprescription::encode(&csv).bytes;
    assert_ne!(cp932, csv.as_bytes());
    assert_eq!(answers("?id=d-1", "text/csv; charset=shift_jis", &cp932), expected);
    let query = format!("?id=d-1&{WHOSE}&institution={CLINIC}");
    assert_eq!(answers(&query, "application/fhir+json", order().as_bytes()), expected);

    let mut document = of("dispensing", "2026-11-21");
    document["pharmacy"] = json!({"code": PHARMACY});
    let expected = answers("", json, document.to_string().as_bytes());
    let query = format!("?id=d-1&{WHOSE}");
    let notebook = eprescription::encode(&notebook()).bytes;
    assert_eq!(answers(&query, "text/csv", &notebook), expected);
    let query = format!("?id=d-1&{WHOSE}&institution={CLINIC}&pharmacy={PHARMACY}");
    assert_eq!(answers(&query, "application/fhir+json", dispensing().as_bytes()), expected);
}

#[test]
fn a_check_in_csv_is_answered_as_one_in_json() {
    let server = served();
    let csv = [("content-type", "text/csv")];
    let registered = format!("/v1/documents?id=rx-1&{WHOSE}&pharmacy={PHARMACY}");
    let (status, answer) = server.raw("POST", &registered, &csv, notebook().as_bytes());
    assert_eq!(status, 201, "{answer}");
    for consent in ["none", "oral", "full"] {
        let json = [("content-type", "application/json")];
        let expected =
            server.raw("POST", "/v1/check", &json, check(consent).to_string().as_bytes());
        assert_eq!(expected.0, 200, "{}", expected.1);
        let query = format!("{ASKED}&consent={consent}&recorded_by=dr-1");
        let whole = format!("/v1/check?{query}");
        assert_eq!(server.raw("POST", &whole, &csv, prescription_csv().as_bytes()), expected);
        let fragment = format!("/v1/check?{WHOSE}&{query}");
        assert_eq!(server.raw("POST", &fragment, &csv, records().as_bytes()), expected);
    }
}

#[test]
fn what_a_message_cannot_say_is_refused_or_told() {
    let server = served();
    let send = |query: &str, body: &str| {
        let path = format!("/v1/check?{query}");
        let (status, answer) =
            server.raw("POST", &path, &[("content-type", "text/csv")], body.as_bytes());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        (status, answer)
    };
    let code = |answer: &(u16, Value)| {
        (answer.0, answer.1["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |query: &str, body: &str| code(&send(query, body));
    let invalid = (400, "invalid_message".to_owned());
    assert_eq!(refused(ASKED, "line,drug\n1,2\n"), invalid);
    let twice = [prescription_csv(), prescription_csv()].concat();
    assert_eq!(refused(ASKED, &twice), invalid);
    let misspelt = (400, "unknown_field".to_owned());
    assert_eq!(refused(&format!("{ASKED}&consnet=full"), &prescription_csv()), misspelt);
    let other = send(&format!("{ASKED}&number=9"), &prescription_csv());
    assert_eq!((other.0, &other.1["path"]), (400, &json!("number")));
    let nobody = send(ASKED, &records());
    assert_eq!((nobody.0, &nobody.1["code"]), (400, &json!("missing_field")), "{}", nobody.1);
    // A drug without a code is not clear, and what deviates is told.
    let uncoded = "101,1,1,,14\r\n201,1,1,1,1,,見本錠,1,1,錠\r\n999,1\r\n";
    let (status, answer) = send(&format!("{WHOSE}&{ASKED}"), uncoded);
    assert_eq!((status, &answer["outcome"]), (200, &json!("incomplete")), "{answer}");
    assert_eq!(answer["not_checked"], json!([{"line": 0, "reason": "dummy_code"}]));
    let warnings = answer["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning["kind"] == "input"), "{answer}");
}

/// Nothing is known of a drug that could not be read, so that silence about it is none.
#[test]
fn a_message_of_which_something_was_lost_is_never_clear() {
    let server = served();
    let quoted = format!("101,2,1,,7\r\n\"201\",2,1,1,4,2171022F2025,{NAME},1,1,錠\r\n");
    let lost = format!("{}{quoted}", records());
    let part = format!("{}911,12345678901234,3,2\r\n", notebook());
    let path = format!("/v1/check?{WHOSE}&{ASKED}&consent=full");
    for body in [&lost, &part] {
        let ask = |accept: &str| -> Value {
            let headers = [("content-type", "text/csv"), ("accept", accept)];
            let (status, answer) = server.raw("POST", &path, &headers, body.as_bytes());
            assert_eq!(status, 200, "{answer}");
            serde_json::from_str(&answer).unwrap()
        };
        let answer = ask("application/json");
        assert_eq!(answer["outcome"], "incomplete", "{answer}");
        assert_eq!(answer["complete"], false, "{answer}");
        assert_eq!(answer["incomplete_because"], json!(["input"]), "{answer}");
        let bundle = ask("application/fhir+json").to_string();
        assert!(bundle.contains("input"), "{bundle}");
        let national = ask("application/vnd.chofuku.eps+json");
        assert_eq!(national["RESULT_FLAG"], Value::Null, "{national}");
        assert_eq!(national["COMPLETE"], false, "{national}");
    }
}

#[test]
fn half_a_message_is_not_registered() {
    let server = served();
    let damaged = format!("{}2O1,1,2,1,4,2171022F2025,x,1,1,錠\r\n", prescription_csv());
    let part = format!("{}911,12345678901234,3,2\r\n", notebook());
    let whose = format!("&{WHOSE}");
    for (body, place, whose) in [(damaged, "line 10", ""), (part, "record 911", whose.as_str())] {
        let path = format!("/v1/documents?id=half{whose}");
        let headers = [("content-type", "text/csv")];
        let (status, answer) = server.raw("POST", &path, &headers, body.as_bytes());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((status, &answer["code"]), (400, &json!("invalid_message")), "{answer}");
        assert!(answer["message"].as_str().unwrap().contains(place), "{answer}");
        assert_eq!(server.raw("GET", "/v1/documents/half", &[], b"").0, 404);
    }
}

/// A check comes before orders are given, so that drafts are what it is about.
#[test]
fn drafts_in_fhir_are_checked_and_not_registered() {
    let server = served();
    let registered = format!("/v1/documents?id=rx-1&{WHOSE}&pharmacy={PHARMACY}");
    let csv = [("content-type", "text/csv")];
    assert_eq!(server.raw("POST", &registered, &csv, notebook().as_bytes()).0, 201);
    let fhir = [("content-type", "application/fhir+json")];
    for (field, value) in
        [("status", "draft"), ("intent", "proposal"), ("intent", "plan"), ("intent", "option")]
    {
        let mut draft: Value = serde_json::from_str(&order()).unwrap();
        draft["entry"][0]["resource"][field] = json!(value);
        let draft = draft.to_string();
        let check = format!("/v1/check?{WHOSE}&{ASKED}&consent=full");
        let (_, answer) = server.raw("POST", &check, &fhir, draft.as_bytes());
        assert!(answer.contains(r#""outcome":"findings""#), "{value}: {answer}");
        let documents = format!("/v1/documents?id=draft&{WHOSE}&institution={CLINIC}");
        let (status, answer) = server.raw("POST", &documents, &fhir, draft.as_bytes());
        assert_eq!(status, 400, "{value}: {answer}");
    }
}

#[test]
fn an_answer_is_told_in_the_words_that_are_asked_for() {
    let server = served();
    let registered = format!("/v1/documents?id=rx-1&{WHOSE}&pharmacy={PHARMACY}");
    let csv = [("content-type", "text/csv")];
    assert_eq!(server.raw("POST", &registered, &csv, notebook().as_bytes()).0, 201);
    let ask = |consent: &str, accept: &str| -> Value {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let body = check(consent).to_string();
        let (status, answer) = server.raw("POST", "/v1/check", &headers, body.as_bytes());
        assert_eq!(status, 200, "{answer}");
        if consent == "none" {
            for past in ["rx-1", PHARMACY, CLINIC, "2026-11-21", "20261121"] {
                assert!(!answer.contains(past), "{past}: {answer}");
            }
        }
        serde_json::from_str(&answer).unwrap()
    };
    let bundle = ask("full", "application/fhir+json");
    assert_eq!(
        (&bundle["resourceType"], &bundle["type"]),
        (&json!("Bundle"), &json!("collection"))
    );
    let issue = &bundle["entry"][0]["resource"];
    assert_eq!(issue["resourceType"], "DetectedIssue");
    assert_eq!(issue["code"]["coding"][0]["code"], "DUPTHPY");
    // The name that was sent is not that of the code.
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 2, "{bundle}");
    assert_eq!(bundle["entry"][1]["resource"]["resourceType"], "OperationOutcome", "{bundle}");
    assert!(issue["evidence"].to_string().contains("rx-1"), "{issue}");
    assert!(ask("none", "application/fhir+json")["entry"][0]["resource"]["evidence"].is_null());

    let service = "text/html, application/vnd.chofuku.eps+json;q=0.9";
    let result = ask("full", service);
    assert_eq!(result["RESULT_FLAG"], "1");
    let detail = &result["DETAILS"][0];
    for (field, value) in [
        ("MESSAGE_ID", "D01"),
        ("TARGET_CODE_TYPE", "4"),
        ("TARGET_CODE", "2171022F2025"),
        ("TARGET_DISPENSING_QUANTITY", "14"),
        ("PAST_DATE", "20261121"),
        ("PAST_CODE", "2171022F2025"),
        ("PAST_DOSAGE_FORM", "1"),
    ] {
        assert_eq!(detail[field], value, "{field}: {result}");
    }
    let withheld = ask("none", service);
    assert_eq!(
        (&withheld["RESULT_FLAG"], &withheld["DETAILS"][0]["PAST_CODE"]),
        (&json!("0"), &json!(""))
    );
}

#[test]
fn no_shape_of_an_answer_leaves_a_warning_out() {
    let server = served();
    let ask = |accept: &str, name: &str| -> Value {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let mut body = check("none");
        body["lines"][0]["drug"]["name"] = name.into();
        let (status, answer) =
            server.raw("POST", "/v1/check", &headers, body.to_string().as_bytes());
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str(&answer).unwrap()
    };
    let (fhir, service) = ("application/fhir+json", "application/vnd.chofuku.eps+json");
    let (right, wrong) = ("ノルバスク錠５ｍｇ", "ワーファリン錠１ｍｇ");
    let answer = ask("application/json", wrong);
    assert_eq!(answer["outcome"], "clear", "{answer}");
    assert_eq!(answer["warnings"][0]["kind"], "name_mismatch", "{answer}");

    let bundle = ask(fhir, wrong);
    let outcome = &bundle["entry"][0]["resource"];
    assert_eq!(outcome["resourceType"], "OperationOutcome", "{bundle}");
    assert_eq!(outcome["issue"][0]["code"], "business-rule", "{bundle}");
    let words = outcome["issue"][0]["details"]["text"].as_str().unwrap();
    assert!(words.starts_with("lines[0]: ") && words.contains(wrong), "{words}");
    assert_eq!(ask(fhir, right)["entry"], json!([]));
    let tags = bundle["meta"]["tag"].as_array().unwrap();
    let policy = json!({"system": "urn:chofuku:policy", "code": "official"});
    let as_of = json!({"system": "urn:chofuku:as_of", "code": answer["snapshot"]["as_of"]});
    assert!(tags.contains(&policy) && tags.contains(&as_of), "{bundle}");

    let result = ask(service, wrong);
    assert_eq!((&result["RESULT_FLAG"], &result["COMPLETE"]), (&json!(null), &json!(true)));
    let detail = &result["DETAILS"][0];
    assert_eq!(detail["MESSAGE_ID"], "W01", "{result}");
    assert_eq!(detail["TARGET_NAME"], wrong, "{result}");
    assert_eq!(result["SNAPSHOT"], answer["snapshot"]);
    assert_eq!(result["POLICY"], answer["policy"]);
    let result = ask(service, right);
    assert_eq!((&result["RESULT_FLAG"], &result["DETAILS"]), (&json!("2"), &json!([])));
}

#[test]
fn a_usage_is_put_into_the_words_of_its_day() {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tables");
    let mut world = World::read(&tables).unwrap();
    world.history = ["2026-11-10", "2026-11-20"]
        .into_iter()
        .map(|date| HistoryRow {
            document: date.to_owned(),
            kind: "prescription".to_owned(),
            patient_id: "p".to_owned(),
            date: date.to_owned(),
            institution: CLINIC.to_owned(),
            rp: "1".to_owned(),
            drug_system: "yj".to_owned(),
            drug_code: "2171022F2025".to_owned(),
            form: "1".to_owned(),
            quantity: "14".to_owned(),
            usage: "1011000400000000".to_owned(),
            ..HistoryRow::default()
        })
        .collect();
    let site = Site::of(&world);
    let check = json!({"patient": {"id": "p"}, "as_of": "2026-11-22", "lines": [line()],
                       "own_institution": "include", "consent": {"level": "full"}});
    let texts = |live: &Live| {
        let answer = site.check_live(live, &check, &Policies::default());
        let evidence = answer["findings"][0]["evidence"].as_array().unwrap();
        evidence.iter().map(|record| record["usage"]["text"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&site.live), [Value::Null, Value::Null]);
    let usages = "code,text,valid_from,valid_to\n\
                  1011000400000000,１日１回朝食後,2020-01-01,2026-11-15\n\
                  1011000400000000,１日１回　朝食後,2026-11-16,\n";
    std::fs::write(site.tables().join("usages.csv"), usages).unwrap();
    site.compile_tables_again();
    let index = Arc::new(generation::open(&site.data()).unwrap());
    let live = Live::new(index).unwrap();
    assert_eq!(texts(&live), [json!("１日１回朝食後"), json!("１日１回　朝食後")]);
}
