//! The answer of `GET /v1/status`: what runs, on what, how large.

use chofuku_engine::Index;
use schemars::JsonSchema;
use serde::Serialize;

/// The status of a server.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StatusAnswer<'a> {
    /// The version of the server.
    version: &'static str,
    /// The generation in force.
    generation: u64,
    /// The last event that checks see.
    event: u64,
    /// What made the generation.
    made_by: &'a str,
    /// When it was made.
    made_at: &'a str,
    /// The revision of the drug table.
    drugs: &'a str,
    /// The revision of the contraindications.
    rules: &'a str,
    /// How much there is of everything.
    sizes: Sizes,
    /// The files that the generation was made from.
    sources: Vec<Source<'a>>,
    /// The policies that a request can name.
    policies: &'a [String],
}

/// How much a generation holds.
#[derive(Debug, Serialize, JsonSchema)]
struct Sizes {
    /// Patients with a history.
    patients: u64,
    /// Their documents.
    documents: u64,
    /// Their records.
    records: u64,
    /// Products of the drug table.
    products: usize,
    /// Ingredients.
    ingredients: usize,
    /// Contraindications.
    rules: usize,
    /// Institutions with a name.
    institutions: usize,
    /// Bytes of all section files.
    bytes: u64,
}

/// A file that the generation was made from.
#[derive(Debug, Serialize, JsonSchema)]
struct Source<'a> {
    /// The table that it was read as.
    table: &'a str,
    /// The name of the file.
    name: &'a str,
    /// Its rows.
    rows: u64,
}

impl<'a> StatusAnswer<'a> {
    pub(crate) fn new(index: &'a Index, event: u64, policies: &'a [String]) -> Self {
        let (manifest, tables) = (index.manifest(), index.knowledge().tables());
        let sources = manifest.sources.iter();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            generation: manifest.generation,
            event,
            made_by: &manifest.made_by,
            made_at: &manifest.made_at,
            drugs: &tables.drugs_revision,
            rules: &tables.rules_revision,
            sizes: Sizes::of(index),
            sources: sources
                .map(|source| Source {
                    table: &source.table,
                    name: &source.name,
                    rows: source.rows,
                })
                .collect(),
            policies,
        }
    }
}

impl Sizes {
    fn of(index: &Index) -> Self {
        let (history, tables) = (index.history().dictionary(), index.knowledge().tables());
        Self {
            patients: history.patients(),
            documents: history.documents(),
            records: history.records(),
            products: tables.products.len(),
            ingredients: tables.ingredients.len(),
            rules: tables.rules.len(),
            institutions: tables.institutions.len(),
            bytes: index.manifest().sections.iter().map(|section| section.bytes).sum(),
        }
    }
}
