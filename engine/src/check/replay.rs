//! A patient's documents, each checked again against what stood before it.
//!
//! "Before" is the order of rows: basis day, then document id; a history does not say in which order
//! the documents of a day were registered. A prescription counts until the first dispensing result
//! that names it. Cancelled and inpatient documents are not checked: the former never took effect as
//! far as the history tells, the latter are never asked about.

use std::ops::RangeInclusive;

use crate::check::assess;
use crate::check::finding::{Finding, FindingKind};
use crate::check::line::{self, Line};
use crate::check::records::Records;
use crate::check::request::{Actor, ActorKind, Consent, NewLine, OwnInstitution, Request};
use crate::day::Day;
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::PatientRows;
use crate::history::evidence::{DocumentEvidence, Evidence};
use crate::history::row::Row;
use crate::index::Index;
use crate::patient::PatientKey;
use crate::policy::Policy;
use crate::view::View;

/// With what documents are checked again.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The history, joined with the tables to try.
    pub index: &'a Index,
    /// The rules to try.
    pub policy: &'a Policy,
    /// Whether records of the institution or pharmacy that asked count.
    pub own_institution: OwnInstitution,
}

/// A document that was checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its position among the patient's documents: the same in every setting.
    pub document: usize,
    /// What it is.
    pub kind: DocumentKind,
    /// Who asked, the prescriber or the pharmacy: dictionary ordinal + 1; 0 for none.
    pub asked_by: u32,
    /// Its lines.
    pub lines: usize,
    /// Those of them that could not be checked.
    pub not_checked: usize,
    /// What was found, in the order of findings (S24).
    pub findings: Vec<Found>,
}

/// A finding without its evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The kind.
    pub kind: FindingKind,
    /// Ingredients of the new line: all shared ones, or the contraindicated one.
    pub ingredients: Vec<u32>,
    /// The ingredient of the partner of a contraindication.
    pub partner: Option<u32>,
    /// The line of the document.
    pub line: usize,
    /// The other line, for a finding inside the document.
    pub other_line: Option<usize>,
    /// Whether the partner's period had ended, and its wash-out had not.
    pub washout: bool,
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self {
            kind: finding.kind,
            ingredients: finding.ingredients,
            partner: finding.partner_ingredient,
            line: finding.line,
            other_line: finding.other_line,
            washout: finding.washout,
        }
    }
}

impl<'a> Setting<'a> {
    /// Checks the documents of a patient that fall on `days`.
    ///
    /// # Errors
    ///
    /// When bytes that are needed are damaged.
    pub fn replay(
        &self,
        patient: &PatientRows<'a>,
        days: &RangeInclusive<Day>,
    ) -> Result<Vec<Checked>, FormatError> {
        let mut checked = Vec::new();
        // Most patients of a month have no document of the day asked about.
        if !patient.rows().iter().any(|row| days.contains(&row.basis_day())) {
            return Ok(checked);
        }
        let evidence = View::from(self.index).evidence(patient)?;
        let superseded_from = superseded_from(patient, &evidence);
        for (position, document) in evidence.documents().iter().enumerate() {
            let first = patient.rows().get(document.first_line);
            let Some(first) = first.filter(|row| days.contains(&row.basis_day())) else { continue };
            let kind = first.flags().kind();
            if first.flags().cancelled() || kind == DocumentKind::Inpatient {
                continue;
            }
            let past =
                Past { position, document, evidence: &evidence, superseded_from: &superseded_from };
            checked.push(self.check(patient, &past, kind, first.basis_day())?);
        }
        Ok(checked)
    }

    fn check(
        &self,
        patient: &PatientRows<'a>,
        past: &Past<'_>,
        kind: DocumentKind,
        day: Day,
    ) -> Result<Checked, FormatError> {
        let (asks, asked_by) = match kind {
            DocumentKind::Dispensing => (ActorKind::Pharmacy, past.document.pharmacy),
            DocumentKind::Prescription | DocumentKind::InHouse | DocumentKind::Inpatient => {
                (ActorKind::MedicalInstitution, past.document.institution)
            }
        };
        let view = View::from(self.index);
        let actor = view.institution(asked_by);
        let request = Request {
            patient: PatientKey::from_number(0),
            as_of: day,
            actor: actor.map(|actor| Actor { kind: asks, code: actor.code }),
            own_institution: self.own_institution,
            // Nothing is told, so nothing beside the findings need be counted.
            consent: Consent::None,
            source_documents: Vec::new(),
            policy: self.policy,
            lines: Vec::new(),
        };
        let lines = self.lines(patient, past, day)?;
        let not_checked = lines.iter().filter(|line| line.not_checked.is_some()).count();
        let count = lines.len();
        let (excluded, standing) = (past.excluded(patient), past.still_standing(patient));
        let records = Records::replayed(view, &request, *patient, excluded, standing);
        let assessment = assess::weigh(&request, lines, records)?;
        Ok(Checked {
            document: past.position,
            kind,
            asked_by,
            lines: count,
            not_checked,
            findings: assessment.findings.into_iter().map(Found::from).collect(),
        })
    }

    /// The lines of the document as new lines.
    fn lines(
        &self,
        patient: &PatientRows<'a>,
        past: &Past<'_>,
        day: Day,
    ) -> Result<Vec<Line<'a>>, FormatError> {
        let dictionary = self.index.history().dictionary();
        let range = past.document.first_line..past.document.first_line + past.document.line_count;
        let rows = patient.rows().get(range.clone()).unwrap_or_default();
        let lines = past.evidence.lines().get(range).unwrap_or_default();
        let mut judged = Vec::with_capacity(rows.len());
        for (row, line) in rows.iter().zip(lines) {
            let damaged = |what| FormatError::Truncated { section: "history-evidence", what };
            let code = dictionary.code(row.code()).ok_or_else(|| damaged("code"))?;
            let directions = dictionary.directions_of(line.directions);
            let directions = directions.ok_or_else(|| damaged("directions"))?;
            let new = NewLine {
                rp: line.rp,
                system: code.system,
                code: &code.code,
                name: None,
                form: directions.form,
            };
            let meaning = self.index.meaning(self.index.code(row.code())?);
            judged.push(line::recorded(new, meaning, day));
        }
        Ok(judged)
    }
}

/// By document: the position of the first live dispensing result that names it.
fn superseded_from(patient: &PatientRows<'_>, evidence: &Evidence<'_>) -> Vec<usize> {
    let documents = evidence.documents();
    let mut from = vec![usize::MAX; documents.len()];
    for (position, document) in documents.iter().enumerate() {
        let Some(named) = document.prescription else { continue };
        let flags = patient.rows().get(document.first_line).map(Row::flags);
        let dispenses = flags
            .is_some_and(|flags| flags.kind() == DocumentKind::Dispensing && !flags.cancelled());
        if !dispenses {
            continue;
        }
        for (place, prescription) in from.iter_mut().zip(documents) {
            if prescription.id == named {
                *place = (*place).min(position);
            }
        }
    }
    from
}

/// A document, and what stood before it.
struct Past<'e> {
    position: usize,
    document: &'e DocumentEvidence<'e>,
    evidence: &'e Evidence<'e>,
    superseded_from: &'e [usize],
}

impl Past<'_> {
    /// By row: whether it is of the document's own chain, or was not there yet.
    fn excluded(&self, patient: &PatientRows<'_>) -> Vec<bool> {
        let mut excluded = vec![true; patient.rows().len()];
        let own = self.document;
        for document in self.evidence.documents().iter().take(self.position) {
            // The document, its prescription, and every dispensing result of either.
            let is_chain = own.prescription == Some(document.id)
                || document.prescription == Some(own.id)
                || (own.prescription.is_some() && document.prescription == own.prescription);
            let rows = excluded.iter_mut().skip(document.first_line).take(document.line_count);
            rows.for_each(|row| *row = is_chain);
        }
        excluded
    }

    /// By row: whether it is a prescription that is superseded now and was not yet then.
    fn still_standing(&self, patient: &PatientRows<'_>) -> Vec<bool> {
        let mut standing = vec![false; patient.rows().len()];
        let documents = self.evidence.documents().iter().zip(self.superseded_from);
        for (document, from) in documents.take(self.position) {
            let rows = standing.iter_mut().skip(document.first_line).take(document.line_count);
            rows.for_each(|row| *row = *from > self.position && *from != usize::MAX);
        }
        standing
    }
}
