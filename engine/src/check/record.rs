//! A record in words: what evidence tells of a line of the past, and how it was judged.

use crate::code::CodeSystem;
use crate::day::Day;
use crate::history::document_id::DocumentId;
use crate::period::{DaysFrom, Form};

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
    pub(crate) const fn rank(self) -> usize {
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
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The document's id.
    pub document: DocumentId<'a>,
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
    /// The system of its code.
    pub system: CodeSystem,
    /// Its code.
    pub code: &'a str,
    /// Its name: as written, else the product's.
    pub name: Option<&'a str>,
    /// How its code was resolved.
    pub resolution: &'static str,
    /// Dosage form.
    pub form: Form,
    /// The quantity as written.
    pub quantity: Option<&'a str>,
    /// The usage code.
    pub usage: Option<&'a str>,
    /// RP number.
    pub rp: u32,
    /// Who issued it.
    pub institution: Option<Institution<'a>>,
    /// Who dispensed it.
    pub pharmacy: Option<Institution<'a>>,
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
        let ranks: Vec<_> = Disposition::ALL.into_iter().map(Disposition::rank).collect();
        assert_eq!(ranks, (0..Disposition::ALL.len()).collect::<Vec<_>>());
    }
}
