//! The calls of CDS Hooks, and the page of metrics.

use serde_json::{Value, json};

use super::checks::timing;
use super::operation::{Answer, Body, OF_AN_OBJECT, Operation, Tag};
use super::schemas::Schemas;
use crate::cds::EXTENSION;
use crate::error::Code;
use crate::wire::hook::{FeedbackAnswer, HookAnswer, ServicesAnswer};
use crate::wire::request::{FeedbackRequest, HookRequest};

pub(super) fn services(schemas: &mut Schemas) -> Operation {
    let services = schemas.answer::<ServicesAnswer>();
    Operation {
        id: "cds_services",
        tag: Tag::Hooks,
        summary: ["Discover CDS services", "CDSサービスの一覧"],
        description: "What this server offers to CDS Hooks 2.0, and what it wants fetched beforehand. Titles \
            are in the language of `accept-language`, Japanese unless that says otherwise.",
        parameters: Vec::new(),
        body: None,
        answers: vec![Answer::json(200, "The services.", services)],
        codes: vec![Code::NotReady, Code::AnswerFailed],
        waits: true,
    }
}

pub(super) fn hook(schemas: &mut Schemas) -> Operation {
    let cards = schemas.answer::<HookAnswer<'_>>();
    let answer =
        Answer::json(200, "The cards; none only if all was checked and nothing found.", cards);
    let own = [
        Code::PrefetchMissing,
        Code::InvalidMessage,
        Code::BranchRequired,
        Code::RecorderRequired,
        Code::ActorRequired,
        Code::UnknownPolicy,
        Code::NotReady,
        Code::NoLines,
        Code::TooManyLines,
        Code::DamagedIndex,
        Code::AnswerFailed,
    ];
    Operation {
        id: "cds_hook",
        tag: Tag::Hooks,
        summary: ["Check draft orders", "オーダーをチェックする"],
        description: "The hooks `order-select` and `order-sign` of CDS Hooks 2.0: draft orders to cards. \
            What CDS Hooks has no field for stands under `com.chofuku` of `extension`; unknown fields are \
            refused there, and passed over elsewhere.",
        parameters: Vec::new(),
        body: Some(Body {
            schema: schemas.request::<HookRequest<'_>>(),
            required: true,
            example: request(),
        }),
        answers: vec![Answer { headers: vec![timing()], ..answer }],
        codes: [&OF_AN_OBJECT[..], &own].concat(),
        waits: true,
    }
}

pub(super) fn feedback(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<FeedbackAnswer>();
    let own = [
        Code::UnknownCard,
        Code::NotReady,
        Code::RegistrationUnavailable,
        Code::DamagedIndex,
        Code::AnswerFailed,
    ];
    Operation {
        id: "cds_feedback",
        tag: Tag::Hooks,
        summary: ["Tell what became of cards", "カードの結果を伝える"],
        description: "What a user made of cards, answered once it is durable. A finding that was overridden \
            counts as acknowledged when its prescription is registered.",
        parameters: Vec::new(),
        body: Some(Body {
            schema: schemas.request::<FeedbackRequest<'_>>(),
            required: true,
            example: json!({"feedback": [{
                "card": "4e0a3a1e-8315-4139-ad92-f8ad0a2f8d4f",
                "outcome": "overridden",
                "overrideReason": {"reason": {"code": "benefit"}, "userComment": "経過観察"},
                "outcomeTimestamp": "2026-11-22T01:02:03Z",
            }]}),
        }),
        answers: vec![Answer::json(200, "It is stored.", answer)],
        codes: [&OF_AN_OBJECT[..], &own].concat(),
        waits: true,
    }
}

pub(super) fn metrics(_: &mut Schemas) -> Operation {
    let text = json!({"schema": {"type": "string"}});
    Operation {
        id: "metrics",
        tag: Tag::Service,
        summary: ["Metrics", "メトリクス"],
        description: "Counters, gauges and histograms for Prometheus; `accept` chooses OpenMetrics.",
        parameters: Vec::new(),
        body: None,
        answers: vec![Answer {
            status: 200,
            description: "The metrics.",
            content: vec![("text/plain", text.clone()), ("application/openmetrics-text", text)],
            headers: Vec::new(),
        }],
        codes: vec![Code::AnswerFailed],
        waits: true,
    }
}

/// An order that is being signed.
fn request() -> Value {
    json!({
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/1",
            "patientId": "1288992",
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": {
                "resourceType": "MedicationRequest",
                "id": "103",
                "status": "draft",
                "intent": "order",
                "subject": {"reference": "Patient/1288992"},
                "medicationCodeableConcept": {"text": "ノルバスク錠５ｍｇ", "coding": [{
                    "system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
                    "code": "2171022F2025",
                }]},
            }}]},
        },
        "extension": {EXTENSION: {"consent": {"level": "oral", "recorded_by": "dr-017"}}},
    })
}
