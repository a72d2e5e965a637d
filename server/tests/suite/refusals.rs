//! What is refused: each code, where it says the fault is, and that it tells nothing of a patient.

use std::collections::BTreeSet;

use chofuku_server::{Code, Live};
use serde_json::{Value, json};

use crate::client::{Server, config};
use crate::fixture;
use crate::request::{self, with, without};

/// A request, and the code, path and first allowed value of its refusal.
type Case = (Value, &'static str, &'static str, &'static str);

fn unknown_and_missing_fields() -> Vec<Case> {
    vec![
        (with("/consnet", json!(1)), "unknown_field", "consnet", "patient"),
        (with("/patient/name", json!("山田")), "unknown_field", "patient.name", "id"),
        (with("/lines/0/drug/yj", json!(1)), "unknown_field", "lines[0].drug.yj", "system"),
        (with("/consent/by", json!(1)), "unknown_field", "consent.by", "level"),
        (with("/actor/name", json!(1)), "unknown_field", "actor.name", "kind"),
        (without("/patient"), "missing_field", "patient", ""),
        (without("/lines"), "missing_field", "lines", ""),
        (without("/lines/0/drug"), "missing_field", "lines[0].drug", ""),
        (without("/lines/0/rp"), "missing_field", "lines[0].rp", ""),
        (without("/lines/0/form"), "missing_field", "lines[0].form", ""),
        (without("/lines/0/drug/code"), "missing_field", "lines[0].drug.code", ""),
        (without("/actor/code"), "missing_field", "actor.code", ""),
        (without("/consent/level"), "missing_field", "consent.level", ""),
        (with("/patient", json!({})), "missing_field", "patient.insurer", ""),
        (with("/patient", json!({"insurer": "1"})), "missing_field", "patient.number", ""),
        (with("/patient", json!({"number": "1"})), "missing_field", "patient.insurer", ""),
    ]
}

fn wrong_values() -> Vec<Case> {
    let invalid = |pointer: &str, value: Value, path, allowed| {
        (with(pointer, value), "invalid_value", path, allowed)
    };
    vec![
        invalid("/consent/level", json!("all"), "consent.level", "none"),
        invalid("/consent", json!("full"), "consent", ""),
        invalid("/consent/recorded_by", json!(" "), "consent.recorded_by", ""),
        invalid("/consent", json!(["full", null]), "consent", ""),
        invalid("/patient", json!(["one"]), "patient", ""),
        invalid("/patient", json!({"id": ""}), "patient.id", ""),
        invalid("/patient", json!({"id": " "}), "patient.id", ""),
        invalid("/patient", json!({"id": 7}), "patient.id", ""),
        invalid("/patient", json!({"id": "x".repeat(65)}), "patient.id", ""),
        invalid("/patient", json!({"id": "one", "branch": "01"}), "patient", ""),
        invalid("/patient", insured("0613001x", "1", "01"), "patient.insurer", ""),
        invalid("/patient", insured("06130012", " ", "01"), "patient.number", ""),
        invalid("/patient", insured("06130012", "1", "0x"), "patient.branch", ""),
        invalid("/as_of", json!("2026-11-31"), "as_of", ""),
        invalid("/as_of", json!(20_261_122), "as_of", ""),
        invalid("/as_of", json!("0001-01-01"), "as_of", ""),
        invalid("/as_of", json!("9999-12-31"), "as_of", ""),
        invalid("/own_institution", json!("both"), "own_institution", "exclude"),
        invalid("/actor/kind", json!("clinic"), "actor.kind", "medical_institution"),
        invalid("/actor/code", json!("131111111"), "actor.code", ""),
        invalid("/actor/code", json!("１３１１１１１１１１"), "actor.code", ""),
        invalid("/actor/code", json!(1_311_111_111), "actor.code", ""),
        invalid("/source_documents", json!("rx-1"), "source_documents", ""),
        invalid("/source_documents", json!(["rx-1", ""]), "source_documents[1]", ""),
        invalid("/lines", json!({}), "lines", ""),
        invalid("/lines/0", json!([]), "lines[0]", ""),
        invalid("/lines/0/rp", json!(0), "lines[0].rp", ""),
        invalid("/lines/0/rp", json!(-1), "lines[0].rp", ""),
        invalid("/lines/0/rp", json!(1.5), "lines[0].rp", ""),
        invalid("/lines/0/form", json!(7), "lines[0].form", "1"),
        invalid("/lines/0/form", json!("1"), "lines[0].form", ""),
        invalid("/lines/0/quantity", json!("14日"), "lines[0].quantity", ""),
        invalid("/lines/0/quantity", json!(14), "lines[0].quantity", ""),
        invalid("/lines/0/usage_supplements", json!(["1"]), "lines[0].usage_supplements[0]", ""),
        invalid("/lines/0/drug/system", json!("YJ"), "lines[0].drug.system", "receipt"),
        invalid("/lines/0/drug/code", json!(""), "lines[0].drug.code", ""),
        invalid("/lines/0/drug/name", json!("錠".repeat(257)), "lines[0].drug.name", ""),
    ]
}

fn rules_between_fields() -> Vec<Case> {
    let many: Vec<Value> = (0..101).map(|_| request::line("1")).collect();
    let mut nobody = without("/actor");
    nobody["own_institution"] = json!("exclude");
    vec![
        (with("/lines", json!([])), "no_lines", "lines", ""),
        (with("/lines", json!(many)), "too_many_lines", "lines", ""),
        (with("/patient", insured("06130012", "1", "")), "branch_required", "patient.branch", ""),
        (
            with("/consent", json!({"level": "oral"})),
            "recorder_required",
            "consent.recorded_by",
            "",
        ),
        (without("/actor"), "actor_required", "actor", ""),
        (nobody, "actor_required", "actor", ""),
        (with("/policy", json!("local")), "unknown_policy", "policy", "official"),
    ]
}

fn insured(insurer: &str, number: &str, branch: &str) -> Value {
    json!({"insurer": insurer, "symbol": "12", "number": number, "branch": branch})
}

#[test]
fn a_refusal_says_what_and_where() {
    let server = Server::start();
    let cases = [unknown_and_missing_fields(), wrong_values(), rules_between_fields()].concat();
    for (request, code, path, allowed) in cases {
        let reply = server.post("/v1/check", &request.to_string());
        let answer = reply.json();
        let told = (reply.status, &answer["code"], &answer["path"]);
        assert_eq!(told, (400, &json!(code), &json!(path)), "{request}\n{answer}");
        let first = answer["allowed"].get(0).and_then(Value::as_str).unwrap_or_default();
        assert_eq!(first, allowed, "{request}\n{answer}");
        assert_eq!(answer["link"], json!(format!("docs/errors.md#{code}")));
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let server = Server::start();
    let twice = |written: &str, path: &str| {
        let reply = server.post("/v1/check", written);
        let answer = reply.json();
        assert_eq!((reply.status, &answer["code"]), (400, &json!("duplicate_field")), "{answer}");
        assert_eq!(answer["path"], json!(path));
    };
    let valid = request::valid().to_string();
    let consent = r#"{"consent":{"level":"full"},"#;
    twice(&valid.replacen('{', consent, 1), "consent");
    twice(&valid.replacen(r#""rp":1"#, r#""rp":1,"rp":2"#, 1), "lines[0].rp");
}

#[test]
fn what_is_not_json_is_told_by_its_place() {
    let valid = request::valid().to_string();
    let refused = |body: &[u8]| {
        let result = chofuku_server::check_json(
            &Live::new(fixture::index()).unwrap(),
            &fixture::key(),
            &config().policies,
            fixture::today(),
            body,
        );
        result.expect_err("it is not JSON").code()
    };
    for end in 0..valid.len() {
        assert_eq!(refused(&valid.as_bytes()[..end]), Code::InvalidJson, "cut at {end}");
    }
    assert_eq!(refused((valid.clone() + "{}").as_bytes()), Code::InvalidJson);
    assert_eq!(refused(b"\xff"), Code::InvalidJson);
    assert_eq!(refused("[".repeat(100_000).as_bytes()), Code::InvalidJson);
    assert_eq!(refused(b"[]"), Code::InvalidValue);
    assert_eq!(refused(b"null"), Code::InvalidValue);
    let reply = Server::start().post("/v1/check", "{\n \"patient\": x}");
    let message = reply.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("line 2, column 13"), "{message}");
}

#[test]
fn no_refusal_repeats_what_was_written() {
    let server = Server::start();
    let secret = "山田太郎";
    let mut requests = vec![with("/patient", json!({"id": "x", "branch": secret}))];
    for pointer in [
        "/patient",
        "/patient/id",
        "/as_of",
        "/actor",
        "/actor/kind",
        "/actor/code",
        "/consent",
        "/own_institution",
        "/consent/level",
        "/policy",
        "/source_documents",
        "/lines",
        "/lines/0",
        "/lines/0/rp",
        "/lines/0/form",
        "/lines/0/quantity",
        "/lines/0/drug",
        "/lines/0/drug/system",
        "/lines/0/usage_supplements",
    ] {
        requests.push(with(pointer, json!(secret)));
        requests.push(with(pointer, json!([secret.repeat(70)])));
    }
    for request in requests {
        let reply = server.post("/v1/check", &request.to_string());
        assert!(!reply.text().contains("山田"), "{}", reply.text());
    }
}

#[test]
fn the_history_needs_full_consent() {
    let server = Server::start();
    for consent in [json!({"level": "none"}), json!({"level": "oral", "recorded_by": "x"})] {
        let mut request = without("/lines");
        request["consent"] = consent;
        let reply = server.post("/v1/history", &request.to_string());
        assert_eq!((reply.status, reply.code().as_str()), (403, "consent_required"));
        assert_eq!(reply.json()["path"], json!("consent.level"));
    }
    let mut silent = without("/lines");
    silent.as_object_mut().unwrap().remove("consent");
    assert_eq!(server.post("/v1/history", &silent.to_string()).status, 403);
    let with_lines = server.post("/v1/history", &request::valid().to_string());
    assert_eq!((with_lines.status, with_lines.json()["path"].clone()), (400, json!("lines")));
}

#[test]
fn paths_and_methods_are_refused_by_name() {
    let server = Server::start();
    let missing = server.get("/v1/nothing");
    assert_eq!((missing.status, missing.code().as_str()), (404, "not_found"));
    let wrong = server.get("/v1/check");
    assert_eq!((wrong.status, wrong.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(wrong.header("allow"), Some("POST"));
    let wrong = server.post("/v1/status", "{}");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn a_body_of_another_type_is_refused() {
    let server = Server::start();
    let body = request::valid().to_string();
    for (path, content) in [
        ("/v1/check", "text/plain"),
        ("/v1/check", "application/x-ndjson"),
        ("/v1/history", "text/csv"),
        ("/v1/check/batch", "application/json"),
    ] {
        let reply = server.connect().post(path, content, body.as_bytes());
        assert_eq!((reply.status, reply.code().as_str()), (415, "unsupported_media_type"));
        assert!(reply.json()["allowed"][0].as_str().unwrap().starts_with("application/"));
    }
    let charset = "application/json; charset=utf-8";
    assert_eq!(server.connect().post("/v1/check", charset, body.as_bytes()).status, 200);
}

#[test]
fn a_connection_is_reused_after_a_refusal() {
    let server = Server::start();
    let mut client = server.connect();
    let valid = request::valid().to_string();
    let large = " ".repeat(64 * 1024 + 1);
    for (path, content, body, status) in [
        ("/v1/check", "application/json", "{", 400),
        ("/v1/nothing", "application/json", valid.as_str(), 404),
        ("/v1/status", "application/json", valid.as_str(), 405),
        ("/v1/check", "application/json", large.as_str(), 413),
        ("/v1/check", "text/plain", valid.as_str(), 415),
        ("/v1/check", "application/json", valid.as_str(), 200),
    ] {
        assert_eq!(client.post(path, content, body.as_bytes()).status, status, "{path}");
    }
}

#[test]
fn a_damaged_index_is_an_error_and_never_clear() {
    let server = Server::with(config(), fixture::damaged_index());
    let mut codes = BTreeSet::new();
    for patient in ["one", "five", "itraconazole", "ended", "unresolved", "long"] {
        for consent in ["none", "full"] {
            let request = request::check(patient, consent, &fixture::amlodipine());
            let reply = server.post("/v1/check", &request.to_string());
            assert_eq!(reply.status, 500, "{}", reply.text());
            codes.insert(reply.code());
            assert_eq!(reply.header("server-timing"), None);
        }
    }
    assert_eq!(codes, BTreeSet::from(["damaged_index".to_owned()]));
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    let server = Server::start();
    let mut client = server.connect();
    client.begin_chunked("/v1/check", "application/json");
    client.send_chunk("{");
    client.send("no number\r\n");
    let reply = client.reply();
    assert_eq!((reply.status, reply.code().as_str()), (400, "body_incomplete"));
}
