//! What a prescriber acknowledged: demanded where the server says so, and kept with the document.

use std::sync::Arc;

use chofuku_live::Registry;
use chofuku_log::MemoryLog;
use chofuku_server::{Config, Policies};
use serde_json::json;

use crate::http::{Served, config};
use crate::registration::{
    OTHER_CLINIC, code, dispensing, found, patient, prescription, served, site,
};
use crate::site::Site;

/// A server that asks that findings are acknowledged.
pub(crate) fn demanding(site: &Site, log: &MemoryLog) -> Served {
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    let config = Config { require_acknowledgement: true, ..config(Policies::default()) };
    Served::with_config(config, registry, site.key.clone())
}

#[test]
fn a_prescription_waits_until_its_findings_are_acknowledged() {
    let (site, log) = (site(), MemoryLog::new());
    let server = demanding(&site, &log);
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    let mut other = prescription("rx-2");
    other["institution"] = json!({"code": OTHER_CLINIC});
    other["acknowledged"] = json!([]);
    for (level, evidence) in [("none", false), ("full", true)] {
        let mut asked = other.clone();
        asked["consent"] = json!({"level": level});
        let refused = server.post("/v1/documents", &asked.to_string());
        assert_eq!(code(&refused), (409, "unacknowledged"));
        let findings = refused.1["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].get("evidence").is_some(), evidence, "{findings:?}");
        // By the id that was told at either consent.
        asked["id"] = json!(format!("rx-{level}"));
        asked["acknowledged"] = json!([{"finding": findings[0]["id"]}]);
        let taken = server.post("/v1/documents", &asked.to_string());
        assert_eq!(taken.0, 201, "{taken:?}");
        let cancelled = server.post(&format!("/v1/documents/rx-{level}/cancel"), "");
        assert_eq!(cancelled.0, 201, "{cancelled:?}");
    }
    // What the institution has prescribed itself is no finding, nor is a dispensing result asked.
    assert_eq!(server.post("/v1/documents", &prescription("rx-3").to_string()).0, 201);
    assert_eq!(server.post("/v1/documents", &dispensing("d-1", "rx-1").to_string()).0, 201);
}

#[test]
fn a_prescription_whose_answer_was_lost_is_known_although_it_collides_by_now() {
    let (site, log) = (site(), MemoryLog::new());
    let server = demanding(&site, &log);
    let mut first = prescription("rx-1");
    first["acknowledged"] = json!([]);
    assert_eq!(server.post("/v1/documents", &first.to_string()).0, 201);
    let mut other = prescription("rx-2");
    other["institution"] = json!({"code": OTHER_CLINIC});
    let refused = server.post("/v1/documents", &other.to_string());
    assert_eq!(code(&refused), (409, "unacknowledged"));
    other["acknowledged"] = json!([{"finding": refused.1["findings"][0]["id"]}]);
    assert_eq!(server.post("/v1/documents", &other.to_string()).0, 201);
    let again = server.post("/v1/documents", &first.to_string());
    assert_eq!(again, (200, json!({"document": "rx-1", "event": 1})));
    // Another under its id is refused as such, not for its findings.
    first["date"] = json!("2026-11-19");
    let refused = server.post("/v1/documents", &first.to_string());
    assert_eq!(code(&refused), (409, "document_exists"));
}

#[test]
fn what_is_acknowledged_later_is_kept() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    let path = "/v1/documents/rx-1";
    let acknowledged = |server: &Served| {
        let (status, state) = server.get(path);
        assert_eq!(status, 200, "{state}");
        state["acknowledged"].clone()
    };
    let mut rx = prescription("rx-1");
    let first = rx["acknowledged"][0].clone();
    assert_eq!(server.post("/v1/documents", &rx.to_string()).0, 201);
    for (method, target, later, event) in [
        ("POST", "/v1/documents", json!({"finding": "4567", "reason": null}), 2),
        ("PUT", path, json!({"finding": "89ab", "reason": "必要"}), 3),
    ] {
        rx["acknowledged"] = json!([later]);
        let kept = server.send(method, target, &rx.to_string());
        assert_eq!(kept, (201, json!({"document": "rx-1", "event": event})));
        let again = server.send(method, target, &rx.to_string());
        assert_eq!(again, (200, json!({"document": "rx-1", "event": event})));
    }
    let all =
        json!([first, {"finding": "4567", "reason": null}, {"finding": "89ab", "reason": "必要"}]);
    assert_eq!(acknowledged(&server), all);
    // Without any it is the same document, and of one finding the last reason stays.
    rx["acknowledged"] = json!([]);
    assert_eq!(server.post("/v1/documents", &rx.to_string()).0, 200);
    rx["acknowledged"] = json!([{"finding": "4567", "reason": "確認"}]);
    assert_eq!(server.post("/v1/documents", &rx.to_string()).0, 201);
    let all = json!([first, {"finding": "89ab", "reason": "必要"}, {"finding": "4567", "reason": "確認"}]);
    assert_eq!(acknowledged(&server), all);
    assert_eq!(found(&server, &patient()), (1, 4));
    drop(server);
    assert_eq!(acknowledged(&served(&site, &log)), all);
}

#[test]
fn of_prescriptions_that_collide_one_alone_needs_no_acknowledgement() {
    let (site, log) = (site(), MemoryLog::new());
    let server = demanding(&site, &log);
    // Sent at once, each is checked before the others are registered.
    let clinics = 0..8_u64;
    let answers: Vec<_> = std::thread::scope(|scope| {
        let server = &server;
        let sent = clinics.map(|clinic| {
            scope.spawn(move || {
                let mut document = prescription(&format!("rx-{clinic}"));
                document["institution"] = json!({"code": (1_311_234_000 + clinic).to_string()});
                document["acknowledged"] = json!([]);
                server.post("/v1/documents", &document.to_string())
            })
        });
        let sent: Vec<_> = sent.collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    let refused = answers.iter().filter(|answer| code(answer) == (409, "unacknowledged")).count();
    assert_eq!((refused, found(&server, &patient())), (7, (1, 1)), "{answers:?}");
}
