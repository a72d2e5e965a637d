//! A patient's records, with the cold section behind them once it is needed.

use std::cell::OnceCell;

use crate::check::record::Record;
use crate::check::request::{Actor, ActorKind, Consent, OwnInstitution, Request};
use crate::day::Day;
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::PatientRows;
use crate::history::document_id::StoredId;
use crate::history::evidence::{DocumentEvidence, Evidence};
use crate::history::row::Row;
use crate::knowledge::Meaning;
use crate::period::Supply;
use crate::policy::Policy;
use crate::view::View;

/// A record that a finding may rest on: its position, and its substances, which are asked for again
/// with every new line.
pub(crate) type Holding<'a> = (usize, &'a [u32]);

/// The records of one patient, and how they are looked at.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    pub(crate) view: View<'a>,
    pub(crate) asked: Asked<'a>,
    patient: Option<PatientRows<'a>>,
    /// Those that are looked at: in a replay, those before the document that is checked.
    rows: &'a [Row],
    evidence: OnceCell<Evidence<'a>>,
    /// By row: whether it is of the own chain. Empty when the request names no documents.
    pub(crate) own_chain: Vec<bool>,
    /// By row: whether what supersedes it is not there yet. Empty but in a replay.
    pub(crate) standing: Vec<bool>,
}

/// When, by what rules and for whom records are judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) as_of: Day,
    pub(crate) policy: &'a Policy,
    pub(crate) own: Own<'a>,
    /// Whether the consent lets evidence be told.
    pub(crate) tells: bool,
}

/// Whose records do not count, because it is they who ask (disposition 9).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Own<'a> {
    /// Everybody's count.
    Nobody,
    /// Those of an institution by its code.
    Code(Actor<'a>),
    /// Those of an institution by its number in the dictionary, whose codes are distinct.
    Number(ActorKind, u32),
}

impl<'a> Asked<'a> {
    fn of(request: &Request<'a>) -> Self {
        let own = match (request.actor, request.own_institution) {
            (Some(actor), OwnInstitution::Exclude) => Own::Code(actor),
            (None, _) | (_, OwnInstitution::Include) => Own::Nobody,
        };
        let tells = request.consent != Consent::None;
        Self { as_of: request.as_of, policy: request.policy, own, tells }
    }
}

impl<'a> Records<'a> {
    /// Finds the patient; reads the cold section only if the request names documents.
    pub(crate) fn find(view: View<'a>, request: &'a Request<'a>) -> Result<Self, FormatError> {
        let patient = view.patient(request.patient)?;
        let mut records = Self {
            view,
            asked: Asked::of(request),
            patient,
            rows: patient.map_or(&[], |patient| patient.rows()),
            evidence: OnceCell::new(),
            own_chain: Vec::new(),
            standing: Vec::new(),
        };
        if matches!(records.asked.own, Own::Code(_)) {
            records.prefetch_evidence();
        }
        if !request.source_documents.is_empty() && !records.rows.is_empty() {
            records.own_chain = records.find_own_chain(&request.source_documents)?;
        }
        Ok(records)
    }

    /// The records of a patient whose cold section is read already.
    pub(crate) fn of_patient(
        view: View<'a>,
        asked: Asked<'a>,
        patient: PatientRows<'a>,
        evidence: Evidence<'a>,
    ) -> Self {
        Self {
            view,
            asked,
            patient: Some(patient),
            rows: patient.rows(),
            evidence: OnceCell::from(evidence),
            own_chain: Vec::new(),
            standing: Vec::new(),
        }
    }

    /// Looks at the first rows only.
    pub(crate) fn look_at(&mut self, count: usize) {
        let all = self.patient.map_or(&[][..], |patient| patient.rows());
        self.rows = all.get(..count).unwrap_or(all);
    }

    pub(crate) fn rows(&self) -> &'a [Row] {
        self.rows
    }

    pub(crate) fn row(&self, position: usize) -> Result<Row, FormatError> {
        self.rows.get(position).copied().ok_or_else(broken_row)
    }

    /// Asks for the cold section of the patient, which is read soon.
    pub(crate) fn prefetch_evidence(&self) {
        if let (None, Some(patient)) = (self.evidence.get(), &self.patient) {
            self.view.index().history().prefetch_evidence(patient);
        }
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

    /// Some records with what they hold.
    pub(crate) fn holding(&self, positions: &[usize]) -> Result<Vec<Holding<'a>>, FormatError> {
        let mut holding = Vec::with_capacity(positions.len());
        for position in positions {
            holding.push((*position, self.substances(*position)?));
        }
        Ok(holding)
    }

    pub(crate) fn code(&self, position: usize) -> Result<&'a str, FormatError> {
        let code = self.view.code_name(self.row(position)?.code());
        code.map(|code| code.code.as_str()).ok_or_else(broken_row)
    }

    /// The last day of a record's period (S2).
    pub(crate) fn end_day(&self, position: usize) -> Result<Day, FormatError> {
        let row = self.row(position)?;
        Ok(supply(row)?.period(self.asked.policy).last_day(row.basis_day()))
    }

    /// Whether what supersedes a record is not there yet.
    pub(crate) fn is_standing(&self, position: usize) -> bool {
        self.standing.get(position) == Some(&true)
    }

    pub(crate) fn is_of_own_chain(&self, position: usize) -> bool {
        self.own_chain.get(position) == Some(&true)
    }

    /// Whether a record is of the institution that asks.
    #[inline]
    pub(crate) fn is_own(&self, position: usize) -> Result<bool, FormatError> {
        let kind = match self.asked.own {
            Own::Nobody => return Ok(false),
            Own::Code(Actor { kind, .. }) | Own::Number(kind, _) => kind,
        };
        let document = self.evidence()?.document_of(position)?;
        let number = match kind {
            ActorKind::MedicalInstitution => document.institution,
            ActorKind::Pharmacy => document.pharmacy,
        };
        Ok(match self.asked.own {
            Own::Nobody => false,
            Own::Code(actor) => {
                self.view.institution(number).is_some_and(|known| known.code == actor.code)
            }
            Own::Number(_, own) => own == number,
        })
    }

    fn find_own_chain(&self, sources: &[&str]) -> Result<Vec<bool>, FormatError> {
        let evidence = self.evidence()?;
        let documents = evidence.documents();
        // Whatever another kind of document names, it dispenses nothing.
        let dispensed = |document: &DocumentEvidence<'a>| {
            let row = self.rows.get(document.first_line())?;
            let dispenses = row.flags().kind() == DocumentKind::Dispensing;
            evidence.prescription_of(document).filter(|_| dispenses)
        };
        let named = |id: StoredId<'_>| sources.contains(&id.unpack().as_str());
        let of_named = documents.iter().filter(|document| named(document.id));
        let prescriptions: Vec<StoredId<'_>> = of_named.filter_map(dispensed).collect();
        let in_chain = |id| named(id) || prescriptions.contains(&id);
        let mut own = vec![false; self.rows.len()];
        for document in documents {
            if !dispensed(document).is_some_and(in_chain) && !in_chain(document.id) {
                continue;
            }
            for row in own.iter_mut().skip(document.first_line()).take(document.line_count()) {
                *row = true;
            }
        }
        Ok(own)
    }

    /// The record as it is told.
    pub(crate) fn record(&self, position: usize) -> Result<Record<'a>, FormatError> {
        let row = self.row(position)?;
        let evidence = self.evidence()?;
        let (line, document) = (evidence.line(position)?, evidence.document_of(position)?);
        let period = supply(row)?.period(self.asked.policy);
        Record::new(self.view, &self.asked, row, period, document, line)
    }

    /// Whether two prescriptions among these records look like one that was registered twice (S11).
    pub(crate) fn are_twins_among(&self, positions: &[usize]) -> Result<bool, FormatError> {
        let mut prescriptions = Vec::new();
        for position in positions {
            let row = self.row(*position)?;
            if row.flags().kind() == DocumentKind::Prescription {
                let document = self.evidence()?.document_of(*position)?;
                let outside = (row.basis_day(), document.institution, document.line_count());
                prescriptions.push((outside, document.first_line()));
            }
        }
        if prescriptions.len() < 2 {
            return Ok(false);
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

/// What the period of a row's record follows from.
#[inline]
pub(crate) fn supply(row: Row) -> Result<Supply, FormatError> {
    Supply::from_bits(row.supply_bits()).ok_or_else(broken_row)
}

/// The warning that a row's supply deserves (S4). Days that stand in the row deserve none.
#[inline]
pub(crate) fn supply_warning(row: Row) -> Result<Option<&'static str>, FormatError> {
    if Supply::is_days(row.supply_bits()) {
        return Ok(None);
    }
    Ok(supply(row)?.warning())
}

#[cold]
fn broken_row() -> FormatError {
    FormatError::Truncated { section: "history-rows", what: "row" }
}
