//! Paths and methods: which call a request is.

use hyper::Method;

use crate::error::ApiError;

/// A call of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    /// `POST /v1/check`.
    Check,
    /// `POST /v1/check/batch`.
    Batch,
    /// `POST /v1/history`.
    History,
    /// `GET /v1/drugs?q=&limit=`.
    Drugs,
    /// `GET /v1/drugs/{system}/{code}`, both as written in the path.
    Drug {
        /// The system of the code.
        system: &'p str,
        /// The code.
        code: &'p str,
    },
    /// `POST /v1/documents`.
    Documents,
    /// `PUT` and `GET /v1/documents/{id}`, the id as written in the path.
    Document {
        /// The id.
        id: &'p str,
        /// Whether it is changed; else it is looked at.
        change: bool,
    },
    /// `POST /v1/documents/{id}/cancel`.
    Cancel {
        /// The id.
        id: &'p str,
    },
    /// `POST /v1/documents/{id}/restore`.
    Restore {
        /// The id.
        id: &'p str,
    },
    /// `POST /v1/patients/link`.
    Link,
    /// `POST /v1/convert`.
    Convert,
    /// `GET /v1/admin/lint`.
    Lint,
    /// `GET /` and `GET /console/{file}`: a file of the console.
    Console {
        /// The file, below `console/`.
        file: &'p str,
    },
    /// `POST /v1/admin/reload`.
    Reload,
    /// `POST /v1/admin/compact`.
    Compact,
    /// `POST /v1/admin/backup`.
    Backup,
    /// `GET /v1/status`.
    Status,
    /// `GET /healthz`.
    Health,
    /// `GET /readyz`.
    Ready,
    /// `GET /openapi.json`.
    OpenApi,
    /// `GET /docs`.
    Docs,
    /// `GET /metrics`.
    Metrics,
    /// `GET /cds-services`.
    HookServices,
    /// `POST /cds-services/medication-check`.
    Hook,
    /// `POST /cds-services/medication-check/feedback`.
    Feedback,
}

const JSON: &[&str] = &["application/json"];
/// Bodies that may be a message of the outside.
const JSON_OR_MESSAGE: &[&str] = &["application/json", "text/csv", "application/fhir+json"];
/// Bodies that are a message of the outside.
const MESSAGE: &[&str] = &["text/csv", "application/fhir+json"];
const GET: &[&str] = &["GET", "HEAD"];
const POST: &[&str] = &["POST"];
const GET_PUT: &[&str] = &["GET", "HEAD", "PUT"];

impl<'p> Route<'p> {
    /// The call of a method and path.
    ///
    /// # Errors
    ///
    /// When there is no such path, or it does not take the method.
    pub(crate) fn find(method: &Method, path: &'p str) -> Result<Self, ApiError> {
        let (route, allow) = match path {
            "/v1/check" => (Self::Check, POST),
            "/v1/check/batch" => (Self::Batch, POST),
            "/v1/history" => (Self::History, POST),
            "/v1/drugs" => (Self::Drugs, GET),
            "/v1/documents" => (Self::Documents, POST),
            "/v1/patients/link" => (Self::Link, POST),
            "/" => (Self::Console { file: "index.html" }, GET),
            "/v1/convert" => (Self::Convert, POST),
            "/v1/admin/lint" => (Self::Lint, GET),
            "/v1/admin/reload" => (Self::Reload, POST),
            "/v1/admin/compact" => (Self::Compact, POST),
            "/v1/admin/backup" => (Self::Backup, POST),
            "/v1/status" => (Self::Status, GET),
            "/healthz" => (Self::Health, GET),
            "/readyz" => (Self::Ready, GET),
            "/openapi.json" => (Self::OpenApi, GET),
            "/docs" => (Self::Docs, GET),
            "/metrics" => (Self::Metrics, GET),
            "/cds-services" => (Self::HookServices, GET),
            "/cds-services/medication-check" => (Self::Hook, POST),
            "/cds-services/medication-check/feedback" => (Self::Feedback, POST),
            _ => Self::named(path, method).ok_or(ApiError::NotFound)?,
        };
        if allow.contains(&method.as_str()) {
            return Ok(route);
        }
        Err(ApiError::MethodNotAllowed { allow })
    }

    /// The types of body that the call takes, if it takes any.
    pub(crate) const fn body_types(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Check | Self::Documents | Self::Document { change: true, .. } => {
                Some(JSON_OR_MESSAGE)
            }
            Self::History | Self::Link | Self::Hook | Self::Feedback => Some(JSON),
            Self::Convert => Some(MESSAGE),
            Self::Batch => Some(&["application/x-ndjson", "application/ndjson"]),
            Self::Drugs
            | Self::Drug { .. }
            | Self::Document { change: false, .. }
            | Self::Cancel { .. }
            | Self::Restore { .. }
            | Self::Lint
            | Self::Console { .. }
            | Self::Reload
            | Self::Compact
            | Self::Backup
            | Self::Status
            | Self::Health
            | Self::Ready
            | Self::OpenApi
            | Self::Docs
            | Self::Metrics
            | Self::HookServices => None,
        }
    }

    /// The call of a path that names something, and its methods.
    fn named(path: &'p str, method: &Method) -> Option<(Self, &'static [&'static str])> {
        if let Some(rest) = path.strip_prefix("/v1/documents/") {
            return Self::document(rest, method);
        }
        if let Some(file) = path.strip_prefix("/console/") {
            return Some((Self::Console { file }, GET));
        }
        Self::drug(path).map(|drug| (drug, GET))
    }

    fn document(rest: &'p str, method: &Method) -> Option<(Self, &'static [&'static str])> {
        let (id, call) = rest.split_once('/').unwrap_or((rest, ""));
        if id.is_empty() {
            return None;
        }
        match call {
            "" if rest == id => {
                Some((Self::Document { id, change: *method == Method::PUT }, GET_PUT))
            }
            "cancel" => Some((Self::Cancel { id }, POST)),
            "restore" => Some((Self::Restore { id }, POST)),
            _ => None,
        }
    }

    fn drug(path: &'p str) -> Option<Self> {
        let (system, code) = path.strip_prefix("/v1/drugs/")?.split_once('/')?;
        let is_whole = !system.is_empty() && !code.is_empty() && !code.contains('/');
        is_whole.then_some(Self::Drug { system, code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_call() {
        let get = |path| Route::find(&Method::GET, path);
        assert_eq!(get("/v1/drugs").unwrap(), Route::Drugs);
        let drug = Route::Drug { system: "yj", code: "2171022F2029" };
        assert_eq!(get("/v1/drugs/yj/2171022F2029").unwrap(), drug);
        assert_eq!(Route::find(&Method::HEAD, "/readyz").unwrap(), Route::Ready);
        assert_eq!(get("/").unwrap(), Route::Console { file: "index.html" });
        assert_eq!(get("/console/a/b.js").unwrap(), Route::Console { file: "a/b.js" });
        for path in
            ["/console", "/v1", "/v1/check/", "/v1/drugs/", "/v1/drugs/yj", "/v1/drugs/yj/1/2"]
        {
            assert!(matches!(get(path), Err(ApiError::NotFound)), "{path}");
        }
    }

    #[test]
    fn another_method_is_told_what_is_allowed() {
        for (method, path, allowed) in [
            (Method::GET, "/v1/check", POST),
            (Method::PUT, "/v1/check/batch", POST),
            (Method::POST, "/healthz", GET),
            (Method::OPTIONS, "/v1/status", GET),
        ] {
            match Route::find(&method, path) {
                Err(ApiError::MethodNotAllowed { allow }) => assert_eq!(allow, allowed),
                other => panic!("{path}: {other:?}"),
            }
        }
    }
}
