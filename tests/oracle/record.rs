//! The records of one patient, each with its one disposition (section 3 of the semantics).

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    period::Period,
    policy::{ExpiredPrescriptions, Policy},
    request::{ActorKind, Patient, Request, day},
    resolve::Resolved,
    world::{HistoryRow, World},
};

/// What became of a record; the order is that of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    Cancelled,
    Superseded,
    OwnChain,
    Inpatient,
    Material,
    NotCovered,
    Future,
    OutsideWindow,
    Ended,
    OwnInstitution,
    Unresolved,
    Active,
}

impl Disposition {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::OwnChain => "own_chain",
            Self::Inpatient => "inpatient",
            Self::Material => "material",
            Self::NotCovered => "not_covered",
            Self::Future => "future",
            Self::OutsideWindow => "outside_window",
            Self::Ended => "ended",
            Self::OwnInstitution => "own_institution",
            Self::Unresolved => "unresolved",
            Self::Active => "active",
        }
    }
}

/// A line of a document of the patient, judged.
#[derive(Debug)]
pub(crate) struct Record<'w> {
    pub(crate) row: &'w HistoryRow,
    pub(crate) basis: Date,
    pub(crate) period: Period,
    pub(crate) resolved: Resolved,
    pub(crate) disposition: Disposition,
    /// The record lies beyond the window and is seen as a refill.
    pub(crate) refill_exempt: bool,
}

impl Record<'_> {
    pub(crate) fn rp(&self) -> u32 {
        self.row.rp.parse().expect("RP is a number")
    }

    /// Days from the end of the period to the check day; above zero when the period is over.
    pub(crate) fn days_since_end(&self, check_day: Date) -> i64 {
        days_between(self.period.end, check_day)
    }
}

/// The records of the patient in the order of evidence, for one request under one policy.
#[derive(Debug)]
pub(crate) struct Chart<'w> {
    pub(crate) records: Vec<Record<'w>>,
    pub(crate) check_day: Date,
}

impl<'w> Chart<'w> {
    pub(crate) fn read(world: &'w World, request: &Request, policy: &Policy) -> Self {
        let rows = world.history.iter().filter(|row| Patient::of(row) == request.patient);
        let history = History { rows: rows.collect() };
        let check_day = request.check_day();
        let judge = Judge { world, request, policy, history: &history, check_day };
        let mut records: Vec<_> = history.rows.iter().map(|row| judge.record(row)).collect();
        // S24. The sort is stable: the rest is the order of the rows.
        records.sort_by(|a, b| {
            let key = |record: &Record<'w>| (record.basis, &record.row.document, record.rp());
            key(a).cmp(&key(b))
        });
        Self { records, check_day }
    }

    /// All lines of one document.
    pub(crate) fn lines_of(&self, document: &str) -> impl Iterator<Item = &'w HistoryRow> {
        self.records.iter().map(|record| record.row).filter(move |row| row.document == document)
    }
}

/// Days from one day to a later one; negative when it is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).expect("both are dates of this era").get_days().into()
}

/// The rows of the patient.
struct History<'w> {
    rows: Vec<&'w HistoryRow>,
}

impl History<'_> {
    fn is_live(row: &HistoryRow) -> bool {
        row.status != "cancelled"
    }

    /// Disposition 2: a live dispensing result of the patient names this prescription.
    fn is_superseded(&self, row: &HistoryRow) -> bool {
        row.kind == "prescription"
            && self.dispensings().any(|d| Self::is_live(d) && d.prescription == row.document)
    }

    /// Disposition 3: N of the readings, and P, the prescriptions that dispensings in N name.
    fn chain(&self, named: &BTreeSet<String>) -> BTreeSet<String> {
        let dispensings = self.dispensings().filter(|d| named.contains(&d.document));
        let prescriptions = dispensings.map(|d| d.prescription.clone());
        named.iter().cloned().chain(prescriptions).filter(|id| !id.is_empty()).collect()
    }

    /// Disposition 7: the document, or the prescription that it dispenses, has two uses or more.
    fn is_refill(&self, row: &HistoryRow) -> bool {
        let number = |text: &str| text.parse().unwrap_or(0_u32);
        let uses = |row: &HistoryRow| number(&row.refill_uses).max(number(&row.refill_use));
        let prescriptions = self.rows.iter().filter(|p| p.kind == "prescription");
        let mut named = prescriptions.filter(|p| p.document == row.prescription);
        let dispenses = row.kind == "dispensing";
        uses(row) >= 2 || dispenses && named.any(|prescription| uses(prescription) >= 2)
    }

    fn dispensings(&self) -> impl Iterator<Item = &HistoryRow> {
        self.rows.iter().copied().filter(|row| row.kind == "dispensing")
    }
}

/// Everything that the disposition of a record depends on.
struct Judge<'a, 'w> {
    world: &'w World,
    request: &'a Request,
    policy: &'a Policy,
    history: &'a History<'w>,
    check_day: Date,
}

impl<'w> Judge<'_, 'w> {
    fn record(&self, row: &'w HistoryRow) -> Record<'w> {
        // S1: the day of the document is the dispensing day, the issue day or its own.
        let basis = day(&row.date);
        let period = Period::of(row, basis, self.policy);
        let resolved = Resolved::of(self.world, &row.drug_system, &row.drug_code);
        let age = days_between(basis, self.check_day);
        let beyond = age > self.policy.look_back_days;
        let exempt = self.policy.refill_exempt && self.history.is_refill(row);
        let disposition = match self.by_document(row) {
            Some(disposition) => disposition,
            None if row.form == "6" => Disposition::Material,
            None if resolved.names_a_product() && !resolved.is_covered(self.world, basis) => {
                Disposition::NotCovered
            }
            None if age < 0 => Disposition::Future,
            None if beyond && !exempt => Disposition::OutsideWindow,
            None if self.check_day > period.end || self.is_expired(row, age) => Disposition::Ended,
            None if self.is_own(row) => Disposition::OwnInstitution,
            None if resolved.substances.is_empty() => Disposition::Unresolved,
            None => Disposition::Active,
        };
        Record { row, basis, period, resolved, disposition, refill_exempt: beyond && exempt }
    }

    /// Dispositions 1 to 4, which are those of whole documents.
    fn by_document(&self, row: &HistoryRow) -> Option<Disposition> {
        let chain = self.history.chain(&self.request.source_documents);
        let dispenses = row.kind == "dispensing" && chain.contains(&row.prescription);
        if !History::is_live(row) {
            Some(Disposition::Cancelled)
        } else if self.history.is_superseded(row) {
            Some(Disposition::Superseded)
        } else if chain.contains(&row.document) || dispenses {
            Some(Disposition::OwnChain)
        } else if row.kind == "in_house" && row.setting == "inpatient" {
            Some(Disposition::Inpatient)
        } else {
            None
        }
    }

    /// S10: an undispensed prescription from the fourth day after issue.
    fn is_expired(&self, row: &HistoryRow, age: i64) -> bool {
        let drop = self.policy.expired_prescriptions == ExpiredPrescriptions::Drop;
        drop && row.kind == "prescription" && age >= 4
    }

    /// Disposition 9.
    fn is_own(&self, row: &HistoryRow) -> bool {
        let actor = &self.request.actor;
        let code = match actor.kind {
            ActorKind::MedicalInstitution => &row.institution,
            ActorKind::Pharmacy => &row.pharmacy,
        };
        !self.request.include_own() && *code == actor.code
    }
}

/// S23: the disposition is `ended` because the period is over.
pub(crate) fn ended_by_period(record: &Record<'_>, check_day: Date) -> bool {
    record.disposition == Disposition::Ended && record.days_since_end(check_day) > 0
}

/// S8: outside the window, and the period has not ended.
pub(crate) fn is_blind_spot(record: &Record<'_>, check_day: Date) -> bool {
    record.disposition == Disposition::OutsideWindow && record.days_since_end(check_day) <= 0
}
