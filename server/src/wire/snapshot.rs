//! What an answer was made from.

use chofuku_engine::{Day, Index};
use serde::Serialize;

use super::text;

/// Which tables are in force.
#[derive(Debug, Serialize)]
pub(super) struct Revisions<'a> {
    generation: u64,
    drugs: &'a str,
    rules: &'a str,
}

/// With the same snapshot and the same request, the answer is the same, for ever.
#[derive(Debug, Serialize)]
pub(super) struct Snapshot<'a> {
    generation: u64,
    event: u64,
    drugs: &'a str,
    rules: &'a str,
    #[serde(serialize_with = "text")]
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
