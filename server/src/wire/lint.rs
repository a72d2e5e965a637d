//! The answer of `GET /v1/admin/lint`: what a pharmacist should look at in the tables in force.

use std::collections::BTreeMap;

use chofuku_engine::Index;
use chofuku_loader::lint::{self, Fault, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use super::schema;
use super::snapshot::Revisions;

/// Faults of one kind that are told one by one; the rest are counted.
const EACH_KIND_MAX: usize = 100;

/// The faults of the tables of a generation.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LintAnswer<'a> {
    #[serde(flatten)]
    revisions: Revisions<'a>,
    /// How many there are of each kind, the worst first.
    counts: Vec<OfKind>,
    /// The worst first, at most [`EACH_KIND_MAX`] of a kind.
    faults: Vec<Told>,
}

/// How many faults of a kind there are.
#[derive(Debug, Serialize, JsonSchema)]
struct OfKind {
    /// How bad they are.
    #[schemars(schema_with = "schema::severity")]
    severity: Severity,
    /// A stable word for the kind.
    kind: &'static str,
    /// How many.
    count: usize,
}

/// A fault. Which line it stood on is not in a generation.
#[derive(Debug, Serialize, JsonSchema)]
struct Told {
    /// How bad it is.
    #[schemars(schema_with = "schema::severity")]
    severity: Severity,
    /// A stable word for the kind.
    kind: &'static str,
    /// The canonical table that it is in.
    file: String,
    /// What is wrong, and with what.
    message: String,
}

impl<'a> LintAnswer<'a> {
    pub(crate) fn new(index: &'a Index) -> Self {
        let mut counted: BTreeMap<(Severity, &'static str), usize> = BTreeMap::new();
        let mut faults = Vec::new();
        for Fault { severity, kind, file, message, .. } in
            lint::compiled(index.knowledge().tables())
        {
            let count = counted.entry((severity, kind)).or_default();
            *count += 1;
            if *count <= EACH_KIND_MAX {
                faults.push(Told { severity, kind, file, message });
            }
        }
        let counts = counted.into_iter();
        let counts = counts.map(|((severity, kind), count)| OfKind { severity, kind, count });
        Self { revisions: Revisions::of(index), counts: counts.collect(), faults }
    }
}
