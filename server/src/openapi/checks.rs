//! The calls that check, and the history that they look at.

use serde_json::{Value, json};

use super::operation::{Answer, Body, OF_AN_OBJECT, Operation, Tag};
use super::schemas::Schemas;
use super::{example, parameters};
use crate::error::Code;
use crate::wire::answer::CheckAnswer;
use crate::wire::history::HistoryAnswer;
use crate::wire::intake::CHECK_PARAMETERS;
use crate::wire::national_service::NationalResult;
use crate::wire::request::{CheckRequest, HistoryRequest};

/// How reading what is asked can fail, beside the JSON of it.
const OF_A_QUESTION: [Code; 5] = [
    Code::BranchRequired,
    Code::RecorderRequired,
    Code::ActorRequired,
    Code::UnknownPolicy,
    Code::NotReady,
];
/// How a check can fail.
const OF_A_CHECK: [Code; 4] =
    [Code::NoLines, Code::TooManyLines, Code::DamagedIndex, Code::AnswerFailed];

pub(super) fn check(schemas: &mut Schemas) -> Operation {
    let answer = json!({
        "schema": schemas.answer::<CheckAnswer<'_>>(),
        "examples": example::check_answers(),
    });
    let national = json!({"schema": schemas.answer::<NationalResult>()});
    let content = vec![
        ("application/json", answer),
        ("application/fhir+json", json!({"schema": issues()})),
        ("application/vnd.chofuku.eps+json", national),
    ];
    let codes = [&OF_AN_OBJECT[..], &OF_A_QUESTION, &OF_A_CHECK, &[Code::InvalidMessage]].concat();
    Operation {
        id: "check",
        tag: Tag::Check,
        summary: ["Check new lines", "今回の薬剤をチェックする"],
        description: "Checks the lines of a prescription against everything that the patient takes, and \
            tells what consent allows. Look at `outcome`: only `clear` says that everything was checked and \
            nothing was found. The body may be a message of the outside; what it lacks comes from the query. \
            The header `accept` chooses in which words it is answered.",
        parameters: parameters::of_message(CHECK_PARAMETERS),
        body: Some(Body {
            schema: schemas.request::<CheckRequest<'_>>(),
            required: true,
            example: example::check(),
        }),
        answers: vec![Answer {
            status: 200,
            description: "What was found, under the consent of the request.",
            content,
            headers: vec![timing()],
        }],
        codes,
        waits: true,
    }
}

pub(super) fn batch(schemas: &mut Schemas) -> Operation {
    let answer = json!({
        "schema": {
            "type": "string",
            "description": "In each line the answer of a check or an error, in the order of the requests.",
            "x-line": {"anyOf": [
                schemas.answer::<CheckAnswer<'_>>(),
                {"$ref": "#/components/schemas/Error"},
            ]},
        },
    });
    Operation {
        id: "check_batch",
        tag: Tag::Check,
        summary: ["Check many requests", "まとめてチェックする"],
        description: "A check in each line (NDJSON), an answer or an error for each, in the same order and as \
            fast as they are taken. There is no limit on lines. Count the answers: a batch that breaks off \
            has fewer, and says why in its last line if it can.",
        parameters: Vec::new(),
        body: Some(Body {
            schema: schemas.request::<CheckRequest<'_>>(),
            required: true,
            example: example::check(),
        }),
        answers: vec![Answer {
            status: 200,
            description: "The answers, streamed.",
            content: vec![("application/x-ndjson", answer)],
            headers: Vec::new(),
        }],
        codes: Vec::new(),
        waits: true,
    }
}

pub(super) fn history(schemas: &mut Schemas) -> Operation {
    let answer = json!({
        "schema": schemas.answer::<HistoryAnswer<'_>>(),
        "examples": example::history_answer(),
    });
    let own = [Code::ConsentRequired, Code::DamagedIndex, Code::AnswerFailed];
    Operation {
        id: "history",
        tag: Tag::Check,
        summary: ["Tell what is being taken", "服用中の薬剤の履歴を見る"],
        description: "Every record of the window with its period and what becomes of it in a check: what a \
            timeline draws. It takes full consent.",
        parameters: Vec::new(),
        body: Some(Body {
            schema: schemas.request::<HistoryRequest<'_>>(),
            required: true,
            example: example::history(),
        }),
        answers: vec![Answer {
            status: 200,
            description: "The records.",
            content: vec![("application/json", answer)],
            headers: vec![timing()],
        }],
        codes: [&OF_AN_OBJECT[..], &OF_A_QUESTION, &own].concat(),
        waits: true,
    }
}

/// How long the check took.
pub(super) fn timing() -> (&'static str, Value) {
    let timing = json!({
        "description": "How long the check took, in milliseconds: `check;dur=0.012`.",
        "required": true,
        "schema": {"type": "string", "pattern": "^check;dur=[0-9]+\\.[0-9]{3}$"},
    });
    ("server-timing", timing)
}

/// The answer in FHIR, whose schema is FHIR's.
fn issues() -> Value {
    json!({
        "type": "object",
        "description": "A FHIR Bundle of DetectedIssue resources, and an OperationOutcome with what was not \
            checked (code `incomplete`) and with warnings (`business-rule`). Its tags name the policy and the \
            snapshot.",
        "properties": {
            "resourceType": {"const": "Bundle"},
            "meta": {"type": "object"},
            "type": {"const": "collection"},
            "entry": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["resourceType", "type"],
    })
}
