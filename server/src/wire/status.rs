//! The answer of `GET /v1/status`: what runs, on what, how large.

use chofuku_engine::Index;
use serde::Serialize;

/// The status of a server.
#[derive(Debug, Serialize)]
pub(crate) struct StatusAnswer<'a> {
    version: &'static str,
    generation: u64,
    event: u64,
    made_by: &'a str,
    made_at: &'a str,
    drugs: &'a str,
    rules: &'a str,
    sizes: Sizes,
    sources: Vec<Source<'a>>,
    policies: &'a [String],
}

#[derive(Debug, Serialize)]
struct Sizes {
    patients: u64,
    documents: u64,
    records: u64,
    products: usize,
    ingredients: usize,
    rules: usize,
    institutions: usize,
    /// Of all section files.
    bytes: u64,
}

/// A file that the generation was made from.
#[derive(Debug, Serialize)]
struct Source<'a> {
    table: &'a str,
    name: &'a str,
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
