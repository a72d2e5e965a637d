//! Drug history of the online eligibility check (オンライン資格確認 薬剤情報, YZK): three trees side by
//! side, of claims, of electronic dispensing and of electronic prescriptions.
//!
//! The XML declares `Shift_JIS`, which XML parsers refuse: the bytes are decoded first (see
//! [`decode`](crate::decode)) and the declaration is then not looked at. Elements are known by their
//! local names, whatever their namespace and the root (`XmlMsg`, `Message`). Nothing is expanded but the five predefined
//! entities and character references.
//!
//! Each day block of each tree is one document:
//!
//! | of a document | claims | e-dispensing | e-prescription |
//! |---|---|---|---|
//! | basis day (S1) | `DiDate` | `CzDiDate` | `ShPrDate` |
//! | prescriber | `PrlsHCd`, `PrlsHNm` | `Cz…` | `ShPrHCd`, `ShPrHNm` |
//! | dispenser | `MeTrDiHCd`, `MeTrDiHNm` | `Cz…` | none |
//!
//! **Kind.** `InOut` (`CzPrCl`, `ShPrCl`) is 1 in-house (院内) or 2 outside (院外); the public sources
//! do not say whether 1 may also be a stay in hospital. So the dispenser's own code decides where
//! there is one: point table 4 is a pharmacy, and its block a dispensing result; any other is an
//! institution that dispensed itself, and its block an in-house document, which counts like a
//! dispensing. Only without a code does `InOut` decide. A stay in hospital is thus counted, never
//! dropped on a guess.
//!
//! **Precedence.** One event may stand in all three trees, and every e-prescription would be its own
//! duplicate. A weaker block (claims > dispensing > prescription) of the same institution and day is
//! returned as [`Entry::superseded`] by the stronger. The institution of a block is its prescriber,
//! else its dispenser; the stronger may have it as either. A prescription is also superseded by a
//! dispensing that names its day as `PrDate`, for dispensing may come days later.
//!
//! **Days.** Only a whole day is one. A block with a month alone (`MeTrMonth`) has no day, which is
//! reported; it neither supersedes nor is superseded. An in-house block without `DiDate` has its
//! `PrDate`, with a report.
//!
//! **Lines.** The code is a receipt code (9 digits); 21, 22, 23 are oral, as needed and external;
//! `Times` is days, doses or times as the form says. The trees state no RP: each drug is one.

mod element;
mod parse;
mod precedence;

use std::borrow::Cow;

use thiserror::Error;

use crate::document::Document;
use crate::report::Report;
use crate::text::Decoded;

/// The source of a block, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Claims (レセプト): late, and final.
    Claims,
    /// Electronic dispensing results (電子処方箋 調剤情報).
    Dispensing,
    /// Electronic prescriptions (電子処方箋 処方情報).
    Prescription,
}

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugHistory<'t> {
    /// Whose it is, as the header says.
    pub person: Person<'t>,
    /// Every day block of every tree, in the order of the file.
    pub entries: Vec<Entry<'t>>,
    /// Every deviation.
    pub report: Report,
}

/// The person of the header (`QuaInf`); it carries no insured identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person<'t> {
    /// 氏名.
    pub name: Cow<'t, str>,
    /// 氏名カナ.
    pub kana: Cow<'t, str>,
    /// 生年月日 as written.
    pub birth: Cow<'t, str>,
    /// 性別 as written.
    pub sex: Cow<'t, str>,
}

/// One day block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'t> {
    /// The document; without patient, whom the caller knows.
    pub document: Document<'t>,
    /// Its source.
    pub tree: Tree,
    /// The stronger block of the same event, which counts in its place.
    pub superseded: Option<Superseded>,
}

/// By what a block is superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// The position of the stronger block in [`DrugHistory::entries`].
    pub by: usize,
    /// The source of the stronger block.
    pub tree: Tree,
    /// What the two have in common.
    pub reason: SameEvent,
}

/// Why two blocks are one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameEvent {
    /// The same institution on the same day.
    InstitutionAndDay,
    /// The same institution, and the prescription day that the stronger names.
    InstitutionAndPrescriptionDay,
}

/// A text that is not this format.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DrugHistoryError {
    /// There is no element at all.
    #[error(
        "{file} is not XML; give the drug information (薬剤情報) of the online eligibility check"
    )]
    NotXml {
        /// The file.
        file: String,
    },
    /// It is XML of something else.
    #[error("{file} begins with <{found}>, not with <XmlMsg> or <Message>")]
    Root {
        /// The file.
        file: String,
        /// The root element.
        found: String,
    },
}

/// Reads one file.
///
/// # Errors
///
/// It is not XML, or its root is not that of a message.
pub fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<DrugHistory<'t>, DrugHistoryError> {
    let (mut history, keys) = parse::parse(file, decoded)?;
    precedence::mark(&mut history.entries, &keys);
    Ok(history)
}
