//! Feedback to cards of CDS Hooks: durable before it is answered, and counted when the order that it was
//! given for is registered.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chofuku_live::Registry;
use chofuku_log::MemoryLog;
use chofuku_server::{Config, Hooks, Policies};
use chofuku_tests::World;
use serde_json::{Value, json};

use crate::acknowledgement::demanding;
use crate::http::{Served, config};
use crate::site::Site;

const AMLODIPINE: &str = "2171022F2025";
const CLINIC: &str = "1311234567";
const OTHER_CLINIC: &str = "1311234575";
const THIRD_CLINIC: &str = "1311234583";
const HOOK: &str = "/cds-services/medication-check";
const FEEDBACK: &str = "/cds-services/medication-check/feedback";
/// The day on which the servers of these tests are, and on which everything happens.
const TODAY: &str = "1970-01-01";

fn site() -> Site {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tables");
    Site::of(&World::read(&tables).unwrap())
}

fn prescription(id: &str, clinic: &str) -> Value {
    let drug = json!({"system": "yj", "code": AMLODIPINE});
    json!({"id": id, "kind": "prescription", "patient": {"id": "p1"}, "date": TODAY,
           "institution": {"code": clinic}, "consent": {"level": "full"},
           "lines": [{"rp": 1, "drug": drug, "form": 1, "quantity": "14"}]})
}

/// The card of an order of the drug that the patient has from another clinic.
fn card(server: &Served, clinic: &str, consent: &str) -> Value {
    let yj = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
    let order = json!({
        "resourceType": "MedicationRequest", "id": "a", "status": "draft", "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": yj, "code": AMLODIPINE}]}});
    let request = json!({
        "hookInstance": "1", "hook": "order-sign",
        "context": {"userId": "Practitioner/1", "patientId": "p1",
                    "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": order}]}},
        "extension": {"com.chofuku": {
            "actor": {"kind": "medical_institution", "code": clinic},
            "consent": {"level": consent}}}});
    let (status, answer) = server.post(HOOK, &request.to_string());
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["cards"].as_array().unwrap().len(), 1, "{answer}");
    answer["cards"][0].clone()
}

fn overridden(card: &Value) -> Value {
    json!({"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-22T01:02:03Z",
           "overrideReason": {"reason": card["overrideReasons"][0], "userComment": "経過観察"}})
}

fn send(server: &Served, feedback: &[Value]) -> (u16, Value) {
    server.post(FEEDBACK, &json!({"feedback": feedback}).to_string())
}

/// A patient who has the drug from one clinic.
fn begun(site: &Site, log: &MemoryLog) -> Served {
    let server = demanding(site, log);
    let (status, answer) = server.post("/v1/documents", &prescription("rx-1", CLINIC).to_string());
    assert_eq!(status, 201, "{answer}");
    server
}

#[test]
fn what_was_overridden_is_acknowledged_when_it_is_registered() {
    for consent in ["none", "full"] {
        let (site, log) = (site(), MemoryLog::new());
        let server = begun(&site, &log);
        let own = prescription("rx-2", OTHER_CLINIC).to_string();
        let (status, answer) = server.post("/v1/documents", &own);
        assert_eq!((status, &answer["code"]), (409, &json!("unacknowledged")));
        let card = card(&server, OTHER_CLINIC, consent);
        assert_eq!(send(&server, &[overridden(&card)]), (200, json!({"stored": 1, "event": 2})));
        let again = send(&server, &[overridden(&card)]);
        assert_eq!(again, (200, json!({"stored": 1, "event": 2})), "a lost answer");
        drop(server);
        // What was answered is there after a restart.
        let server = demanding(&site, &log);
        let others = prescription("rx-3", THIRD_CLINIC).to_string();
        let (status, answer) = server.post("/v1/documents", &others);
        assert_eq!((status, &answer["code"]), (409, &json!("unacknowledged")), "another clinic's");
        let (status, answer) = server.post("/v1/documents", &own);
        assert_eq!((status, &answer["event"]), (201, &json!(3)), "{consent}: {answer}");
        let (_, known) = server.get("/v1/documents/rx-2");
        let finding = &card["extension"]["com.chofuku"]["id"];
        let expected = json!([{"finding": finding, "reason": "benefit: 経過観察"}]);
        assert_eq!(known["acknowledged"], expected, "{consent}");
    }
}

#[test]
fn a_suggestion_that_was_accepted_acknowledges_nothing() {
    let (site, log) = (site(), MemoryLog::new());
    let server = begun(&site, &log);
    let card = card(&server, OTHER_CLINIC, "full");
    let mut accepted = json!({"card": card["uuid"], "outcome": "accepted",
                              "outcomeTimestamp": "2026-11-22T01:02:03Z"});
    let (status, answer) = send(&server, &[accepted.clone()]);
    let path = "feedback[0].acceptedSuggestions";
    assert_eq!((status, &answer["path"]), (400, &json!(path)));
    accepted["acceptedSuggestions"] = json!([{"id": "another"}]);
    assert_eq!(send(&server, &[accepted.clone()]).0, 400);
    accepted["acceptedSuggestions"] = json!([{"id": card["suggestions"][0]["uuid"]}]);
    assert_eq!(send(&server, &[accepted]), (200, json!({"stored": 1, "event": 2})));
    let own = prescription("rx-2", OTHER_CLINIC).to_string();
    assert_eq!(server.post("/v1/documents", &own).0, 409);
}

#[test]
fn feedback_is_stored_whole_or_refused() {
    let (site, log) = (site(), MemoryLog::new());
    let server = begun(&site, &log);
    let card = card(&server, OTHER_CLINIC, "none");
    let mut unknown = overridden(&card);
    unknown["card"] = json!("9368d37b-283f-44a0-93ea-547cebab93ed");
    let (status, answer) = send(&server, &[overridden(&card), unknown]);
    let expected = (404, json!("unknown_card"), json!("feedback[1].card"));
    assert_eq!((status, answer["code"].clone(), answer["path"].clone()), expected);
    for (field, value) in [
        ("outcome", json!("ignored")),
        ("outcomeTimestamp", json!("yesterday")),
        ("overrideReason", json!({"userComment": "あ".repeat(901)})),
    ] {
        let mut wrong = overridden(&card);
        wrong[field] = value;
        let (status, answer) = send(&server, &[wrong]);
        assert_eq!((status, &answer["code"]), (400, &json!("invalid_value")), "{field}");
    }
    assert_eq!(send(&server, &[]).0, 400);
    let (_, status) = server.get("/v1/status");
    assert_eq!(status["event"], 1, "nothing of it was stored");
}

#[test]
fn a_new_record_is_shown_though_the_old_was() {
    let (site, log) = (site(), MemoryLog::new());
    let server = begun(&site, &log);
    let yj = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
    let order = json!({
        "resourceType": "MedicationRequest", "id": "a", "status": "draft", "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": yj, "code": AMLODIPINE}]}});
    let indicators = |hook: &str| {
        let request = json!({
            "hookInstance": "1", "hook": hook,
            "context": {"userId": "Practitioner/1", "patientId": "p1",
                        "selections": ["MedicationRequest/a"],
                        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": order}]}},
            "extension": {"com.chofuku": {
                "actor": {"kind": "medical_institution", "code": OTHER_CLINIC},
                "consent": {"level": "full"}}}});
        let (status, answer) = server.post(HOOK, &request.to_string());
        assert_eq!(status, 200, "{answer}");
        let cards = answer["cards"].as_array().unwrap().clone();
        cards.iter().map(|card| card["indicator"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The same user sees the same at two clinics; each is another card, and judged by itself.
    let at_third = card(&server, THIRD_CLINIC, "full");
    assert_eq!(indicators("order-select"), ["warning"]);
    assert_eq!(indicators("order-sign"), ["info"]);
    assert_eq!(card(&server, THIRD_CLINIC, "full"), at_third, "it was seen elsewhere");
    let mut feedback = overridden(&at_third);
    feedback["overrideReason"] = json!({"userComment": "別の医療機関"});
    assert_eq!(send(&server, &[feedback]).0, 200);
    let (status, answer) =
        server.post("/v1/documents", &prescription("rx-4", THIRD_CLINIC).to_string());
    assert_eq!(status, 201, "{answer}");
    assert_eq!(indicators("order-sign"), ["warning"], "another record came between");
}

/// The answers themselves are held against the document where they come from.
#[test]
fn every_kind_of_card_is_as_described() {
    let (site, log) = (site(), MemoryLog::new());
    drop(begun(&site, &log));
    let registry =
        Registry::start(Arc::clone(&site.index), Box::new(log.reopen()), &|_, _| {}).unwrap();
    let public_url = Some("https://chofuku.example".to_owned());
    let hooks = Hooks { public_url, ..Hooks::default() };
    let config = Config { hooks, ..config(Policies::default()) };
    let server = Served::with_config(config, registry, site.key.clone());
    let (status, services) = server.get("/cds-services");
    assert_eq!((status, services["services"].as_array().map(Vec::len)), (200, Some(2)));
    let yj = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
    let rx_norm = "http://www.nlm.nih.gov/research/umls/rxnorm";
    let orders = [
        ("a", "draft", yj, AMLODIPINE, "ノルバスク錠５ｍｇ"),
        ("b", "draft", yj, AMLODIPINE, "ハルシオン０．２５ｍｇ錠"),
        ("c", "draft", rx_norm, "617314", "atorvastatin"),
        ("d", "cancelled", yj, AMLODIPINE, "ノルバスク錠５ｍｇ"),
    ];
    let orders = orders.map(|(id, status, system, code, display)| {
        let coding = json!([{"system": system, "code": code, "display": display}]);
        let concept = json!({"coding": coding, "text": display});
        json!({"resource": {"resourceType": "MedicationRequest", "id": id, "status": status,
                            "intent": "order", "medicationCodeableConcept": concept}})
    });
    let mut topics = BTreeSet::new();
    for hook in ["order-select", "order-sign"] {
        let bundle = json!({"resourceType": "Bundle", "entry": orders});
        let selections =
            json!(["MedicationRequest/a", "MedicationRequest/b", "MedicationRequest/c"]);
        let request = json!({
            "hookInstance": "1", "hook": hook,
            "context": {"userId": "Practitioner/1", "patientId": "p1", "draftOrders": bundle,
                        "selections": selections},
            "extension": {"com.chofuku": {
                "actor": {"kind": "medical_institution", "code": OTHER_CLINIC},
                "consent": {"level": "full"}}}});
        let (status, answer) = server.post(HOOK, &request.to_string());
        assert_eq!(status, 200, "{answer}");
        for card in answer["cards"].as_array().unwrap() {
            assert_eq!(card["links"][0]["url"], "https://chofuku.example/", "{card}");
            topics.insert(card["source"]["topic"]["code"].as_str().unwrap().to_owned());
        }
    }
    let expected = ["duplicate", "name_mismatch", "not_checked", "repeated"];
    assert_eq!(topics.iter().collect::<Vec<_>>(), expected);
}
