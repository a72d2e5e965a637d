//! The load on a server: connections that send requests made beforehand, one after another each.
//!
//! It reads of an answer what it must, its status and its length, so that it costs little beside the
//! server that it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// A load.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Connections.
    pub connections: usize,
    /// For how long.
    pub lasts: Duration,
    /// The time between the starts of two requests of one connection; `None` is as fast as it goes.
    pub pace: Option<Duration>,
    /// Whether each request is sent once and no more.
    pub once: bool,
    /// The status of an answer as it should be.
    pub status: u16,
}

impl Load {
    /// Checks, as fast as they are answered.
    pub const fn of(connections: usize, lasts: Duration) -> Self {
        Self { connections, lasts, pace: None, once: false, status: 200 }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first answer of another status, or the first failure.
    pub refusal: Option<String>,
    /// When each request that was answered began, and how long it took.
    pub answered: Vec<(Instant, Duration)>,
    /// Requests without an answer of the right status.
    pub failed: u64,
    /// For how long it lasted.
    pub took: Duration,
}

impl Outcome {
    fn fail(&mut self, why: String) {
        self.failed += 1;
        self.refusal.get_or_insert(why);
    }
}

/// The request of a check.
pub fn request(body: &str) -> Vec<u8> {
    request_to("/v1/check", body)
}

/// The request of a body.
pub fn request_to(path: &str, body: &str) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Puts a load on a server, from one thread.
///
/// # Errors
///
/// When a connection cannot be opened.
pub fn drive(address: SocketAddr, requests: &Arc<[Vec<u8>]>, load: Load) -> Result<Outcome> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let start = Instant::now();
    let mut outcome = runtime.block_on(async {
        let mut connections = JoinSet::new();
        for number in 0..load.connections {
            let requests = Arc::clone(requests);
            connections.spawn(connection(address, requests, number, load, start + load.lasts));
        }
        let mut sum = Outcome::default();
        while let Some(ended) = connections.join_next().await {
            let outcome = ended??;
            sum.answered.extend(outcome.answered);
            sum.failed += outcome.failed;
            sum.refusal = sum.refusal.or(outcome.refusal);
        }
        Ok::<_, anyhow::Error>(sum)
    })?;
    outcome.took = start.elapsed();
    Ok(outcome)
}

async fn connection(
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    number: usize,
    load: Load,
    until: Instant,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut socket = connect(address).await?;
    let mut buffer = Vec::with_capacity(1 << 16);
    let mut due = Instant::now();
    // Every connection goes its own way through the requests.
    let (skipped, step, rounds) = if load.once {
        (number, load.connections, 1)
    } else {
        (number * 97 % requests.len().max(1), 1, usize::MAX)
    };
    let all = std::iter::repeat_n(&requests, rounds).flat_map(|requests| requests.iter());
    for request in all.skip(skipped).step_by(step) {
        let start = if let Some(pace) = load.pace {
            // From when it was due: a server that stalls does not get away with one slow answer.
            let start = due;
            due += pace;
            tokio::time::sleep_until(start.into()).await;
            start
        } else {
            Instant::now()
        };
        if start >= until {
            break;
        }
        match exchange(&mut socket, request, &mut buffer).await {
            Ok(status) if status == load.status => outcome.answered.push((start, start.elapsed())),
            Ok(_) => outcome.fail(String::from_utf8_lossy(&buffer).into_owned()),
            Err(error) => {
                outcome.fail(error.to_string());
                socket = connect(address).await?;
            }
        }
    }
    Ok(outcome)
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

/// Sends a request and reads its answer; gives the status.
async fn exchange(socket: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> Result<u16> {
    socket.write_all(request).await?;
    buffer.clear();
    loop {
        if socket.read_buf(buffer).await? == 0 {
            bail!("the connection ended");
        }
        if let Some((status, whole)) = head(buffer)? {
            while buffer.len() < whole {
                if socket.read_buf(buffer).await? == 0 {
                    bail!("the connection ended");
                }
            }
            return Ok(status);
        }
    }
}

/// The status of an answer and its length with its head, once the head is there.
fn head(bytes: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?;
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.context("no content-length")?.parse()?;
    Ok(Some((status.parse()?, end + 4 + length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx: y\r\n\r\nabc";
        assert_eq!(head(&answer[..20]).unwrap(), None);
        assert_eq!(head(answer).unwrap(), Some((200, answer.len())));
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn the_echo_answers_every_request_of_a_load() {
        let server = serve::echo().unwrap();
        let requests: Arc<[Vec<u8>]> = vec![request("{}"), request("[1]")].into();
        let pace = Some(Duration::from_millis(10));
        let load = Load { pace, ..Load::of(2, Duration::from_millis(100)) };
        let outcome = drive(server.address, &requests, load).unwrap();
        assert_eq!(outcome.failed, 0);
        assert!(outcome.answered.len() > 1);
    }
}
