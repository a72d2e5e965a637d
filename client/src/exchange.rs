//! One request and its answer: sent, waited for, read, and sent again where that adds nothing.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::connect::Connect;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};

use crate::body::Body;
use crate::client::Client;
use crate::error::{Error, Refusal};

/// The pause before a request is sent again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// No answer but that of a batch is near this.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Whether a request whose answer was lost may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It reads, or adds nothing the second time.
    Harmless,
    /// It would be refused the second time, or do more.
    Never,
}

/// A request as it can be sent several times.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) repeat: Repeat,
}

impl<C: Connect + Clone + Send + Sync + 'static> Client<C> {
    /// Sends a request until it is answered, and reads the answer.
    pub(crate) async fn exchange<T: DeserializeOwned>(&self, asked: Asked) -> Result<T, Error> {
        let body = asked.body.map(Bytes::from);
        let attempts = if asked.repeat == Repeat::Harmless { self.attempts() } else { 1 };
        let mut pause = PAUSE;
        let mut left = attempts;
        loop {
            left = left.saturating_sub(1);
            let answered = self.attempt(&asked.method, &asked.path, body.clone()).await;
            match answered {
                Err(error) if left > 0 && error.is_temporary() => {
                    sleep(pause).await;
                    pause = pause.saturating_mul(2);
                }
                answered => return answered,
            }
        }
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<T, Error> {
        let limit = self.timeout();
        let json = body.is_some().then_some("application/json");
        let body = Body::Whole(body.unwrap_or_default());
        let answer = async {
            let response = self.send(method, path, json, body).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            read(status, &body.map_err(Error::Unreachable)?.to_bytes())
        };
        timeout(limit, answer).await.map_err(|_| Error::Timeout { limit })?
    }

    /// Sends a request once; gives the answer as soon as its head is there.
    pub(crate) async fn send(
        &self,
        method: &Method,
        path: &str,
        content: Option<&str>,
        body: Body,
    ) -> Result<Response<Incoming>, Error> {
        let mut request = Request::new(body);
        *request.method_mut() = method.clone();
        *request.uri_mut() = self.uri(path)?;
        let headers = request.headers_mut();
        if let Some(content) = content.and_then(|content| content.parse().ok()) {
            headers.insert(CONTENT_TYPE, content);
        }
        if let Some(event) = self.event() {
            headers.insert("min-event", event.into());
        }
        self.http().request(request).await.map_err(|error| Error::Unreachable(error.into()))
    }
}

/// The answer of a body, or what is said in its place.
fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Error> {
    let unreadable = |source| Error::Unreadable { status: status.as_u16(), source: Some(source) };
    if status.is_success() {
        return serde_json::from_slice(body).map_err(unreadable);
    }
    Err(refused(status, body))
}

/// The refusal that a body tells of.
pub(crate) fn refused(status: StatusCode, body: &[u8]) -> Error {
    let status = status.as_u16();
    match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => Error::Refused(Box::new(Refusal { status, ..refusal })),
        Err(source) => Error::Unreadable { status, source: Some(source) },
    }
}
