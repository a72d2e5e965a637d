//! The history's own dictionary: every distinct value that its rows and evidence point to.
//!
//! History does not point into knowledge: opening the pair resolves each code of this dictionary
//! once, so that either artefact can be replaced without the other.

use serde::{Deserialize, Serialize};

use crate::code::CodeSystem;
use crate::error::FormatError;
use crate::format::codec::{self, EncodeError};
use crate::format::section::SectionId;
use crate::history::row::CODES_MAX;
use crate::int;
use crate::patient::PatientKey;
use crate::period::Form;

/// A drug as a record names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CodeName {
    /// The system of the code.
    pub system: CodeSystem,
    /// The code.
    pub code: String,
    /// The name written beside it; may be empty.
    pub name: String,
}

/// How a line is taken. The combinations are few, however many lines there are, so a line names one
/// by its ordinal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Directions {
    /// Dosage form.
    pub form: Form,
    /// The usage code as written; may be empty.
    pub usage: String,
    /// The supplement codes as written, joined with `;`; may be empty.
    pub supplements: String,
}

/// The distinct values of a history, by ordinal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    pub(crate) codes: Vec<CodeName>,
    pub(crate) institutions: Vec<String>,
    pub(crate) quantities: Vec<String>,
    pub(crate) directions: Vec<Directions>,
    /// Identities that are one person, each list ascending.
    links: Vec<Vec<u128>>,
    pub(crate) patients: u64,
    pub(crate) documents: u64,
    pub(crate) records: u64,
}

/// How many values of each kind there are, by which ordinals are checked that are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) codes: usize,
    pub(crate) institutions: usize,
    pub(crate) quantities: usize,
    pub(crate) directions: usize,
}

impl Dictionary {
    /// How many values of each kind there are.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            codes: self.codes.len(),
            institutions: self.institutions.len(),
            quantities: self.quantities.len(),
            directions: self.directions.len(),
        }
    }

    /// A dictionary of distinct values and the counts of the history that it belongs to.
    pub fn new(
        codes: Vec<CodeName>,
        institutions: Vec<String>,
        quantities: Vec<String>,
        directions: Vec<Directions>,
    ) -> Self {
        Self { codes, institutions, quantities, directions, ..Self::default() }
    }

    /// The dictionary of a history in which these identities are one person.
    #[must_use]
    pub fn with_links(self, persons: impl IntoIterator<Item = Vec<PatientKey>>) -> Self {
        let numbers = |person: Vec<PatientKey>| person.into_iter().map(PatientKey::number);
        let links = persons.into_iter().map(|person| numbers(person).collect()).collect();
        Self { links, ..self }
    }

    /// The identities of each person who has several. A history keeps the documents of each identity
    /// where they were registered; whoever opens it joins them.
    pub fn links(&self) -> impl Iterator<Item = Vec<PatientKey>> {
        self.links
            .iter()
            .map(|person| person.iter().map(|key| PatientKey::from_number(*key)).collect())
    }

    /// Codes, by the ordinal that rows carry.
    pub fn codes(&self) -> &[CodeName] {
        &self.codes
    }

    /// Ten-digit codes of institutions and pharmacies.
    pub fn institutions(&self) -> &[String] {
        &self.institutions
    }

    /// Quantities as written.
    pub fn quantities(&self) -> &[String] {
        &self.quantities
    }

    /// Combinations of form, usage and supplements.
    pub fn directions(&self) -> &[Directions] {
        &self.directions
    }

    /// The code that a row names.
    pub(crate) fn code(&self, ordinal: u32) -> Option<&CodeName> {
        self.codes.get(int::to_usize(ordinal))
    }

    /// The quantity of that ordinal + 1; `None` for 0.
    pub(crate) fn quantity(&self, number: u32) -> Option<&str> {
        let ordinal = int::to_usize(number).checked_sub(1)?;
        self.quantities.get(ordinal).map(String::as_str)
    }

    /// The directions of that ordinal.
    pub(crate) fn directions_of(&self, ordinal: u32) -> Option<&Directions> {
        self.directions.get(int::to_usize(ordinal))
    }

    /// Number of patients with records.
    pub fn patients(&self) -> u64 {
        self.patients
    }

    /// Number of documents.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Number of records.
    pub fn records(&self) -> u64 {
        self.records
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        codec::encode(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let section = SectionId::HistoryDictionary.file_name();
        let dictionary: Self =
            codec::decode(bytes).map_err(|source| FormatError::Metadata { section, source })?;
        let codes = dictionary.codes.len();
        if codes > CODES_MAX {
            let found = int::length(codes);
            return Err(FormatError::Invalid { section, what: "number of codes", found });
        }
        Ok(dictionary)
    }
}
