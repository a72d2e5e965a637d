//! A record in words: what evidence tells of a line of the past, and how it was judged.

use std::fmt;

use crate::check::records::Asked;
use crate::code::CodeSystem;
use crate::day::{Day, span};
use crate::error::FormatError;
use crate::history::dictionary::{CodeName, Directions};
use crate::history::document_id::{DocumentId, StoredId};
use crate::history::evidence::{DocumentEvidence, LineEvidence};
use crate::history::row::Row;
use crate::index::CodeMeaning;
use crate::int;
use crate::knowledge::Resolution;
use crate::period::{DaysFrom, Form, Period};
use crate::view::View;

/// What becomes of a record. Each has exactly one: the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// Its document is cancelled or replaced.
    Cancelled,
    /// A prescription whose dispensing result counts in its place.
    Superseded,
    /// Of the prescription that is in hand.
    OwnChain,
    /// Given to an inpatient.
    Inpatient,
    /// Not a drug.
    Material,
    /// Not covered by insurance on its basis day.
    NotCovered,
    /// Dated after the check day.
    Future,
    /// Beyond the look-back window and no refill.
    OutsideWindow,
    /// No longer taken.
    Ended,
    /// Of the asking institution itself.
    OwnInstitution,
    /// Of a code that nothing is known of.
    Unresolved,
    /// Being taken.
    Active,
}

impl Disposition {
    /// Every disposition, in order.
    pub const ALL: [Self; 12] = [
        Self::Cancelled,
        Self::Superseded,
        Self::OwnChain,
        Self::Inpatient,
        Self::Material,
        Self::NotCovered,
        Self::Future,
        Self::OutsideWindow,
        Self::Ended,
        Self::OwnInstitution,
        Self::Unresolved,
        Self::Active,
    ];

    /// Its place in [`Disposition::ALL`].
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::Cancelled => 0,
            Self::Superseded => 1,
            Self::OwnChain => 2,
            Self::Inpatient => 3,
            Self::Material => 4,
            Self::NotCovered => 5,
            Self::Future => 6,
            Self::OutsideWindow => 7,
            Self::Ended => 8,
            Self::OwnInstitution => 9,
            Self::Unresolved => 10,
            Self::Active => 11,
        }
    }

    /// The disposition of a rank.
    pub(crate) fn of_rank(rank: u32) -> Self {
        Self::ALL.get(int::to_usize(rank)).copied().unwrap_or(Self::Active)
    }

    /// The word used in answers.
    pub const fn name(self) -> &'static str {
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

/// A record, with everything that may be told of it.
///
/// It points to its texts, and reads them when they are asked for: whoever writes an answer reads
/// each of them once, and whoever counts reads none.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// `dispensed`, `prescribed` or `in_house`.
    pub basis: &'static str,
    /// The basis day (S1).
    pub basis_day: Day,
    /// Days of its period.
    pub days: u16,
    /// Where the days came from.
    pub days_from: DaysFrom,
    /// The last day of its period (S2).
    pub end_day: Day,
    /// Whether it counts only because refills are exempt from the window.
    pub refill_exempt: bool,
    /// RP number.
    pub rp: u32,
    view: View<'a>,
    document: StoredId<'a>,
    code: &'a CodeName,
    meaning: &'a CodeMeaning,
    directions: &'a Directions,
    /// Ordinals + 1; 0 for none.
    quantity: u32,
    institution: u32,
    pharmacy: u32,
}

impl<'a> Record<'a> {
    /// The record of a row, a line and a document that belong together.
    pub(crate) fn new(
        view: View<'a>,
        asked: &Asked<'_>,
        row: Row,
        period: Period,
        document: &DocumentEvidence<'a>,
        line: &LineEvidence,
    ) -> Result<Self, FormatError> {
        let flags = row.flags();
        let age = asked.as_of.days_since(row.basis_day());
        Ok(Self {
            basis: flags.kind().basis(),
            basis_day: row.basis_day(),
            days: period.days,
            days_from: period.from,
            end_day: period.last_day(row.basis_day()),
            refill_exempt: flags.refill()
                && asked.policy.refill_exempt
                && age > span(asked.policy.look_back_days),
            rp: line.rp,
            view,
            document: document.id,
            code: view.code_name(row.code()).ok_or_else(|| truncated("history-rows", "row"))?,
            meaning: view.code(row.code())?,
            directions: view
                .directions(line.directions)
                .ok_or_else(|| truncated("history-evidence", "line"))?,
            quantity: line.quantity,
            institution: document.institution,
            pharmacy: document.pharmacy,
        })
    }

    /// The document's id.
    pub fn document(&self) -> DocumentId<'a> {
        self.document.unpack()
    }

    /// The system of its code.
    pub fn system(&self) -> CodeSystem {
        self.code.system
    }

    /// Its code.
    pub fn code(&self) -> &'a str {
        &self.code.code
    }

    /// Its name: as written, else the product's. A stand-in's would be another drug's.
    pub fn name(&self) -> Option<&'a str> {
        if !self.code.name.is_empty() {
            return Some(&self.code.name);
        }
        let meaning = self.view.meaning(self.meaning);
        match meaning.resolution {
            Resolution::Exact | Resolution::Dummy => not_empty(meaning.name()),
            Resolution::First9 | Resolution::Yj7 | Resolution::Unknown => None,
        }
    }

    /// How its code was resolved.
    pub fn resolution(&self) -> &'static str {
        self.view.meaning(self.meaning).resolution.name()
    }

    /// Dosage form.
    pub fn form(&self) -> Form {
        self.directions.form
    }

    /// The quantity as written.
    pub fn quantity(&self) -> Option<&'a str> {
        self.view.quantity(self.quantity).and_then(not_empty)
    }

    /// The usage code.
    pub fn usage(&self) -> Option<&'a str> {
        not_empty(&self.directions.usage)
    }

    /// The usage in words, if the table knows its code.
    pub fn usage_text(&self) -> Option<&'a str> {
        self.view.knowledge().usage(&self.directions.usage, self.basis_day)
    }

    /// Who issued it.
    pub fn institution(&self) -> Option<Institution<'a>> {
        self.view.institution(self.institution)
    }

    /// Who dispensed it.
    pub fn pharmacy(&self) -> Option<Institution<'a>> {
        self.view.institution(self.pharmacy)
    }

    /// What identifies its document, still packed.
    pub(crate) fn stored_document(&self) -> StoredId<'a> {
        self.document
    }

    /// Numbers of who issued and who dispensed it; 0 for nobody.
    pub(crate) fn institution_numbers(&self) -> (u32, u32) {
        (self.institution, self.pharmacy)
    }
}

fn not_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cold]
fn truncated(section: &'static str, what: &'static str) -> FormatError {
    FormatError::Truncated { section, what }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("document", &self.document())
            .field("basis", &self.basis)
            .field("basis_day", &self.basis_day)
            .field("days", &self.days)
            .field("days_from", &self.days_from)
            .field("end_day", &self.end_day)
            .field("refill_exempt", &self.refill_exempt)
            .field("system", &self.system())
            .field("code", &self.code())
            .field("name", &self.name())
            .field("resolution", &self.resolution())
            .field("form", &self.form())
            .field("quantity", &self.quantity())
            .field("usage", &self.usage())
            .field("rp", &self.rp)
            .field("institution", &self.institution())
            .field("pharmacy", &self.pharmacy())
            .finish()
    }
}

/// A medical institution or pharmacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Institution<'a> {
    /// Ten digits.
    pub code: &'a str,
    /// The name, if the table knows it.
    pub name: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_places() {
        for (disposition, rank) in Disposition::ALL.into_iter().zip(0..) {
            assert_eq!(disposition.rank(), rank);
            assert_eq!(Disposition::of_rank(rank.into()), disposition);
        }
    }
}
