//! The calls that register documents.

use serde_json::Value;

use super::checks::timing;
use super::operation::{Answer, Body, OF_AN_OBJECT, Operation, Tag};
use super::schemas::Schemas;
use super::{example, parameters};
use crate::error::Code;
use crate::handler::convert::Converted;
use crate::wire::intake::DOCUMENT_PARAMETERS;
use crate::wire::registered::{DocumentAnswer, RegisteredAnswer};
use crate::wire::request::{DocumentRequest, LinkRequest, NamedRequest};

/// How every registration can fail.
const OF_A_COMMAND: [Code; 5] = [
    Code::BranchRequired,
    Code::NotReady,
    Code::RegistrationUnavailable,
    Code::DamagedIndex,
    Code::AnswerFailed,
];
/// How a document can be refused.
const OF_A_DOCUMENT: [Code; 5] = [
    Code::InvalidMessage,
    Code::NoLines,
    Code::TooManyLines,
    Code::RecorderRequired,
    Code::Unacknowledged,
];

pub(super) fn register(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "register_document",
        tag: Tag::Registration,
        summary: ["Register a document", "処方・調剤結果を登録する"],
        description: "Registers a prescription, a dispensing result or an in-house document, whole or not at \
            all. The answer comes once it is durable, and every later check sees it. The same id with the \
            same content again adds nothing, so that a lost answer can be asked for again.",
        parameters: parameters::of_message(DOCUMENT_PARAMETERS),
        body: Some(document(schemas)),
        answers: vec![
            done(200, "It was registered before, by this event.", schemas),
            done(201, "It is registered.", schemas),
        ],
        codes: [
            &OF_AN_OBJECT[..],
            &OF_A_COMMAND,
            &OF_A_DOCUMENT,
            &[Code::DocumentExists, Code::AlreadyCancelled],
        ]
        .concat(),
        waits: true,
    }
}

pub(super) fn convert(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<Converted<'_>>();
    Operation {
        id: "convert_message",
        tag: Tag::Registration,
        summary: ["Turn a message into JSON", "電文をJSONに変換する"],
        description: "Reads a message of the outside as the document that it stands for, so that a person \
            can look at its lines before they are checked. Nothing is kept.",
        parameters: Vec::new(),
        body: Some(Body { schema: Value::Null, required: true, example: Value::Null }),
        answers: vec![Answer {
            headers: vec![timing()],
            ..Answer::json(200, "The document.", answer)
        }],
        codes: vec![
            Code::InvalidMessage,
            Code::UnknownField,
            Code::DuplicateField,
            Code::InvalidValue,
            Code::NoLines,
            Code::TooManyLines,
            Code::AnswerFailed,
        ],
        waits: true,
    }
}

pub(super) fn change(schemas: &mut Schemas) -> Operation {
    let own = [
        Code::UnknownDocument,
        Code::OtherDocument,
        Code::AlreadyCancelled,
        Code::AlreadyDispensed,
    ];
    Operation {
        id: "change_document",
        tag: Tag::Registration,
        summary: ["Change a document", "登録した文書を変更する"],
        description: "Registers a new version (変更); the one before stops counting. The id of the body is that \
            of the path. A prescription can be changed until it has a live dispensing result.",
        parameters: parameters::of_message(DOCUMENT_PARAMETERS),
        body: Some(document(schemas)),
        answers: vec![
            done(200, "It was so before, by this event.", schemas),
            done(201, "It is changed.", schemas),
        ],
        codes: [&OF_AN_OBJECT[..], &OF_A_COMMAND, &OF_A_DOCUMENT, &own].concat(),
        waits: true,
    }
}

pub(super) fn state(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "document_state",
        tag: Tag::Registration,
        summary: ["Tell the state of a document", "登録した文書の状態を見る"],
        description: "Whether a document counts, its versions and the findings that were acknowledged with \
            it; nothing of its content.",
        parameters: Vec::new(),
        body: None,
        answers: vec![Answer::json(200, "Its state.", schemas.answer::<DocumentAnswer<'_>>())],
        codes: vec![
            Code::UnknownDocument,
            Code::NotReady,
            Code::RegistrationUnavailable,
            Code::DamagedIndex,
            Code::AnswerFailed,
        ],
        waits: true,
    }
}

pub(super) fn cancel(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "cancel_document",
        summary: ["Cancel a document", "登録した文書を取り消す"],
        description: "Cancels (取消): the document stops counting. A prescription can be cancelled until it \
            has a live dispensing result.",
        codes: [
            &OF_AN_OBJECT[..],
            &OF_A_COMMAND,
            &[Code::UnknownDocument, Code::AlreadyCancelled, Code::AlreadyDispensed],
        ]
        .concat(),
        ..named(schemas)
    }
}

pub(super) fn restore(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "restore_document",
        summary: ["Restore a cancelled document", "取り消した文書を元に戻す"],
        description: "Undoes a cancel: the document counts again.",
        codes: [&OF_AN_OBJECT[..], &OF_A_COMMAND, &[Code::UnknownDocument, Code::NotCancelled]]
            .concat(),
        ..named(schemas)
    }
}

pub(super) fn link(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "link_patients",
        tag: Tag::Registration,
        summary: ["Say that two identities are one person", "同一人物の資格を結び付ける"],
        description: "Two identities are one person, as after a change of insurer: from now on a check of \
            either sees both histories.",
        parameters: Vec::new(),
        body: Some(Body {
            schema: schemas.request::<LinkRequest<'_>>(),
            required: true,
            example: example::link(),
        }),
        answers: vec![
            done(200, "They were one before.", schemas),
            done(201, "They are one now.", schemas),
        ],
        codes: [&OF_AN_OBJECT[..], &OF_A_COMMAND].concat(),
        waits: true,
    }
}

/// A call on a document that its path names.
fn named(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "",
        tag: Tag::Registration,
        summary: ["", ""],
        description: "",
        parameters: Vec::new(),
        body: Some(Body {
            schema: schemas.request::<NamedRequest<'_>>(),
            required: false,
            example: example::named(),
        }),
        answers: vec![done(201, "It is done.", schemas)],
        codes: Vec::new(),
        waits: true,
    }
}

fn document(schemas: &mut Schemas) -> Body {
    let schema: Value = schemas.request::<DocumentRequest<'_>>();
    Body { schema, required: true, example: example::document() }
}

fn done(status: u16, description: &'static str, schemas: &mut Schemas) -> Answer {
    Answer::json(status, description, schemas.answer::<RegisteredAnswer<'_>>())
}
