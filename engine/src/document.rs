//! Documents of a patient's history as the engine takes them in, before they are encoded.

use serde::{Deserialize, Serialize};

use crate::code::CodeSystem;
use crate::day::Day;
use crate::period::{Form, Supply};

/// The longest id of a document that any way in accepts.
pub const DOCUMENT_ID_CHARACTERS_MAX: usize = 128;

/// What a document is (S1, disposition 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum DocumentKind {
    /// A prescription (処方箋).
    Prescription = 0,
    /// A dispensing result (調剤結果).
    Dispensing = 1,
    /// An in-house outpatient or discharge administration (院内処方等).
    InHouse = 2,
    /// An in-house inpatient administration, which never counts.
    Inpatient = 3,
}

impl DocumentKind {
    pub(crate) const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Prescription,
            1 => Self::Dispensing,
            2 => Self::InHouse,
            _ => Self::Inpatient,
        }
    }

    pub(crate) const fn bits(self) -> u8 {
        match self {
            Self::Prescription => 0,
            Self::Dispensing => 1,
            Self::InHouse => 2,
            Self::Inpatient => 3,
        }
    }

    /// Every word that [`DocumentKind::basis`] gives.
    pub const BASES: &'static [&'static str] = &["prescribed", "dispensed", "in_house"];

    /// The kind of basis, as evidence names it.
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Prescription => "prescribed",
            Self::Dispensing => "dispensed",
            Self::InHouse | Self::Inpatient => "in_house",
        }
    }
}

/// A finding that the prescriber judged acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// The finding's id, as it was told.
    pub finding: String,
    /// Why, if it was said.
    pub reason: Option<String>,
}

/// One document of one patient. Ordinals point into the dictionary of the history that it is
/// encoded for; 0 stands for "none" in `institution`, `pharmacy` and `quantity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The id, unique in the history.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The basis day.
    pub day: Day,
    /// The issuing institution: dictionary ordinal + 1.
    pub institution: u32,
    /// The dispensing pharmacy: dictionary ordinal + 1.
    pub pharmacy: u32,
    /// The prescription that a dispensing result names.
    pub prescription: Option<String>,
    /// Total uses of a refill prescription; 0 where none is stated.
    pub refill_uses: u8,
    /// Which use a dispensing result is; 0 where none is stated.
    pub refill_use: u8,
    /// Whether it is cancelled, or replaced by a newer version.
    pub cancelled: bool,
    /// Findings that were acknowledged with it.
    pub acknowledged: Vec<Acknowledged>,
    /// Its lines, in the order in which they were written.
    pub lines: Vec<DocumentLine>,
}

/// One document in words, as it is registered: no ordinal of any artefact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenDocument {
    /// The id, unique in the history.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The basis day.
    pub day: Day,
    /// The issuing institution, ten digits; empty for none.
    pub institution: String,
    /// The dispensing pharmacy, ten digits; empty for none.
    pub pharmacy: String,
    /// The prescription that a dispensing result names.
    pub prescription: Option<String>,
    /// Total uses of a refill prescription; 0 where none is stated.
    pub refill_uses: u8,
    /// Which use a dispensing result is; 0 where none is stated.
    pub refill_use: u8,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// Its lines, in the order in which they were written.
    pub lines: Vec<WrittenLine>,
}

/// One line of a document in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenLine {
    /// RP number.
    pub rp: u32,
    /// The system of the drug code.
    pub system: CodeSystem,
    /// The drug code.
    pub code: String,
    /// The name written beside it; may be empty.
    pub name: String,
    /// Dosage form.
    pub form: Form,
    /// The quantity as written; may be empty.
    pub quantity: String,
    /// The usage code; may be empty.
    pub usage: String,
    /// The supplement codes, joined with `;`; may be empty.
    pub supplements: String,
}

/// One line of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentLine {
    /// RP number.
    pub rp: u32,
    /// The drug code: dictionary ordinal.
    pub code: u32,
    /// What its period follows from.
    pub supply: Supply,
    /// The quantity as written: dictionary ordinal + 1.
    pub quantity: u32,
    /// Form, usage and supplements: dictionary ordinal.
    pub directions: u32,
}
