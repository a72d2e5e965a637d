//! What a server tells of its work: spans to a collector, metrics, and a log that holds everything it
//! can, with nothing of a patient in any of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};

use crate::kill::Site;

/// Longer than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_mins(1);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Values that stand nowhere else, so that a text with one of them has it from a request.
const SECRETS: [&str; 12] = [
    "06139463",
    "symbol-771",
    "number-882",
    "opaque-993",
    "Practitioner/dr-tanaka",
    "recorder-554",
    "2171022F2025",
    "ノルバスク",
    "doc-secret-1",
    "comment-335",
    "1311299999",
    "patient-446",
];

/// A collector that keeps what it is sent.
struct Collector {
    endpoint: String,
    received: Receiver<Vec<u8>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (send, received) = mpsc::channel();
        std::thread::spawn(move || {
            // Ends with the process of the test.
            for stream in listener.incoming() {
                let body = take(stream.unwrap());
                if send.send(body).is_err() {
                    return;
                }
            }
        });
        Self { endpoint, received }
    }

    /// Every span that has come, once there are so many.
    fn spans(&self, count: usize) -> (Vec<(String, Span)>, Vec<u8>) {
        let (mut spans, mut bytes) = (Vec::new(), Vec::new());
        while spans.len() < count {
            let body = self.received.recv_timeout(PATIENCE).expect("a span comes");
            let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
            for resource in request.resource_spans {
                let attributes = resource.resource.unwrap().attributes;
                let name = attributes.iter().find(|one| one.key == "service.name").unwrap();
                let name = text(name.value.clone().unwrap().value.unwrap());
                let found = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
                spans.extend(found.map(|span| (name.clone(), span)));
            }
            bytes.extend(body);
        }
        (spans, bytes)
    }
}

/// The body of one request, which is answered.
fn take(stream: TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    let mut path = String::new();
    stream.read_line(&mut path).unwrap();
    assert!(path.starts_with("POST /v1/traces "), "{path}");
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(written) = line.strip_prefix("content-length: ") {
            length = written.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    body
}

fn text(value: AnyValue) -> String {
    match value {
        AnyValue::StringValue(text) => text,
        AnyValue::IntValue(number) => number.to_string(),
        other @ (AnyValue::BoolValue(_)
        | AnyValue::DoubleValue(_)
        | AnyValue::ArrayValue(_)
        | AnyValue::KvlistValue(_)
        | AnyValue::BytesValue(_)
        | AnyValue::StringValueStrindex(_)) => format!("{other:?}"),
    }
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|one| one.key == name)?;
    found.value.clone()?.value.map(text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A server in a process of its own, whose log is kept.
struct Server {
    child: Child,
    address: String,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Server {
    fn start(site: &Site, options: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(site.path("data"));
        command.args(options).envs(environment.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            errors.read_to_string(&mut log).unwrap();
            log
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().split_once("http://").map(|(_, address)| address.to_owned());
        Self { child, address: address.expect("the server says where it listens"), log: Some(log) }
    }

    fn send(&self, head: &str, content: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{head} HTTP/1.1\r\nhost: test\r\ncontent-type: {content}\r\nconnection: close\r\n\
             traceparent: 00-{TRACE}-{PARENT}-01\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn post(&self, path: &str, body: &Value) -> String {
        self.send(&format!("POST {path}"), "application/json", &body.to_string())
    }

    /// Stops it as an operator does, and gives its log.
    fn stop(mut self) -> String {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    /// Also where a test fails: no server outlives it.
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
    }
}

fn site() -> Site {
    let site = Site::new();
    let history = site.history("history.csv", 20);
    site.compile_to_the_end(&history);
    site
}

fn insured() -> Value {
    json!({"insurer": "06139463", "symbol": "symbol-771", "number": "number-882", "branch": "01"})
}

fn line() -> Value {
    json!({"rp": 1, "drug": {"system": "yj", "code": "2171022F2025", "name": "ノルバスク"},
           "form": 1, "quantity": "14"})
}

fn check(patient: &Value) -> Value {
    json!({"patient": patient, "as_of": "2026-11-22", "lines": [line()],
           "actor": {"kind": "medical_institution", "code": "1311234567"},
           "consent": {"level": "oral", "recorded_by": "recorder-554"}})
}

fn hook() -> Value {
    let coding = json!({"system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
                        "code": "2171022F2025"});
    let order = json!({"resourceType": "MedicationRequest", "id": "doc-secret-1", "status": "draft",
        "medicationCodeableConcept": {"text": "ノルバスク", "coding": [coding]}});
    json!({"hookInstance": "1", "hook": "order-sign",
           "context": {"userId": "Practitioner/dr-tanaka", "patientId": "patient-446",
                       "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": order}]}},
           "extension": {"com.chofuku": {
               "actor": {"kind": "medical_institution", "code": "1311234567"},
               "consent": {"level": "oral", "recorded_by": "recorder-554"}}}})
}

fn document(patient: &Value) -> Value {
    json!({"id": "doc-secret-1", "kind": "prescription", "patient": patient, "date": "2026-11-20",
           "institution": {"code": "1311299999"}, "lines": [line()]})
}

/// One request of each kind, with values that can be recognised. Gives how many there were.
fn talk(server: &Server) -> usize {
    let of_hook = document(&json!({"id": "patient-446"}));
    let of_hook = of_hook.to_string().replace("doc-secret-1", "doc-secret-1b");
    let (csv, json) = ("text/csv", "application/json");
    let message = "101,1,1,,14\r\n201,1,1,1,4,2171022F2025,ノルバスク,1,1,錠\r\n";
    let whose = "patient_id=opaque-993&as_of=2026-11-22&actor_kind=medical_institution\
                 &actor_code=1311299999&consent=oral&recorded_by=recorder-554";
    let history = json!({"patient": insured(), "consent": {"level": "full"}, "as_of": "2026-11-22",
                         "actor": {"kind": "pharmacy", "code": "1311299999"}});
    let link = json!({"patient": insured(), "same_as": {"id": "opaque-993"}});
    let answers = [
        (server.post("/v1/documents", &document(&insured())), "201"),
        (server.send("POST /v1/documents", json, &of_hook), "201"),
        (server.post("/v1/check", &check(&insured())), "200"),
        (server.post("/v1/check", &check(&json!({"id": "opaque-993"}))), "200"),
        (server.post("/v1/check", &check(&json!({"nobody": "opaque-993"}))), "400"),
        (server.send(&format!("POST /v1/check?{whose}"), csv, message), "200"),
        (server.send("POST /v1/convert", csv, message), "200"),
        (server.send("POST /v1/convert", csv, "opaque-993,symbol-771"), "400"),
        (server.send("POST /v1/convert", "application/fhir+json", &insured().to_string()), "400"),
        (
            server.send(
                "POST /v1/check/batch",
                "application/x-ndjson",
                &check(&insured()).to_string(),
            ),
            "200",
        ),
        (server.post("/v1/history", &history), "200"),
        (server.post("/v1/patients/link", &link), "201"),
        (server.send("GET /v1/documents/doc-secret-1", json, ""), "200"),
        (server.send("PUT /v1/documents/doc-secret-1", json, "opaque-993"), "400"),
        (server.send("POST /v1/documents/doc-secret-1/cancel", json, ""), "201"),
        (server.send("GET /v1/drugs/yj/2171022F2025", json, ""), "200"),
        (server.send("GET /v1/opaque-993", json, ""), "404"),
    ];
    for (answer, status) in &answers {
        assert_eq!(answer.split(' ').nth(1), Some(*status), "{answer}");
    }
    let shown = server.post("/cds-services/medication-check", &hook());
    let shown: Value = serde_json::from_str(shown.split_once("\r\n\r\n").unwrap().1).unwrap();
    let card = shown.pointer("/cards/0/uuid").cloned().unwrap_or_default();
    assert!(card.is_string(), "{shown}");
    let feedback = json!({"feedback": [{
        "card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T01:02:03Z",
        "overrideReason": {"userComment": "comment-335"}}]});
    let stored = server.post("/cds-services/medication-check/feedback", &feedback);
    assert_eq!(stored.split(' ').nth(1), Some("200"), "{stored}");
    answers.len() + 2
}

#[test]
fn nothing_of_a_patient_is_in_logs_metrics_and_spans() {
    let (site, collector) = (site(), Collector::start());
    let environment = [
        ("RUST_LOG", "trace"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    let server = Server::start(&site, &["--log-format", "json"], &environment);
    let requests = talk(&server);
    let metrics = server.send("GET /metrics", "text/plain", "");
    assert!(metrics.contains("chofuku_findings_total"), "{metrics}");
    let (spans, exported) = collector.spans(requests + 1);
    let log = server.stop();
    let exported = String::from_utf8_lossy(&exported);
    for secret in SECRETS {
        for (place, text) in
            [("log", &log), ("metrics", &metrics), ("spans", &exported.to_string())]
        {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
    }
    let lines = log.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered = |line: &&Value| {
        line.get("message").and_then(Value::as_str) == Some("answered")
            && line.get("target").and_then(Value::as_str) == Some("chofuku_server::request")
    };
    assert_eq!(lines.iter().filter(answered).count(), requests + 1, "one line a request");

    for (service, span) in &spans {
        assert_eq!(service, "chofuku");
        assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.into(), PARENT.into()));
        assert!(attribute(span, "status").is_some(), "{span:?}");
    }
    let of = |call: &'static str| {
        spans.iter().map(|(_, span)| span).filter(move |span| span.name == call)
    };
    assert_eq!(of("check").count(), 4);
    let found = of("check").find(|span| attribute(span, "duplicates").as_deref() == Some("1"));
    let found = found.expect("a check found the document");
    for (name, value) in
        [("outcome", "findings"), ("lines", "1"), ("contraindications", "0"), ("status", "200")]
    {
        assert_eq!(attribute(found, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(of("cds_hook").count(), 1);
}

/// How a server ends that is started so.
fn refused(environment: &[(&str, &str)]) -> String {
    let site = site();
    let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(site.path("data"));
    let output = command.envs(environment.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn an_environment_that_cannot_be_served_is_refused() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example"),
    ] {
        let error = refused(&[endpoint, (name, value)]);
        assert!(error.contains(name), "{name}: {error}");
    }
}
