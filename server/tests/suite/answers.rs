//! What is answered: fields and their order, and what consent leaves of them.

use std::collections::BTreeMap;

use chofuku_engine::policy::Policy;
use chofuku_server::{Config, Live, Policies};
use serde_json::{Value, json};

use crate::client::{Server, config};
use crate::fixture::{self, amlodipine, itraconazole, triazolam};
use crate::request;

const DUPLICATE_WITHOUT_CONSENT: &str =
    include_str!("../../src/openapi/answers/duplicate-none.json");
const DUPLICATE_WITH_CONSENT: &str = include_str!("../../src/openapi/answers/duplicate-full.json");
const CONTRAINDICATION_WITH_CONSENT: &str =
    include_str!("../../src/openapi/answers/contraindication-full.json");
const HISTORY: &str = include_str!("../../src/openapi/answers/history.json");

fn text(server: &Server, request: &Value) -> String {
    let reply = server.post("/v1/check", &request.to_string());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text().to_owned()
}

fn check(server: &Server, patient: &str, consent: &str, code: &str) -> Value {
    serde_json::from_str(&text(server, &request::check(patient, consent, code))).unwrap()
}

/// A recorded answer as the server writes it: without line ends and indentation.
fn recorded(pretty: &str) -> String {
    pretty.lines().map(str::trim_start).collect()
}

#[test]
fn an_answer_has_these_bytes() {
    let server = Server::start();
    let none = request::check("five", "none", &amlodipine());
    assert_eq!(text(&server, &none), recorded(DUPLICATE_WITHOUT_CONSENT));
    let full = request::check("one", "full", &amlodipine());
    assert_eq!(text(&server, &full), recorded(DUPLICATE_WITH_CONSENT));
    let contraindication = request::check("itraconazole", "full", &triazolam());
    assert_eq!(text(&server, &contraindication), recorded(CONTRAINDICATION_WITH_CONSENT));
}

#[test]
fn the_history_has_these_bytes() {
    let server = Server::start();
    let mut request = request::check("one", "full", "");
    request.as_object_mut().unwrap().remove("lines");
    let reply = server.post("/v1/history", &request.to_string());
    assert_eq!((reply.status, reply.text()), (200, recorded(HISTORY).as_str()));
    let library = chofuku_server::history_json(
        &Live::new(fixture::index()).unwrap(),
        &fixture::key(),
        &Policies::default(),
        fixture::today(),
        request.to_string().as_bytes(),
    );
    assert_eq!(library.unwrap(), reply.body);
}

#[test]
fn the_library_answers_the_same_bytes_as_the_server() {
    let server = Server::start();
    let live = Live::new(fixture::index()).unwrap();
    for patient in ["one", "five", "itraconazole", "unresolved", "nobody"] {
        for consent in ["none", "oral", "full"] {
            let body = request::check(patient, consent, &triazolam()).to_string();
            let library = chofuku_server::check_json(
                &live,
                &fixture::key(),
                &Policies::default(),
                fixture::today(),
                body.as_bytes(),
            );
            assert_eq!(library.unwrap(), server.post("/v1/check", &body).body);
        }
    }
}

#[test]
fn without_consent_one_partner_and_five_are_the_same_bytes() {
    let server = Server::start();
    let answer = |patient| text(&server, &request::check(patient, "none", &amlodipine()));
    assert_eq!(answer("one"), answer("five"));
    let full = |patient| text(&server, &request::check(patient, "full", &amlodipine()));
    assert_ne!(full("one"), full("five"));
}

#[test]
fn without_consent_nothing_of_the_past_is_told() {
    let server = Server::start();
    for (patient, code) in [("five", amlodipine()), ("itraconazole", triazolam())] {
        let answer = text(&server, &request::check(patient, "none", &code));
        for past in ["doc-", "みどり", "13122", "アムロジピン", "イトラ", "2026-11-1", "abc"]
        {
            assert!(!answer.contains(past), "{past}: {answer}");
        }
    }
}

#[test]
fn oral_consent_tells_evidence_and_no_counts() {
    let server = Server::start();
    let answer = check(&server, "five", "oral", &amlodipine());
    let finding = &answer["findings"][0];
    assert_eq!(finding["evidence"].as_array().unwrap().len(), 5);
    assert_eq!(finding["totals"]["records"], json!(5));
    for field in ["considered", "active_drugs", "blind_spots"] {
        assert_eq!(answer.get(field), None, "{field}");
    }
    assert_eq!(
        answer["warnings"],
        json!([{"document": "doc-3", "rp": 1, "kind": "quantity_not_whole", "detail": "abc"}])
    );
}

#[test]
fn the_message_says_what_and_until_when() {
    let server = Server::start();
    let message = |patient, consent, code: &str| {
        let answer = check(&server, patient, consent, code);
        let message = &answer["findings"][0]["message"];
        [&message["ja"], &message["en"]].map(|text| text.as_str().unwrap().to_owned())
    };
    assert_eq!(
        message("five", "full", &amlodipine()),
        [
            "『ノルバスク錠５ｍｇ』は、服用中の『ノルバスク錠５ｍｇ』ほか4件と成分アムロジピン（内服）\
             が重複しています。服用期間は2026-12-07まで（残り16日）です。",
            "\"ノルバスク錠５ｍｇ\" duplicates \"ノルバスク錠５ｍｇ\" and 4 more records: amlodipine \
             (oral), taken until 2026-12-07 (16 days left).",
        ]
    );
    assert_eq!(
        message("itraconazole", "oral", &triazolam()),
        [
            "『ハルシオン０．２５ｍｇ錠』の成分トリアゾラム（内服）は、服用中の\
             『イトリゾールカプセル５０』の成分イトラコナゾール（内服）と併用禁忌です。\
             服用期間は2026-11-26まで（残り5日）です。",
            "\"ハルシオン０．２５ｍｇ錠\" is contraindicated with \"イトリゾールカプセル５０\": triazolam \
             (oral) must not meet itraconazole (oral), taken until 2026-11-26 (5 days left).",
        ]
    );
    assert_eq!(
        message("itraconazole", "none", &triazolam()),
        [
            "『ハルシオン０．２５ｍｇ錠』は、過去の処方・調剤の薬剤と併用禁忌です。\
             内容を見るには患者の同意が必要です。",
            "\"ハルシオン０．２５ｍｇ錠\" is contraindicated with a drug in the patient's records. \
             The details need the patient's consent.",
        ]
    );
}

#[test]
fn a_wash_out_and_lines_of_one_request_have_their_own_sentences() {
    let server = Server::start();
    let mut request = request::check("ended", "full", &triazolam());
    request["policy"] = json!("extended");
    request["lines"].as_array_mut().unwrap().push(request::line(&itraconazole()));
    let answer: Value = serde_json::from_str(&text(&server, &request)).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    let washout = &findings[0];
    assert_eq!((&washout["scope"], &washout["washout"]), (&json!("history"), &json!(true)));
    let sentence = washout["message"]["ja"].as_str().unwrap();
    assert!(sentence.contains("服用を終えた『イトリゾールカプセル５０』"), "{sentence}");
    assert!(sentence.ends_with("服用期間は2026-11-14まででした。"), "{sentence}");
    let inside = &findings[1];
    assert_eq!((&inside["scope"], &inside["other_line"]), (&json!("prescription"), &json!(1)));
    for field in ["totals", "possible_double_registration", "evidence"] {
        assert_eq!(inside.get(field), None, "{field}");
    }
    let sentence = inside["message"]["ja"].as_str().unwrap();
    assert!(sentence.contains("同じ処方の『イトリゾールカプセル５０』"), "{sentence}");
    assert!(sentence.ends_with("併用禁忌です。"), "{sentence}");
}

#[test]
fn the_policy_tells_what_differs() {
    let site = Policy { look_back_days: 60, ..Policy::OFFICIAL };
    let policies = Policies::new(BTreeMap::from([("site".to_owned(), site)])).unwrap();
    let server = Server::with(Config { policies, ..config() }, fixture::index());
    let policy = |name: &str| {
        let answer = text(&server, &request::with("/policy", json!(name)));
        serde_json::from_str::<Value>(&answer).unwrap()["policy"].clone()
    };
    assert_eq!(policy("official"), json!({"name": "official", "differs": {}}));
    assert_eq!(policy("site"), json!({"name": "site", "differs": {"look_back_days": 60}}));
    assert_eq!(
        policy("extended")["differs"],
        json!({
            "interval_dosing": "expand", "intra_prescription": true, "washout": true,
            "expired_prescriptions": "drop", "explain_blind_spots": true,
        })
    );
}

#[test]
fn a_blind_spot_is_told_with_full_consent_and_policy() {
    let server = Server::start();
    let mut request = request::check("long", "full", &amlodipine());
    request["policy"] = json!("extended");
    let answer: Value = serde_json::from_str(&text(&server, &request)).unwrap();
    assert_eq!(
        answer["blind_spots"],
        json!([{
            "document": "doc-l", "rp": 1,
            "drug": {"system": "yj", "code": amlodipine(), "name": "ノルバスク錠５ｍｇ"},
            "basis_day": "2026-08-01", "days": 180, "end_day": "2027-01-27",
        }])
    );
    assert_eq!(answer["considered"], json!({"records": 1, "outside_window": 1}));
}

#[test]
fn what_is_not_known_is_not_clear() {
    let server = Server::start();
    let unknown = check(&server, "nobody", "none", "0000000X0000");
    assert_eq!(unknown["outcome"], json!("incomplete"));
    assert_eq!(unknown["not_checked"], json!([{"line": 0, "reason": "unknown_code"}]));
    assert_eq!(unknown["incomplete_because"], json!(["line_not_checked"]));
    let past = check(&server, "unresolved", "full", &amlodipine());
    assert_eq!(past["incomplete_because"], json!(["past_unresolved"]));
    let warning = &past["warnings"][0];
    assert_eq!(warning["detail"], json!("yj 9999999X9999"));
    let covered = check(&server, "nobody", "none", &fixture::yj("1149019F156"));
    assert_eq!(covered["not_checked"], json!([{"line": 0, "reason": "not_covered"}]));
}

#[test]
fn warnings_of_new_lines_name_the_line() {
    let server = Server::start();
    let mut request = request::check("nobody", "none", "2171022F2999");
    request["lines"][0]["drug"]["name"] = json!("別の薬");
    let answer: Value = serde_json::from_str(&text(&server, &request)).unwrap();
    assert_eq!(
        answer["warnings"],
        json!([
            {"line": 0, "kind": "check_digit", "detail": "2171022F2999"},
            {"line": 0, "kind": "resolution", "detail": "first9"},
            {"line": 0, "kind": "name_mismatch", "detail": "別の薬"},
        ])
    );
    request["lines"][0]["drug"]["name"] = json!("");
    let unnamed: Value = serde_json::from_str(&text(&server, &request)).unwrap();
    assert_eq!(unnamed["warnings"].as_array().unwrap().len(), 2, "an empty name is no name");
}

#[test]
fn one_person_is_found_however_the_identity_is_padded() {
    let server = Server::start();
    for (insurer, number) in
        [("06130012", "3456"), ("6130012", "0003456"), ("０６１３００１２", "3456")]
    {
        let patient = json!({"insurer": insurer, "symbol": "12", "number": number, "branch": "1"});
        let answer = text(&server, &request::with("/patient", patient));
        assert!(answer.contains("doc-insured"), "{insurer} {number}: {answer}");
    }
}

#[test]
fn a_request_without_a_day_is_of_today() {
    let server = Server::start();
    let answer = text(&server, &request::without("/as_of"));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["snapshot"]["as_of"], json!("2026-11-22"));
    let earlier = text(&server, &request::with("/as_of", json!("2026-11-19")));
    let earlier: Value = serde_json::from_str(&earlier).unwrap();
    assert_eq!(earlier["outcome"], json!("clear"));
    assert_eq!(earlier["considered"], json!({"records": 1, "future": 1}));
}

#[test]
fn fields_that_may_be_left_out_may_be_null() {
    let server = Server::start();
    let plain = text(&server, &request::valid());
    for pointer in ["/policy", "/own_institution", "/lines/0/usage", "/lines/0/drug/name"] {
        assert_eq!(text(&server, &request::with(pointer, Value::Null)), plain, "{pointer}");
    }
    let mut include = request::without("/actor");
    include["own_institution"] = json!("include");
    assert_eq!(text(&server, &include), plain);
}

#[test]
fn escapes_are_read_as_what_they_write() {
    let server = Server::start();
    let plain = request::valid().to_string();
    let escaped = plain.replace("one", "\\u006fne").replace("2171022F", "\\u0032171022F");
    assert_ne!(plain, escaped);
    let answers = [plain, escaped].map(|body| server.post("/v1/check", &body).body);
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn the_time_spent_is_in_a_header() {
    let server = Server::start();
    let reply = server.post("/v1/check", &request::valid().to_string());
    let timing = reply.header("server-timing").unwrap();
    let millis = timing.strip_prefix("check;dur=").unwrap();
    assert!(millis.parse::<f64>().is_ok() && millis.split('.').nth(1).unwrap().len() == 3);
    assert!(!reply.text().contains("dur"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}
