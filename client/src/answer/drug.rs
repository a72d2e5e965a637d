//! What the tables know of drugs.

use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::finding::{Rule, Substance};
use super::record::Resolution;
use crate::request::CodeSystem;

/// The answer of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DrugsAnswer {
    /// The products.
    pub drugs: Vec<Product>,
}

/// A product of the drug table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// Its name in kana.
    pub kana: Option<String>,
    /// Its codes.
    pub codes: Vec<ProductCode>,
    /// Its substances.
    pub substances: Vec<Substance>,
    /// The first day of its coverage, if the table states one.
    pub covered_from: Option<String>,
    /// The last day of its coverage, if it is over or its end is known.
    pub covered_to: Option<String>,
    /// Whether it stands for a drug that has no code.
    pub dummy: bool,
}

/// A code of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProductCode {
    /// The system.
    pub system: CodeSystem,
    /// The code.
    pub code: String,
}

/// What a code means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DrugAnswer {
    /// The system of the code.
    pub system: CodeSystem,
    /// The code.
    pub code: String,
    /// How it came to mean its products.
    pub resolution: Resolution,
    /// Whether a product of it is covered today.
    pub covered: bool,
    /// The products.
    pub products: Vec<Product>,
    /// The substances.
    pub substances: Vec<Substance>,
    /// What it must not meet.
    pub contraindicated: Vec<Contraindicated>,
    /// What the answer was made from.
    pub snapshot: Snapshot,
}

/// An ingredient of a drug and one that it must not meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contraindicated {
    /// The ingredient of the drug.
    pub ingredient: Substance,
    /// What it must not meet.
    pub partner: Substance,
    /// The rules that say so.
    pub rules: Vec<PartnerRule>,
}

/// A rule, and to which products of the partner it is narrowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartnerRule {
    /// What an insert states.
    #[serde(flatten)]
    pub rule: Rule,
    /// Beginnings of the codes to which the partner is narrowed.
    pub partner_only: Vec<String>,
    /// Beginnings of the codes that are excepted.
    pub partner_except: Vec<String>,
}
