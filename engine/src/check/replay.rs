//! A patient's documents, each checked again against what stood before it.
//!
//! "Before" is the order of rows: basis day, then document id; a history does not say in which order
//! the documents of a day were registered. A prescription counts until the first dispensing result
//! that names it. Cancelled and inpatient documents are not checked: the former never took effect as
//! far as the history tells, the latter are never asked about.

use std::ops::RangeInclusive;

use crate::check::assess;
use crate::check::finding::{Finding, FindingKind};
use crate::check::judge::Breadth;
use crate::check::line::Line;
use crate::check::records::{Asked, Own, Records};
use crate::check::request::{ActorKind, NewLine, OwnInstitution};
use crate::day::Day;
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::PatientRows;
use crate::history::document_id::StoredId;
use crate::history::evidence::Evidence;
use crate::history::row::{Row, RowFlags};
use crate::index::Index;
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
            ingredients: finding.ingredients.into_vec(),
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
        let view = View::from(self.index);
        let evidence = view.evidence(patient)?;
        let past = Past::of(patient, &evidence);
        let (as_of, own) = (*days.start(), Own::Nobody);
        let asked = Asked { as_of, policy: self.policy, own, tells: false };
        let mut records = Records::of_patient(view, asked, *patient, evidence);
        let mut lines = Vec::new();
        for (position, document) in past.documents.iter().enumerate() {
            if !days.contains(&document.day)
                || document.cancelled
                || document.kind == DocumentKind::Inpatient
            {
                continue;
            }
            let asked_by = document.asked_by();
            records.asked = Asked { as_of: document.day, own: self.own(asked_by), ..asked };
            records.look_at(document.first_line);
            past.own_chain(position, &mut records.own_chain);
            past.standing(position, &mut records.standing);
            self.lines(patient, document, records.evidence()?, &mut lines)?;
            let (_, findings) = assess::weigh(&lines, &records, Breadth::WhatTouches)?;
            checked.push(Checked {
                document: position,
                kind: document.kind,
                asked_by: asked_by.1,
                lines: lines.len(),
                not_checked: lines.iter().filter(|line| line.not_checked.is_some()).count(),
                findings: findings.into_iter().map(Found::from).collect(),
            });
        }
        Ok(checked)
    }

    /// Whose records do not count.
    fn own(&self, (kind, number): (ActorKind, u32)) -> Own<'a> {
        match self.own_institution {
            OwnInstitution::Exclude if number != 0 => Own::Number(kind, number),
            OwnInstitution::Exclude | OwnInstitution::Include => Own::Nobody,
        }
    }

    /// The lines of a document as new lines, in the place of those of another one.
    fn lines(
        &self,
        patient: &PatientRows<'a>,
        document: &Document,
        evidence: &Evidence<'a>,
        judged: &mut Vec<Line<'a>>,
    ) -> Result<(), FormatError> {
        judged.clear();
        let dictionary = self.index.history().dictionary();
        let range = document.first_line..document.first_line + document.line_count;
        let rows = patient.rows().get(range.clone()).unwrap_or_default();
        let lines = evidence.lines().get(range).unwrap_or_default();
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
            judged.push(Line::recorded(new, meaning, document.day));
        }
        Ok(())
    }
}

/// A patient's documents, and how each stands to those before it.
struct Past {
    documents: Vec<Document>,
}

/// What of a document decides how others are judged against it.
struct Document {
    kind: DocumentKind,
    day: Day,
    cancelled: bool,
    institution: u32,
    pharmacy: u32,
    first_line: usize,
    line_count: usize,
    /// A number that is the same for equal ids.
    id: usize,
    /// The number of the id of the prescription that it dispenses.
    prescription: Option<usize>,
    /// The first live dispensing result that names it.
    superseded_from: Option<usize>,
}

impl Past {
    fn of(patient: &PatientRows<'_>, evidence: &Evidence<'_>) -> Self {
        let all = evidence.documents();
        let place = |id: StoredId<'_>| all.iter().position(|document| document.id == id);
        // A prescription that the patient's past does not hold: the first document that names it.
        let naming = |id: StoredId<'_>| {
            let names = |document| evidence.prescription_of(document) == Some(id);
            let found = all.iter().position(names);
            all.len() + found.unwrap_or(0)
        };
        let mut documents = Vec::with_capacity(all.len());
        for document in all {
            let row = patient.rows().get(document.first_line());
            let flags = row.map(Row::flags);
            let kind = flags.map_or(DocumentKind::Inpatient, RowFlags::kind);
            documents.push(Document {
                kind,
                day: row.map_or(Day::from_number(0), Row::basis_day),
                cancelled: flags.is_none_or(RowFlags::cancelled),
                institution: document.institution,
                pharmacy: document.pharmacy,
                first_line: document.first_line(),
                line_count: document.line_count(),
                id: place(document.id).unwrap_or(0),
                prescription: evidence
                    .prescription_of(document)
                    .filter(|_| kind == DocumentKind::Dispensing)
                    .map(|id| place(id).unwrap_or_else(|| naming(id))),
                superseded_from: None,
            });
        }
        for position in 0..documents.len() {
            let Some(dispensing) = documents.get(position).filter(|found| found.dispenses()) else {
                continue;
            };
            let named = dispensing.prescription;
            for prescription in documents.iter_mut().filter(|found| Some(found.id) == named) {
                prescription.superseded_from.get_or_insert(position);
            }
        }
        Self { documents }
    }

    /// By row before a document: whether it is of the document's own chain, which is the document,
    /// its prescription, and every dispensing result of either.
    fn own_chain(&self, position: usize, own_chain: &mut Vec<bool>) {
        own_chain.clear();
        let Some(own) = self.documents.get(position) else { return };
        for before in self.documents.iter().take(position) {
            let is_chain = own.prescription == Some(before.id)
                || before.prescription == Some(own.id)
                || (own.prescription.is_some() && before.prescription == own.prescription);
            own_chain.resize(own_chain.len() + before.line_count, is_chain);
        }
    }

    /// By row before a document: whether it is a prescription that is superseded now and was not yet
    /// then.
    fn standing(&self, position: usize, standing: &mut Vec<bool>) {
        standing.clear();
        for before in self.documents.iter().take(position) {
            let is_standing = before.superseded_from.is_some_and(|from| from > position);
            standing.resize(standing.len() + before.line_count, is_standing);
        }
    }
}

impl Document {
    /// Who asked: the pharmacy that dispensed, else who issued.
    fn asked_by(&self) -> (ActorKind, u32) {
        match self.kind {
            DocumentKind::Dispensing => (ActorKind::Pharmacy, self.pharmacy),
            DocumentKind::Prescription | DocumentKind::InHouse | DocumentKind::Inpatient => {
                (ActorKind::MedicalInstitution, self.institution)
            }
        }
    }

    /// Whether a prescription that it names does not count any more.
    fn dispenses(&self) -> bool {
        !self.cancelled && self.prescription.is_some()
    }
}
