//! Who is slow is cut off, and who is idle between requests is not.

use std::thread::sleep;
use std::time::Duration;

use chofuku_server::Limits;

use crate::client::Server;
use crate::request;

const SHORT: Duration = Duration::from_millis(150);
const LONGER: Duration = Duration::from_millis(400);

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

#[test]
fn a_head_that_does_not_end_is_cut() {
    let server = Server::limited(Limits { header_timeout: SHORT, ..Limits::default() });
    let mut client = server.connect();
    client.send("GET /healthz HTTP/1.1\r\n");
    assert!(client.is_closed());
}

#[test]
fn a_head_that_trickles_is_cut() {
    let server = Server::limited(Limits { header_timeout: SHORT, ..Limits::default() });
    let mut client = server.connect();
    client.send(HEALTH);
    assert_eq!(client.reply().status, 200);
    let mut socket = client.socket.get_ref().try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        // Until the server has had enough.
        let mut sent = 0;
        while std::io::Write::write_all(&mut socket, b"G").is_ok() && sent < 1_000 {
            sent += 1;
            sleep(Duration::from_millis(20));
        }
        sent
    });
    assert!(client.is_closed());
    assert!(writer.join().unwrap() < 1_000);
}

#[test]
fn a_pause_between_requests_is_no_slow_head() {
    let server = Server::limited(Limits { header_timeout: SHORT, ..Limits::default() });
    let mut client = server.connect();
    for _ in 0..2 {
        client.send(HEALTH);
        assert_eq!(client.reply().status, 200);
        sleep(LONGER);
    }
}

#[test]
fn a_connection_on_which_nothing_moves_is_closed() {
    let server = Server::limited(Limits { idle_timeout: SHORT, ..Limits::default() });
    let mut silent = server.connect();
    assert!(silent.is_closed());
    let mut used = server.connect();
    used.send(HEALTH);
    assert_eq!(used.reply().status, 200);
    assert!(used.is_closed());
}

#[test]
fn a_body_that_pauses_is_refused() {
    let server = Server::limited(Limits { body_idle_timeout: SHORT, ..Limits::default() });
    let mut client = server.connect();
    client.begin_post("/v1/check", "application/json", 100);
    client.send("{");
    let reply = client.reply();
    assert_eq!((reply.status, reply.code().as_str()), (408, "body_timeout"));
}

#[test]
fn a_body_that_trickles_is_refused() {
    let server = Server::limited(Limits { body_timeout: LONGER, ..Limits::default() });
    let mut client = server.connect();
    client.begin_post("/v1/check", "application/json", 10_000);
    let mut socket = client.socket.get_ref().try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        for _ in 0..1_000 {
            if std::io::Write::write_all(&mut socket, b" ").is_err() {
                break;
            }
            sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(client.reply().status, 408);
    drop(client);
    writer.join().unwrap();
}

#[test]
fn a_batch_that_pauses_ends_with_an_error() {
    let server = Server::limited(Limits { body_idle_timeout: SHORT, ..Limits::default() });
    let mut client = server.connect();
    client.begin_chunked("/v1/check/batch", "application/x-ndjson");
    client.send_chunk(&(request::valid().to_string() + "\n{"));
    let reply = client.reply();
    let lines: Vec<&str> = reply.text().lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(r#"{"outcome":"findings""#), "{}", lines[0]);
    assert!(lines[1].starts_with(r#"{"code":"body_timeout""#), "{}", lines[1]);
}

#[test]
fn a_batch_may_take_longer_than_one_body() {
    let limits = Limits { body_timeout: SHORT, ..Limits::default() };
    let server = Server::limited(limits);
    let mut client = server.connect();
    client.begin_chunked("/v1/check/batch", "application/x-ndjson");
    assert_eq!(client.head().status, 200);
    for _ in 0..3 {
        client.send_chunk(&(request::valid().to_string() + "\n"));
        assert!(client.chunk().unwrap().ends_with(b"}\n"), "each line is answered as it comes");
        sleep(SHORT);
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.chunk(), None);
}
