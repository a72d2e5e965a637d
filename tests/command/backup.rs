//! A data directory is copied while a server registers, and comes back whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;

use crate::kill::Site;
use crate::registrations::{Answered, Server, document, verify};

pub(crate) fn chofuku(words: &[&str], paths: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
    command.args(words);
    for (option, path) in paths {
        command.arg(option).arg(path);
    }
    command.output().unwrap()
}

pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn register(server: &Server, from: u32, to: u32, known: &mut BTreeMap<String, Answered>) {
    for number in from..to {
        let id = format!("document-{number}");
        let (status, answer) = server.post("/v1/documents", &document(&id, 0)).unwrap();
        assert_eq!(status, 201, "{answer}");
        known.entry(id).or_default().registered = true;
    }
}

#[test]
fn a_running_server_is_backed_up_and_restored() {
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 100));
    let (data, backups) = (site.path("data"), site.path("backups"));
    let server = Server::start_with(&data, &[("--backups", &backups)]);
    let (status, answer) = server.post("/v1/admin/backup", &json!({})).unwrap();
    assert_eq!((status, answer.get("code")), (503, Some(&json!("not_ready"))), "{answer}");
    fs::create_dir(&backups).unwrap();
    let mut known = BTreeMap::new();
    register(&server, 0, 20, &mut known);
    assert_eq!(server.post("/v1/admin/compact", &json!({})).unwrap().0, 200);
    register(&server, 20, 30, &mut known);
    let (status, answer) = server.post("/v1/admin/backup", &json!({})).unwrap();
    assert_eq!((status, answer.get("event")), (200, Some(&json!(30))), "{answer}");
    let name = answer.get("directory").and_then(|name| name.as_str()).unwrap();
    let backup = backups.join(name);
    // The directory of a running server is its own.
    let refused = chofuku(&["backup"], &[("--data", &data), ("--out", &site.path("copy"))]);
    assert!(!refused.status.success() && told(&refused).contains("/v1/admin/backup"));
    let before = known.clone();
    register(&server, 30, 40, &mut known);
    server.kill();
    let restored = site.path("restored");
    let done = chofuku(&["restore"], &[("--from", &backup), ("--data", &restored)]);
    assert!(done.status.success(), "{}", told(&done));
    let again = chofuku(&["restore"], &[("--from", &backup), ("--data", &restored)]);
    assert!(!again.status.success() && told(&again).contains("is there already"));
    let server = Server::start(&restored);
    verify(&server, &site.tables(), 0, &before);
    register(&server, 40, 45, &mut before.clone());
    server.kill();
    // With no server, the command copies; and what is copied is the whole.
    // A slash at its end is none of its name.
    let copy = site.path("copy of all").join("");
    let done = chofuku(&["backup"], &[("--data", &data), ("--out", &copy)]);
    assert!(done.status.success(), "{}", told(&done));
    let server = Server::start(&copy);
    verify(&server, &site.tables(), 0, &known);
    server.kill();
    // A damaged backup is refused.
    let section = fs::read_dir(&backup).unwrap().map(|entry| entry.unwrap().path());
    let section = section.filter(|path| path.is_dir()).map(|path| path.join("history-rows"));
    let section = section.last().unwrap();
    let mut bytes = fs::read(&section).unwrap();
    *bytes.get_mut(5000).unwrap() ^= 1;
    fs::write(&section, bytes).unwrap();
    let refused = chofuku(&["restore"], &[("--from", &backup), ("--data", &site.path("no"))]);
    assert!(!refused.status.success(), "{}", told(&refused));
}

#[test]
fn a_second_server_on_one_directory_is_refused() {
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 10));
    let data = site.path("data");
    let server = Server::start(&data);
    let second = chofuku(&["serve", "--listen", "127.0.0.1:0"], &[("--data", &data)]);
    assert!(!second.status.success());
    assert!(told(&second).contains("open in another process"), "{}", told(&second));
    // A check beside it would miss what it registers.
    let check = chofuku(&["check"], &[("--data", &data), ("request.json", Path::new("."))]);
    assert!(!check.status.success());
    server.kill();
}
