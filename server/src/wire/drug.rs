//! The answers of `GET /v1/drugs`: products, what a code means, and what it must not meet.

mod partners;

use chofuku_engine::code::CodeSystem;
use chofuku_engine::knowledge::{Knowledge, Resolution, tables};
use chofuku_engine::{Day, Index};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::finding::Substance;
use super::or_null;
use super::schema;
use super::snapshot::Snapshot;
use partners::Contraindicated;

/// The answer of a search.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DrugsAnswer<'a> {
    /// The products, by name; no more than `limit`.
    drugs: Vec<Product<'a>>,
}

/// The answer of a lookup by code.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DrugAnswer<'a> {
    /// The system of the code.
    #[schemars(schema_with = "schema::word::<CodeSystem>")]
    system: &'static str,
    /// The code.
    code: &'a str,
    /// How the code came to mean its products (S13).
    #[schemars(schema_with = "schema::word::<Resolution>")]
    resolution: &'static str,
    /// Whether a product that the code means is covered today.
    covered: bool,
    /// The products that the code means.
    products: Vec<Product<'a>>,
    /// The substances that a check takes the code for.
    substances: Vec<Substance<'a>>,
    /// What it must not meet, by pair of ingredients.
    contraindicated: Vec<Contraindicated<'a>>,
    /// What the answer was made from.
    snapshot: Snapshot<'a>,
}

/// A product of the drug table.
#[derive(Debug, Serialize, JsonSchema)]
struct Product<'a> {
    /// Its name.
    name: &'a str,
    /// Other names of it.
    aliases: &'a [String],
    /// Its name in kana, if the table has it.
    kana: Option<&'a str>,
    /// Its codes.
    codes: Vec<ProductCode<'a>>,
    /// Its substances.
    substances: Vec<Substance<'a>>,
    /// The first day of its coverage by insurance; null where the table states none.
    #[serde(serialize_with = "open_end")]
    #[schemars(schema_with = "schema::day_or_null")]
    covered_from: Option<Day>,
    /// The last day of its coverage; null where it is covered still.
    #[serde(serialize_with = "open_end")]
    #[schemars(schema_with = "schema::day_or_null")]
    covered_to: Option<Day>,
    /// Whether it stands for a drug that has no code.
    dummy: bool,
}

/// A code of a product.
#[derive(Debug, Serialize, JsonSchema)]
struct ProductCode<'a> {
    /// The system of the code.
    #[schemars(schema_with = "schema::word::<CodeSystem>")]
    system: &'static str,
    /// The code.
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
        if meaning.products().is_empty() && !is_dummy {
            return None;
        }
        Some(Self {
            system: system.name(),
            code,
            resolution: meaning.resolution.name(),
            covered: !meaning.products().is_empty() && meaning.is_covered(today),
            products: products(knowledge, meaning.products()),
            substances: substances(knowledge, meaning.substances()),
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
