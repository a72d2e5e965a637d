//! Registration over a real socket: what is answered counts in the next check, is refused where it
//! contradicts what is known, and is there after a restart.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use chofuku_live::Registry;
use chofuku_loader::CompileError;
use chofuku_log::{Fault, MemoryLog, RedbLog, Shard};
use chofuku_server::{Clock, Config, Policies};
use chofuku_tests::{HistoryRow, World};
use jiff::civil::Time;
use serde_json::{Value, json};

use crate::http::{Served, config};
use crate::site::Site;

const AMLODIPINE: &str = "2171022F2025";
const CLINIC: &str = "1311234567";
pub(crate) const OTHER_CLINIC: &str = "1311234575";
const PHARMACY: &str = "1341234567";

pub(crate) fn site() -> Site {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tables");
    Site::of(&World::read(&tables).unwrap())
}

pub(crate) fn served(site: &Site, log: &MemoryLog) -> Served {
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    Served::with_registry(registry, site.key.clone())
}

pub(crate) fn patient() -> Value {
    json!({"insurer": "06130012", "symbol": "12", "number": "3456", "branch": "01"})
}

pub(crate) fn lines() -> Value {
    let drug = json!({"system": "yj", "code": AMLODIPINE, "name": null});
    json!([{"rp": 1, "drug": drug, "form": 1, "quantity": "14", "usage": null}])
}

pub(crate) fn prescription(id: &str) -> Value {
    json!({"id": id, "kind": "prescription", "patient": patient(), "date": "2026-11-20",
           "institution": {"code": CLINIC, "name": null}, "pharmacy": null, "prescription": null,
           "refill": null, "setting": null, "lines": lines(),
           "acknowledged": [{"finding": "0123", "reason": "経過観察"}]})
}

pub(crate) fn dispensing(id: &str, of: &str) -> Value {
    json!({"id": id, "kind": "dispensing", "patient": patient(), "date": "2026-11-21",
           "institution": {"code": CLINIC}, "pharmacy": {"code": PHARMACY}, "prescription": of,
           "lines": lines()})
}

/// The findings of a check by another clinic, and the event that it saw.
pub(crate) fn found(server: &Served, whose: &Value) -> (usize, u64) {
    let check = json!({"patient": whose, "as_of": "2026-11-22", "consent": {"level": "full"},
                       "actor": {"kind": "medical_institution", "code": OTHER_CLINIC},
                       "lines": lines()});
    let (status, answer) = server.post("/v1/check", &check.to_string());
    assert_eq!(status, 200, "{answer}");
    let findings = answer["findings"].as_array().unwrap().len();
    (findings, answer["snapshot"]["event"].as_u64().unwrap())
}

pub(crate) fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

#[test]
fn a_document_lives_as_the_interface_says() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    assert_eq!(found(&server, &patient()), (0, 0));
    let rx = prescription("処方/1");
    let path = "/v1/documents/%E5%87%A6%E6%96%B9%2F1";
    let first = server.post("/v1/documents", &rx.to_string());
    assert_eq!(first, (201, json!({"document": "処方/1", "event": 1})));
    assert_eq!(found(&server, &patient()), (1, 1));
    // The same again, as after a lost answer; and another under its id.
    let again = server.post("/v1/documents", &rx.to_string());
    assert_eq!(again, (200, json!({"document": "処方/1", "event": 1})));
    let mut other = rx.clone();
    other["date"] = json!("2026-11-19");
    let refused = server.post("/v1/documents", &other.to_string());
    assert_eq!(code(&refused), (409, "document_exists"));
    // A new version, cancelled, restored.
    assert_eq!(server.send("PUT", path, &other.to_string()).0, 201);
    assert_eq!(
        server.send("PUT", path, &other.to_string()),
        (200, json!({"document": "処方/1", "event": 2}))
    );
    // The first version counts no more, and the second may be sent as if it were the first.
    assert_eq!(code(&server.post("/v1/documents", &rx.to_string())), (409, "document_exists"));
    let again = server.post("/v1/documents", &other.to_string());
    assert_eq!(again, (200, json!({"document": "処方/1", "event": 2})));
    assert_eq!(server.post(&format!("{path}/cancel"), "").0, 201);
    assert_eq!(found(&server, &patient()), (0, 3));
    // What is cancelled does not count, and nobody is told that it does.
    for (method, path) in [("POST", "/v1/documents"), ("PUT", path)] {
        let refused = server.send(method, path, &other.to_string());
        assert_eq!(code(&refused), (409, "already_cancelled"), "{method}");
    }
    assert_eq!(code(&server.post(&format!("{path}/cancel"), "")), (409, "already_cancelled"));
    assert_eq!(code(&server.send("PUT", path, &rx.to_string())), (409, "already_cancelled"));
    assert_eq!(server.post(&format!("{path}/restore"), "").0, 201);
    assert_eq!(code(&server.post(&format!("{path}/restore"), "")), (409, "not_cancelled"));
    assert_eq!(found(&server, &patient()), (1, 4));
    // Dispensed: neither changed nor cancelled, until the result is cancelled.
    assert_eq!(server.post("/v1/documents", &dispensing("d-1", "処方/1").to_string()).0, 201);
    assert_eq!(code(&server.post(&format!("{path}/cancel"), "")), (409, "already_dispensed"));
    assert_eq!(code(&server.send("PUT", path, &rx.to_string())), (409, "already_dispensed"));
    assert_eq!(server.post("/v1/documents/d-1/cancel", "{}").0, 201);
    assert_eq!(server.post(&format!("{path}/cancel"), "").0, 201);
    let state = server.get(path);
    let versions = json!([{"event": 1}, {"event": 2}]);
    let known = json!({"document": "処方/1", "state": "cancelled", "event": 7, "versions": versions,
                       "acknowledged": [{"finding": "0123", "reason": "経過観察"}]});
    assert_eq!(state, (200, known));
    assert_eq!(code(&server.get("/v1/documents/nobody")), (404, "unknown_document"));
    assert_eq!(code(&server.post("/v1/documents/nobody/cancel", "")), (404, "unknown_document"));
    // And after a restart.
    drop(server);
    let server = served(&site, &log);
    assert_eq!(found(&server, &patient()), (0, 7));
    assert_eq!(server.get(path), state);
}

#[test]
fn a_page_of_another_site_has_nothing_done() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    let ask = |method: &str, path: &str, site: &str| {
        let headers = [("sec-fetch-site", site), ("origin", "https://elsewhere.example")];
        let (status, answer) = server.raw(method, path, &headers, b"");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = (403, "cross_site".to_owned());
    for path in ["/v1/documents/rx-1/cancel", "/v1/documents/rx-1/restore", "/v1/admin/reload"] {
        for site in ["cross-site", "same-site"] {
            assert_eq!(ask("POST", path, site), refused, "{path} {site}");
        }
    }
    assert_eq!(found(&server, &patient()), (1, 1));
    assert_eq!(ask("GET", "/v1/documents/rx-1", "cross-site").0, 200, "a browser keeps it back");
    assert_eq!(ask("POST", "/v1/documents/rx-1/cancel", "same-origin").0, 201);
}

#[test]
fn two_identities_become_one_person() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    let moved = json!({"id": "moved"});
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    assert_eq!(found(&server, &moved), (0, 1));
    let link = json!({"patient": moved, "same_as": patient()}).to_string();
    assert_eq!(server.post("/v1/patients/link", &link), (201, json!({"event": 2})));
    assert_eq!(server.post("/v1/patients/link", &link), (200, json!({"event": 2})));
    assert_eq!(found(&server, &moved), (1, 2));
    let mut other = prescription("rx-2");
    other["patient"] = moved.clone();
    assert_eq!(server.post("/v1/documents", &other.to_string()).0, 201);
    assert_eq!(found(&server, &patient()), (1, 3));
    assert_eq!(found(&server, &json!({"id": "somebody else"})), (0, 3));
}

#[test]
fn what_cannot_be_kept_is_refused_whole() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    let with = |field: &str, value: Value| {
        let mut document = prescription("rx-1");
        document[field] = value;
        server.post("/v1/documents", &document.to_string())
    };
    for (field, value, refusal) in [
        ("id", json!(""), "invalid_value"),
        ("kind", json!("receipt"), "invalid_value"),
        ("date", json!("2026-02-30"), "invalid_value"),
        ("date", json!("1969-12-31"), "invalid_value"),
        ("lines", json!([]), "no_lines"),
        ("institution", Value::Null, "missing_field"),
        ("kind", json!("dispensing"), "missing_field"),
        ("kind", json!("in_house"), "missing_field"),
        ("setting", json!("inpatient"), "invalid_value"),
        ("refill", json!({"uses": 100}), "invalid_value"),
        ("patient", json!({"insurer": "06130012", "number": "1"}), "branch_required"),
        ("more", json!(1), "unknown_field"),
    ] {
        assert_eq!(code(&with(field, value.clone())), (400, refusal), "{field} {value}");
    }
    assert_eq!(found(&server, &patient()), (0, 0));
    assert_eq!(
        code(&server.send("PUT", "/v1/documents/rx-9", &prescription("rx-9").to_string())),
        (404, "unknown_document")
    );
    assert_eq!(
        code(&server.send("PUT", "/v1/documents/rx-8", &prescription("rx-9").to_string())),
        (400, "invalid_value")
    );
}

#[test]
fn a_check_waits_for_the_event_that_it_names() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    let check = json!({"patient": patient(), "own_institution": "include", "lines": lines()});
    let check = check.to_string();
    let at_least =
        |event: &str| server.send_with("POST", "/v1/check", &check, &[("min-event", event)]);
    assert_eq!(at_least("1").0, 200);
    assert_eq!(code(&at_least("2")), (503, "event_not_reached"));
    assert_eq!(code(&at_least("soon")), (400, "invalid_value"));
}

#[test]
fn a_log_that_fails_refuses_registrations_and_checks_go_on() {
    for fault in [Fault::Before, Fault::After] {
        let (site, log) = (site(), MemoryLog::new());
        let mut failing = log.reopen();
        failing.fail_append_after(2, fault);
        let index = Arc::clone(&site.index);
        let registry = Registry::start(index, Box::new(failing), &|_, _| {}).unwrap();
        let server = Served::with_registry(registry, site.key.clone());
        assert_eq!(server.get("/readyz").0, 200);
        assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
        for id in ["rx-2", "rx-3"] {
            let refused = server.post("/v1/documents", &prescription(id).to_string());
            assert_eq!(code(&refused), (503, "registration_unavailable"));
            let state = server.get(&format!("/v1/documents/{id}"));
            assert_eq!(code(&state), (503, "registration_unavailable"), "it may not be durable");
        }
        assert_eq!(found(&server, &patient()), (1, 1), "nothing is seen that is not durable");
        assert_eq!(code(&server.get("/readyz")), (503, "not_ready"));
        drop(server);
        // What was not answered may be there or not; sent again, it is there once.
        let server = served(&site, &log);
        let again = server.post("/v1/documents", &prescription("rx-2").to_string());
        assert_eq!(again.0, if fault == Fault::After { 200 } else { 201 });
        assert_eq!(again.1["event"], 2);
        assert_eq!(found(&server, &patient()).1, 2);
    }
}

#[test]
fn a_damaged_or_missing_event_stops_the_start_with_its_number() {
    let (site, log) = (site(), MemoryLog::new());
    let server = served(&site, &log);
    for number in 1..=3 {
        let document = prescription(&format!("rx-{number}"));
        assert_eq!(server.post("/v1/documents", &document.to_string()).0, 201);
    }
    drop(server);
    let index = || Arc::clone(&site.index);
    let start = |log: &MemoryLog| Registry::start(index(), Box::new(log.reopen()), &|_, _| {});
    let mut damaged = log.reopen();
    damaged.damage(Shard(0), 2, |bytes| bytes[60] ^= 1);
    let error = format!("{:?}", start(&damaged).unwrap_err());
    assert!(error.contains("sequence: 2"), "{error}");
    damaged.damage(Shard(0), 2, |bytes| bytes[60] ^= 1);
    assert!(start(&damaged).is_ok());
    damaged.lose(Shard(0), 2);
    assert!(format!("{:?}", start(&damaged).unwrap_err()).contains("sequence: 2"));
}

#[test]
fn a_log_on_disk_keeps_what_was_answered() {
    let site = site();
    let file = site.data().join("events.redb");
    let open = || {
        let log = Box::new(RedbLog::open(&file, &[]).unwrap());
        Registry::start(Arc::clone(&site.index), log, &|_, _| {}).unwrap()
    };
    let server = Served::with_registry(open(), site.key.clone());
    let documents: Vec<String> =
        (0..20).map(|number| prescription(&format!("rx-{number}")).to_string()).collect();
    std::thread::scope(|scope| {
        for document in &documents {
            scope.spawn(|| assert_eq!(server.post("/v1/documents", document).0, 201));
        }
    });
    let seen = found(&server, &patient());
    assert_eq!(seen.1, 20);
    assert!(RedbLog::open(&file, &[]).is_err(), "one server at a time");
    drop(server);
    let server = Served::with_registry(open(), site.key.clone());
    assert_eq!(found(&server, &patient()), seen);
    for document in &documents {
        assert_eq!(server.post("/v1/documents", document).0, 200);
    }
}

#[test]
fn newer_generations_are_put_in_force_and_bad_ones_refused() {
    let (site, log) = (site(), MemoryLog::new());
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    let config = Config { data: Some(site.data()), ..config(Policies::default()) };
    let server = Served::with_config(config, registry, site.key.clone());
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    let reload = || server.post("/v1/admin/reload", "{}");
    assert_eq!(reload(), (200, json!({"generation": 1, "changed": false})));
    let generation = || server.get("/v1/status").1["generation"].as_u64().unwrap();
    // What was registered stays, behind other tables.
    site.compile_tables_again();
    let reloaded = reload();
    assert_eq!((reloaded.0, generation()), (200, 2), "{reloaded:?}");
    assert_eq!(found(&server, &patient()), (1, 1));
    // A damaged one is refused; the one before serves and registers.
    let damaged = site.compile_tables_again();
    let tables = damaged.join("knowledge-tables");
    let sound = std::fs::read(&tables).unwrap();
    let mut bytes = sound.clone();
    bytes[5000] ^= 1;
    std::fs::remove_file(&tables).unwrap();
    std::fs::write(&tables, bytes).unwrap();
    let refused = reload();
    assert_eq!(code(&refused), (500, "upkeep_failed"));
    assert_eq!(generation(), 2);
    assert_eq!(server.post("/v1/documents/rx-1/cancel", "").0, 201);
    assert_eq!(found(&server, &patient()), (0, 2));
    // A sound one is found without being told of.
    std::fs::write(&tables, sound).unwrap();
    site.compile_tables_again();
    while generation() != 4 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(found(&server, &patient()), (0, 2));
    // And what was registered becomes a generation.
    let compacted = server.post("/v1/admin/compact", "");
    assert_eq!(compacted, (200, json!({"generation": 5, "changed": true})));
    assert_eq!(found(&server, &patient()), (0, 2));
    // Part of a generation now, it is found by its id alone, and nobody else's can have it.
    let known = json!({"document": "rx-1", "state": "cancelled", "event": 2, "versions": [],
                       "acknowledged": [{"finding": "0123", "reason": "経過観察"}]});
    assert_eq!(server.get("/v1/documents/rx-1"), (200, known));
    let mut of_another = prescription("rx-1");
    of_another["patient"] = json!({"id": "another"});
    let taken = server.post("/v1/documents", &of_another.to_string());
    assert_eq!(code(&taken), (409, "document_exists"));
    let changed = server.send("PUT", "/v1/documents/rx-1", &of_another.to_string());
    assert_eq!(code(&changed), (409, "other_document"));
    let not_his = json!({"patient": {"id": "another"}}).to_string();
    let refused = server.post("/v1/documents/rx-1/restore", &not_his);
    assert_eq!(code(&refused), (404, "unknown_document"));
    assert_eq!(server.post("/v1/documents/rx-1/restore", "").0, 201);
    assert_eq!(found(&server, &patient()), (1, 3));
}

#[test]
fn what_was_registered_is_compacted_at_its_hour() {
    let (site, log) = (site(), MemoryLog::new());
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    // The hour comes in two seconds of this clock, which then runs on.
    let start = UNIX_EPOCH + Duration::from_hours(24 * 20_000);
    let began = Instant::now();
    let clock = Clock::new(move || start + began.elapsed());
    let hour = Time::midnight().checked_add(Duration::from_secs(9 * 3_600 + 2)).unwrap();
    let config = Config {
        data: Some(site.data()),
        clock,
        compact_at: Some(hour),
        ..config(Policies::default())
    };
    let server = Served::with_config(config, registry, site.key.clone());
    let before = server.get("/v1/status").1["generation"].as_u64().unwrap();
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    while server.get("/v1/status").1["generation"].as_u64() == Some(before) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(found(&server, &patient()), (1, 1));
}

#[test]
fn history_files_do_not_silently_replace_what_was_registered() {
    let (site, log) = (site(), MemoryLog::new());
    let index = Arc::clone(&site.index);
    let registry = Registry::start(index, Box::new(log.reopen()), &|_, _| {}).unwrap();
    let config = Config { data: Some(site.data()), ..config(Policies::default()) };
    let server = Served::with_config(config, registry, site.key.clone());
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    let link = json!({"patient": {"id": "moved"}, "same_as": patient()}).to_string();
    assert_eq!(server.post("/v1/patients/link", &link).0, 201);
    // Not yet part of a generation, it stays behind whatever is compiled.
    let compiled = site.compile_all_again(None).unwrap();
    assert_eq!(compiled.manifest.event, 0);
    assert_eq!(server.post("/v1/admin/reload", "").0, 200);
    assert_eq!(found(&server, &json!({"id": "moved"})), (1, 2));
    assert_eq!(server.post("/v1/admin/compact", "").0, 200);
    let refused = site.compile_all_again(None).unwrap_err();
    assert!(matches!(refused, CompileError::EventsFolded { folded: 2 }), "{refused}");
    // Who says that the files hold it answers for that, unless they hold nothing. Who is one person
    // stays so.
    let empty = site.compile_all_again(Some(1)).unwrap_err();
    assert!(matches!(empty, CompileError::NoRows { records: 1 }), "{empty}");
    let mut world = World::read(&site.tables()).unwrap();
    world.history.push(HistoryRow {
        document: "rx-0".to_owned(),
        kind: "prescription".to_owned(),
        patient_id: "other".to_owned(),
        date: "2026-11-20".to_owned(),
        institution: CLINIC.to_owned(),
        rp: "1".to_owned(),
        drug_system: "yj".to_owned(),
        drug_code: AMLODIPINE.to_owned(),
        form: "1".to_owned(),
        quantity: "7".to_owned(),
        ..HistoryRow::default()
    });
    world.write(&site.tables()).unwrap();
    let compiled = site.compile_all_again(Some(1)).unwrap();
    assert_eq!(compiled.manifest.event, 1);
    let reloaded = server.post("/v1/admin/reload", "");
    assert_eq!(reloaded.0, 200, "{reloaded:?}");
    assert_eq!(found(&server, &json!({"id": "moved"})), (0, 2));
    assert_eq!(server.post("/v1/documents", &prescription("rx-1").to_string()).0, 201);
    assert_eq!(found(&server, &json!({"id": "moved"})), (1, 3));
}
