//! The answers of `GET /v1/drugs`: products, what a code means, and what it must not meet.

mod partners;

use chofuku_engine::code::CodeSystem;
use chofuku_engine::knowledge::{Knowledge, tables};
use chofuku_engine::{Day, Index};
use serde::{Serialize, Serializer};

use super::finding::Substance;
use super::or_null;
use super::snapshot::Snapshot;
use partners::Contraindicated;

/// The answer of a search.
#[derive(Debug, Serialize)]
pub(crate) struct DrugsAnswer<'a> {
    drugs: Vec<Product<'a>>,
}

/// The answer of a lookup by code.
#[derive(Debug, Serialize)]
pub(crate) struct DrugAnswer<'a> {
    system: &'static str,
    code: &'a str,
    resolution: &'static str,
    /// Whether a product that the code means is covered today.
    covered: bool,
    products: Vec<Product<'a>>,
    substances: Vec<Substance<'a>>,
    contraindicated: Vec<Contraindicated<'a>>,
    snapshot: Snapshot<'a>,
}

/// A product of the drug table.
#[derive(Debug, Serialize)]
struct Product<'a> {
    name: &'a str,
    aliases: &'a [String],
    kana: Option<&'a str>,
    codes: Vec<ProductCode<'a>>,
    substances: Vec<Substance<'a>>,
    #[serde(serialize_with = "open_end")]
    covered_from: Option<Day>,
    #[serde(serialize_with = "open_end")]
    covered_to: Option<Day>,
    dummy: bool,
}

#[derive(Debug, Serialize)]
struct ProductCode<'a> {
    system: &'static str,
    code: &'a str,
}

impl<'a> DrugsAnswer<'a> {
    /// The products with a name that begins with `query`, at most `limit`.
    pub(crate) fn new(index: &'a Index, query: &str, limit: usize) -> Self {
        let knowledge = index.knowledge();
        Self { drugs: products(knowledge, &knowledge.search(query, limit)) }
    }
}

impl<'a> DrugAnswer<'a> {
    /// What a code means; `None` where nothing is known of it.
    pub(crate) fn new(
        index: &'a Index,
        event: u64,
        system: CodeSystem,
        code: &'a str,
        today: Day,
    ) -> Option<Self> {
        let knowledge = index.knowledge();
        let meaning = knowledge.resolve(system, code);
        let is_dummy = chofuku_engine::code::is_fixed_dummy(code);
        if meaning.products.is_empty() && !is_dummy {
            return None;
        }
        Some(Self {
            system: system.name(),
            code,
            resolution: meaning.resolution.name(),
            covered: !meaning.products.is_empty() && meaning.is_covered(today),
            products: products(knowledge, meaning.products),
            substances: substances(knowledge, meaning.substances),
            contraindicated: partners::of(knowledge, &meaning, code, today),
            snapshot: Snapshot::new(index, event, today),
        })
    }
}

fn products<'a>(knowledge: &'a Knowledge, ordinals: &[u32]) -> Vec<Product<'a>> {
    let known = ordinals.iter().filter_map(|ordinal| knowledge.product(*ordinal));
    known.map(|product| Product::new(knowledge, product)).collect()
}

fn substances<'a>(knowledge: &'a Knowledge, ordinals: &[u32]) -> Vec<Substance<'a>> {
    let known = ordinals.iter().filter_map(|ordinal| knowledge.substance(*ordinal));
    known.map(|name| Substance::named(name.ingredient, name.route.to_owned())).collect()
}

impl<'a> Product<'a> {
    fn new(knowledge: &'a Knowledge, product: &'a tables::Product) -> Self {
        let codes = product.codes.iter();
        Self {
            name: &product.name,
            aliases: &product.aliases,
            kana: or_null(&product.kana),
            codes: codes
                .map(|(system, code)| ProductCode { system: system.name(), code })
                .collect(),
            substances: substances(knowledge, &product.substances),
            covered_from: product.covered_from.map(Day::from_number),
            covered_to: product.covered_to.map(Day::from_number),
            dummy: product.dummy,
        }
    }
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a field by reference"
)]
fn open_end<S: Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}
