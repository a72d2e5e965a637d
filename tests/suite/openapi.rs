//! The `OpenAPI` document and what is really sent: its examples are taken by the server, and every example
//! of the documents is one of its types. Every answer of the other tests is held against it where it comes
//! from ([`crate::http`]).

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chofuku_live::Registry;
use chofuku_log::MemoryLog;
use chofuku_tests::World;
use serde_json::Value;

use crate::http::{CONTRACT, Served};
use crate::site::Site;

fn served() -> Served {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tables");
    let site = Site::of(&World::read(&tables).unwrap());
    let log = MemoryLog::new();
    let registry = Registry::start(Arc::clone(&site.index), Box::new(log), &|_, _| {}).unwrap();
    Served::with_registry(registry, site.key.clone())
}

/// Every call that has an example of its body: method, path and example.
fn examples() -> Vec<(String, String, Value)> {
    let paths = CONTRACT.document()["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, call) in item.as_object().unwrap() {
            let example = &call["requestBody"]["content"]["application/json"]["example"];
            if !example.is_null() {
                found.push((method.to_uppercase(), path.clone(), example.clone()));
            }
        }
    }
    found
}

#[test]
fn the_document_is_served_as_it_is() {
    let (status, document) = served().get("/openapi.json");
    assert_eq!((status, &document), (200, chofuku_server::openapi()));
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn the_server_takes_every_example() {
    let server = served();
    let examples = examples();
    assert!(examples.len() >= 7, "only {} examples", examples.len());
    let id = examples.iter().find_map(|(_, _, example)| example["id"].as_str()).unwrap();
    let rank = |path: &str| match path {
        "/v1/documents" => 0,
        "/v1/documents/{id}" => 1,
        "/v1/documents/{id}/cancel" => 2,
        "/v1/documents/{id}/restore" => 3,
        _ => 4,
    };
    let mut ordered: Vec<_> = examples.iter().collect();
    ordered.sort_by_key(|(_, path, _)| rank(path));
    for (method, path, example) in ordered {
        CONTRACT.request(method, path, example).unwrap();
        let (status, answer) = server.send(method, &path.replace("{id}", id), &example.to_string());
        // A card can be named only once it was shown.
        let of_no_card = path.ends_with("/feedback") && answer["code"] == "unknown_card";
        assert!((200..300).contains(&status) || of_no_card, "{method} {path}: {status} {answer}");
    }
}

#[test]
fn every_example_of_an_answer_is_as_described() {
    let mut seen = 0;
    let paths = CONTRACT.document()["paths"].as_object().unwrap();
    for (path, item) in paths {
        for (method, call) in item.as_object().unwrap() {
            let examples = &call["responses"]["200"]["content"]["application/json"]["examples"];
            for (name, example) in examples.as_object().into_iter().flatten() {
                let body = example["value"].to_string();
                let content_type = Some("application/json");
                let body = body.as_bytes();
                let answer = chofuku_tests::contract::Answer { status: 200, content_type, body };
                let described = CONTRACT.answer(&method.to_uppercase(), path, answer);
                described.unwrap_or_else(|fault| panic!("{name}: {fault}"));
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "only {seen} examples");
}

#[test]
fn every_example_of_the_documents_is_as_described() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let in_docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let in_root = ["README.md", "README.ja.md"].map(|name| root.join(name));
    let types = CONTRACT.document()["components"]["schemas"].as_object().unwrap();
    let mut seen = 0;
    for path in in_docs.chain(in_root).filter(|path| path.extension().is_some_and(|e| e == "md")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for block in json_blocks(&text) {
            let place = format!("{}: {block}", path.display());
            let example: Value = serde_json::from_str(&block).expect(&place);
            let fits = types.keys().any(|name| CONTRACT.value(name, &example).is_ok());
            assert!(fits, "no type of the interface: {place}");
            seen += 1;
        }
    }
    assert!(seen > 0, "there are no examples");
}

/// What stands in blocks that say that they are JSON.
fn json_blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("```json\n") {
        let (block, behind) = behind.split_once("```").expect("a block ends");
        blocks.push(block.to_owned());
        rest = behind;
    }
    blocks
}

#[test]
fn a_contract_is_broken_by_what_is_not_described() {
    let told = |status: u16, body: &str| {
        let content_type = Some("application/json");
        let answer =
            chofuku_tests::contract::Answer { status, content_type, body: body.as_bytes() };
        CONTRACT.answer("GET", "/readyz", answer)
    };
    told(200, r#"{"status": "ready"}"#).unwrap();
    told(200, r#"{"status": "ready", "more": 1}"#).unwrap_err();
    told(200, "{}").unwrap_err();
    told(201, r#"{"status": "ready"}"#).unwrap_err();
    told(503, r#"{"code": "not_ready", "message": "", "link": ""}"#).unwrap();
    told(503, r#"{"code": "no_lines", "message": "", "link": ""}"#).unwrap_err();
    told(503, r#"{"code": "not_ready", "message": "", "link": "", "patient": ""}"#).unwrap_err();
}

#[test]
fn the_page_is_served_in_both_languages() {
    let server = served();
    for (path, accepted, language) in [
        ("/docs", "", "en"),
        ("/docs", "ja-JP,en;q=0.5", "ja"),
        ("/docs", "fr, en-GB;q=0.8", "en"),
        ("/docs?lang=ja", "en", "ja"),
        ("/docs?lang=en", "ja", "en"),
    ] {
        let (status, page) = server.raw("GET", path, &[("accept-language", accepted)], b"");
        assert_eq!(status, 200);
        assert!(page.contains(&format!("<html lang=\"{language}\">")), "{path} {accepted}");
    }
    let (status, refusal) = server.get("/docs?lang=fr");
    assert_eq!((status, &refusal["code"]), (400, &"invalid_value".into()));
}
