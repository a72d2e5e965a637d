//! The answers of a batch, read as they come, each in the order of its check.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Method;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::Connect;
use serde::Deserialize;
use tokio::time::timeout;

use crate::answer::CheckAnswer;
use crate::body::{Body, Lines, Sent};
use crate::client::Client;
use crate::error::{Error, Refusal};
use crate::exchange::refused;
use crate::request::Check;

/// The answers of a batch.
#[derive(Debug)]
pub struct Batch {
    answers: Incoming,
    sent: Arc<Sent>,
    /// What has come and is not read yet.
    buffer: Vec<u8>,
    /// Where in it the next line begins.
    begun: usize,
    answered: u64,
    limit: Duration,
    is_over: bool,
}

/// A line of the answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Answer(Box<CheckAnswer>),
    Refusal(Refusal),
}

impl Batch {
    pub(crate) async fn begin<C>(
        client: &Client<C>,
        checks: Box<dyn Iterator<Item = Check> + Send>,
    ) -> Result<Self, Error>
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        let limit = client.timeout();
        let (lines, sent) = Lines::new(checks);
        let path = "/v1/check/batch";
        let content = Some("application/x-ndjson");
        let begun = client.send(&Method::POST, path, content, Body::Lines(lines));
        let late = |_| Error::Timeout { limit };
        let response = timeout(limit, begun).await.map_err(late)??;
        let status = response.status();
        if !status.is_success() {
            let body = timeout(limit, response.into_body().collect()).await.map_err(late)?;
            let body = body.map_err(|error| Error::Unreachable(error.into()))?.to_bytes();
            return Err(refused(status, &body));
        }
        Ok(Self {
            answers: response.into_body(),
            sent,
            buffer: Vec::new(),
            begun: 0,
            answered: 0,
            limit,
            is_over: false,
        })
    }

    /// The answer of the next check, or why it has none; `None` once every check is answered. A check that
    /// is refused does not end the batch. Whatever else fails does: a batch that breaks off never looks
    /// like one that is done.
    pub async fn next(&mut self) -> Option<Result<CheckAnswer, Error>> {
        if self.is_over {
            return None;
        }
        match self.line().await {
            Ok(Some(line)) => Some(self.read(&line)),
            Ok(None) => {
                self.is_over = true;
                match self.sent.so_far() {
                    (sent, true) if sent == self.answered => None,
                    (sent, _) => Some(Err(Error::BatchBroken { answered: self.answered, sent })),
                }
            }
            Err(error) => {
                self.is_over = true;
                Some(Err(error))
            }
        }
    }

    /// The next line without its end; `None` behind the last.
    async fn line(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut searched = self.begun;
        loop {
            let rest = self.buffer.get(searched..).unwrap_or_default();
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let end = searched + length;
                let line = self.buffer.get(self.begun..end).unwrap_or_default().to_vec();
                self.begun = end + 1;
                return Ok(Some(line));
            }
            self.buffer.drain(..self.begun);
            self.begun = 0;
            searched = self.buffer.len();
            let limit = self.limit;
            let frame = timeout(limit, self.answers.frame()).await;
            match frame.map_err(|_| Error::Timeout { limit })? {
                // What has no end is no whole line: the count of answers shows it.
                None => return Ok(None),
                Some(Err(error)) => return Err(Error::Unreachable(error.into())),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
            }
        }
    }

    fn read(&mut self, line: &[u8]) -> Result<CheckAnswer, Error> {
        self.answered += 1;
        match serde_json::from_slice(line) {
            Ok(Line::Answer(answer)) => Ok(*answer),
            Ok(Line::Refusal(refusal)) => {
                Err(Error::Refused(Box::new(Refusal { status: 200, ..refusal })))
            }
            Err(source) => Err(Error::Unreadable { status: 200, source: Some(source) }),
        }
    }
}
