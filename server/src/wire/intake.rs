//! Messages of the outside as the JSON bodies that they stand for.
//!
//! A message becomes the request that its sender could have written in JSON, and is read as that: one
//! reading of every value, the same refusals with the same paths, and the same bytes in the answer.
//! What a message lacks comes from the parameters of the query; what both have must agree.

use std::borrow::Cow;

use chofuku_engine::document::DocumentKind;
use chofuku_formats::detect::{Format, detect};
use chofuku_formats::document::{Document, Facility, Line, Patient};
use chofuku_formats::fhir::Drafts;
use chofuku_formats::message::Message;
use chofuku_formats::{Problem, Report};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// The name of the body in what is said about it.
const BODY: &str = "body";
/// The code of a line whose writer gave none: an official dummy code, so that the line is told as not
/// checked.
const UNCODED: (&str, &str) = ("receipt", "777770000");

/// The parameters that go with a message to be checked.
pub(crate) const CHECK_PARAMETERS: &[&str] = &[
    "insurer",
    "symbol",
    "number",
    "branch",
    "patient_id",
    "as_of",
    "actor_kind",
    "actor_code",
    "own_institution",
    "consent",
    "recorded_by",
    "source_documents",
    "policy",
];

/// The parameters that go with a message to be registered.
pub(crate) const DOCUMENT_PARAMETERS: &[&str] = &[
    "id",
    "insurer",
    "symbol",
    "number",
    "branch",
    "patient_id",
    "institution",
    "pharmacy",
    "prescription",
    "acknowledged",
    "consent",
    "recorded_by",
];

/// Whether a body, of which nothing but its bytes is known, is a message and not a request in JSON.
///
/// FHIR is JSON too; what tells it is its `resourceType`, which no request has. What begins like
/// neither is taken for a message, and refused as one that is not known.
pub fn is_message(body: &[u8]) -> bool {
    match detect(body) {
        Some(Format::Fhir) => {
            let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Resource>();
            matches!(values.next(), Some(Ok(Resource { kind: Some(_) })))
        }
        Some(_) => true,
        None => body.trim_ascii_start().first() != Some(&b'{'),
    }
}

/// What FHIR begins with.
#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "resourceType")]
    kind: Option<IgnoredAny>,
}

/// A body in JSON, and what deviated in the message that it was.
#[derive(Debug)]
pub(crate) struct Intake<'b> {
    pub(crate) body: Cow<'b, [u8]>,
    pub(crate) deviations: Vec<String>,
    /// Where something of the message that may be a drug could not be read: it is not in the body.
    pub(crate) lost: Option<String>,
}

impl<'b> Intake<'b> {
    /// A body that is JSON already.
    pub(crate) const fn json(body: &'b [u8]) -> Self {
        Self { body: Cow::Borrowed(body), deviations: Vec::new(), lost: None }
    }

    /// The body of a check. Drafts are orders: a check comes before they are given.
    pub(crate) fn check<'p>(
        message: &[u8],
        parameter: impl Fn(&str) -> Option<&'p str>,
    ) -> Result<Self, ApiError> {
        Self::of(message, Drafts::Take, |document| {
            let mut body = Map::new();
            body.insert("patient".to_owned(), patient(document.patient.as_ref(), &parameter)?);
            for name in ["as_of", "own_institution", "policy"] {
                put(&mut body, name, parameter(name));
            }
            if let Some(code) = parameter("actor_code") {
                let kind = parameter("actor_kind").unwrap_or_default();
                body.insert("actor".to_owned(), json!({"kind": kind, "code": code}));
            }
            put_consent(&mut body, &parameter);
            if let Some(ids) = parameter("source_documents") {
                body.insert("source_documents".to_owned(), listed(ids));
            }
            body.insert("lines".to_owned(), lines(document));
            Ok(body)
        })
    }

    /// The body of a registration. A message of which something was lost is refused: half of it would
    /// stand for the whole.
    pub(crate) fn document<'p>(
        message: &[u8],
        parameter: impl Fn(&str) -> Option<&'p str>,
    ) -> Result<Self, ApiError> {
        let read = Self::of(message, Drafts::LeaveOut, |document| {
            let mut body = Map::new();
            put(&mut body, "id", agreed("id", document.id.as_deref(), parameter("id"))?);
            let (kind, setting) = match document.kind {
                DocumentKind::Prescription => ("prescription", None),
                DocumentKind::Dispensing => ("dispensing", None),
                DocumentKind::InHouse => ("in_house", Some("outpatient")),
                DocumentKind::Inpatient => ("in_house", Some("inpatient")),
            };
            put(&mut body, "kind", Some(kind));
            put(&mut body, "setting", setting);
            body.insert("patient".to_owned(), patient(document.patient.as_ref(), &parameter)?);
            put(&mut body, "date", document.day.map(|day| day.to_string()).as_deref());
            for (name, facility) in
                [("institution", &document.institution), ("pharmacy", &document.pharmacy)]
            {
                let code = facility.as_ref().map(|Facility { code, .. }| code.as_ref());
                let code = agreed(name, code.filter(|code| !code.is_empty()), parameter(name))?;
                if let Some(code) = code {
                    body.insert(name.to_owned(), json!({"code": code}));
                }
            }
            let named = document.prescription.as_deref();
            let named = agreed("prescription", named, parameter("prescription"))?;
            put(&mut body, "prescription", named);
            if document.refill_uses != 0 || document.refill_use != 0 {
                let some = |uses: u8| (uses != 0).then_some(uses);
                let refill =
                    json!({"uses": some(document.refill_uses), "use": some(document.refill_use)});
                body.insert("refill".to_owned(), refill);
            }
            if let Some(findings) = parameter("acknowledged") {
                let findings = findings.split(',').map(str::trim).filter(|id| !id.is_empty());
                let findings = findings.map(|finding| json!({"finding": finding}));
                body.insert("acknowledged".to_owned(), findings.collect());
            }
            put_consent(&mut body, &parameter);
            body.insert("lines".to_owned(), lines(document));
            Ok(body)
        })?;
        match read.lost {
            Some(place) => {
                let reason =
                    format!("not all of it could be read, and a drug may be lost: {place}");
                Err(ApiError::InvalidMessage { reason: reason.into() })
            }
            None => Ok(read),
        }
    }

    /// The body of the one document of a message.
    fn of(
        message: &[u8],
        drafts: Drafts,
        body: impl FnOnce(&Document<'_>) -> Result<Map<String, Value>, ApiError>,
    ) -> Result<Self, ApiError> {
        let unreadable = |reason: &'static str| ApiError::InvalidMessage { reason: reason.into() };
        let unknown = "its first line belongs to no format that is known";
        let message = Message::new(BODY, message.to_vec()).map_err(|_| unreadable(unknown))?;
        let read = message
            .documents_with(drafts)
            .map_err(|_| unreadable("it is not what its beginning announces"))?;
        let [document] = read.documents.as_slice() else {
            let reason = if read.documents.is_empty() {
                "it holds no document"
            } else {
                "it holds several documents; send one a request"
            };
            return Err(unreadable(reason));
        };
        let body = serde_json::to_vec(&Value::Object(body(document)?));
        let body = Cow::Owned(body.map_err(|_| ApiError::AnswerFailed)?);
        let deviations = read.report.problems.iter().map(ToString::to_string).collect();
        Ok(Self { body, deviations, lost: lost(&read.report) })
    }
}

/// The first place where something that may be a drug could not be read, by numbers and our own names
/// alone: what stands there may be anything.
pub(crate) fn lost(report: &Report) -> Option<String> {
    report.losses().next().map(|Problem { line, record, field, .. }| {
        let number = record.split(|character: char| !character.is_ascii_digit()).next();
        let number = number.filter(|number| !number.is_empty());
        let field = Some(field).filter(|field| !field.is_empty());
        let parts = [
            Some(format!("line {line}")),
            number.map(|number| format!("record {number}")),
            field.map(|field| format!("field {field}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    })
}

/// The value of the message or of the query; an error where they contradict each other.
fn agreed<'v>(
    name: &'static str,
    written: Option<&'v str>,
    given: Option<&'v str>,
) -> Result<Option<&'v str>, ApiError> {
    match (written, given) {
        (Some(written), Some(given)) if written.trim() != given.trim() => {
            Err(ApiError::value(name, "the same in the query as in the body"))
        }
        (written, given) => Ok(written.or(given)),
    }
}

fn patient<'p>(
    written: Option<&Patient<'_>>,
    parameter: &impl Fn(&str) -> Option<&'p str>,
) -> Result<Value, ApiError> {
    let none = Patient::default();
    let written = written.unwrap_or(&none);
    let mut parts = Map::new();
    for (name, part) in [
        ("insurer", &written.insurer),
        ("symbol", &written.symbol),
        ("number", &written.number),
        ("branch", &written.branch),
    ] {
        let part = Some(part.as_ref()).filter(|part| !part.is_empty());
        put(&mut parts, name, agreed(name, part, parameter(name))?);
    }
    match (parameter("patient_id"), parts.is_empty()) {
        (Some(id), true) => Ok(json!({"id": id})),
        (Some(_), false) => {
            Err(ApiError::value("patient_id", "left out: the body or the query names the insured"))
        }
        (None, _) => Ok(Value::Object(parts)),
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), Value::from(value));
    }
}

fn put_consent<'p>(object: &mut Map<String, Value>, parameter: &impl Fn(&str) -> Option<&'p str>) {
    if let Some(level) = parameter("consent") {
        let mut consent = Map::new();
        put(&mut consent, "level", Some(level));
        put(&mut consent, "recorded_by", parameter("recorded_by"));
        object.insert("consent".to_owned(), Value::Object(consent));
    }
}

fn listed(texts: &str) -> Value {
    texts.split(',').map(str::trim).filter(|text| !text.is_empty()).collect()
}

/// Every line in its order, so that positions count the drugs of the message.
fn lines(document: &Document<'_>) -> Value {
    document.lines.iter().map(line).collect()
}

/// A line as JSON has it. One without a code is told as not checked.
pub(crate) fn line(line: &Line<'_>) -> Value {
    let (system, code) = match &line.drug {
        Some(drug) => (drug.system.name(), drug.code.as_ref()),
        None => UNCODED,
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "rp": line.rp,
        "drug": {"system": system, "code": code, "name": some(&line.name)},
        "form": line.form.number(),
        "quantity": some(&line.quantity),
        "usage": some(&line.usage),
        "usage_supplements": line.supplements,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_requests_are_told_apart_by_their_bytes() {
        for message in [
            "SJ1\r\n",
            "101,1,1,,7\n",
            "JAHISTC08,1\n",
            "<XmlMsg/>",
            "IR,1,13,1,1234567,,9",
            "{\"id\": \"a\", \"resourceType\": \"Bundle\"}",
            "{\"resourceType\":\"MedicationRequest\"}\n{\"resourceType\":\"Patient\"}\n",
            "what is this?",
            "",
        ] {
            assert!(is_message(message.as_bytes()), "{message}");
        }
        for request in ["{}", "  {\"patient\": {}}", "{\"patient\": {\"resourceType\": 1}}", "{,"] {
            assert!(!is_message(request.as_bytes()), "{request}");
        }
    }
}
