//! In which words an answer is told: the interface's own, or those of a standard.

use hyper::HeaderMap;
use hyper::header::{ACCEPT, HeaderValue};
use serde_json::Value;

const FHIR: &str = "application/fhir+json";
const NATIONAL_SERVICE: &str = "application/vnd.chofuku.eps+json";

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The interface's own JSON.
    Json,
    /// A FHIR Bundle of `DetectedIssue` resources.
    Fhir,
    /// The fields of a result of the national service (電子処方箋管理サービス).
    NationalService,
}

impl Told {
    /// What a caller asks for; its own JSON unless another is named.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for range in accept.flat_map(|accept| accept.split(',')) {
            match range.split(';').next().unwrap_or_default().trim() {
                FHIR => return Self::Fhir,
                NATIONAL_SERVICE => return Self::NationalService,
                _ => {}
            }
        }
        Self::Json
    }

    /// The type of the body.
    pub(crate) const fn content_type(self) -> HeaderValue {
        match self {
            Self::Json => HeaderValue::from_static("application/json"),
            Self::Fhir => HeaderValue::from_static(FHIR),
            Self::NationalService => HeaderValue::from_static(NATIONAL_SERVICE),
        }
    }
}

/// The members of a list in an answer; none where there is no such list.
pub(super) fn list(value: &Value, name: &str) -> Vec<Value> {
    value.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A text in an answer; empty where there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
