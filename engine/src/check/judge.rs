//! What becomes of each record of a patient, and which of them a finding can rest on.

use crate::check::interest::Interest;
use crate::check::record::Disposition;
use crate::check::records::{self, Records};
use crate::day::{Day, span};
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::row::{Row, RowFlags};
use crate::index::{CodeClass, CodeMeaning};
use crate::period::Supply;
use crate::policy::{ExpiredPrescriptions, Policy};

/// The fourth day after issue is the first on which a prescription cannot be dispensed.
const PRESCRIPTION_VALID_DAYS: i32 = 4;

/// Which records are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// Those that could be evidence, or of which nothing is known.
    WhatTouches,
    /// All of them, for an answer that counts them.
    EveryRecord,
}

/// Which records matter, as positions of rows, ascending.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Active, and touching a substance of interest: what a finding rests on.
    pub(crate) touching: Vec<usize>,
    /// Ended by their period, at most the longest wash-out ago, touching a substance of interest.
    pub(crate) washed_out: Vec<(usize, i32)>,
    /// Active but for their code, of which nothing is known.
    pub(crate) unresolved: Vec<usize>,
    /// What only an answer that counts every record tells.
    pub(crate) counted: Counted,
}

/// What is known once every record was judged.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// How many have each disposition, by its rank.
    pub(crate) dispositions: [u32; Disposition::ALL.len()],
    /// How many different drugs (sets of substances) are active.
    pub(crate) active_drugs: u32,
    /// Those active whose supply deserves a warning.
    pub(crate) odd: Vec<usize>,
    /// Those beyond the look-back window.
    pub(crate) outside_window: Vec<usize>,
}

/// By the flags of a row: the first disposition that they alone decide, else `Active`.
const BY_FLAGS: [Disposition; RowFlags::VALUES] = by_flags();

const fn by_flags() -> [Disposition; RowFlags::VALUES] {
    let mut table = [Disposition::Active; RowFlags::VALUES];
    let mut rest: &mut [Disposition] = &mut table;
    let mut bits = 0;
    while let [place, behind @ ..] = rest {
        let flags = RowFlags::from_bits(bits);
        *place = if flags.cancelled() {
            Disposition::Cancelled
        } else if flags.superseded() {
            Disposition::Superseded
        } else if matches!(flags.kind(), DocumentKind::Inpatient) {
            Disposition::Inpatient
        } else if flags.material() {
            Disposition::Material
        } else {
            Disposition::Active
        };
        bits += 1;
        rest = behind;
    }
    table
}

/// A check day and a policy, as far as they decide about rows: read once, not for every row.
#[derive(Clone, Copy, Debug)]
struct Measure<'a> {
    as_of: Day,
    policy: &'a Policy,
    look_back_days: i32,
    refill_exempt: bool,
    drops_expired: bool,
}

impl<'a> Measure<'a> {
    fn of(as_of: Day, policy: &'a Policy) -> Self {
        Self {
            as_of,
            policy,
            look_back_days: span(policy.look_back_days),
            refill_exempt: policy.refill_exempt,
            drops_expired: policy.expired_prescriptions == ExpiredPrescriptions::Drop,
        }
    }

    /// The disposition of a record as far as day and supply of its row say, and how many days ago
    /// its period ended.
    #[inline]
    fn by_days(&self, row: Row, flags: RowFlags) -> Result<(Disposition, i32), FormatError> {
        let age = self.as_of.days_since(row.basis_day());
        // Most periods are written in their row.
        let days = match Supply::literal_days(row.supply_bits()) {
            Some(days) => days,
            None => records::supply(row)?.period(self.policy).days,
        };
        let ended_ago = age - span(days) + 1;
        let expired = self.drops_expired
            && flags.kind() == DocumentKind::Prescription
            && age >= PRESCRIPTION_VALID_DAYS;
        let exempt = flags.refill() && self.refill_exempt;
        // From the last to the first, so that the first that holds stays. Nobody can foretell which
        // it is, so a processor does better without branches.
        let mut found = Disposition::Active;
        let mut set = |holds: bool, disposition: Disposition| {
            found = if holds { disposition } else { found };
        };
        set(ended_ago > 0 || expired, Disposition::Ended);
        set(age > self.look_back_days && !exempt, Disposition::OutsideWindow);
        set(age < 0, Disposition::Future);
        Ok((found, ended_ago))
    }
}

impl Records<'_> {
    /// Judges every record, looking twice only at those that could matter.
    pub(crate) fn judge(
        &self,
        interest: &Interest,
        breadth: Breadth,
    ) -> Result<Judged, FormatError> {
        let everything = breadth == Breadth::EveryRecord;
        let policy = self.asked.policy;
        let measure = Measure::of(self.asked.as_of, policy);
        let mut judged = Judged::default();
        let mut drugs = Interest::new(if everything { self.view.knowledge().drugs() } else { 0 });
        for (position, row) in self.rows().iter().enumerate() {
            let (mut found, ended_ago) = self.by_row(&measure, position, *row)?;
            // Most records have ended. Nothing more is asked of those but to be counted.
            let washes = found == Disposition::Ended && policy.washout;
            if found == Disposition::Active || washes {
                let matters = (position, *row, found, ended_ago);
                let weighed = self.weigh(matters, interest, everything, &mut judged, &mut drugs)?;
                let Some(weighed) = weighed else { continue };
                found = weighed;
            } else if !everything {
                continue;
            } else if found > Disposition::NotCovered
                && self.view.class(row.code())? == CodeClass::SometimesCovered
                && !self.is_covered(self.view.code(row.code())?, *row)
            {
                found = Disposition::NotCovered;
            }
            if everything {
                if let Some(count) = judged.counted.dispositions.get_mut(found.rank()) {
                    *count += 1;
                }
                if found == Disposition::OutsideWindow && policy.explain_blind_spots {
                    judged.counted.outside_window.push(position);
                }
            }
        }
        Ok(judged)
    }

    /// Weighs a record that counts by its row, or that ended not long ago: notes it where it matters
    /// and tells its disposition, or nothing of one that touches nothing and is not counted.
    fn weigh(
        &self,
        (position, row, mut found, ended_ago): (usize, Row, Disposition, i32),
        interest: &Interest,
        everything: bool,
        judged: &mut Judged,
        drugs: &mut Interest,
    ) -> Result<Option<Disposition>, FormatError> {
        let code = self.view.code(row.code())?;
        if !self.is_covered(code, row) {
            return Ok(Some(Disposition::NotCovered));
        }
        let substances = self.view.substances(code);
        let resolved = is_resolved(code, substances);
        let touches = resolved && interest.touches(substances);
        if resolved && !touches && !everything {
            return Ok(None);
        }
        if found == Disposition::Active {
            found = self.by_asker(position, resolved)?;
        }
        if found == Disposition::Unresolved {
            judged.unresolved.push(position);
        } else if found == Disposition::Active {
            if touches {
                if self.asked.tells && judged.touching.is_empty() {
                    self.prefetch_evidence();
                }
                judged.touching.push(position);
            }
            if everything {
                let counted = &mut judged.counted;
                counted.active_drugs += u32::from(drugs.insert(code.drug.place()));
                if records::supply(row)?.warning().is_some() {
                    counted.odd.push(position);
                }
            }
        } else if found == Disposition::Ended && touches {
            let washout = i32::from(self.view.knowledge().washout_days_max());
            if (1..=washout).contains(&ended_ago) {
                judged.washed_out.push((position, ended_ago));
            }
        }
        Ok(Some(found))
    }

    /// The disposition of every record, in their order.
    pub(crate) fn dispositions(&self) -> Result<Vec<Disposition>, FormatError> {
        let measure = Measure::of(self.asked.as_of, self.asked.policy);
        let rows = self.rows().iter().enumerate();
        rows.map(|(position, row)| {
            let code = self.view.code(row.code())?;
            let (found, _) = self.by_row(&measure, position, *row)?;
            if found > Disposition::NotCovered && !self.is_covered(code, *row) {
                return Ok(Disposition::NotCovered);
            }
            if found != Disposition::Active {
                return Ok(found);
            }
            self.by_asker(position, is_resolved(code, self.view.substances(code)))
        })
        .collect()
    }

    /// The disposition of a record as far as its row alone says, which its code may still make
    /// `not_covered`, and how many days ago its period ended.
    #[inline]
    fn by_row(
        &self,
        measure: &Measure<'_>,
        position: usize,
        row: Row,
    ) -> Result<(Disposition, i32), FormatError> {
        let mut flags = row.flags();
        if self.is_standing(position) {
            flags = flags.standing();
        }
        let (by_days, ended_ago) = measure.by_days(row, flags)?;
        let by_flags = BY_FLAGS.get(flags.place()).copied();
        // Dispositions are in the order in which the first that holds counts.
        let mut found = by_flags.unwrap_or(Disposition::Active).min(by_days);
        if self.is_of_own_chain(position) {
            found = found.min(Disposition::OwnChain);
        }
        Ok((found, ended_ago))
    }

    /// The disposition of a record that nothing but its asker or its code can keep from counting.
    fn by_asker(&self, position: usize, resolved: bool) -> Result<Disposition, FormatError> {
        Ok(if self.is_own(position)? {
            Disposition::OwnInstitution
        } else if resolved {
            Disposition::Active
        } else {
            Disposition::Unresolved
        })
    }

    fn is_covered(&self, code: &CodeMeaning, row: Row) -> bool {
        code.class != CodeClass::SometimesCovered
            || self.view.meaning(code).is_covered(row.basis_day())
    }
}

/// Whether it is known what a record of that code holds.
fn is_resolved(code: &CodeMeaning, substances: &[u32]) -> bool {
    code.class != CodeClass::Unresolved && !substances.is_empty()
}
