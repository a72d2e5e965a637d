//! The service itself: health, status, and the swap of the index.

use serde_json::json;

use crate::client::{Server, config};
use crate::fixture;
use crate::request;

#[test]
fn a_server_is_alive_and_ready() {
    let server = Server::start();
    assert_eq!(server.get("/healthz").json(), json!({"status": "alive"}));
    assert_eq!(server.get("/readyz").json(), json!({"status": "ready"}));
}

#[test]
fn a_server_without_a_history_is_not_ready_and_checks_nothing() {
    let server = Server::with(config(), fixture::index_without_history());
    let check = request::valid().to_string();
    let mut history = request::without("/lines");
    history["consent"] = json!({"level": "full"});
    for reply in [
        server.get("/readyz"),
        server.post("/v1/check", &check),
        server.post("/v1/history", &history.to_string()),
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (503, "not_ready"));
    }
    let batch = server.connect().post("/v1/check/batch", "application/x-ndjson", check.as_bytes());
    assert_eq!(batch.code(), "not_ready");
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/v1/drugs?q=amlodipine").status, 200);
}

#[test]
fn head_is_get_without_a_body() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    let head = client.head();
    assert_eq!((head.status, head.header("content-length")), (200, Some("18")));
    client.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(client.reply().status, 200);
}

#[test]
fn the_status_tells_versions_and_sizes() {
    let status = Server::start().get("/v1/status").json();
    assert_eq!(status["generation"], json!(3));
    assert_eq!(status["drugs"], json!("2025-08-14"));
    assert_eq!(status["policies"], json!(["official", "extended"]));
    let sizes = &status["sizes"];
    assert_eq!((&sizes["patients"], &sizes["documents"]), (&json!(7), &json!(11)));
    assert_eq!((&sizes["records"], &sizes["products"]), (&json!(11), &json!(5)));
    assert!(sizes["bytes"].as_u64().unwrap() > 0);
}

#[test]
fn an_index_is_swapped_while_connections_live() {
    let server = Server::start();
    let mut client = server.connect();
    let body = request::valid().to_string();
    let mut generation = || {
        let reply = client.post("/v1/check", "application/json", body.as_bytes());
        reply.json()["snapshot"]["generation"].clone()
    };
    assert_eq!(generation(), json!(3));
    let before = server.live.swap(fixture::index_of(4)).unwrap();
    assert_eq!(before.manifest().generation, 3);
    assert_eq!(generation(), json!(4));
}
