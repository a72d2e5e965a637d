//! A server that is killed while documents are registered, compacted and put in force: whatever was
//! answered is there afterwards, exactly once, and checks answer from it as the oracle does.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chofuku_tests::{HistoryRow, World, check, comparable};
use serde_json::{Value, json};

use crate::kill::Site;

/// How often the server is killed, unless `CHOFUKU_SERVER_KILLS` says otherwise.
const KILLS: u64 = 12;
/// Clients that register at the same time, each for a patient of its own.
const CLIENTS: usize = 4;
/// Rounds after which others register: what has grown is asked for again in the end only.
const ROUNDS_OF_CLIENTS: usize = 20;

/// A server of its own process.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Path, options: &[(&str, &Path)]) -> Self {
        Self::start_under(None, data, options)
    }

    /// Starts it through another program, which is given the words before it.
    pub(crate) fn start_under(
        through: Option<(&Path, &[&OsStr])>,
        data: &Path,
        options: &[(&str, &Path)],
    ) -> Self {
        let options = options.iter().flat_map(|(option, path)| [Path::new(*option), *path]);
        let mut command = match through {
            Some((program, words)) => {
                let mut command = Command::new(program);
                command.args(words).arg(env!("CARGO_BIN_EXE_chofuku"));
                command
            }
            None => Command::new(env!("CARGO_BIN_EXE_chofuku")),
        };
        let mut child = command
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

    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    /// Also where a test fails: no server outlives it.
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
    }
}

/// The answer, unless the server is gone.
pub(crate) fn post(address: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
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

/// Drugs of the demo's tables: two are contraindicated with each other.
const DRUGS: [&str; 3] = ["2171022F2025", "6290004M1029", "1124007F2026"];

/// The row of a document: which drug, when and how long follow from the last digits of its id.
fn row(id: &str, client: usize) -> HistoryRow {
    let number: usize = id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    HistoryRow {
        document: id.to_owned(),
        kind: "in_house".to_owned(),
        setting: "outpatient".to_owned(),
        patient_id: format!("client-{client}"),
        date: format!("2026-11-{:02}", 1 + number % 21),
        institution: "1311234567".to_owned(),
        rp: "1".to_owned(),
        drug_system: "yj".to_owned(),
        drug_code: DRUGS.get(number % 3).copied().unwrap_or_default().to_owned(),
        form: "1".to_owned(),
        quantity: (7 + number % 8).to_string(),
        ..HistoryRow::default()
    }
}

pub(crate) fn document(id: &str, client: usize) -> Value {
    let row = row(id, client);
    let drug = json!({"system": row.drug_system, "code": row.drug_code});
    json!({"id": id, "kind": row.kind, "setting": row.setting, "patient": patient(client),
           "date": row.date, "institution": {"code": row.institution},
           "lines": [{"rp": 1, "drug": drug, "form": 1, "quantity": row.quantity}]})
}

/// Checks of a patient, at every consent level and under both policies.
fn checks(client: usize) -> impl Iterator<Item = Value> {
    let lines: Vec<Value> = (0..).zip(DRUGS).map(|(rp, code)| {
        json!({"rp": rp + 1, "drug": {"system": "yj", "code": code}, "form": 1, "quantity": "7"})
    }).collect();
    let consents = ["none", "oral", "full"].into_iter();
    consents.flat_map(move |level| {
        let lines = lines.clone();
        ["official", "extended"].into_iter().map(move |policy| {
            json!({"patient": patient(client), "as_of": "2026-11-22", "policy": policy,
                   "actor": {"kind": "medical_institution", "code": "1319999999"},
                   "lines": lines,
                   "consent": {"level": level, "recorded_by": "dr-1"}})
        })
    })
}

/// Registers and cancels until the server is gone, or refuses because it is over.
pub(crate) fn work(
    address: &str,
    client: usize,
    round: u64,
    known: &mut BTreeMap<String, Answered>,
    over: Option<&AtomicBool>,
) {
    let refuses =
        |status: u16| status == 503 && over.is_some_and(|over| over.load(Ordering::Relaxed));
    for number in 0.. {
        let id = format!("{round}-{client}-{number}");
        let answered = known.entry(id.clone()).or_default();
        let Some((status, answer)) = post(address, "/v1/documents", &document(&id, client)) else {
            return;
        };
        if refuses(status) {
            return;
        }
        assert_eq!(status, 201, "{answer}");
        answered.registered = true;
        if number % 3 == 0 {
            answered.maybe_cancelled = true;
            let path = format!("/v1/documents/{id}/cancel");
            let whose = json!({"patient": patient(client)});
            let Some((status, answer)) = post(address, &path, &whose) else { return };
            if refuses(status) {
                return;
            }
            assert_eq!(status, 201, "{answer}");
            answered.cancelled = true;
        }
    }
}

/// Every answered document is there once, as it was answered; what was not answered is there at most
/// once. And a check answers as the oracle does for what is there; which of [`checks`], the number of
/// documents decides.
pub(crate) fn verify(
    server: &Server,
    tables: &World,
    client: usize,
    known: &BTreeMap<String, Answered>,
) {
    let body = json!({"patient": patient(client), "own_institution": "include",
                      "as_of": "2026-11-22", "consent": {"level": "full"}});
    let (status, answer) = server.post("/v1/history", &body).unwrap();
    assert_eq!(status, 200, "{answer}");
    let mut found = BTreeMap::new();
    let mut world = tables.clone();
    for record in answer.get("records").and_then(Value::as_array).unwrap() {
        let text = |field: &str| record.get(field).and_then(Value::as_str).unwrap();
        let (id, cancelled) = (text("document").to_owned(), text("disposition") == "cancelled");
        let status = if cancelled { "cancelled".to_owned() } else { String::new() };
        world.history.push(HistoryRow { status, ..row(&id, client) });
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
    for request in checks(client).skip(world.history.len() % 6).take(1) {
        let (status, answer) = server.post("/v1/check", &request).unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(comparable(answer), check(&world, &request), "{request}");
    }
}

#[test]
fn a_killed_server_loses_nothing_that_it_answered() {
    let kills = std::env::var("CHOFUKU_SERVER_KILLS").ok().and_then(|kills| kills.parse().ok());
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 300));
    let data = site.path("data");
    let tables = site.tables();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut known = Vec::new();
    for round in 0..kills.unwrap_or(KILLS) {
        let server = Server::start(&data);
        let first = usize::try_from(round).unwrap() / ROUNDS_OF_CLIENTS * CLIENTS;
        known.resize_with(first + CLIENTS, BTreeMap::new);
        for (client, known) in known.iter().enumerate().skip(first) {
            verify(&server, &tables, client, known);
        }
        let lasts = Duration::from_millis(random.u64(5..400));
        let (address, stop) = (server.address.clone(), AtomicBool::new(false));
        let compacts = round % 2 == 1;
        std::thread::scope(|scope| {
            for (client, known) in known.iter_mut().enumerate().skip(first) {
                let address = &address;
                scope.spawn(move || work(address, client, round, known, None));
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
        verify(&server, &tables, client, known);
        answered += known.values().filter(|answered| answered.registered).count();
        // Sent again, nothing is registered twice, and what is cancelled stays so.
        for (id, answered) in known.iter().filter(|(_, answered)| answered.registered).take(20) {
            let (status, answer) = server.post("/v1/documents", &document(id, client)).unwrap();
            let code = answer.get("code").and_then(Value::as_str);
            let is_refused = (status, code) == (409, Some("already_cancelled"));
            let as_known = if is_refused { answered.maybe_cancelled } else { !answered.cancelled };
            assert!(as_known && (is_refused || status == 200), "{answer}");
        }
    }
    server.kill();
    assert!(answered > 0, "nothing was ever registered");
    println!("seed {seed}: {answered} answered registrations, none lost, none twice");
}
