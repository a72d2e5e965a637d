//! The server over a real socket: every golden case ends there as in the oracle and the engine.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::time::Duration;

use chofuku_engine::Day;
use chofuku_engine::patient::IdentityKey;
use chofuku_live::Registry;
use chofuku_server::{App, Clock, Config, Policies};
use chofuku_tests::Policy;
use chofuku_tests::cases::{self, Call};
use chofuku_tests::comparable;
use chofuku_tests::contract::{Answer, Contract};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::site::Site;

/// What every answer of every test is held against.
pub(crate) static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::new(chofuku_server::openapi()));

/// A server of one site, stopped when it is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
    serving: Option<tokio::task::JoinHandle<chofuku_server::Drained>>,
}

impl Served {
    fn new(site: Site, policies: Policies) -> Self {
        let runtime = Runtime::new().unwrap();
        let Site { index, key, .. } = site;
        let app = runtime.block_on(App::bind(config(policies), index, key)).unwrap();
        Self::serve(runtime, app)
    }

    /// A server that registers documents as well.
    pub(crate) fn with_registry(registry: Registry, key: IdentityKey) -> Self {
        Self::with_config(config(Policies::default()), registry, key)
    }

    pub(crate) fn with_config(config: Config, registry: Registry, key: IdentityKey) -> Self {
        let runtime = Runtime::new().unwrap();
        let app = runtime.block_on(App::bind_registry(config, registry, key)).unwrap();
        Self::serve(runtime, app)
    }

    fn serve(runtime: Runtime, app: App) -> Self {
        let (stop, stopped) = oneshot::channel();
        let address = app.local_addr();
        let serving = runtime.spawn(app.serve(async {
            // A dropped sender stops the server as well.
            drop(stopped.await);
        }));
        Self { address, stop: Some(stop), runtime: Some(runtime), serving: Some(serving) }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.send("POST", path, body)
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, "")
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.send_with(method, path, body, &[])
    }

    pub(crate) fn send_with(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n{headers}\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let (status, body) = whole(method, path, stream);
        (status, serde_json::from_str(&body).unwrap())
    }

    /// The status and the body as it is, with no header but those that are given.
    pub(crate) fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n").unwrap();
        for (name, value) in headers {
            write!(stream, "{name}: {value}\r\n").unwrap();
        }
        write!(stream, "content-length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(body).unwrap();
        whole(method, path, stream)
    }
}

pub(crate) fn config(policies: Policies) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        policies,
        clock: Clock::fixed(Day::from_number(0)),
        ..Config::default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let (Some(runtime), Some(serving)) = (self.runtime.take(), self.serving.take()) {
            let ended = runtime.block_on(serving);
            if !std::thread::panicking() {
                assert!(ended.is_ok(), "the server panicked");
            }
        }
    }
}

/// Status and body of an answer that is as the document says.
fn whole(method: &str, path: &str, mut stream: TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    let content_type = headers.find(|(name, _)| *name == "content-type").map(|(_, value)| value);
    let is_whole = !head.contains("transfer-encoding: chunked");
    if method != "HEAD" && is_whole {
        let answer = Answer { status, content_type, body: body.as_bytes() };
        CONTRACT.answer(method, path, answer).unwrap_or_else(|fault| panic!("{fault}"));
    }
    (status, body.to_owned())
}

#[test]
fn the_server_agrees_with_every_case() {
    let mut failures = Vec::new();
    for case in cases::all() {
        // A case may check under several policies of a site, all of one name.
        let mut servers: Vec<(Option<Policy>, Served)> = Vec::new();
        let agreed = case.run(|check| {
            let of_site = Some(&check.policy).filter(|policy| policy.name == "site").cloned();
            if !servers.iter().any(|(policy, _)| *policy == of_site) {
                let served = Served::new(Site::of(&case.world()), policies(of_site.clone()));
                servers.push((of_site.clone(), served));
            }
            let (_, served) = servers.iter().find(|(policy, _)| *policy == of_site).unwrap();
            let path = match check.call {
                Call::Check => "/v1/check",
                Call::History => "/v1/history",
            };
            CONTRACT.request("POST", path, &check.request).unwrap();
            let (status, answer) = served.post(path, &check.request.to_string());
            assert_eq!(status, 200, "{answer}");
            comparable(answer)
        });
        failures.extend(agreed.err());
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn policies(site: Option<Policy>) -> Policies {
    let configured = site.map(|policy| {
        let fields = serde_json::to_value(&policy).unwrap();
        (policy.name.clone(), serde_json::from_value(fields).unwrap())
    });
    Policies::new(configured.into_iter().collect::<BTreeMap<_, _>>()).unwrap()
}
