//! The client: where the server is, how long it is waited for, and a method for each call.

use std::time::Duration;

use hyper::{Method, Uri};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answer::document::{DocumentState, Registered};
use crate::answer::drug::{DrugAnswer, DrugsAnswer};
use crate::answer::status::Status;
use crate::answer::{CheckAnswer, HistoryAnswer};
use crate::batch::Batch;
use crate::body::Body;
use crate::error::Error;
use crate::exchange::{Asked, Repeat};
use crate::request::document::Document;
use crate::request::{Check, CodeSystem, History, Patient};

const TIMEOUT_USUAL: Duration = Duration::from_secs(10);
const ATTEMPTS_USUAL: u32 = 3;

/// A client of one server. Cloning is cheap, and clones share their connections.
///
/// It needs a tokio runtime.
#[derive(Clone, Debug)]
pub struct Client<C = HttpConnector> {
    http: Http<C, Body>,
    /// Without the slash at its end.
    base: String,
    timeout: Duration,
    attempts: u32,
    event: Option<u64>,
}

impl Client {
    /// A client of the server at an address such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    ///
    /// When it is not the address of a server, or not one of plain HTTP.
    pub fn new(base: &str) -> Result<Self, Error> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Self::with_connector(base, connector)?;
        if client.base.starts_with("http://") {
            return Ok(client);
        }
        Err(Error::Base { reason: "of plain HTTP; for TLS, give a connector that has it" })
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Client<C> {
    /// A client that connects in another way, such as with TLS.
    ///
    /// # Errors
    ///
    /// When the base is not the address of a server.
    pub fn with_connector(base: &str, connector: C) -> Result<Self, Error> {
        let base = base.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| Error::Base { reason: "which is no address" })?;
        if uri.scheme().is_none() || uri.authority().is_none() {
            return Err(Error::Base { reason: "with its scheme and its host" });
        }
        if uri.query().is_some() {
            return Err(Error::Base { reason: "without a query" });
        }
        Ok(Self {
            http: Http::builder(TokioExecutor::new()).build(connector),
            base: base.to_owned(),
            timeout: TIMEOUT_USUAL,
            attempts: ATTEMPTS_USUAL,
            event: None,
        })
    }

    /// For how long an answer is waited for, each time it is asked for; 10 seconds unless it is said. Of a
    /// batch, it is the time between two answers.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How often a request is sent whose answer is lost, if sending it again does no harm; 3 times unless
    /// it is said, and at least once.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts: attempts.max(1), ..self }
    }

    /// The same client, whose calls wait until checks see this event: it reads what was written.
    #[must_use]
    pub fn seeing(&self, event: u64) -> Self {
        Self { event: Some(event), ..self.clone() }
    }

    /// Checks new lines.
    ///
    /// # Errors
    ///
    /// When the request is refused, or there is no answer. None of it means that nothing was found.
    pub async fn check(&self, check: &Check) -> Result<CheckAnswer, Error> {
        self.post("/v1/check".to_owned(), check, Repeat::Harmless).await
    }

    /// Checks many requests in one stream. They are taken from the iterator as fast as they are answered,
    /// on the threads of the runtime: it must not block.
    ///
    /// # Errors
    ///
    /// When the batch as a whole is refused, or does not begin to be answered in time.
    pub async fn check_batch<I>(&self, checks: I) -> Result<Batch, Error>
    where
        I: IntoIterator<Item = Check>,
        I::IntoIter: Send + 'static,
    {
        Batch::begin(self, Box::new(checks.into_iter())).await
    }

    /// Every record of a patient and what becomes of it.
    ///
    /// # Errors
    ///
    /// When the request is refused, or there is no answer.
    pub async fn history(&self, history: &History) -> Result<HistoryAnswer, Error> {
        self.post("/v1/history".to_owned(), history, Repeat::Harmless).await
    }

    /// Registers a document. It is sent again if the answer is lost: the same document again adds nothing.
    ///
    /// # Errors
    ///
    /// When it is refused, or there is no answer: then it may or may not be registered, and registering
    /// it once more tells.
    pub async fn register(&self, document: &Document) -> Result<Registered, Error> {
        self.post("/v1/documents".to_owned(), document, Repeat::Harmless).await
    }

    /// Registers a new version of a document (変更). It is sent again if the answer is lost.
    ///
    /// # Errors
    ///
    /// As [`Client::register`].
    pub async fn change(&self, document: &Document) -> Result<Registered, Error> {
        let path = of_document(document.id(), "");
        self.exchange(asked(Method::PUT, path, Some(document), Repeat::Harmless)).await
    }

    /// Cancels a document (取消); with its patient, only if it is theirs. It is not sent again: that would
    /// be refused as a cancel of a cancelled document.
    ///
    /// # Errors
    ///
    /// When it is refused, or there is no answer: [`Client::document`] tells whether it was cancelled.
    pub async fn cancel(&self, id: &str, patient: Option<&Patient>) -> Result<Registered, Error> {
        self.post(of_document(id, "/cancel"), &Named { patient }, Repeat::Never).await
    }

    /// Restores a cancelled document. It is not sent again.
    ///
    /// # Errors
    ///
    /// As [`Client::cancel`].
    pub async fn restore(&self, id: &str, patient: Option<&Patient>) -> Result<Registered, Error> {
        self.post(of_document(id, "/restore"), &Named { patient }, Repeat::Never).await
    }

    /// Says that two identities are one person. It is sent again if the answer is lost.
    ///
    /// # Errors
    ///
    /// When it is refused, or there is no answer.
    pub async fn link(&self, patient: &Patient, same_as: &Patient) -> Result<Registered, Error> {
        #[derive(Serialize)]
        struct Linked<'p> {
            patient: &'p Patient,
            same_as: &'p Patient,
        }
        let linked = Linked { patient, same_as };
        self.post("/v1/patients/link".to_owned(), &linked, Repeat::Harmless).await
    }

    /// The state of a document; `None` if no document of that id is known.
    ///
    /// # Errors
    ///
    /// When the request is refused for another reason, or there is no answer.
    pub async fn document(&self, id: &str) -> Result<Option<DocumentState>, Error> {
        known(self.get(of_document(id, "")).await, &crate::Code::UnknownDocument)
    }

    /// The products of which a name begins with a text, at most `limit` (1 to 100).
    ///
    /// # Errors
    ///
    /// When the request is refused, or there is no answer.
    pub async fn drugs(&self, name: &str, limit: u8) -> Result<DrugsAnswer, Error> {
        self.get(format!("/v1/drugs?q={}&limit={limit}", encoded(name))).await
    }

    /// What a code means, and what it must not meet; `None` if nothing is known of it.
    ///
    /// # Errors
    ///
    /// When the request is refused for another reason, or there is no answer.
    pub async fn drug(&self, system: &CodeSystem, code: &str) -> Result<Option<DrugAnswer>, Error> {
        let path = format!("/v1/drugs/{}/{}", encoded(system.as_str()), encoded(code));
        known(self.get(path).await, &crate::Code::UnknownDrug)
    }

    /// What runs, and on what.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn status(&self) -> Result<Status, Error> {
        self.get("/v1/status".to_owned()).await
    }

    async fn get<T: DeserializeOwned>(&self, path: String) -> Result<T, Error> {
        self.exchange(asked(Method::GET, path, None::<&()>, Repeat::Harmless)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: String,
        body: &impl Serialize,
        repeat: Repeat,
    ) -> Result<T, Error> {
        self.exchange(asked(Method::POST, path, Some(body), repeat)).await
    }

    pub(crate) const fn http(&self) -> &Http<C, Body> {
        &self.http
    }

    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) const fn event(&self) -> Option<u64> {
        self.event
    }

    /// The address of a call.
    pub(crate) fn uri(&self, path: &str) -> Result<Uri, Error> {
        let address = format!("{}{path}", self.base);
        address.parse().map_err(|_| Error::Base { reason: "and what is asked for shorter" })
    }
}

#[derive(Serialize)]
struct Named<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<&'p Patient>,
}

fn asked(method: Method, path: String, body: Option<&impl Serialize>, repeat: Repeat) -> Asked {
    // Texts and numbers always serialise; an empty body would be refused by the server.
    let body = body.map(|body| serde_json::to_vec(body).unwrap_or_default());
    Asked { method, path, body, repeat }
}

fn of_document(id: &str, call: &str) -> String {
    format!("/v1/documents/{}{call}", encoded(id))
}

/// An answer, or that the one thing asked for is not there.
fn known<T>(answered: Result<T, Error>, unknown: &crate::Code) -> Result<Option<T>, Error> {
    match answered {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.refusal().is_some_and(|refusal| refusal.code == *unknown) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Text as it can stand in a path or query.
fn encoded(text: &str) -> String {
    let digit =
        |half: u8| char::from_digit(u32::from(half), 16).map_or('0', |c| c.to_ascii_uppercase());
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                written.push(char::from(byte));
            }
            // A segment of dots alone would be taken for a way up.
            other => written.extend(['%', digit(other >> 4), digit(other & 15)]),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_server_has_scheme_and_host() {
        for base in ["http://127.0.0.1:8080", "http://host/", "http://host/chofuku/"] {
            assert!(Client::new(base).is_ok(), "{base}");
        }
        for base in ["", "127.0.0.1:8080", "/v1", "https://host", "http://host?x=1", "http://"] {
            assert!(matches!(Client::new(base), Err(Error::Base { .. })), "{base}");
        }
    }

    #[test]
    fn an_id_is_one_segment_of_a_path() {
        assert_eq!(
            of_document("a/b ?#%ア..", "/cancel"),
            "/v1/documents/a%2Fb%20%3F%23%25%E3%82%A2%2E%2E/cancel"
        );
        let client = Client::new("http://host/behind/").unwrap();
        let uri = client.uri(&of_document("..", "")).unwrap();
        assert_eq!(uri.to_string(), "http://host/behind/v1/documents/%2E%2E");
    }
}
