//! A patient's records: the disposition of each, and those that a finding can rest on.

use std::cell::OnceCell;

use crate::check::interest::Interest;
use crate::check::record::{Disposition, Record};
use crate::check::request::{ActorKind, OwnInstitution, Request};
use crate::day::{Day, span};
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::PatientRows;
use crate::history::document_id::StoredId;
use crate::history::evidence::Evidence;
use crate::history::row::Row;
use crate::index::{CodeClass, CodeMeaning};
use crate::knowledge::{Meaning, Resolution, Span};
use crate::period::{Period, Supply};
use crate::policy::ExpiredPrescriptions;
use crate::view::View;

/// The fourth day after issue is the first on which a prescription cannot be dispensed.
const PRESCRIPTION_VALID_DAYS: i32 = 4;

/// The records of the request's patient, and the cold section behind them once it is needed.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    pub(crate) view: View<'a>,
    request: &'a Request<'a>,
    patient: Option<PatientRows<'a>>,
    evidence: OnceCell<Evidence<'a>>,
    /// By row: whether it is of the own chain. Empty when the request names no documents.
    own_chain: Vec<bool>,
    /// By row: whether what supersedes it is not there yet. Empty but in a replay.
    standing: Vec<bool>,
}

/// Which records are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// Those that could be evidence, or of which nothing is known.
    WhatTouches,
    /// All of them.
    EveryRecord,
}

/// Which records matter, as positions of rows, ascending.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Active, and judged.
    pub(crate) active: Vec<usize>,
    /// Ended by their period, at most the longest wash-out ago, touching a substance of interest.
    pub(crate) washed_out: Vec<(usize, i32)>,
    /// Active but for their code, of which nothing is known.
    pub(crate) unresolved: Vec<usize>,
    /// If every record was judged: how many have each disposition, by its rank.
    pub(crate) counts: [usize; Disposition::ALL.len()],
    /// If every record was judged: those beyond the look-back window.
    pub(crate) outside_window: Vec<usize>,
}

impl<'a> Records<'a> {
    /// Finds the patient; reads the cold section only if the request names documents.
    pub(crate) fn find(view: View<'a>, request: &'a Request<'a>) -> Result<Self, FormatError> {
        let patient = view.patient(request.patient)?;
        let evidence = OnceCell::new();
        let (own_chain, standing) = (Vec::new(), Vec::new());
        let mut records = Self { view, request, patient, evidence, own_chain, standing };
        if !request.source_documents.is_empty() && !records.rows().is_empty() {
            records.own_chain = records.find_own_chain()?;
        }
        Ok(records)
    }

    /// The records of a patient as they stood earlier: without those that are `excluded`, and with
    /// those that are `standing` not yet superseded.
    pub(crate) fn replayed(
        view: View<'a>,
        request: &'a Request<'a>,
        patient: PatientRows<'a>,
        excluded: Vec<bool>,
        standing: Vec<bool>,
    ) -> Self {
        let (patient, evidence) = (Some(patient), OnceCell::new());
        Self { view, request, patient, evidence, own_chain: excluded, standing }
    }

    pub(crate) fn rows(&self) -> &'a [Row] {
        self.patient.map_or(&[], |patient| patient.rows())
    }

    pub(crate) fn row(&self, position: usize) -> Result<Row, FormatError> {
        self.rows().get(position).copied().ok_or_else(broken_row)
    }

    /// The cold section of the patient.
    pub(crate) fn evidence(&self) -> Result<&Evidence<'a>, FormatError> {
        if let Some(evidence) = self.evidence.get() {
            return Ok(evidence);
        }
        let patient = self.patient.as_ref().ok_or_else(broken_row)?;
        let evidence = self.view.evidence(patient)?;
        Ok(self.evidence.get_or_init(|| evidence))
    }

    pub(crate) fn meaning(&self, position: usize) -> Result<Meaning<'a>, FormatError> {
        Ok(self.view.meaning(self.view.code(self.row(position)?.code())?))
    }

    pub(crate) fn substances(&self, position: usize) -> Result<&'a [u32], FormatError> {
        Ok(self.view.substances(self.view.code(self.row(position)?.code())?))
    }

    /// The same for every record with the same set of substances.
    pub(crate) fn drug(&self, position: usize) -> Result<Span, FormatError> {
        Ok(self.view.code(self.row(position)?.code())?.drug)
    }

    pub(crate) fn code(&self, position: usize) -> Result<&'a str, FormatError> {
        let code = self.view.code_name(self.row(position)?.code());
        code.map(|code| code.code.as_str()).ok_or_else(broken_row)
    }

    pub(crate) fn period(&self, row: Row) -> Result<Period, FormatError> {
        let supply = Supply::from_bits(row.supply_bits()).ok_or_else(broken_row)?;
        Ok(supply.period(self.request.policy))
    }

    /// The last day of a record's period (S2).
    pub(crate) fn end_day(&self, row: Row) -> Result<Day, FormatError> {
        let days = self.period(row)?.days;
        Ok(row.basis_day().plus((span(days) - 1).max(0)))
    }

    /// Judges every record, looking twice only at those that could matter.
    pub(crate) fn judge(
        &self,
        interest: &Interest,
        breadth: Breadth,
    ) -> Result<Judged, FormatError> {
        let everything = breadth == Breadth::EveryRecord;
        let mut judged = Judged::default();
        for (position, row) in self.rows().iter().enumerate() {
            let code = self.view.code(row.code())?;
            let substances = self.view.substances(code);
            let resolved = is_resolved(code, substances);
            let touches = resolved && interest.touches(substances);
            if resolved && !touches && !everything {
                continue;
            }
            let (disposition, ended_ago) = self.disposition(position, *row, code, resolved)?;
            match disposition {
                Disposition::Active if everything || touches => judged.active.push(position),
                Disposition::Unresolved => judged.unresolved.push(position),
                Disposition::OutsideWindow if everything => judged.outside_window.push(position),
                Disposition::Ended if touches => {
                    let washout = i32::from(self.view.knowledge().washout_days_max());
                    if self.request.policy.washout && (1..=washout).contains(&ended_ago) {
                        judged.washed_out.push((position, ended_ago));
                    }
                }
                Disposition::Cancelled
                | Disposition::Superseded
                | Disposition::OwnChain
                | Disposition::Inpatient
                | Disposition::Material
                | Disposition::NotCovered
                | Disposition::Future
                | Disposition::Ended
                | Disposition::OwnInstitution
                | Disposition::OutsideWindow
                | Disposition::Active => {}
            }
            if everything && let Some(count) = judged.counts.get_mut(disposition.rank()) {
                *count += 1;
            }
        }
        Ok(judged)
    }

    /// The disposition of every record, in their order.
    pub(crate) fn dispositions(&self) -> Result<Vec<Disposition>, FormatError> {
        let rows = self.rows().iter().enumerate();
        rows.map(|(position, row)| {
            let code = self.view.code(row.code())?;
            let resolved = is_resolved(code, self.view.substances(code));
            Ok(self.disposition(position, *row, code, resolved)?.0)
        })
        .collect()
    }

    /// The disposition of a record, and how many days ago its period ended.
    fn disposition(
        &self,
        position: usize,
        row: Row,
        code: &CodeMeaning,
        resolved: bool,
    ) -> Result<(Disposition, i32), FormatError> {
        let flags = row.flags();
        let basis_day = row.basis_day();
        let age = self.request.as_of.days_since(basis_day);
        let ended_ago = age - span(self.period(row)?.days) + 1;
        let policy = self.request.policy;
        let exempt = flags.refill() && policy.refill_exempt;
        let expired = policy.expired_prescriptions == ExpiredPrescriptions::Drop
            && flags.kind() == DocumentKind::Prescription
            && age >= PRESCRIPTION_VALID_DAYS;
        let covered = code.class != CodeClass::SometimesCovered
            || self.view.meaning(code).is_covered(basis_day);
        let disposition = if flags.cancelled() {
            Disposition::Cancelled
        } else if flags.superseded() && self.standing.get(position) != Some(&true) {
            Disposition::Superseded
        } else if self.own_chain.get(position) == Some(&true) {
            Disposition::OwnChain
        } else if flags.kind() == DocumentKind::Inpatient {
            Disposition::Inpatient
        } else if flags.material() {
            Disposition::Material
        } else if !covered {
            Disposition::NotCovered
        } else if age < 0 {
            Disposition::Future
        } else if age > span(policy.look_back_days) && !exempt {
            Disposition::OutsideWindow
        } else if ended_ago > 0 || expired {
            Disposition::Ended
        } else if self.is_own(position)? {
            Disposition::OwnInstitution
        } else if resolved {
            Disposition::Active
        } else {
            Disposition::Unresolved
        };
        Ok((disposition, ended_ago))
    }

    fn is_own(&self, position: usize) -> Result<bool, FormatError> {
        let (Some(actor), OwnInstitution::Exclude) =
            (self.request.actor, self.request.own_institution)
        else {
            return Ok(false);
        };
        let document = self.evidence()?.document_of(position)?;
        let own = match actor.kind {
            ActorKind::MedicalInstitution => document.institution,
            ActorKind::Pharmacy => document.pharmacy,
        };
        Ok(self.view.institution(own).is_some_and(|own| own.code == actor.code))
    }

    fn find_own_chain(&self) -> Result<Vec<bool>, FormatError> {
        let documents = self.evidence()?.documents();
        let named =
            |id: StoredId<'_>| self.request.source_documents.contains(&id.unpack().as_str());
        let of_named = documents.iter().filter(|document| named(document.id));
        let prescriptions: Vec<StoredId<'_>> =
            of_named.filter_map(|document| document.prescription).collect();
        let in_chain = |id| named(id) || prescriptions.contains(&id);
        let mut own = vec![false; self.rows().len()];
        for document in documents {
            if !document.prescription.is_some_and(in_chain) && !in_chain(document.id) {
                continue;
            }
            for row in own.iter_mut().skip(document.first_line).take(document.line_count) {
                *row = true;
            }
        }
        Ok(own)
    }

    /// The record in words.
    pub(crate) fn record(&self, position: usize) -> Result<Record<'a>, FormatError> {
        let row = self.row(position)?;
        let evidence = self.evidence()?;
        let line = evidence.line(position)?;
        let document = evidence.document_of(position)?;
        let directions = self.view.directions(line.directions).ok_or_else(broken_line)?;
        let period = self.period(row)?;
        let code = self.view.code_name(row.code()).ok_or_else(broken_row)?;
        let age = self.request.as_of.days_since(row.basis_day());
        let meaning = self.meaning(position)?;
        let text = |text: &'a str| (!text.is_empty()).then_some(text);
        Ok(Record {
            document: document.id.unpack(),
            basis: row.flags().kind().basis(),
            basis_day: row.basis_day(),
            days: period.days,
            days_from: period.from,
            end_day: self.end_day(row)?,
            refill_exempt: row.flags().refill()
                && self.request.policy.refill_exempt
                && age > span(self.request.policy.look_back_days),
            system: code.system,
            code: &code.code,
            name: text(&code.name).or_else(|| Self::product_name(&meaning)),
            resolution: meaning.resolution.name(),
            form: directions.form,
            quantity: self.view.quantity(line.quantity).and_then(text),
            usage: text(&directions.usage),
            rp: line.rp,
            institution: self.view.institution(document.institution),
            pharmacy: self.view.institution(document.pharmacy),
        })
    }

    /// The name of the product that a code names; a stand-in's would be another drug's.
    fn product_name(meaning: &Meaning<'a>) -> Option<&'a str> {
        if !matches!(meaning.resolution, Resolution::Exact | Resolution::Dummy) {
            return None;
        }
        Some(meaning.name).filter(|name| !name.is_empty())
    }

    /// Whether two prescriptions among these records look like one that was registered twice (S11).
    pub(crate) fn are_twins_among(&self, positions: &[usize]) -> Result<bool, FormatError> {
        let mut prescriptions = Vec::new();
        for position in positions {
            let row = self.row(*position)?;
            if row.flags().kind() == DocumentKind::Prescription {
                let document = self.evidence()?.document_of(*position)?;
                let outside = (row.basis_day(), document.institution, document.line_count);
                prescriptions.push((outside, document.first_line));
            }
        }
        prescriptions.sort_unstable();
        prescriptions.dedup();
        // Most differ from the outside, and their lines need not be looked at.
        for alike in prescriptions.chunk_by(|one, other| one.0 == other.0) {
            if alike.len() < 2 {
                continue;
            }
            let lines = alike.iter().map(|((.., count), first)| self.lines_of(*first, *count));
            let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
            lines.sort_unstable();
            if lines.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The lines of a document in a form that two registrations of it share.
    fn lines_of(&self, first: usize, count: usize) -> Result<Vec<impl Ord>, FormatError> {
        let mut lines = Vec::with_capacity(count);
        for position in first..first + count {
            let line = self.evidence()?.line(position)?;
            let code = self.view.code_name(self.row(position)?.code());
            let code = code.ok_or_else(broken_row)?;
            let written = (line.quantity, line.directions);
            lines.push((line.rp, code.system, code.code.as_str(), written));
        }
        lines.sort_unstable();
        Ok(lines)
    }
}

/// Whether it is known what a record of that code holds.
fn is_resolved(code: &CodeMeaning, substances: &[u32]) -> bool {
    code.class != CodeClass::Unresolved && !substances.is_empty()
}

fn broken_row() -> FormatError {
    FormatError::Truncated { section: "history-rows", what: "row" }
}

fn broken_line() -> FormatError {
    FormatError::Truncated { section: "history-evidence", what: "line" }
}
