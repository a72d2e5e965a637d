//! What is asked: requests as the interface writes them.

pub(crate) mod document;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::word::words;

/// Who the patient is: an insured identity, or an opaque id of the caller's.
///
/// It is not printed: its `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Patient {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    insurer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
}

impl Patient {
    /// An insured identity: insurer number (保険者番号), symbol (記号), number (番号) and branch (枝番). Symbol
    /// and branch are left out where they are empty; only insurers of the late-elderly scheme and medical
    /// assistance need no branch.
    pub fn insured(
        insurer: impl Into<String>,
        symbol: impl Into<String>,
        number: impl Into<String>,
        branch: impl Into<String>,
    ) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: None,
            insurer: Some(insurer.into()),
            symbol: some(symbol.into()),
            number: Some(number.into()),
            branch: some(branch.into()),
        }
    }

    /// An opaque id of the caller's.
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), insurer: None, symbol: None, number: None, branch: None }
    }
}

impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patient(…)")
    }
}

/// What an asker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A medical institution (医療機関).
    MedicalInstitution,
    /// A pharmacy (薬局).
    Pharmacy,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    kind: ActorKind,
    code: String,
}

impl Actor {
    /// A medical institution, by its code of 10 digits.
    pub fn medical_institution(code: impl Into<String>) -> Self {
        Self { kind: ActorKind::MedicalInstitution, code: code.into() }
    }

    /// A pharmacy, by its code of 10 digits.
    pub fn pharmacy(code: impl Into<String>) -> Self {
        Self { kind: ActorKind::Pharmacy, code: code.into() }
    }
}

/// Whether records of the asking institution itself count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnInstitution {
    /// They are left out.
    Exclude,
    /// They count.
    Include,
}

/// What the patient allowed to be told. Oral consent cannot be made without who took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consent {
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_by: Option<String>,
}

impl Consent {
    /// None: that something collides, and nothing else.
    pub const fn none() -> Self {
        Self { level: "none", recorded_by: None }
    }

    /// Oral: with what it collides; `recorded_by` says who took the consent.
    pub fn oral(recorded_by: impl Into<String>) -> Self {
        Self { level: "oral", recorded_by: Some(recorded_by.into()) }
    }

    /// Full: everything that is considered, and the history.
    pub const fn full() -> Self {
        Self { level: "full", recorded_by: None }
    }

    /// Who took it.
    #[must_use]
    pub fn recorded_by(self, who: impl Into<String>) -> Self {
        Self { recorded_by: Some(who.into()), ..self }
    }
}

words! {
    /// A system of drug codes.
    CodeSystem {
        /// Receipt code (レセプト電算処理システム用コード).
        Receipt = "receipt",
        /// Price-list code (薬価基準収載医薬品コード).
        Price = "price",
        /// YJ code (個別医薬品コード).
        Yj = "yj",
        /// HOT code.
        Hot = "hot",
        /// Generic-name code (一般名コード).
        Generic = "generic",
        /// GTIN of a package.
        Gtin = "gtin",
    }
}

/// A drug as a line names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drug {
    system: CodeSystem,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Drug {
    /// A drug by a code of any system.
    pub fn new(system: CodeSystem, code: impl Into<String>) -> Self {
        Self { system, code: code.into(), name: None }
    }

    /// A drug by its YJ code.
    pub fn yj(code: impl Into<String>) -> Self {
        Self::new(CodeSystem::Yj, code)
    }

    /// The name that was written; a name of another drug is warned of.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}

/// Dosage form (剤形区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 1 内服.
    Oral,
    /// 2 頓服.
    AsNeeded,
    /// 3 外用.
    External,
    /// 4 内服滴剤.
    Drops,
    /// 5 注射.
    Injection,
    /// 6 医療材料.
    Material,
    /// 9 他.
    Other,
}

impl Form {
    /// The national number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Oral => 1,
            Self::AsNeeded => 2,
            Self::External => 3,
            Self::Drops => 4,
            Self::Injection => 5,
            Self::Material => 6,
            Self::Other => 9,
        }
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

/// A line of a prescription or another document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    rp: u32,
    drug: Drug,
    form: Form,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    usage_supplements: Vec<String>,
}

impl Line {
    /// A line of an RP (剤), counted from 1.
    pub const fn new(rp: u32, drug: Drug, form: Form) -> Self {
        Self { rp, drug, form, quantity: None, usage: None, usage_supplements: Vec::new() }
    }

    /// Quantity (調剤数量) as a decimal text: days for [`Form::Oral`], doses for [`Form::AsNeeded`].
    #[must_use]
    pub fn quantity(self, quantity: impl Into<String>) -> Self {
        Self { quantity: Some(quantity.into()), ..self }
    }

    /// Usage code (用法コード).
    #[must_use]
    pub fn usage(self, code: impl Into<String>) -> Self {
        Self { usage: Some(code.into()), ..self }
    }

    /// A usage supplement code (用法補足コード) more.
    #[must_use]
    pub fn usage_supplement(mut self, code: impl Into<String>) -> Self {
        self.usage_supplements.push(code.into());
        self
    }
}

/// A medical institution or pharmacy of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Institution {
    code: String,
}

impl Institution {
    /// By its code of 10 digits.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into() }
    }
}

/// What a check and a history have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Frame {
    patient: Patient,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_institution: Option<OwnInstitution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Consent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    source_documents: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
}

impl Frame {
    const fn new(patient: Patient, actor: Actor, consent: Option<Consent>) -> Self {
        Self {
            patient,
            as_of: None,
            actor,
            own_institution: None,
            consent,
            source_documents: Vec::new(),
            policy: None,
        }
    }
}

macro_rules! of_frame {
    ($type:ident) => {
        impl $type {
            /// The check day, `YYYY-MM-DD`; today in Japan unless another is named.
            #[must_use]
            pub fn as_of(mut self, day: impl Into<String>) -> Self {
                self.frame.as_of = Some(day.into());
                self
            }

            /// Whether records of the asking institution itself count; they do not unless it is said.
            #[must_use]
            pub fn own_institution(mut self, own: OwnInstitution) -> Self {
                self.frame.own_institution = Some(own);
                self
            }

            /// A document more of those in hand: what it states is not held against the new lines.
            #[must_use]
            pub fn source_document(mut self, id: impl Into<String>) -> Self {
                self.frame.source_documents.push(id.into());
                self
            }

            /// The policy by name; `official` unless another is named.
            #[must_use]
            pub fn policy(mut self, name: impl Into<String>) -> Self {
                self.frame.policy = Some(name.into());
                self
            }
        }
    };
}

/// A check of new lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    #[serde(flatten)]
    frame: Frame,
    lines: Vec<Line>,
}

impl Check {
    /// A check without lines yet, and without consent.
    pub const fn new(patient: Patient, actor: Actor) -> Self {
        Self { frame: Frame::new(patient, actor, None), lines: Vec::new() }
    }

    /// What the patient allowed to be told.
    #[must_use]
    pub fn consent(mut self, consent: Consent) -> Self {
        self.frame.consent = Some(consent);
        self
    }

    /// A new line more.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }
}

/// The history of a patient, which is told with full consent only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    #[serde(flatten)]
    frame: Frame,
}

impl History {
    /// With full consent, which whoever calls this has.
    pub const fn with_full_consent(patient: Patient, actor: Actor) -> Self {
        Self { frame: Frame::new(patient, actor, Some(Consent::full())) }
    }
}

of_frame!(Check);
of_frame!(History);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_is_not_printed() {
        let check = Check::new(Patient::id("secret"), Actor::pharmacy("1344444444"));
        assert!(!format!("{check:?}").contains("secret"));
    }

    #[test]
    fn oral_consent_names_who_took_it() {
        let written = serde_json::to_string(&Consent::oral("dr-017")).unwrap();
        assert_eq!(written, r#"{"level":"oral","recorded_by":"dr-017"}"#);
    }
}
