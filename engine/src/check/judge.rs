//! What becomes of each record of a patient, and which of them a finding can rest on.

use crate::check::interest::Interest;
use crate::check::record::Disposition;
use crate::check::records::{self, Records};
use crate::day::span;
use crate::document::DocumentKind;
use crate::error::FormatError;
use crate::history::row::Row;
use crate::index::{CodeClass, CodeMeaning};
use crate::period::Supply;
use crate::policy::ExpiredPrescriptions;

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

impl Records<'_> {
    /// Judges every record, looking twice only at those that could matter.
    pub(crate) fn judge(
        &self,
        interest: &Interest,
        breadth: Breadth,
    ) -> Result<Judged, FormatError> {
        let everything = breadth == Breadth::EveryRecord;
        let policy = self.asked.policy;
        let mut judged = Judged::default();
        let counted = &mut judged.counted;
        let mut drugs = Interest::new(if everything { self.view.knowledge().drugs() } else { 0 });
        for (position, row) in self.rows().iter().enumerate() {
            let (mut found, ended_ago) = self.by_row(position, *row)?;
            // Most records have ended. Nothing more is asked of those but to be counted.
            let washes = found == Disposition::Ended && policy.washout;
            if found != Disposition::Active && !washes && !everything {
                continue;
            }
            let code = self.view.code(row.code())?;
            if found > Disposition::NotCovered && !self.is_covered(code, *row) {
                found = Disposition::NotCovered;
            }
            if found == Disposition::Active || washes {
                let substances = self.view.substances(code);
                let resolved = is_resolved(code, substances);
                let touches = resolved && interest.touches(substances);
                if resolved && !touches && !everything {
                    continue;
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
                        let drug = code.drug.place();
                        counted.active_drugs += u32::from(drugs.insert(drug));
                        if records::supply(*row)?.warning().is_some() {
                            counted.odd.push(position);
                        }
                    }
                } else if found == Disposition::Ended && touches {
                    let washout = i32::from(self.view.knowledge().washout_days_max());
                    if (1..=washout).contains(&ended_ago) {
                        judged.washed_out.push((position, ended_ago));
                    }
                }
            }
            if everything {
                if let Some(count) = counted.dispositions.get_mut(found.rank()) {
                    *count += 1;
                }
                if found == Disposition::OutsideWindow && policy.explain_blind_spots {
                    counted.outside_window.push(position);
                }
            }
        }
        Ok(judged)
    }

    /// The disposition of every record, in their order.
    pub(crate) fn dispositions(&self) -> Result<Vec<Disposition>, FormatError> {
        let rows = self.rows().iter().enumerate();
        rows.map(|(position, row)| {
            let code = self.view.code(row.code())?;
            let (found, _) = self.by_row(position, *row)?;
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
    fn by_row(&self, position: usize, row: Row) -> Result<(Disposition, i32), FormatError> {
        let flags = row.flags();
        let policy = self.asked.policy;
        let age = self.asked.as_of.days_since(row.basis_day());
        let ended_ago = age - span(self.days(row)?) + 1;
        let exempt = flags.refill() && policy.refill_exempt;
        let expired = policy.expired_prescriptions == ExpiredPrescriptions::Drop
            && flags.kind() == DocumentKind::Prescription
            && age >= PRESCRIPTION_VALID_DAYS;
        // From the last to the first, so that the first that holds stays. Nobody can foretell which
        // it is, so a processor does better without branches.
        let mut found = Disposition::Active;
        let mut set = |holds: bool, disposition: Disposition| {
            found = if holds { disposition } else { found };
        };
        set(ended_ago > 0 || expired, Disposition::Ended);
        set(age > span(policy.look_back_days) && !exempt, Disposition::OutsideWindow);
        set(age < 0, Disposition::Future);
        set(flags.material(), Disposition::Material);
        set(flags.kind() == DocumentKind::Inpatient, Disposition::Inpatient);
        set(self.is_of_own_chain(position), Disposition::OwnChain);
        set(flags.superseded() && !self.is_standing(position), Disposition::Superseded);
        set(flags.cancelled(), Disposition::Cancelled);
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

    /// The days of a record's period. Most are written in its row.
    #[inline]
    fn days(&self, row: Row) -> Result<u16, FormatError> {
        match Supply::literal_days(row.supply_bits()) {
            Some(days) => Ok(days),
            None => Ok(records::supply(row)?.period(self.asked.policy).days),
        }
    }
}

/// Whether it is known what a record of that code holds.
fn is_resolved(code: &CodeMeaning, substances: &[u32]) -> bool {
    code.class != CodeClass::Unresolved && !substances.is_empty()
}
