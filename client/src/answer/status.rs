//! What a server runs on.

use serde::{Deserialize, Serialize};

/// The status of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// The version of the server.
    pub version: String,
    /// The generation in force.
    pub generation: u64,
    /// The last event that checks see.
    pub event: u64,
    /// What made the generation.
    pub made_by: String,
    /// When it was made.
    pub made_at: String,
    /// The revision of the drug table.
    pub drugs: String,
    /// The revision of the contraindications.
    pub rules: String,
    /// How much there is of everything.
    pub sizes: Sizes,
    /// The files that the generation was made from.
    pub sources: Vec<Source>,
    /// The policies that a request can name.
    pub policies: Vec<String>,
}

/// How much a generation holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sizes {
    /// Patients with a history.
    pub patients: u64,
    /// Their documents.
    pub documents: u64,
    /// Their records.
    pub records: u64,
    /// Products of the drug table.
    pub products: u64,
    /// Ingredients.
    pub ingredients: u64,
    /// Contraindications.
    pub rules: u64,
    /// Institutions with a name.
    pub institutions: u64,
    /// Bytes of all section files.
    pub bytes: u64,
}

/// A file that a generation was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Source {
    /// The table that it was read as.
    pub table: String,
    /// The name of the file.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}
