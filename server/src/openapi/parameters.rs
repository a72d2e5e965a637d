//! Parameters of paths, queries and headers.

use schemars::Schema;
use serde_json::{Value, json};

use crate::route::Route;
use crate::wire::request::text::{
    DayText, DocumentId, Id, IdentityPart, InstitutionCode, Recorder, schema,
};
use crate::wire::request::word::Vocabulary;
use chofuku_engine::check::{ActorKind, Consent, OwnInstitution};
use chofuku_engine::code::CodeSystem;

/// What a path names.
pub(super) fn of_path(route: Route<'_>) -> Vec<Value> {
    match route {
        Route::Document { .. } | Route::Cancel { .. } | Route::Restore { .. } => {
            vec![in_path("id", "The id of the document, percent-encoded.", &schema::<DocumentId>())]
        }
        Route::Drug { .. } => vec![
            in_path("system", "The system of the code.", &words::<CodeSystem>()),
            in_path("code", "The code.", &schema::<Id>()),
        ],
        Route::Console { file: "{folder}/{file}" } => vec![
            in_path("folder", "The folder, such as `style`.", &text()),
            in_path("file", "The file, such as `base.css`.", &text()),
        ],
        Route::Console { file: "{file}" } => {
            vec![in_path("file", "The file, such as `main.js`.", &text())]
        }
        Route::Check
        | Route::Batch
        | Route::History
        | Route::Drugs
        | Route::Documents
        | Route::Link
        | Route::Convert
        | Route::Lint
        | Route::Console { .. }
        | Route::Reload
        | Route::Compact
        | Route::Backup
        | Route::Status
        | Route::Health
        | Route::Ready
        | Route::OpenApi
        | Route::Metrics
        | Route::HookServices
        | Route::Hook
        | Route::Feedback
        | Route::Docs => Vec::new(),
    }
}

/// The header with the last event that the caller has seen.
pub(super) fn min_event() -> Value {
    json!({
        "name": "min-event",
        "in": "header",
        "description": "The number of an event, as a registration was answered with: the call waits up to 2 \
            seconds until checks see it. So you read your own writes.",
        "schema": {"type": "integer", "minimum": 0, "maximum": u64::MAX},
    })
}

/// A parameter of the query.
pub(super) fn in_query(name: &str, description: &str, required: bool, schema: &Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": schema,
    })
}

/// What goes with a body that is a message, by the names that the call knows.
pub(super) fn of_message(names: &[&str]) -> Vec<Value> {
    names
        .iter()
        .map(|name| {
            let (of, schema) = message(name);
            let description = if of.is_empty() {
                String::new()
            } else {
                format!("With a body that is a message, not JSON: {of}")
            };
            in_query(name, &description, false, &schema.to_value())
        })
        .collect()
}

fn message(name: &str) -> (&'static str, Schema) {
    match name {
        "id" => ("the id of the document, if the message has none.", schema::<DocumentId>()),
        "insurer" => ("insurer number (保険者番号).", schema::<IdentityPart>()),
        "symbol" => ("symbol (記号).", schema::<IdentityPart>()),
        "number" => ("number (番号).", schema::<IdentityPart>()),
        "branch" => ("branch (枝番).", schema::<IdentityPart>()),
        "patient_id" => ("an opaque id of the patient.", schema::<Id>()),
        "as_of" => ("the check day.", schema::<DayText>()),
        "actor_kind" => ("what the asker is.", words::<ActorKind>()),
        "actor_code" => ("the code of the asker.", schema::<InstitutionCode>()),
        "own_institution" => {
            ("whether records of the asking institution itself count.", words::<OwnInstitution>())
        }
        "consent" => ("what the patient allowed to be told.", words::<Consent>()),
        "recorded_by" => ("who took the consent.", schema::<Recorder>()),
        "source_documents" => {
            ("ids of the documents that the new lines come from, with commas between them.", text())
        }
        "policy" => ("the policy.", schema::<Id>()),
        "institution" => ("the institution that prescribed.", schema::<InstitutionCode>()),
        "pharmacy" => ("the pharmacy that dispensed.", schema::<InstitutionCode>()),
        "prescription" => {
            ("the prescription that a dispensing result is of.", schema::<DocumentId>())
        }
        "acknowledged" => {
            ("ids of findings that are judged acceptable, with commas between them.", text())
        }
        // A test finds what has no description.
        _ => ("", Schema::default()),
    }
}

fn in_path(name: &str, description: &str, schema: &Schema) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": description,
        "schema": schema,
    })
}

fn words<T: Vocabulary>() -> Schema {
    crate::wire::schema::one_of(T::WORDS)
}

fn text() -> Schema {
    schemars::json_schema!({"type": "string"})
}
