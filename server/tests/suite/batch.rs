//! The batch: order, errors in their places, and no more read than can be answered.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Server;
use crate::fixture::{amlodipine, triazolam};
use crate::request;

const NDJSON: &str = "application/x-ndjson";

fn answers(server: &Server, body: &str) -> Vec<Value> {
    let reply = server.connect().post("/v1/check/batch", NDJSON, body.as_bytes());
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some(NDJSON));
    reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a line answers, in a word.
fn word(answer: &Value) -> &str {
    answer["outcome"].as_str().or(answer["code"].as_str()).unwrap()
}

#[test]
fn every_line_has_its_answer_in_its_place() {
    let server = Server::start();
    let findings = request::valid().to_string();
    let clear = request::check("nobody", "full", &amlodipine()).to_string();
    let unknown = request::with("/polcy", json!(1)).to_string();
    let body = [&findings, "{ malformed", &clear, "", &unknown, &findings].join("\n");
    let answers = answers(&server, &body);
    let words: Vec<&str> = answers.iter().map(word).collect();
    assert_eq!(
        words,
        ["findings", "invalid_json", "clear", "invalid_json", "unknown_field", "findings"]
    );
    assert_eq!(answers[4]["path"], json!("polcy"));
}

#[test]
fn a_line_is_answered_as_a_check_alone_is() {
    let server = Server::start();
    let body = request::check("itraconazole", "full", &triazolam()).to_string();
    let alone = server.post("/v1/check", &body);
    let reply = server.connect().post("/v1/check/batch", NDJSON, format!("{body}\r\n").as_bytes());
    assert_eq!(reply.body, [alone.body, b"\n".to_vec()].concat());
}

#[test]
fn an_empty_batch_has_an_empty_answer() {
    let reply = Server::start().connect().post("/v1/check/batch", NDJSON, b"");
    assert_eq!((reply.status, reply.body), (200, Vec::new()));
}

#[test]
fn ten_thousand_lines_are_answered_in_order() {
    let server = Server::start();
    let lines: Vec<String> = (0..10_000)
        .map(|number| match number % 7 {
            0 => format!("{{ {number}"),
            _ => request::check("one", "none", &format!("{number}")).to_string(),
        })
        .collect();
    let answers = answers(&server, &lines.join("\n"));
    assert_eq!(answers.len(), lines.len());
    for (number, answer) in answers.iter().enumerate() {
        if number % 7 == 0 {
            assert_eq!(word(answer), "invalid_json");
        } else {
            // An unknown code is the detail of its check-digit warning.
            assert_eq!(answer["warnings"][0]["detail"], json!(number.to_string()));
        }
    }
}

#[test]
fn a_taker_that_does_not_read_stops_the_sender() {
    let server = Server::start();
    let mut client = server.connect();
    client.begin_chunked("/v1/check/batch", NDJSON);
    let line = request::check("five", "full", &amlodipine()).to_string() + "\n";
    let chunk = format!("{:x}\r\n{line}\r\n", line.len()).repeat(100);
    let socket = client.socket.get_mut();
    socket.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    // Far more than the buffers of two sockets hold.
    let limit = 256 * 1024 * 1024;
    let mut sent = 0;
    while sent < limit {
        let bytes = chunk.as_bytes();
        match socket.write(&bytes[sent % bytes.len()..]) {
            Ok(written) => sent += written,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
                break;
            }
        }
    }
    assert!(sent < limit, "the server read everything although nothing was taken");
    // Taking the answers sets both going again, and none is missing.
    let mut writer = client.socket.get_ref().try_clone().unwrap();
    writer.set_write_timeout(None).unwrap();
    let rest = chunk.as_bytes()[sent % chunk.len()..].to_vec();
    let chunks = sent.div_ceil(chunk.len());
    let is_cut = !sent.is_multiple_of(chunk.len());
    let sender = std::thread::spawn(move || {
        if is_cut {
            writer.write_all(&rest).unwrap();
        }
        writer.write_all(b"0\r\n\r\n").unwrap();
    });
    let reply = client.reply();
    sender.join().unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text().lines().count(), chunks * 100);
}
