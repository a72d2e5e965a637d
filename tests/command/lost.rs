//! A data directory of which something is missing: every command misses it as the server does.

use std::fs;
use std::path::{Path, PathBuf};

use chofuku_engine::Day;
use serde_json::{Value, json};

use crate::backup::{chofuku, told};
use crate::kill::Site;
use crate::registrations::{Server, document};

/// A data directory with a history and registered documents, and no server.
fn registered(site: &Site, documents: u32) -> PathBuf {
    site.compile_to_the_end(&site.history("history.csv", 20));
    let data = site.path("data");
    let server = Server::start(&data);
    for number in 0..documents {
        let (status, answer) =
            server.post("/v1/documents", &document(&format!("rx-{number}"), 0)).unwrap();
        assert_eq!(status, 201, "{answer}");
    }
    server.kill();
    data
}

#[test]
fn a_log_that_is_lost_is_missed_by_every_command() {
    let site = Site::new();
    let data = registered(&site, 3);
    for words in [&["inspect"][..], &["replay", "--top", "1"]] {
        let done = chofuku(words, &[("--data", &data)]);
        assert!(done.status.success(), "{}", told(&done));
        assert!(told(&done).contains("3 events registered since"), "{}", told(&done));
    }
    let request = site.path("request.json");
    let body = json!({"patient": {"id": "client-0"}, "as_of": "2026-11-03",
        "own_institution": "include", "consent": {"level": "none"},
        "lines": [{"rp": 1, "drug": {"system": "yj", "code": "2171022F2025"}, "form": 1, "quantity": "7"}]});
    fs::write(&request, body.to_string()).unwrap();
    let check = || chofuku(&["check", request.to_str().unwrap()], &[("--data", &data)]);
    assert_eq!(check().status.code(), Some(3), "{}", told(&check()));
    fs::remove_file(data.join("events.redb")).unwrap();
    let (copy, restored) = (site.path("copy"), site.path("restored"));
    for (done, what) in [
        (check(), "check"),
        (chofuku(&["verify"], &[("--data", &data)]), "verify"),
        (chofuku(&["backup"], &[("--data", &data), ("--out", &copy)]), "backup"),
        (chofuku(&["restore"], &[("--from", &data), ("--data", &restored)]), "restore"),
    ] {
        assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0), "{what}");
        assert!(told(&done).contains("event 3 was acknowledged"), "{what}: {}", told(&done));
    }
    assert!(!copy.exists() && !restored.exists() && !data.join("events.redb").exists());
    let done = chofuku(&["inspect"], &[("--data", &data)]);
    assert!(done.status.success() && told(&done).contains("lost"), "{}", told(&done));
}

#[test]
fn a_backup_without_a_log_says_so() {
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 20));
    let (data, copy) = (site.path("data"), site.path("copy"));
    let done = chofuku(&["backup"], &[("--data", &data), ("--out", &copy)]);
    assert!(done.status.success() && told(&done).contains("no event log"), "{}", told(&done));
}

#[test]
fn a_copy_has_its_name_when_it_is_complete() {
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 20));
    let (data, copy) = (site.path("data"), site.path("copy"));
    let current = fs::read_to_string(data.join("CURRENT")).unwrap();
    let section = data.join(current.split(' ').next().unwrap()).join("history-rows");
    let whole = fs::read(&section).unwrap();
    fs::write(&section, &whole[..whole.len() - 1]).unwrap();
    let failed = chofuku(&["backup"], &[("--data", &data), ("--out", &copy)]);
    let begun = site.path("copy.incomplete");
    assert!(!failed.status.success() && begun.is_dir() && !copy.exists(), "{}", told(&failed));
    // Its pointer may be there already: the name tells.
    let refused = chofuku(&["restore"], &[("--from", &begun), ("--data", &site.path("no"))]);
    assert!(told(&refused).contains("no complete backup"), "{}", told(&refused));
    fs::write(&section, &whole).unwrap();
    let refused = chofuku(&["backup"], &[("--data", &data), ("--out", &copy)]);
    assert!(told(&refused).contains("is there already"), "{}", told(&refused));
    fs::remove_dir_all(&begun).unwrap();
    let done = chofuku(&["backup"], &[("--data", &data), ("--out", &copy)]);
    assert!(done.status.success() && !begun.exists(), "{}", told(&done));
    // As an earlier version left one that was killed.
    fs::remove_file(copy.join("CURRENT")).unwrap();
    let refused = chofuku(&["restore"], &[("--from", &copy), ("--data", &site.path("no"))]);
    assert!(told(&refused).contains("no complete backup"), "{}", told(&refused));
}

#[test]
fn an_event_that_the_log_cannot_go_on_behind_is_refused() {
    let site = Site::new();
    let data = registered(&site, 3);
    let tables = site.path("tables");
    let history = site.path("history.csv");
    let compile = |event: &str| {
        let paths: [(&str, &Path); 3] =
            [("--tables", &tables), ("--history", &history), ("--out", &data)];
        chofuku(&["compile", "--includes-event", event], &paths)
    };
    let refused = |event: &str, numbers: &str| {
        let done = compile(event);
        assert_eq!(done.status.code(), Some(1), "{event}");
        assert!(told(&done).contains(numbers), "{event}: {}", told(&done));
    };
    refused("4", "behind event 0 and ends with event 3");
    assert!(compile("2").status.success());
    let server = Server::start(&data);
    // Beside a server, the generation in force is the least.
    refused("1", "behind event 2 and ends with event 3");
    refused("4", "behind event 2 and ends with event 3");
    for _ in 0..2 {
        assert_eq!(server.post("/v1/admin/compact", &json!({})).unwrap().0, 200);
    }
    server.kill();
    refused("2", "behind event 3 and ends with event 3");
    assert!(compile("3").status.success());
    Server::start(&data).kill();
}

#[test]
fn a_compaction_without_the_sites_configuration_warns() {
    let site = Site::new();
    let data = registered(&site, 1);
    let done = chofuku(&["compact"], &[("--data", &data)]);
    assert!(done.status.success() && told(&done).contains("give --config"), "{}", told(&done));
    let config = site.path("site.toml");
    fs::write(&config, "[policies.long]\nlook_back_days = 365\ndefault_period_days = 200\n")
        .unwrap();
    let done = chofuku(&["compact"], &[("--data", &data), ("--config", &config)]);
    assert!(done.status.success() && !told(&done).contains("give --config"), "{}", told(&done));
}

#[test]
fn a_replay_says_from_which_day_on_a_compacted_history_is_whole() {
    let site = Site::new();
    let data = registered(&site, 1);
    let replay = |from: &str, policy: &str| {
        let config = site.path("site.toml");
        fs::write(&config, "[policies.long]\ndefault_period_days = 200\nwashout = true\n").unwrap();
        let words = ["replay", "--json", "--from", from, "--policy", policy];
        let done = chofuku(&words, &[("--data", &data), ("--config", &config)]);
        let value: Value = serde_json::from_slice(&done.stdout).unwrap();
        let warns = told(&done).contains("a compaction left documents out");
        (value["whole_from"].as_str().map(|day| day.parse::<Day>().unwrap()), warns)
    };
    assert_eq!(replay("2020-01-01", "official"), (None, false));
    let done = chofuku(&["compact"], &[("--data", &data)]);
    assert!(done.status.success(), "{}", told(&done));
    let (whole_from, warns) = replay("2020-01-01", "official");
    let day = whole_from.unwrap();
    assert!(warns);
    assert_eq!(replay(&day.to_string(), "official"), (Some(day), false));
    let (later, warns) = replay(&day.to_string(), "long");
    assert!(warns && later > whole_from, "{later:?} {day}");
    let done = chofuku(&["inspect"], &[("--data", &data)]);
    let whole = format!("checks by policy official are whole from {day} on");
    assert!(told(&done).contains(&whole), "{}", told(&done));
}
