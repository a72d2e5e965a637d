//! Stopping: what is in flight is finished, within a bound, and nothing new is begun.

use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use chofuku_server::{Drained, Limits};

use crate::client::Server;
use crate::request;

const PAUSE: Duration = Duration::from_millis(200);

#[test]
fn a_body_in_flight_is_not_cut() {
    let mut server = Server::start();
    let body = request::valid().to_string();
    let (first, second) = body.split_at(body.len() / 2);
    let mut client = server.connect();
    client.begin_post("/v1/check", "application/json", body.len());
    client.send(first);
    sleep(PAUSE);
    server.begin_stop();
    sleep(PAUSE);
    assert!(TcpStream::connect(server.address).is_err(), "no new connection is taken");
    client.send(second);
    let reply = client.reply();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(client.is_closed());
    assert_eq!(server.stopped(), Drained::Whole);
}

#[test]
fn a_batch_in_flight_is_not_cut() {
    let mut server = Server::start();
    let mut client = server.connect();
    client.begin_chunked("/v1/check/batch", "application/x-ndjson");
    let line = request::valid().to_string() + "\n";
    client.send_chunk(&line);
    assert_eq!(client.head().status, 200);
    let first = client.chunk();
    server.begin_stop();
    sleep(PAUSE);
    client.send_chunk(&line);
    assert_eq!(client.chunk(), first);
    client.send("0\r\n\r\n");
    assert_eq!(client.chunk(), None);
    assert_eq!(server.stopped(), Drained::Whole);
}

#[test]
fn a_connection_between_requests_is_closed_at_once() {
    let mut server = Server::start();
    let mut silent = server.connect();
    let mut used = server.connect();
    used.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(used.reply().status, 200);
    server.begin_stop();
    assert!(used.is_closed() && silent.is_closed());
    assert_eq!(server.stopped(), Drained::Whole);
}

#[test]
fn what_takes_too_long_is_cut() {
    let limits = Limits { drain_timeout: PAUSE, ..Limits::default() };
    let mut server = Server::limited(limits);
    let mut client = server.connect();
    client.begin_post("/v1/check", "application/json", 1_000);
    client.send("{");
    sleep(PAUSE);
    server.begin_stop();
    assert_eq!(server.stopped(), Drained::Cut { connections: 1 });
    assert!(client.is_closed());
}

#[test]
fn a_server_that_stops_says_so_before_it_does() {
    let limits = Limits { drain_notice: Duration::from_secs(2), ..Limits::default() };
    let mut server = Server::limited(limits);
    assert_eq!(server.get("/readyz").status, 200);
    server.begin_stop();
    sleep(PAUSE);
    let reply = server.get("/readyz");
    assert_eq!((reply.status, reply.code().as_str()), (503, "not_ready"));
    assert!(reply.text().contains("shutting down"));
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.post("/v1/check", &request::valid().to_string()).status, 200);
    assert_eq!(server.stopped(), Drained::Whole);
}
