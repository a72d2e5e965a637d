//! The client crate against a real server: every call, lost answers, and that its types read all that the
//! server says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use chofuku_client::{
    Actor, Check, CheckAnswer, Client, Code, CodeSystem, Consent, Disposition, Document, Drug,
    Error, Form, History, HistoryAnswer, Line, Outcome, OwnInstitution, Patient, State,
};
use chofuku_live::Registry;
use chofuku_log::MemoryLog;
use chofuku_tests::World;
use chofuku_tests::cases::{self, Call};
use chofuku_tests::contract::without_nulls;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::http::{CONTRACT, Served};
use crate::site::Site;

const AMLODIPINE: &str = "2171022F2025";
const CLINIC: &str = "1311234567";
const OTHER_CLINIC: &str = "1311234575";
const PHARMACY: &str = "1341234567";
const TODAY: &str = "2026-11-22";

fn served() -> Served {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tables");
    let site = Site::of(&World::read(&tables).unwrap());
    let log = MemoryLog::new();
    let registry = Registry::start(Arc::clone(&site.index), Box::new(log), &|_, _| {}).unwrap();
    Served::with_registry(registry, site.key.clone())
}

fn client(address: SocketAddr) -> Client {
    Client::new(&format!("http://{address}")).unwrap()
}

fn patient() -> Patient {
    Patient::insured("06130012", "12", "3456", "01")
}

fn line() -> Line {
    Line::new(1, Drug::yj(AMLODIPINE).name("ノルバスク錠５ｍｇ"), Form::Oral).quantity("14")
}

fn prescription(id: &str) -> Document {
    Document::prescription(id, patient(), "2026-11-20", CLINIC).line(line())
}

fn check(consent: Consent) -> Check {
    let check = Check::new(patient(), Actor::medical_institution(OTHER_CLINIC));
    check.as_of(TODAY).consent(consent).line(line())
}

/// A request is written as the document says.
fn is_described(method: &str, path: &str, request: &impl Serialize) {
    CONTRACT.request(method, path, &serde_json::to_value(request).unwrap()).unwrap();
}

/// An answer is read without losing a field.
fn is_read_whole<T: DeserializeOwned + Serialize>(answer: &Value) {
    let read: T = serde_json::from_value(answer.clone()).unwrap();
    let written = serde_json::to_value(read).unwrap();
    assert_eq!(without_nulls(written), without_nulls(answer.clone()));
}

#[test]
fn every_call_is_answered() {
    let server = served();
    let client = client(server.address());
    Runtime::new().unwrap().block_on(async {
        assert!(client.check(&check(Consent::none())).await.unwrap().is_clear());
        let rx = prescription("rx-1");
        let registered = client.register(&rx).await.unwrap();
        assert_eq!(registered.document.as_deref(), Some("rx-1"));
        assert_eq!(client.register(&rx).await.unwrap(), registered, "the same adds nothing");
        let after = client.seeing(registered.event);

        let none = after.check(&check(Consent::none())).await.unwrap();
        assert!(none.outcome == Outcome::Findings && !none.is_clear());
        assert!(none.findings[0].is_withheld() && none.findings[0].evidence.is_none());
        let oral = after.check(&check(Consent::oral("dr-017"))).await.unwrap();
        assert_eq!(oral.findings[0].evidence.as_ref().unwrap()[0].document, "rx-1");
        assert!(oral.considered.is_none());
        let full = after.check(&check(Consent::full())).await.unwrap();
        assert_eq!(full.active_drugs, Some(1));
        let own = check(Consent::full()).source_document("rx-1").policy("extended");
        assert!(after.check(&own).await.unwrap().is_clear());

        let asked = History::with_full_consent(patient(), Actor::pharmacy(PHARMACY));
        let asked = asked.as_of(TODAY).own_institution(OwnInstitution::Include);
        let history = after.history(&asked).await.unwrap();
        assert_eq!(history.records[0].disposition, Disposition::Active);
        assert_eq!(history.records[0].record.document, "rx-1");

        let finding = &oral.findings[0].id;
        let changed = prescription("rx-1").line(line()).acknowledge(finding, Some("経過観察"));
        let changed = client.change(&changed).await.unwrap();
        assert!(changed.event > registered.event);
        let cancelled = client.cancel("rx-1", Some(&patient())).await.unwrap();
        let state = client.seeing(cancelled.event).document("rx-1").await.unwrap().unwrap();
        assert_eq!((state.state, state.versions.len()), (State::Cancelled, 2));
        assert_eq!(state.acknowledged[0].reason.as_deref(), Some("経過観察"));
        let again = client.cancel("rx-1", None).await.unwrap_err();
        assert_eq!(again.refusal().unwrap().code, Code::AlreadyCancelled);
        client.restore("rx-1", None).await.unwrap();
        assert_eq!(client.document("no such").await.unwrap(), None);

        let other = Patient::id("p-1");
        let linked = client.link(&patient(), &other).await.unwrap();
        assert_eq!(linked.document, None);
        let as_other = Check::new(other, Actor::pharmacy(PHARMACY)).as_of(TODAY).line(line());
        let found = client.seeing(linked.event).check(&as_other).await.unwrap();
        assert_eq!(found.outcome, Outcome::Findings);

        let dispensing = Document::dispensing("dx-1", patient(), TODAY, PHARMACY)
            .prescribed_by(CLINIC)
            .of_prescription("rx-1")
            .line(line());
        client.register(&dispensing).await.unwrap();

        let drugs = client.drugs("ノルバスク", 5).await.unwrap().drugs;
        assert_eq!(drugs[0].name, "ノルバスク錠５ｍｇ");
        let drug = client.drug(&CodeSystem::Yj, AMLODIPINE).await.unwrap().unwrap();
        assert_eq!(drug.substances[0].id, "amlodipine");
        assert_eq!(client.drug(&CodeSystem::Yj, "999999999999").await.unwrap(), None);
        let status = client.status().await.unwrap();
        assert!(status.event >= linked.event && status.policies.contains(&"extended".to_owned()));
    });
}

#[test]
fn a_refusal_says_where_and_what_is_allowed() {
    let server = served();
    let client = client(server.address());
    Runtime::new().unwrap().block_on(async {
        let refused = client.check(&check(Consent::none()).policy("of nobody")).await.unwrap_err();
        let refusal = refused.refusal().unwrap();
        assert_eq!((refusal.status, &refusal.code), (400, &Code::UnknownPolicy));
        assert_eq!(refusal.path.as_deref(), Some("policy"));
        assert_eq!(refusal.allowed, ["official", "extended"]);
        let early = client.with_attempts(1).seeing(99).status().await.unwrap_err();
        assert_eq!(early.refusal().unwrap().code, Code::EventNotReached);
        assert!(early.is_temporary());
    });
}

#[test]
fn a_batch_is_answered_in_its_order() {
    let server = served();
    let client = client(server.address());
    Runtime::new().unwrap().block_on(async {
        let checks = (0..500).map(|number| {
            let check = check(Consent::none());
            if number % 100 == 7 { check.policy("of nobody") } else { check }
        });
        let mut batch = client.check_batch(checks).await.unwrap();
        let mut numbers = Vec::new();
        let mut count = 0;
        while let Some(answer) = batch.next().await {
            match answer {
                Ok(answer) => assert!(answer.is_clear()),
                Err(error) => {
                    assert_eq!(error.refusal().unwrap().code, Code::UnknownPolicy);
                    numbers.push(count);
                }
            }
            count += 1;
        }
        assert_eq!((count, numbers), (500, vec![7, 107, 207, 307, 407]));
        let mut none = client.check_batch(Vec::new()).await.unwrap();
        assert!(none.next().await.is_none());
    });
}

/// A server of one test, which does with each connection what it is told.
fn fake(connections: usize, serve: impl Fn(usize, TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for number in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            serve(number, stream);
        }
    });
    address
}

/// The bytes of a request with a body of stated length.
fn request_of(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).unwrap_or("0");
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() >= length {
                return request;
            }
        }
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the request is not whole");
        request.extend_from_slice(&piece[..read]);
    }
}

#[test]
fn a_registration_whose_answer_is_lost_is_made_once() {
    let server = served();
    let behind = server.address();
    // Passes requests on, and loses the first two answers.
    let address = fake(3, move |number, mut stream| {
        let request = String::from_utf8(request_of(&mut stream)).unwrap();
        let mut onward = TcpStream::connect(behind).unwrap();
        onward
            .write_all(request.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())
            .unwrap();
        let mut answer = Vec::new();
        onward.read_to_end(&mut answer).unwrap();
        if number == 2 {
            stream.write_all(&answer).unwrap();
        }
    });
    Runtime::new().unwrap().block_on(async {
        let registered = client(address).register(&prescription("rx-1")).await.unwrap();
        let direct = client(behind);
        assert_eq!(direct.status().await.unwrap().event, registered.event);
        assert_eq!(registered.event, 1, "it was registered once");
    });
}

#[test]
fn a_cancel_whose_answer_is_lost_is_not_sent_again() {
    let address = fake(1, |_, mut stream| drop(request_of(&mut stream)));
    Runtime::new().unwrap().block_on(async {
        let lost = client(address).cancel("rx-1", None).await.unwrap_err();
        assert!(matches!(lost, Error::Unreachable(_)), "{lost:?}");
    });
}

#[test]
fn a_silent_server_is_not_waited_for_without_end() {
    let address = fake(1, |_, mut stream| {
        request_of(&mut stream);
        // Until the client has gone.
        drop(stream.read(&mut [0]));
    });
    let client = client(address).with_timeout(Duration::from_millis(50)).with_attempts(1);
    let late = Runtime::new().unwrap().block_on(client.check(&check(Consent::none()))).unwrap_err();
    assert!(matches!(late, Error::Timeout { .. }), "{late:?}");
}

#[test]
fn what_is_no_answer_is_an_error() {
    for (status, body) in [
        ("200 OK", "{}"),
        ("200 OK", "<html>"),
        ("200 OK", r#"{"outcome":"clear"}"#),
        ("502 Bad Gateway", "<html>"),
        ("204 No Content", ""),
    ] {
        let address = fake(1, move |_, mut stream| {
            request_of(&mut stream);
            let length = body.len();
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        });
        let client = client(address);
        let answer = Runtime::new().unwrap().block_on(client.check(&check(Consent::none())));
        assert!(matches!(answer, Err(Error::Unreadable { .. })), "{status} {body}: {answer:?}");
    }
}

#[test]
fn a_batch_that_breaks_off_is_not_done() {
    let answer = {
        let server = served();
        server.post("/v1/check", &serde_json::to_string(&check(Consent::none())).unwrap()).1
    };
    // Two answers to three checks, and an end as of a whole body.
    let address = fake(1, move |_, mut stream| {
        let body = format!("{answer}\n{answer}\n");
        let mut piece = vec![0; 65536];
        let mut seen = Vec::new();
        while !seen.ends_with(b"0\r\n\r\n") {
            let read = stream.read(&mut piece).unwrap();
            seen.extend_from_slice(&piece[..read]);
        }
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    Runtime::new().unwrap().block_on(async {
        let checks: Vec<Check> = (0..3).map(|_| check(Consent::none())).collect();
        let mut batch = client(address).check_batch(checks).await.unwrap();
        assert!(batch.next().await.unwrap().is_ok() && batch.next().await.unwrap().is_ok());
        let broken = batch.next().await.unwrap().unwrap_err();
        assert!(matches!(broken, Error::BatchBroken { answered: 2, sent: 3 }), "{broken:?}");
        assert!(batch.next().await.is_none());
    });
}

#[test]
fn requests_are_written_as_the_document_says() {
    for consent in [Consent::none(), Consent::oral("dr-017"), Consent::full().recorded_by("x")] {
        is_described("POST", "/v1/check", &check(consent));
    }
    let usage = line().usage("1011000400000000").usage_supplement("I1100000");
    let check = check(Consent::none()).line(usage).own_institution(OwnInstitution::Exclude);
    is_described("POST", "/v1/check/batch", &check.policy("extended").source_document("rx-1"));
    let history = History::with_full_consent(Patient::id("p-1"), Actor::pharmacy(PHARMACY));
    is_described("POST", "/v1/history", &history);
    is_described("POST", "/v1/documents", &prescription("rx-1").refill_uses(3));
    let dispensing = Document::dispensing("dx-1", patient(), TODAY, PHARMACY).line(line());
    is_described("POST", "/v1/documents", &dispensing.refill_use(2).acknowledge("f", None));
    let setting = chofuku_client::Setting::Discharge;
    let in_house = Document::in_house("ih-1", patient(), TODAY, CLINIC, setting).line(line());
    is_described("PUT", "/v1/documents/ih-1", &in_house.consent(Consent::full()));
}

#[test]
fn every_golden_answer_is_read_whole() {
    let mut seen = 0;
    for case in cases::all() {
        let site = Site::of(&case.world());
        for check in case.checks().iter().filter(|check| check.policy.name != "site") {
            let policies = chofuku_server::Policies::default();
            match check.call {
                Call::Check => is_read_whole::<CheckAnswer>(&site.check(&check.request, &policies)),
                Call::History => {
                    is_read_whole::<HistoryAnswer>(&site.history(&check.request, &policies));
                }
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} answers");
}

#[test]
fn every_word_of_the_document_is_known() {
    let codes: Vec<&str> = chofuku_server::Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(Code::KNOWN.len(), codes.len());
    assert!(codes.iter().all(|code| Code::KNOWN.contains(code)), "{codes:?}");
    let enums = |pointer: &str| -> Vec<String> {
        let words = CONTRACT.document()["components"]["schemas"].pointer(pointer);
        let words = words.unwrap_or_else(|| panic!("{pointer}")).as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    for (pointer, known) in [
        ("/CheckAnswer/properties/outcome/enum", Outcome::KNOWN),
        (
            "/CheckAnswer/properties/incomplete_because/items/enum",
            chofuku_client::IncompleteBecause::KNOWN,
        ),
        ("/NotChecked/properties/reason/enum", chofuku_client::NotCheckedReason::KNOWN),
        ("/HistoryRecord/properties/disposition/enum", Disposition::KNOWN),
        ("/DuplicateFinding/properties/kind/enum", chofuku_client::FindingKind::KNOWN),
        ("/DuplicateFinding/properties/level/enum", chofuku_client::Level::KNOWN),
        ("/Rule/properties/stated_by/enum", chofuku_client::StatedBy::KNOWN),
        ("/Evidence/properties/basis/enum", chofuku_client::Basis::KNOWN),
        ("/Evidence/properties/days_from/enum", chofuku_client::DaysFrom::KNOWN),
        ("/Evidence/properties/resolution/enum", chofuku_client::Resolution::KNOWN),
        ("/RecordDrug/properties/system/enum", CodeSystem::KNOWN),
        ("/DocumentAnswer/properties/state/enum", State::KNOWN),
    ] {
        assert_eq!(enums(pointer), known, "{pointer}");
    }
}

#[test]
fn the_example_in_python_finds_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let server = served();
    let address = format!("http://{}", server.address());
    let run = |patient: &str| {
        let mut python = Command::new("python3");
        python.arg("examples/check.py").args([&address, patient, AMLODIPINE]).current_dir(root);
        python.output()
    };
    let Ok(clear) = run("p-1") else {
        println!("not run: there is no python3");
        return;
    };
    assert_eq!((clear.status.code(), clear.stdout.as_slice()), (Some(0), b"clear\n".as_slice()));
    // Of the server's own day, which a test cannot choose for the example.
    let document = Document::dispensing("dx-1", Patient::id("p-1"), "1970-01-01", PHARMACY);
    let registered = serde_json::to_string(&document.line(line())).unwrap();
    assert_eq!(server.post("/v1/documents", &registered).0, 201);
    let found = run("p-1").unwrap();
    let told = String::from_utf8(found.stdout).unwrap();
    assert_eq!(found.status.code(), Some(3), "{told}");
    assert!(told.starts_with("findings\n") && told.contains("ノルバスク錠５ｍｇ"), "{told}");
}
