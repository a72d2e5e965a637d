//! A server that is killed while documents are registered, compacted and put in force: whatever was
//! answered is there afterwards, exactly once.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kill::Site;

/// How often the server is killed, unless `CHOFUKU_SERVER_KILLS` says otherwise.
const KILLS: u64 = 12;
/// Clients that register at the same time, each for a patient of its own.
const CLIENTS: usize = 4;

/// A server of its own process.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Path, options: &[(&str, &Path)]) -> Self {
        let options = options.iter().flat_map(|(option, path)| [Path::new(*option), *path]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_chofuku"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().split_once("http://").map(|(_, address)| address.to_owned());
        if address.is_none() {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            child.wait().unwrap();
            assert!(why.is_empty(), "the server does not start: {line}{why}");
        }
        // Logs are read, so that the server never waits for somebody to do so.
        let errors = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            std::io::copy(&mut BufReader::new(errors), &mut std::io::sink())
        });
        Self { address: address.expect("the server says where it listens"), child }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        post(&self.address, path, body)
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The answer, unless the server is gone.
fn post(address: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // An answer that was cut is none.
    Some((status, serde_json::from_str(body).ok()?))
}

/// What was answered of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) registered: bool,
    /// A cancellation was answered, or one was sent and its answer is lost.
    cancelled: bool,
    maybe_cancelled: bool,
}

fn patient(client: usize) -> Value {
    json!({"id": format!("client-{client}")})
}

pub(crate) fn document(id: &str, client: usize) -> Value {
    let drug = json!({"system": "yj", "code": "2171022F2025"});
    json!({"id": id, "kind": "in_house", "setting": "outpatient", "patient": patient(client),
           "date": "2026-11-20", "institution": {"code": "1311234567"},
           "lines": [{"rp": 1, "drug": drug, "form": 1, "quantity": "14"}]})
}

/// Registers and cancels until the server is gone.
fn work(address: &str, client: usize, round: u64, known: &mut BTreeMap<String, Answered>) {
    for number in 0.. {
        let id = format!("{round}-{client}-{number}");
        let answered = known.entry(id.clone()).or_default();
        let Some((status, answer)) = post(address, "/v1/documents", &document(&id, client)) else {
            return;
        };
        assert_eq!(status, 201, "{answer}");
        answered.registered = true;
        if number % 3 == 0 {
            answered.maybe_cancelled = true;
            let path = format!("/v1/documents/{id}/cancel");
            let whose = json!({"patient": patient(client)});
            let Some((status, answer)) = post(address, &path, &whose) else { return };
            assert_eq!(status, 201, "{answer}");
            answered.cancelled = true;
        }
    }
}

/// Every answered document is there once, as it was answered; what was not answered is there at most
/// once.
pub(crate) fn verify(server: &Server, client: usize, known: &BTreeMap<String, Answered>) {
    let body = json!({"patient": patient(client), "own_institution": "include",
                      "as_of": "2026-11-22", "consent": {"level": "full"}});
    let (status, answer) = server.post("/v1/history", &body).unwrap();
    assert_eq!(status, 200, "{answer}");
    let mut found = BTreeMap::new();
    for record in answer.get("records").and_then(Value::as_array).unwrap() {
        let text = |field: &str| record.get(field).and_then(Value::as_str).unwrap();
        let (id, cancelled) = (text("document").to_owned(), text("disposition") == "cancelled");
        assert!(found.insert(id.clone(), cancelled).is_none(), "{id} is there twice");
    }
    for (id, answered) in known {
        let there = found.remove(id);
        assert!(there.is_some() || !answered.registered, "{id} was answered and is lost");
        let Some(cancelled) = there else { continue };
        assert!(cancelled || !answered.cancelled, "the cancellation of {id} is lost");
        assert!(!cancelled || answered.maybe_cancelled, "{id} was never cancelled");
    }
    assert!(found.is_empty(), "never sent: {found:?}");
}

#[test]
fn a_killed_server_loses_nothing_that_it_answered() {
    let kills = std::env::var("CHOFUKU_SERVER_KILLS").ok().and_then(|kills| kills.parse().ok());
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 300));
    let data = site.path("data");
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut known = vec![BTreeMap::new(); CLIENTS];
    for round in 0..kills.unwrap_or(KILLS) {
        let server = Server::start(&data);
        for (client, known) in known.iter().enumerate() {
            verify(&server, client, known);
        }
        let lasts = Duration::from_millis(random.u64(5..400));
        let (address, stop) = (server.address.clone(), AtomicBool::new(false));
        let compacts = round % 2 == 1;
        std::thread::scope(|scope| {
            for (client, known) in known.iter_mut().enumerate() {
                let address = &address;
                scope.spawn(move || work(address, client, round, known));
            }
            if compacts {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        match post(&address, "/v1/admin/compact", &json!({})) {
                            Some((status, answer)) => assert_eq!(status, 200, "{answer}"),
                            None => return,
                        }
                    }
                });
            }
            std::thread::sleep(lasts);
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
    }
    let server = Server::start(&data);
    let mut answered = 0;
    for (client, known) in known.iter().enumerate() {
        verify(&server, client, known);
        answered += known.values().filter(|answered| answered.registered).count();
        // Sent again, nothing is registered twice.
        for (id, _) in known.iter().filter(|(_, answered)| answered.registered).take(20) {
            let (status, answer) = server.post("/v1/documents", &document(id, client)).unwrap();
            assert_eq!(status, 200, "{answer}");
        }
    }
    server.kill();
    assert!(answered > 0, "nothing was ever registered");
    println!("seed {seed}: {answered} answered registrations, none lost, none twice");
}
