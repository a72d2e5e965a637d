//! The stable codes of errors and their HTTP status: one total table, which `docs/errors.md`
//! repeats for people.

use hyper::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $status:ident;)*) => {
        /// What kind of error an answer tells of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// Every code, in the order of `docs/errors.md`.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The word used in answers. It never changes.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }

            /// The HTTP status that it is told with.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$code => StatusCode::$status,)*
                }
            }

            /// Where it is explained, relative to the project.
            pub const fn link(self) -> &'static str {
                match self {
                    $(Self::$code => concat!("docs/errors.md#", $name),)*
                }
            }
        }
    };
}

codes! {
    /// The body, or a line of a batch, is not JSON.
    InvalidJson = "invalid_json", BAD_REQUEST;
    /// A message of another format than JSON that cannot be taken.
    InvalidMessage = "invalid_message", BAD_REQUEST;
    /// A field that the interface does not have.
    UnknownField = "unknown_field", BAD_REQUEST;
    /// A field that must be there is not.
    MissingField = "missing_field", BAD_REQUEST;
    /// A field stands twice in one object.
    DuplicateField = "duplicate_field", BAD_REQUEST;
    /// A value that the field cannot have.
    InvalidValue = "invalid_value", BAD_REQUEST;
    /// A check without new lines.
    NoLines = "no_lines", BAD_REQUEST;
    /// A check with more new lines than the limit.
    TooManyLines = "too_many_lines", BAD_REQUEST;
    /// An insured identity that could name two persons.
    BranchRequired = "branch_required", BAD_REQUEST;
    /// Oral consent without who took it.
    RecorderRequired = "recorder_required", BAD_REQUEST;
    /// The asker's own records are to be left out, and the asker is not named.
    ActorRequired = "actor_required", BAD_REQUEST;
    /// A policy that is neither built in nor configured.
    UnknownPolicy = "unknown_policy", BAD_REQUEST;
    /// The connection broke before the body was whole.
    BodyIncomplete = "body_incomplete", BAD_REQUEST;
    /// A call that needs full consent.
    ConsentRequired = "consent_required", FORBIDDEN;
    /// A call that would change something, from a page of another site.
    CrossSite = "cross_site", FORBIDDEN;
    /// A path that the server does not have.
    NotFound = "not_found", NOT_FOUND;
    /// A drug code that nothing is known of.
    UnknownDrug = "unknown_drug", NOT_FOUND;
    /// No document of that id is known.
    UnknownDocument = "unknown_document", NOT_FOUND;
    /// No card of that uuid was shown here, or it was long ago.
    UnknownCard = "unknown_card", NOT_FOUND;
    /// A method that the path does not have.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// The body did not arrive in time.
    BodyTimeout = "body_timeout", REQUEST_TIMEOUT;
    /// The id of a document is taken by other content.
    DocumentExists = "document_exists", CONFLICT;
    /// The prescription has a live dispensing result.
    AlreadyDispensed = "already_dispensed", CONFLICT;
    /// The document is cancelled.
    AlreadyCancelled = "already_cancelled", CONFLICT;
    /// The document is not cancelled.
    NotCancelled = "not_cancelled", CONFLICT;
    /// A new version of another kind or patient.
    OtherDocument = "other_document", CONFLICT;
    /// Findings of the prescription are not acknowledged.
    Unacknowledged = "unacknowledged", CONFLICT;
    /// What the check needs was not fetched beforehand.
    PrefetchMissing = "prefetch_missing", PRECONDITION_FAILED;
    /// The body, or a line of a batch, is larger than the limit.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE;
    /// The path and query are longer than the limit.
    UriTooLong = "uri_too_long", URI_TOO_LONG;
    /// The body is of a type that the call does not take.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// More header fields than the limit.
    TooManyHeaders = "too_many_headers", REQUEST_HEADER_FIELDS_TOO_LARGE;
    /// The bytes that the answer needs are damaged.
    DamagedIndex = "damaged_index", INTERNAL_SERVER_ERROR;
    /// The answer could not be written or was not finished.
    AnswerFailed = "answer_failed", INTERNAL_SERVER_ERROR;
    /// A generation was not put in force, or not made.
    UpkeepFailed = "upkeep_failed", INTERNAL_SERVER_ERROR;
    /// The server takes no new work.
    NotReady = "not_ready", SERVICE_UNAVAILABLE;
    /// Nothing can be registered now.
    RegistrationUnavailable = "registration_unavailable", SERVICE_UNAVAILABLE;
    /// The event that the request waits for did not come in time.
    EventNotReached = "event_not_reached", SERVICE_UNAVAILABLE;
}
