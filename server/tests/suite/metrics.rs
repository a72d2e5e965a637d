//! `/metrics`: what is counted, under the names that the documents and the dashboard use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::client::Server;
use crate::fixture::{amlodipine, triazolam};
use crate::hook::{asked, order, request as hook};
use crate::request;

const DOCUMENT: &str = include_str!("../../../docs/metrics.md");
const DASHBOARD: &str = include_str!("../../../contrib/grafana/chofuku.json");
/// Metrics of a server that registers documents of a data directory, which this one does not.
const OF_A_LOG: [&str; 1] = ["chofuku_event_log_bytes"];

/// A server that was asked one of everything that is counted.
fn busy() -> Server {
    let server = Server::start();
    for (patient, code) in [("one", amlodipine()), ("itraconazole", triazolam())] {
        let check = request::check(patient, "none", &code).to_string();
        assert_eq!(server.post("/v1/check", &check).status, 200);
    }
    let unknown = request::check("one", "full", "9999999X9999").to_string();
    assert_eq!(server.post("/v1/check", &unknown).status, 200);
    assert_eq!(server.post("/v1/check", "{").status, 400);
    let batch = format!("{}\n", request::check("one", "full", &amlodipine()));
    let mut client = server.connect();
    assert_eq!(
        client.post("/v1/check/batch", "application/x-ndjson", batch.as_bytes()).status,
        200
    );
    let orders = [order("a", &amlodipine(), "ノルバスク錠５ｍｇ")];
    for name in ["order-select", "order-sign"] {
        asked(&server, &hook(name, "one", "full", &orders));
    }
    server
}

/// The samples of a page: name and labels, and value.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let samples = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    });
    samples.collect()
}

/// The names of a page as its `# TYPE` lines have them.
fn families(page: &str) -> BTreeSet<String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn everything_is_counted_once() {
    let server = busy();
    let reply = server.get("/metrics");
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let found = samples(reply.text());
    for (name, value) in [
        (r#"chofuku_requests_total{call="check",status="200"}"#, 3.0),
        (r#"chofuku_requests_total{call="check",status="400"}"#, 1.0),
        (r#"chofuku_requests_total{call="batch",status="200"}"#, 1.0),
        (r#"chofuku_requests_total{call="cds_hook",status="200"}"#, 2.0),
        (r#"chofuku_checks_total{outcome="findings"}"#, 5.0),
        (r#"chofuku_checks_total{outcome="incomplete"}"#, 1.0),
        (r#"chofuku_checks_total{outcome="clear"}"#, 0.0),
        (r#"chofuku_findings_total{kind="duplicate",scope="history"}"#, 4.0),
        (r#"chofuku_findings_total{kind="contraindication",scope="history"}"#, 1.0),
        (r#"chofuku_findings_total{kind="duplicate",scope="prescription"}"#, 0.0),
        (r#"chofuku_not_checked_total{reason="unknown_code"}"#, 1.0),
        (r#"chofuku_cards_total{indicator="warning"}"#, 1.0),
        (r#"chofuku_cards_total{indicator="info"}"#, 1.0),
        ("chofuku_cards_repeated_total", 1.0),
        ("chofuku_check_duration_seconds_count", 6.0),
        (r#"chofuku_check_duration_seconds_bucket{le="+Inf"}"#, 6.0),
        (r#"chofuku_request_duration_seconds_count{call="check"}"#, 4.0),
        ("chofuku_generation", 3.0),
        ("chofuku_overlay_patients", 0.0),
        ("chofuku_events_total", 0.0),
        (r#"chofuku_build_info{version="0.1.0"}"#, 1.0),
    ] {
        assert_eq!(found.get(name), Some(&value), "{name} in\n{}", reply.text());
    }
    // An answer that was read may not have ended yet.
    assert!(found["chofuku_requests_in_flight"] >= 1.0, "this one at least");
    let bounds: Vec<&String> = found
        .keys()
        .filter(|name| name.starts_with("chofuku_check_duration_seconds_bucket"))
        .collect();
    assert_eq!(bounds.len(), 25);
    assert!(bounds.iter().any(|name| name.contains(r#"le="2.5e-07""#)), "{bounds:?}");
}

#[test]
fn open_metrics_is_for_who_asks_for_it() {
    let server = busy();
    let mut client = server.connect();
    client.send(
        "GET /metrics HTTP/1.1\r\nhost: x\r\n\
         accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n",
    );
    let reply = client.reply();
    assert!(reply.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    assert!(reply.text().ends_with("# EOF\n"), "{}", reply.text());
    assert!(reply.text().contains("# UNIT chofuku_check_duration_seconds seconds\n"));
}

/// The first column of the tables of `docs/metrics.md`.
fn documented() -> BTreeSet<String> {
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let metrics = rows.filter(|name| name.starts_with("chofuku_") || name.starts_with("process_"));
    metrics.map(str::to_owned).collect()
}

#[test]
fn the_document_lists_what_is_there() {
    let page = busy().get("/metrics");
    let found = families(page.text());
    let documented = documented();
    let missing: Vec<_> = found.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/metrics.md: {missing:?}");
    let gone: Vec<_> =
        documented.difference(&found).filter(|name| !OF_A_LOG.contains(&name.as_str())).collect();
    assert!(gone.is_empty(), "in docs/metrics.md and not in /metrics: {gone:?}");
}

/// Every text under the key `expr`.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("expr").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| expressions(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| expressions(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_dashboard_asks_for_what_is_there() {
    let page = busy().get("/metrics");
    let mut names: BTreeSet<String> = samples(page.text())
        .into_keys()
        .map(|name| name.split('{').next().unwrap().to_owned())
        .collect();
    names.extend(OF_A_LOG.map(str::to_owned));
    let mut asked = Vec::new();
    expressions(&serde_json::from_str(DASHBOARD).unwrap(), &mut asked);
    assert!(asked.len() > 10, "{asked:?}");
    for expression in asked {
        let words = expression.split(|one: char| !(one.is_ascii_alphanumeric() || one == '_'));
        let metrics: Vec<&str> = words
            .filter(|word| word.starts_with("chofuku_") || word.starts_with("process_"))
            .collect();
        assert!(!metrics.is_empty(), "{expression} asks for nothing");
        for metric in metrics {
            assert!(names.contains(metric), "{metric} of {expression} is not in /metrics");
        }
    }
}
