//! The console over HTTP, and the calls that it needs: its files, messages given back, lint, examples.

use chofuku_server::{Config, Example};
use serde_json::{Value, json};

use crate::client::{Reply, Server, config};
use crate::fixture;

fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    let found = reply.headers.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.as_str())
}

#[test]
fn its_files_are_served_with_their_type_and_etag() {
    let server = Server::start();
    for (path, content, begins) in [
        ("/", "text/html; charset=utf-8", "<!doctype html>"),
        ("/console/main.js", "text/javascript; charset=utf-8", "// "),
        ("/console/style/base.css", "text/css; charset=utf-8", "/* "),
        ("/console/icon.svg", "image/svg+xml", "<!-- "),
    ] {
        let reply = server.get(path);
        assert_eq!((reply.status, header(&reply, "content-type")), (200, content), "{path}");
        assert!(reply.body.starts_with(begins.as_bytes()), "{path}");
        assert_eq!(header(&reply, "cache-control"), "no-cache", "{path}");
        assert_eq!(header(&reply, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&reply, "referrer-policy"), "no-referrer", "{path}");
        let policy = header(&reply, "content-security-policy");
        assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"), "{path}");

        let mut client = server.connect();
        let etag = header(&reply, "etag");
        let known =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nif-none-match: \"old\", {etag}\r\n\r\n");
        client.send(&known);
        let again = client.reply();
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
}

#[test]
fn nothing_else_is_served_as_a_file() {
    let server = Server::start();
    for path in ["/console/", "/console/NOTICE", "/console/../Cargo.toml", "/console/nothing.js"] {
        let reply = server.get(path);
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("not_found")), "{path}");
    }
    assert_eq!(server.post("/", "{}").status, 405);
}

#[test]
fn examples_are_those_of_the_configuration() {
    assert_eq!(Server::start().get("/console/examples.json").json(), json!([]));
    let example = Example {
        name: "one".to_owned(),
        ja: "一つ".to_owned(),
        en: "one".to_owned(),
        request: json!({"lines": []}),
    };
    let with = Config { examples: vec![example], ..config() };
    let server = Server::with(with, fixture::index());
    let told: Value = server.get("/console/examples.json").json();
    assert_eq!(told, json!([{"name": "one", "ja": "一つ", "en": "one", "request": {"lines": []}}]));
}

#[test]
fn a_message_is_given_back_as_the_document_that_it_stands_for() {
    let server = Server::start();
    let csv = "SJ1\r\n1,1,1234567,13,見本医院\r\n11,1,見本　太郎,ﾐﾎﾝ ﾀﾛｳ\r\n22,06130012\r\n\
               23,１２,3456,1,01\r\n51,20261120\r\n101,1,1,,14\r\n\
               111,1,3,1011000400000000,１日１回朝食後,1\r\n\
               201,1,1,8,4,2171022F2025,見本錠５ｍｇ,1,1,錠\r\n";
    let convert =
        |content: &str, body: &str| server.connect().post("/v1/convert", content, body.as_bytes());
    let reply = convert("text/csv", csv);
    assert_eq!(reply.status, 200);
    assert_eq!(header(&reply, "cache-control"), "no-store");
    let told = reply.json();
    let document = &told["document"];
    assert_eq!(document["kind"], "prescription");
    assert_eq!(
        document["patient"],
        json!({"insurer": "06130012", "symbol": "１２", "number": "3456", "branch": "01"})
    );
    assert_eq!(document["lines"][0]["drug"]["code"], "2171022F2025");
    assert_eq!(document["lines"][0]["quantity"], "14");
    let deviations = told["deviations"].as_array().unwrap();
    assert!(deviations[0].as_str().unwrap().contains("情報区分"), "{deviations:?}");

    let records = csv.split_once("101,").unwrap().1;
    let bare = convert("text/csv", &format!("101,{records}"));
    assert_eq!(bare.json()["document"]["patient"], json!({}), "whose it is, is left open");
    for (content, body, status, code) in [
        ("text/csv", "name,age\n", 400, "invalid_message"),
        ("application/json", "{}", 415, "unsupported_media_type"),
    ] {
        let refused = convert(content, body);
        assert_eq!((refused.status, &refused.json()["code"]), (status, &json!(code)), "{body}");
    }
    let with_patient = server.connect().post("/v1/convert?number=1", "text/csv", csv.as_bytes());
    assert_eq!(with_patient.json()["code"], "unknown_field");
}

#[test]
fn lint_reports_what_is_compiled() {
    let server = Server::start();
    let told = server.get("/v1/admin/lint").json();
    // The fixture's tables are clean; those of the demo are looked through in the tests of all crates.
    assert_eq!(
        told,
        json!({"generation": 3, "drugs": "2025-08-14", "rules": "2026-06", "counts": [], "faults": []})
    );
}
