//! Documents as they are registered, and their conversion to what is kept of them.

use chofuku_engine::Day;
use chofuku_engine::check::Consent;
use chofuku_engine::document::{Acknowledged, DocumentKind, WrittenDocument, WrittenLine};
use chofuku_engine::patient::{IdentityKey, PatientKey};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::json;

use super::convert::{LINES_MAX, SUPPLEMENTS_MAX};
use super::object::Object;
use super::text::{DayText, DocumentId, Id, InstitutionCode, Name, Reason, Text};
use super::word::{KindWord, Setting, Uses, Word};
use super::{ConsentGiven, Line, Patient, parse};
use crate::error::ApiError;

/// The largest number of findings that a document acknowledges.
const ACKNOWLEDGED_MAX: usize = 1000;

/// The body of `POST /v1/documents` and `PUT /v1/documents/{id}`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = by_kind)]
pub(crate) struct DocumentRequest<'a> {
    /// Its id, of the registrant's choice and never used twice.
    #[serde(borrow)]
    #[schemars(example = &"rx-2026-000123")]
    id: Text<'a, DocumentId>,
    /// Prescription (処方箋), dispensing result (調剤結果), or in-house document (院内処方等).
    kind: Word<KindWord>,
    /// Whose document it is.
    #[serde(borrow)]
    patient: Object<Patient<'a>>,
    /// The day of issue, dispensing or administration, from 1970-01-01 to 2149-06-06.
    #[serde(borrow)]
    date: Text<'a, DayText>,
    /// The institution that prescribed; demanded unless it is a dispensing result.
    #[serde(borrow)]
    institution: Option<Object<Institution<'a>>>,
    /// The pharmacy that dispensed; demanded of a dispensing result.
    #[serde(borrow)]
    pharmacy: Option<Object<Institution<'a>>>,
    /// The prescription that a dispensing result is of, if it is known.
    #[serde(borrow)]
    prescription: Option<Text<'a, DocumentId>>,
    /// Refills (リフィル), if it has any.
    refill: Option<Object<Refill>>,
    /// Where an in-house document was administered; demanded of it, and of no other.
    setting: Option<Word<Setting>>,
    /// Its lines.
    #[serde(borrow)]
    #[schemars(length(min = 1, max = LINES_MAX))]
    lines: Vec<Object<Line<'a>>>,
    /// Findings that the prescriber judged acceptable. They are kept with the document.
    #[serde(borrow, default)]
    #[schemars(length(max = ACKNOWLEDGED_MAX))]
    acknowledged: Vec<Object<Acknowledgement<'a>>>,
    /// What may be told of findings that are not acknowledged; it is not kept.
    #[serde(borrow)]
    consent: Option<Object<ConsentGiven<'a>>>,
}

/// What each kind of document needs.
fn by_kind(schema: &mut Schema) {
    let when = |kind: &str, needs: &[&str], none: Option<&str>| {
        let mut properties = serde_json::Map::new();
        for name in needs {
            properties.insert((*name).to_owned(), json!({"not": {"type": "null"}}));
        }
        properties.extend(none.map(|name| (name.to_owned(), json!({"type": "null"}))));
        json!({
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"required": needs, "properties": properties},
        })
    };
    let rules = json!([
        when("prescription", &["institution"], Some("setting")),
        when("dispensing", &["pharmacy"], Some("setting")),
        when("in_house", &["institution", "setting"], None),
    ]);
    schema.insert("allOf".to_owned(), rules);
}

/// A medical institution or pharmacy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Institution<'a> {
    /// Its code of 10 digits: prefecture 2, point table 1, institution 7.
    #[serde(borrow)]
    #[schemars(example = &"1311234567")]
    code: Text<'a, InstitutionCode>,
    /// Its name. Names come from the table of institutions, where they are the same for everybody.
    #[expect(dead_code, reason = "read so that a wrong one is refused")]
    #[serde(borrow)]
    name: Option<Text<'a, Name>>,
}

/// Refills (リフィル): total uses of a prescription, and which use a dispensing result is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Refill {
    /// Of a prescription: how often it may be dispensed.
    uses: Option<Uses>,
    /// Of a dispensing result: which use it is, from 1.
    #[serde(rename = "use")]
    number: Option<Uses>,
}

/// A finding that the prescriber judged acceptable.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement<'a> {
    /// The id of the finding, as it was told.
    #[serde(borrow)]
    finding: Text<'a, Id>,
    /// Why.
    #[serde(borrow)]
    reason: Option<Text<'a, Reason>>,
}

/// A document to be registered.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) patient: PatientKey,
    pub(crate) document: WrittenDocument,
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) consent: Consent,
}

impl<'a> DocumentRequest<'a> {
    /// Reads a document.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<DocumentRequest<'_>>(tree))
        })
    }

    /// What is kept of it. It is refused whole where a part of it cannot be kept.
    pub(crate) fn registration(&self, key: &IdentityKey) -> Result<Registration, ApiError> {
        match self.lines.len() {
            0 => return Err(ApiError::NoLines),
            1..=LINES_MAX => {}
            found => return Err(ApiError::TooManyLines { found, max: LINES_MAX }),
        }
        if self.acknowledged.len() > ACKNOWLEDGED_MAX {
            let expected = format!("a list of at most {ACKNOWLEDGED_MAX} findings");
            return Err(ApiError::value("acknowledged", expected));
        }
        let kind = self.kind()?;
        let code = |of: &Option<Object<Institution<'_>>>| {
            of.as_ref().map_or_else(String::new, |Object(of)| of.code.as_str().to_owned())
        };
        let (institution, pharmacy) = (code(&self.institution), code(&self.pharmacy));
        let missing = match kind {
            DocumentKind::Dispensing => pharmacy.is_empty().then_some("pharmacy"),
            DocumentKind::Prescription | DocumentKind::InHouse | DocumentKind::Inpatient => {
                institution.is_empty().then_some("institution")
            }
        };
        if let Some(path) = missing {
            return Err(ApiError::MissingField { path: path.to_owned() });
        }
        let uses = |uses: Option<Uses>| uses.map_or(0, |Uses(uses)| uses);
        let lines = self.lines.iter().enumerate();
        let document = WrittenDocument {
            id: self.id.as_str().to_owned(),
            kind,
            day: self.day()?,
            institution,
            pharmacy,
            prescription: self.prescription.as_ref().map(|id| id.as_str().to_owned()),
            refill_uses: uses(self.refill.as_ref().and_then(|Object(refill)| refill.uses)),
            refill_use: uses(self.refill.as_ref().and_then(|Object(refill)| refill.number)),
            cancelled: false,
            lines: lines
                .map(|(position, Object(line))| line.written(position))
                .collect::<Result<_, _>>()?,
        };
        let acknowledged = self.acknowledged.iter().map(|Object(acknowledged)| Acknowledged {
            finding: acknowledged.finding.as_str().to_owned(),
            reason: acknowledged.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        });
        let acknowledged = acknowledged.collect();
        let consent = self.consent.as_ref().map(|Object(given)| given.level()).transpose()?;
        let consent = consent.unwrap_or_default();
        Ok(Registration { patient: self.patient.0.key(key)?, document, acknowledged, consent })
    }

    fn kind(&self) -> Result<DocumentKind, ApiError> {
        match (self.kind.0, self.setting) {
            (KindWord::Prescription, None) => Ok(DocumentKind::Prescription),
            (KindWord::Dispensing, None) => Ok(DocumentKind::Dispensing),
            (KindWord::InHouse, Some(Word(Setting::Outpatient | Setting::Discharge))) => {
                Ok(DocumentKind::InHouse)
            }
            (KindWord::InHouse, Some(Word(Setting::Inpatient))) => Ok(DocumentKind::Inpatient),
            (KindWord::InHouse, None) => Err(ApiError::MissingField { path: "setting".to_owned() }),
            (KindWord::Prescription | KindWord::Dispensing, Some(_)) => {
                Err(ApiError::value("setting", "left out: only an in_house document has one"))
            }
        }
    }

    fn day(&self) -> Result<Day, ApiError> {
        self.date.day().ok_or_else(|| ApiError::value("date", "a day"))
    }
}

impl Line<'_> {
    fn written(&self, position: usize) -> Result<WrittenLine, ApiError> {
        if self.usage_supplements.len() > SUPPLEMENTS_MAX {
            let expected = format!("a list of at most {SUPPLEMENTS_MAX} codes");
            return Err(ApiError::value(format!("lines[{position}].usage_supplements"), expected));
        }
        let Object(drug) = &self.drug;
        let supplements: Vec<&str> = self.usage_supplements.iter().map(Text::as_str).collect();
        Ok(WrittenLine {
            rp: self.rp.0,
            system: drug.system.0,
            code: drug.code.as_str().to_owned(),
            name: drug.name.as_ref().map_or("", Text::as_str).to_owned(),
            form: self.form.0,
            quantity: self.quantity.as_ref().map_or("", Text::as_str).to_owned(),
            usage: self.usage.as_ref().map_or("", Text::as_str).to_owned(),
            supplements: supplements.join(";"),
        })
    }
}

/// The body of `POST /v1/documents/{id}/cancel` and `/restore`; it may be left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedRequest<'a> {
    /// Whose document it is: another patient's is then unknown.
    #[serde(borrow)]
    patient: Option<Object<Patient<'a>>>,
}

impl<'a> NamedRequest<'a> {
    /// Reads a body, which may be empty.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<NamedRequest<'_>>(tree))
        })
    }

    /// Whose document it is, if it is said.
    pub(crate) fn patient(&self, key: &IdentityKey) -> Result<Option<PatientKey>, ApiError> {
        self.patient.as_ref().map(|Object(patient)| patient.key(key)).transpose()
    }
}

/// The body of `POST /v1/patients/link`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest<'a> {
    /// One identity of the person.
    #[serde(borrow)]
    patient: Object<Patient<'a>>,
    /// The other one: both histories are one from now on.
    #[serde(borrow)]
    same_as: Object<Patient<'a>>,
}

impl<'a> LinkRequest<'a> {
    /// Reads a body.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<LinkRequest<'_>>(tree))
        })
    }

    /// Both identities.
    pub(crate) fn patients(&self, key: &IdentityKey) -> Result<[PatientKey; 2], ApiError> {
        Ok([self.patient.0.key(key)?, self.same_as.0.key(key)?])
    }
}
