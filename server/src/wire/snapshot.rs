//! What an answer was made from.

use chofuku_engine::{Day, Index};
use schemars::JsonSchema;
use serde::Serialize;

use super::{schema, text};

/// Which tables are in force.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Revisions<'a> {
    /// The generation in force.
    generation: u64,
    /// The revision of the drug table.
    drugs: &'a str,
    /// The revision of the contraindications.
    rules: &'a str,
}

/// With the same snapshot and the same request, the answer is the same, for ever.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Snapshot<'a> {
    /// The generation in force.
    generation: u64,
    /// The last event that it saw.
    event: u64,
    /// The revision of the drug table.
    drugs: &'a str,
    /// The revision of the contraindications.
    rules: &'a str,
    /// The check day.
    #[serde(serialize_with = "text")]
    #[schemars(schema_with = "schema::day")]
    as_of: Day,
}

impl<'a> Revisions<'a> {
    pub(super) fn of(index: &'a Index) -> Self {
        let tables = index.knowledge().tables();
        Self {
            generation: index.manifest().generation,
            drugs: &tables.drugs_revision,
            rules: &tables.rules_revision,
        }
    }
}

impl<'a> Snapshot<'a> {
    pub(super) fn new(index: &'a Index, event: u64, as_of: Day) -> Self {
        let tables = index.knowledge().tables();
        Self {
            generation: index.manifest().generation,
            event,
            drugs: &tables.drugs_revision,
            rules: &tables.rules_revision,
            as_of,
        }
    }
}
