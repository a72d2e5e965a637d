//! Documents that are registered.

use serde::Serialize;

use super::{Consent, Institution, Line, Patient};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A prescription (処方箋).
    Prescription,
    /// A dispensing result (調剤結果).
    Dispensing,
    /// An in-house document (院内処方等).
    InHouse,
}

/// Where an in-house document was administered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// To an outpatient.
    Outpatient,
    /// At discharge.
    Discharge,
    /// To an inpatient: it never counts.
    Inpatient,
}

/// Refills (リフィル).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refill {
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<u8>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    number: Option<u8>,
}

/// A finding that the prescriber judged acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledgement {
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A document to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    id: String,
    kind: DocumentKind,
    patient: Patient,
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<Institution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pharmacy: Option<Institution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prescription: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refill: Option<Refill>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<Setting>,
    lines: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acknowledged: Vec<Acknowledgement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Consent>,
}

impl Document {
    /// A prescription of an institution, issued on a day (`YYYY-MM-DD`).
    pub fn prescription(
        id: impl Into<String>,
        patient: Patient,
        date: impl Into<String>,
        institution: impl Into<String>,
    ) -> Self {
        let institution = Some(Institution::new(institution));
        Self { institution, ..Self::new(id, DocumentKind::Prescription, patient, date) }
    }

    /// A dispensing result of a pharmacy.
    pub fn dispensing(
        id: impl Into<String>,
        patient: Patient,
        date: impl Into<String>,
        pharmacy: impl Into<String>,
    ) -> Self {
        let pharmacy = Some(Institution::new(pharmacy));
        Self { pharmacy, ..Self::new(id, DocumentKind::Dispensing, patient, date) }
    }

    /// An in-house document of an institution.
    pub fn in_house(
        id: impl Into<String>,
        patient: Patient,
        date: impl Into<String>,
        institution: impl Into<String>,
        setting: Setting,
    ) -> Self {
        let institution = Some(Institution::new(institution));
        let document = Self::new(id, DocumentKind::InHouse, patient, date);
        Self { institution, setting: Some(setting), ..document }
    }

    fn new(
        id: impl Into<String>,
        kind: DocumentKind,
        patient: Patient,
        date: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            kind,
            patient,
            date: date.into(),
            institution: None,
            pharmacy: None,
            prescription: None,
            refill: None,
            setting: None,
            lines: Vec::new(),
            acknowledged: Vec::new(),
            consent: None,
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A line more.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// Of a dispensing result: the institution that prescribed.
    #[must_use]
    pub fn prescribed_by(self, institution: impl Into<String>) -> Self {
        Self { institution: Some(Institution::new(institution)), ..self }
    }

    /// Of a dispensing result: the prescription that it is of.
    #[must_use]
    pub fn of_prescription(self, id: impl Into<String>) -> Self {
        Self { prescription: Some(id.into()), ..self }
    }

    /// Of a prescription: how often it may be dispensed (リフィル).
    #[must_use]
    pub fn refill_uses(self, uses: u8) -> Self {
        Self { refill: Some(Refill { uses: Some(uses), number: None }), ..self }
    }

    /// Of a dispensing result: which use of a refill prescription it is, from 1.
    #[must_use]
    pub fn refill_use(self, number: u8) -> Self {
        Self { refill: Some(Refill { uses: None, number: Some(number) }), ..self }
    }

    /// A finding that is judged acceptable, by the id that it was told with, and why.
    #[must_use]
    pub fn acknowledge(mut self, finding: impl Into<String>, reason: Option<&str>) -> Self {
        let reason = reason.map(str::to_owned);
        self.acknowledged.push(Acknowledgement { finding: finding.into(), reason });
        self
    }

    /// What may be told of findings that are not acknowledged. It is not kept.
    #[must_use]
    pub fn consent(self, consent: Consent) -> Self {
        Self { consent: Some(consent), ..self }
    }
}
