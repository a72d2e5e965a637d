//! A server on a free port and a client that writes HTTP by hand, so that a test sees every byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use chofuku_engine::Index;
use chofuku_server::{App, Clock, Config, Drained, Limits, Live};
use chofuku_tests::contract::{Answer, Contract};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::fixture;

/// What the answers of the tests are held against.
static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(chofuku_server::openapi()));

/// A running server. Dropping it stops it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) live: Arc<Live>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Drained>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A connection that is kept.
pub(crate) struct Client {
    pub(crate) socket: BufReader<TcpStream>,
}

pub(crate) fn config() -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        clock: Clock::fixed(fixture::today()),
        ..Config::default()
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(config(), fixture::index())
    }

    pub(crate) fn limited(limits: Limits) -> Self {
        Self::with(Config { limits, ..config() }, fixture::index())
    }

    pub(crate) fn with(config: Config, index: Arc<Index>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let app = App::bind(config, index, fixture::key()).await.unwrap();
                bound.send((app.local_addr(), app.live())).unwrap();
                app.serve(async { drop(stopped.await) }).await
            })
        });
        let (address, live) = address.recv().unwrap();
        Self { address, live, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn connect(&self) -> Client {
        let socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Client { socket: BufReader::new(socket) }
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.connect().post(path, "application/json", body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        let mut client = self.connect();
        client.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n"));
        client.reply().held_to_the_document("GET", path)
    }

    /// Tells the server to stop, without waiting.
    pub(crate) fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped.
    pub(crate) fn stopped(mut self) -> Drained {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Client {
    pub(crate) fn send(&mut self, text: &str) {
        self.socket.get_mut().write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn post(&mut self, path: &str, content: &str, body: &[u8]) -> Reply {
        self.begin_post(path, content, body.len());
        // A server that refuses a body may close before the last of it.
        drop(self.socket.get_mut().write_all(body));
        self.reply().held_to_the_document("POST", path)
    }

    pub(crate) fn begin_post(&mut self, path: &str, content: &str, length: usize) {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content}\r\n\
             content-length: {length}\r\n\r\n"
        ));
    }

    /// Begins a body of pieces.
    pub(crate) fn begin_chunked(&mut self, path: &str, content: &str) {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content}\r\n\
             transfer-encoding: chunked\r\n\r\n"
        ));
    }

    pub(crate) fn send_chunk(&mut self, text: &str) {
        self.send(&format!("{:x}\r\n{text}\r\n", text.len()));
    }

    pub(crate) fn reply(&mut self) -> Reply {
        let mut reply = self.head();
        if let Some(length) = reply.header("content-length") {
            reply.body.resize(length.parse().unwrap(), 0);
            self.socket.read_exact(&mut reply.body).unwrap();
        } else if reply.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                reply.body.extend(chunk);
            }
        }
        reply
    }

    pub(crate) fn head(&mut self) -> Reply {
        let status = self.line();
        let status = status.split(' ').nth(1).expect("a status line").parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        Reply { status, headers, body: Vec::new() }
    }

    /// The next piece of a chunked answer.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let length = usize::from_str_radix(&self.line(), 16).unwrap();
        let mut chunk = vec![0; length];
        self.socket.read_exact(&mut chunk).unwrap();
        assert_eq!(self.line(), "");
        (length > 0).then_some(chunk)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.socket.read_line(&mut line).unwrap();
        assert!(line.ends_with("\r\n"), "the connection ended");
        line.truncate(line.len() - 2);
        line
    }

    /// Whether the server has closed the connection, once it has sent everything.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.socket.read(&mut [0]), Ok(0) | Err(_))
    }
}

impl Reply {
    /// The answer, if the document of the interface says that a call is answered so.
    pub(crate) fn held_to_the_document(self, method: &str, path: &str) -> Self {
        let (status, content_type) = (self.status, self.header("content-type"));
        let answer = Answer { status, content_type, body: &self.body };
        CONTRACT.answer(method, path, answer).expect("the answer is as the document says");
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("an answer is JSON")
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().expect("an error has a code").to_owned()
    }
}
