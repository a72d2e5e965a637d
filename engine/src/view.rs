//! What a check runs on: a generation, and what its patient's history was amended with since.

use std::sync::Arc;

use crate::check::record::Institution;
use crate::error::FormatError;
use crate::history::PatientRows;
use crate::history::dictionary::{CodeName, Directions};
use crate::history::evidence::Evidence;
use crate::index::{CodeClass, CodeMeaning, Index};
use crate::int;
use crate::knowledge::{Knowledge, Meaning};
use crate::overlay::{Additions, AmendedPatient};
use crate::patient::PatientKey;

/// An index, or an index and one patient who is amended in it. A check of another patient than the
/// amended one would be answered from the wrong past, so whoever makes a view knows whom it is for.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    index: &'a Index,
    amended: Option<(&'a Additions, &'a AmendedPatient)>,
}

impl<'a> From<&'a Index> for View<'a> {
    fn from(index: &'a Index) -> Self {
        Self { index, amended: None }
    }
}

impl<'a> From<&'a Arc<Index>> for View<'a> {
    fn from(index: &'a Arc<Index>) -> Self {
        Self::from(&**index)
    }
}

impl<'a> View<'a> {
    /// The view of a patient whose documents stand in `patient`, with the names of `additions`
    /// behind those of the index.
    pub fn amended(
        index: &'a Index,
        additions: &'a Additions,
        patient: &'a AmendedPatient,
    ) -> Self {
        Self { index, amended: Some((additions, patient)) }
    }

    /// The index.
    pub fn index(&self) -> &'a Index {
        self.index
    }

    pub(crate) fn knowledge(&self) -> &'a Knowledge {
        self.index.knowledge()
    }

    /// Asks for the place of the bucket table that [`View::patient`] reads first.
    pub(crate) fn prefetch_bucket(&self, key: PatientKey) {
        if self.amended.is_none() {
            self.index.history().prefetch_bucket(key);
        }
    }

    /// Asks for the rows that [`View::patient`] goes through.
    pub(crate) fn prefetch_rows(&self, key: PatientKey) {
        if self.amended.is_none() {
            self.index.history().prefetch_rows(key);
        }
    }

    /// The rows of the patient.
    pub(crate) fn patient(&self, key: PatientKey) -> Result<Option<PatientRows<'a>>, FormatError> {
        match self.amended {
            Some((_, patient)) => patient.rows(),
            None => self.index.history().patient(key),
        }
    }

    /// The cold part of a patient's rows.
    pub(crate) fn evidence(&self, patient: &PatientRows<'a>) -> Result<Evidence<'a>, FormatError> {
        let history = self.index.history();
        let bounds = match self.amended {
            Some((additions, _)) => additions.bounds(),
            None => history.dictionary().bounds(),
        };
        history.evidence(patient, &bounds)
    }

    /// What a code of the history means.
    #[inline]
    pub(crate) fn code(&self, ordinal: u32) -> Result<&'a CodeMeaning, FormatError> {
        match self.amended {
            Some((additions, _)) if additions.has_code(ordinal) => additions.code(ordinal),
            _ => self.index.code(ordinal),
        }
    }

    /// Whether a code of the history is known to be always covered.
    #[inline]
    pub(crate) fn is_always_covered(&self, ordinal: u32) -> bool {
        self.index.class(ordinal) == Some(CodeClass::AlwaysCovered)
    }

    /// The substances of a code of the history, ascending.
    pub(crate) fn substances(&self, code: &CodeMeaning) -> &'a [u32] {
        self.index.substances(code)
    }

    /// The whole meaning of a code of the history, with its products.
    pub(crate) fn meaning(&self, code: &CodeMeaning) -> Meaning<'a> {
        self.index.meaning(code)
    }

    /// The code that a row names, as it was written.
    pub(crate) fn code_name(&self, ordinal: u32) -> Option<&'a CodeName> {
        let known = self.index.history().dictionary().code(ordinal);
        known.or_else(|| self.amended?.0.code_name(ordinal))
    }

    /// The quantity of that ordinal + 1; `None` for 0.
    pub(crate) fn quantity(&self, number: u32) -> Option<&'a str> {
        let known = self.index.history().dictionary().quantity(number);
        known.or_else(|| self.amended?.0.quantity(number))
    }

    /// The directions of that ordinal.
    pub(crate) fn directions(&self, ordinal: u32) -> Option<&'a Directions> {
        let known = self.index.history().dictionary().directions_of(ordinal);
        known.or_else(|| self.amended?.0.directions(ordinal))
    }

    /// The institution of an ordinal + 1; `None` for 0.
    pub(crate) fn institution(&self, number: u32) -> Option<Institution<'a>> {
        let ordinal = int::to_usize(number).checked_sub(1)?;
        let known = self.index.institution(ordinal);
        let (code, named) = known.or_else(|| self.amended?.0.institution(ordinal))?;
        let name = named.and_then(|named| self.knowledge().institution(named));
        Some(Institution { code, name })
    }
}
