//! The calls of the interface by name: what metrics, logs and spans call them.

use hyper::StatusCode;

use crate::route::Route;
use crate::words::words;

words! {
    /// A call.
    Call, ByCall:
    Check = "check";
    Batch = "batch";
    History = "history";
    Drugs = "drugs";
    Drug = "drug";
    Register = "register";
    Change = "change";
    Document = "document";
    Cancel = "cancel";
    Restore = "restore";
    Link = "link";
    Reload = "reload";
    Compact = "compact";
    Backup = "backup";
    Status = "status";
    Health = "healthz";
    Ready = "readyz";
    Convert = "convert";
    Lint = "lint";
    Console = "console";
    OpenApi = "openapi";
    Docs = "docs";
    Metrics = "metrics";
    HookServices = "cds_services";
    Hook = "cds_hook";
    Feedback = "cds_feedback";
    /// A preflight of a browser (CORS).
    Preflight = "preflight";
    /// Refused before it was known which call it is.
    Unknown = "unknown";
}

words! {
    /// The status of an answer: those of `docs/errors.md` and of success.
    Status, ByStatus:
    Ok = "200";
    Created = "201";
    NoContent = "204";
    NotModified = "304";
    BadRequest = "400";
    Forbidden = "403";
    NotFound = "404";
    MethodNotAllowed = "405";
    Timeout = "408";
    Conflict = "409";
    PreconditionFailed = "412";
    TooLarge = "413";
    UriTooLong = "414";
    MediaType = "415";
    TooManyHeaders = "431";
    Internal = "500";
    Unavailable = "503";
    /// One that is not in the list.
    Other = "other";
}

impl From<Route<'_>> for Call {
    fn from(route: Route<'_>) -> Self {
        match route {
            Route::Check => Self::Check,
            Route::Batch => Self::Batch,
            Route::History => Self::History,
            Route::Drugs => Self::Drugs,
            Route::Drug { .. } => Self::Drug,
            Route::Documents => Self::Register,
            Route::Document { change: true, .. } => Self::Change,
            Route::Document { change: false, .. } => Self::Document,
            Route::Cancel { .. } => Self::Cancel,
            Route::Restore { .. } => Self::Restore,
            Route::Link => Self::Link,
            Route::Reload => Self::Reload,
            Route::Compact => Self::Compact,
            Route::Backup => Self::Backup,
            Route::Status => Self::Status,
            Route::Health => Self::Health,
            Route::Ready => Self::Ready,
            Route::Convert => Self::Convert,
            Route::Lint => Self::Lint,
            Route::Console { .. } => Self::Console,
            Route::OpenApi => Self::OpenApi,
            Route::Docs => Self::Docs,
            Route::Metrics => Self::Metrics,
            Route::HookServices => Self::HookServices,
            Route::Hook => Self::Hook,
            Route::Feedback => Self::Feedback,
        }
    }
}

impl From<StatusCode> for Status {
    fn from(status: StatusCode) -> Self {
        match status {
            StatusCode::OK => Self::Ok,
            StatusCode::CREATED => Self::Created,
            StatusCode::NO_CONTENT => Self::NoContent,
            StatusCode::NOT_MODIFIED => Self::NotModified,
            StatusCode::BAD_REQUEST => Self::BadRequest,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::PRECONDITION_FAILED => Self::PreconditionFailed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::MediaType,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::TooManyHeaders,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Internal,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn every_status_of_an_error_has_its_word() {
        for code in Code::ALL {
            let status = code.status();
            assert_eq!(Status::from(status).word(), status.as_str(), "{}", code.name());
        }
        for status in
            [StatusCode::OK, StatusCode::CREATED, StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED]
        {
            assert_eq!(Status::from(status).word(), status.as_str());
        }
        assert_eq!(Status::from(StatusCode::IM_A_TEAPOT).word(), "other");
    }
}
