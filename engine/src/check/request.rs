//! What is asked: the typed form of a check request, already bounded and validated.

use crate::code::CodeSystem;
use crate::day::Day;
use crate::map;
use crate::patient::PatientKey;
use crate::period::Form;
use crate::policy::Policy;

/// A check request.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// Whose history is asked.
    pub patient: PatientKey,
    /// The check day (チェック日).
    pub as_of: Day,
    /// Who asks; needed to leave out the asker's own records.
    pub actor: Option<Actor<'r>>,
    /// Whether the asker's own records count.
    pub own_institution: OwnInstitution,
    /// What of the past may be told.
    pub consent: Consent,
    /// Documents of the asker's own chain: source, or replaced by what is asked now.
    pub source_documents: Vec<&'r str>,
    /// The rules.
    pub policy: &'r Policy,
    /// The new lines (今回の薬剤).
    pub lines: Vec<NewLine<'r>>,
}

impl Request<'_> {
    /// Asks for the texts of the lines, which are read soon.
    pub(crate) fn prefetch_texts(&self) {
        for line in &self.lines {
            map::prefetch(line.code.as_bytes());
            map::prefetch(line.name.unwrap_or_default().as_bytes());
        }
    }
}

/// A new line.
#[derive(Clone, Copy, Debug)]
pub struct NewLine<'r> {
    /// RP number.
    pub rp: u32,
    /// The system of the code.
    pub system: CodeSystem,
    /// The code.
    pub code: &'r str,
    /// The name written beside it.
    pub name: Option<&'r str>,
    /// Dosage form.
    pub form: Form,
}

impl NewLine<'_> {
    /// Whether another line has the same code of the same system.
    #[inline]
    pub(crate) fn is_same_code(&self, other: &NewLine<'_>) -> bool {
        self.code.len() == other.code.len()
            && self.system == other.system
            && self.code == other.code
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'r> {
    /// Which kind of institution.
    pub kind: ActorKind,
    /// Ten digits.
    pub code: &'r str,
}

/// Which kind of institution asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A medical institution (医療機関), which issues.
    MedicalInstitution,
    /// A pharmacy (薬局), which dispenses.
    Pharmacy,
}

/// Whether the asker's own records count (disposition 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnInstitution {
    /// They do not.
    #[default]
    Exclude,
    /// They do.
    Include,
}

/// What of the past may be told (docs/semantics.md, "What may be told").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// Only that a new line collides, and how.
    #[default]
    None,
    /// The evidence of findings (口頭同意).
    Oral,
    /// Everything.
    Full,
}
