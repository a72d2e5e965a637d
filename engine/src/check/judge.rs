//! What becomes of each record of a patient, and which of them a finding can rest on.

use crate::check::interest::Interest;
use crate::check::measure::{self, Measure};
use crate::check::record::Disposition;
use crate::check::records::{self, Records};
use crate::error::FormatError;
use crate::history::row::Row;
use crate::index::{CodeClass, CodeMeaning};

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
        match breadth {
            Breadth::WhatTouches => self.judge_all::<false>(interest),
            Breadth::EveryRecord => self.judge_all::<true>(interest),
        }
    }

    /// Judges every record; with `COUNTS`, so that all of them are counted as well.
    fn judge_all<const COUNTS: bool>(&self, interest: &Interest) -> Result<Judged, FormatError> {
        let policy = self.asked.policy;
        let notes_unseen = COUNTS && policy.explain_blind_spots;
        let mut judged = Judged::default();
        let mut drugs = Interest::new(if COUNTS { self.view.knowledge().drugs() } else { 0 });
        self.measure(|position, row, mut found, ended_ago| {
            // Most records have ended. Nothing more is asked of those but to be counted.
            let washes = found == Disposition::Ended && policy.washout;
            if found == Disposition::Active || washes {
                let matters = (position, row, found, ended_ago);
                let weighed = self.weigh(matters, interest, COUNTS, &mut judged, &mut drugs)?;
                let Some(weighed) = weighed else { return Ok(()) };
                found = weighed;
            } else if !COUNTS {
                return Ok(());
            } else if self.is_never_covered(found, row)? {
                found = Disposition::NotCovered;
            }
            if COUNTS {
                if let Some(count) = judged.counted.dispositions.get_mut(usize::from(found.rank()))
                {
                    *count += 1;
                }
                if notes_unseen && found == Disposition::OutsideWindow {
                    judged.counted.outside_window.push(position);
                }
            }
            Ok(())
        })?;
        Ok(judged)
    }

    /// Shows every record with its disposition as far as its row alone says, which its code may still
    /// make `not_covered`, and how many days ago its period ended.
    #[inline]
    fn measure(
        &self,
        mut seen: impl FnMut(usize, Row, Disposition, i32) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let measure = Measure::of(self.asked.as_of, self.asked.policy);
        let (blocks, rest) = self.rows().as_chunks::<{ measure::ROWS }>();
        let mut last = [Row::FILLER; measure::ROWS];
        for (place, row) in last.iter_mut().zip(rest) {
            *place = *row;
        }
        let last = (!rest.is_empty()).then_some((&last, rest.len()));
        let blocks = blocks.iter().map(|rows| (rows, measure::ROWS)).chain(last);
        let (in_replay, has_own_chain) = (!self.standing.is_empty(), !self.own_chain.is_empty());
        let mut position = 0;
        for (rows, count) in blocks {
            let measured = if in_replay {
                measure.rows(&self.as_then(position, rows))?
            } else {
                measure.rows(rows)?
            };
            let of_rows = measured.ranks.iter().zip(&measured.ended_ago);
            for (row, (rank, ended_ago)) in rows.iter().zip(of_rows).take(count) {
                let mut found = Disposition::of_rank(*rank);
                if has_own_chain && self.is_of_own_chain(position) {
                    found = found.min(Disposition::OwnChain);
                }
                seen(position, *row, found, *ended_ago)?;
                position += 1;
            }
        }
        Ok(())
    }

    /// Rows from a position on as they were then: what supersedes some of them was not there yet.
    fn as_then(&self, first: usize, rows: &[Row; measure::ROWS]) -> [Row; measure::ROWS] {
        let mut rows = *rows;
        for (row, position) in rows.iter_mut().zip(first..) {
            if self.is_standing(position) {
                *row = row.standing();
            }
        }
        rows
    }

    /// Weighs a record that counts by its row, or that ended not long ago: notes it where it matters
    /// and tells its disposition, or nothing of one that touches nothing and is not counted.
    #[inline]
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
                if records::supply_warning(row)?.is_some() {
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
        let mut all = Vec::with_capacity(self.rows().len());
        self.measure(|position, row, found, _| {
            all.push(if self.is_never_covered(found, row)? {
                Disposition::NotCovered
            } else if found == Disposition::Active {
                let code = self.view.code(row.code())?;
                self.by_asker(position, is_resolved(code, self.view.substances(code)))?
            } else {
                found
            });
            Ok(())
        })?;
        Ok(all)
    }

    /// Whether a record of which its row says no more than that is of a code that was not covered.
    #[inline]
    fn is_never_covered(&self, found: Disposition, row: Row) -> Result<bool, FormatError> {
        if found <= Disposition::NotCovered || self.view.is_always_covered(row.code()) {
            return Ok(false);
        }
        Ok(!self.is_covered(self.view.code(row.code())?, row))
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
