//! Limits: one below, exactly, one above.

use chofuku_server::Limits;
use serde_json::{Value, json};

use crate::client::{Client, Reply, Server};
use crate::request::{self, with};

const BODY_BYTES_MAX: usize = 64 * 1024;

/// A valid check of exactly so many bytes.
fn padded(bytes: usize) -> String {
    let valid = request::valid().to_string();
    let spaces = bytes - valid.len();
    valid + &" ".repeat(spaces)
}

fn status_and_code(reply: &Reply) -> (u16, String) {
    let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
    (reply.status, code)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn a_body_has_at_most_64_kib() {
    let server = Server::start();
    for (bytes, status) in [(BODY_BYTES_MAX - 1, 200), (BODY_BYTES_MAX, 200)] {
        assert_eq!(server.post("/v1/check", &padded(bytes)).status, status, "{bytes}");
    }
    let reply = server.post("/v1/check", &padded(BODY_BYTES_MAX + 1));
    assert_eq!(status_and_code(&reply), refused(413, "body_too_large"));
}

#[test]
fn a_body_of_pieces_has_the_same_limit() {
    let server = Server::start();
    for (bytes, status) in
        [(BODY_BYTES_MAX - 1, 200), (BODY_BYTES_MAX, 200), (BODY_BYTES_MAX + 1, 413)]
    {
        let mut client = server.connect();
        client.begin_chunked("/v1/check", "application/json");
        for piece in padded(bytes).as_bytes().chunks(5_000) {
            client.send_chunk(std::str::from_utf8(piece).unwrap());
        }
        client.send("0\r\n\r\n");
        assert_eq!(client.reply().status, status, "{bytes}");
    }
}

#[test]
fn a_body_is_refused_before_it_is_sent() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(&format!(
        "POST /v1/check HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        BODY_BYTES_MAX + 1
    ));
    assert_eq!(client.reply().status, 413);
}

#[test]
fn a_line_of_a_batch_has_the_same_limit() {
    let server = Server::start();
    let lines: Vec<String> =
        [BODY_BYTES_MAX - 1, BODY_BYTES_MAX, BODY_BYTES_MAX + 1, 1_000].map(padded).into();
    let body = lines.join("\n");
    let reply = server.connect().post("/v1/check/batch", "application/x-ndjson", body.as_bytes());
    let answers: Vec<Value> =
        reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = answers
        .iter()
        .map(|answer| answer["outcome"].as_str().or(answer["code"].as_str()).unwrap())
        .collect();
    assert_eq!(kinds, ["findings", "findings", "body_too_large", "findings"]);
}

#[test]
fn a_check_has_at_most_100_lines() {
    let server = Server::start();
    let lines = |count: usize| -> Vec<Value> {
        (0..count).map(|number| request::line(&format!("{number}"))).collect()
    };
    for (count, status) in [(1, 200), (99, 200), (100, 200), (101, 400), (0, 400)] {
        let body = with("/lines", json!(lines(count))).to_string();
        assert_eq!(server.post("/v1/check", &body).status, status, "{count}");
    }
}

#[test]
fn lists_and_texts_are_bounded() {
    let server = Server::start();
    let texts = |count: usize, text: &str| json!(vec![text; count]);
    let long = |characters: usize| json!("号".repeat(characters));
    for (pointer, exact, above) in [
        ("/source_documents", texts(100, "rx"), texts(101, "rx")),
        ("/source_documents/0", long(128), long(129)),
        ("/patient/id", long(64), long(65)),
        ("/consent/recorded_by", long(64), long(65)),
        ("/lines/0/drug/code", long(64), long(65)),
        ("/lines/0/drug/name", long(256), long(257)),
        ("/lines/0/usage", long(64), long(65)),
        ("/lines/0/usage_supplements", texts(20, "12345678"), texts(21, "12345678")),
        ("/lines/0/quantity", json!("999999.99999"), json!("999999.999999")),
        ("/lines/0/rp", json!(u32::MAX), json!(u64::from(u32::MAX) + 1)),
    ] {
        let send = |value: Value| {
            let request = match pointer.strip_suffix("/0") {
                Some(list) => with(list, json!([value])),
                None => with(pointer, value),
            };
            server.post("/v1/check", &request.to_string())
        };
        assert_eq!(send(exact).status, 200, "{pointer}");
        assert_eq!(status_and_code(&send(above)), refused(400, "invalid_value"), "{pointer}");
    }
}

#[test]
fn a_uri_has_at_most_2_kib() {
    let server = Server::start();
    for (bytes, status) in [(2047, 404), (2048, 404), (2049, 414)] {
        let reply = server.get(&format!("/{}", "x".repeat(bytes - 1)));
        assert_eq!(reply.status, status, "{bytes}");
    }
    assert_eq!(server.get(&format!("/?{}", "x".repeat(2047))).code(), "uri_too_long");
}

fn get_with_headers(server: &Server, headers: &str) -> Client {
    let mut client = server.connect();
    client.send(&format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{headers}\r\n"));
    client
}

#[test]
fn a_head_has_at_most_64_fields() {
    let server = Server::start();
    // With the field `host`, and as many of one name as are left.
    let fields = |count: usize| "x: y\r\n".repeat(count - 1);
    for (count, status) in [(63, 200), (64, 200), (65, 431), (100, 431)] {
        assert_eq!(get_with_headers(&server, &fields(count)).reply().status, status, "{count}");
    }
    assert_eq!(get_with_headers(&server, &fields(65)).reply().code(), "too_many_headers");
    assert_eq!(get_with_headers(&server, &fields(101)).head().status, 431);
}

#[test]
fn a_head_has_at_most_16_kib() {
    let server = Server::start();
    let field = |bytes: usize| format!("x: {}\r\n", "y".repeat(bytes));
    assert_eq!(get_with_headers(&server, &field(15 * 1024)).reply().status, 200);
    assert_eq!(get_with_headers(&server, &field(32 * 1024)).head().status, 431);
}

#[test]
fn connections_beyond_the_limit_wait() {
    let server = Server::limited(Limits { connections_max: 2, ..Limits::default() });
    let mut first = server.connect();
    let mut second = server.connect();
    for client in [&mut first, &mut second] {
        client.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(client.reply().status, 200);
    }
    let mut third = server.connect();
    third.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    third.socket.get_ref().set_nonblocking(true).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(third.socket.get_ref().peek(&mut [0]).is_err(), "it is not answered yet");
    third.socket.get_ref().set_nonblocking(false).unwrap();
    drop(first);
    assert_eq!(third.reply().status, 200);
}
