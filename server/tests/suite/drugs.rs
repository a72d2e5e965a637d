//! Drugs: search by name, and what a code means.

use serde_json::{Value, json};

use crate::client::Server;
use crate::fixture::{amlodipine, itraconazole, triazolam, yj};

fn names(server: &Server, query: &str) -> Vec<String> {
    let reply = server.get(&format!("/v1/drugs?{query}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let drugs = reply.json()["drugs"].clone();
    let name = |drug: &Value| drug["name"].as_str().unwrap().to_owned();
    drugs.as_array().unwrap().iter().map(name).collect()
}

/// Percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%'.to_string(), format!("{byte:02X}")]).collect()
}

#[test]
fn a_search_finds_by_the_beginning_of_a_name() {
    let server = Server::start();
    let query = format!("q={}", encoded("ろきそ"));
    assert_eq!(names(&server, &query), ["ロキソニンテープ１００ｍｇ", "ロキソニン錠６０ｍｇ"]);
    assert_eq!(names(&server, &format!("{query}&limit=1")), ["ロキソニンテープ１００ｍｇ"]);
    assert_eq!(names(&server, "q=AMLOD"), ["ノルバスク錠５ｍｇ"]);
    assert_eq!(names(&server, "q=nothing"), [""; 0]);
}

#[test]
fn a_search_that_asks_wrongly_is_told_how() {
    let server = Server::start();
    for (query, code, path) in [
        ("", "missing_field", "q"),
        ("?limit=1", "missing_field", "q"),
        ("?q=", "invalid_value", "q"),
        ("?q=%FF", "invalid_value", "q"),
        ("?q=a&limit=0", "invalid_value", "limit"),
        ("?q=a&limit=101", "invalid_value", "limit"),
        ("?q=a&limit=x", "invalid_value", "limit"),
        ("?q=a&q=b", "duplicate_field", "q"),
        ("?q=a&sort=name", "unknown_field", "query"),
    ] {
        let answer = server.get(&format!("/v1/drugs{query}")).json();
        assert_eq!((&answer["code"], &answer["path"]), (&json!(code), &json!(path)), "{query}");
    }
    assert_eq!(server.get("/v1/drugs?q=a&limit=100").status, 200);
    assert_eq!(server.get(&format!("/v1/drugs?q={}", "a".repeat(64))).status, 200);
    assert_eq!(server.get(&format!("/v1/drugs?q={}", "a".repeat(65))).status, 400);
}

#[test]
fn a_code_is_told_with_its_partners() {
    let server = Server::start();
    let answer = server.get(&format!("/v1/drugs/yj/{}", triazolam())).json();
    let substance = |id: &str, name: &str| json!({"id": id, "name": name, "route": "oral"});
    let rule = |stated_by: &str| {
        json!({
            "insert": "6290004M1029", "revised": "2024-04", "section": null,
            "stated_by": stated_by, "condition": null, "measures": "作用が増強する",
            "mechanism": null, "partner_only": [], "partner_except": [],
        })
    };
    assert_eq!(
        answer,
        json!({
            "system": "yj", "code": triazolam(), "resolution": "exact", "covered": true,
            "products": [{
                "name": "ハルシオン０．２５ｍｇ錠", "aliases": [], "kana": null,
                "codes": [{"system": "yj", "code": triazolam()}],
                "substances": [substance("triazolam", "トリアゾラム")],
                "covered_from": null, "covered_to": null, "dummy": false,
            }],
            "substances": [substance("triazolam", "トリアゾラム")],
            "contraindicated": [{
                "ingredient": substance("triazolam", "トリアゾラム"),
                "partner": substance("itraconazole", "イトラコナゾール"),
                "rules": [rule("partner"), rule("line")],
            }],
            "snapshot": {
                "generation": 3, "event": 0, "drugs": "2025-08-14", "rules": "2026-06",
                "as_of": "2026-11-22",
            },
        })
    );
    let other = server.get(&format!("/v1/drugs/yj/{}", itraconazole())).json();
    assert_eq!(other["contraindicated"][0]["rules"][0]["stated_by"], json!("line"));
}

#[test]
fn a_code_says_how_it_resolved() {
    let server = Server::start();
    let get = |path: &str| server.get(&format!("/v1/drugs/{path}"));
    assert_eq!(get("yj/2171022F2999").json()["resolution"], json!("first9"));
    assert_eq!(get("price/2171022X9999").json()["resolution"], json!("yj7"));
    let dummy = get("receipt/777770000").json();
    assert_eq!((&dummy["resolution"], &dummy["products"]), (&json!("dummy"), &json!([])));
    let ended = get(&format!("yj/{}", yj("1149019F156"))).json();
    assert_eq!(ended["covered"], json!(false));
    assert_eq!(ended["products"][0]["covered_to"], json!("1970-01-01"));
}

#[test]
fn a_code_that_is_not_known_is_not_found() {
    let server = Server::start();
    let get = |path: &str| server.get(&format!("/v1/drugs/{path}"));
    for path in ["yj/0000000X0000", "receipt/1", &format!("hot/{}", amlodipine()), "yj/%E9%8C%A0"] {
        assert_eq!((get(path).status, get(path).code().as_str()), (404, "unknown_drug"), "{path}");
    }
    let system = get("atc/C08CA01").json();
    assert_eq!((&system["code"], &system["path"]), (&json!("invalid_value"), &json!("system")));
    assert_eq!(system["allowed"][2], json!("yj"));
    assert_eq!(get("yj/%zz").json()["path"], json!("code"));
}
