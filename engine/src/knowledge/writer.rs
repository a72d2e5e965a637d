//! Typed tables to the sections of knowledge.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use fst::MapBuilder;

use crate::code::CodeSystem;
use crate::format::codec::{self, EncodeError};
use crate::format::section::{SectionId, SectionWriter};
use crate::int;
use crate::knowledge::open::section_of;
use crate::knowledge::tables::{CodeEntry, Product, Tables};
use crate::name;

/// Why knowledge cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file cannot be written.
    #[error("a knowledge section cannot be written")]
    Io(#[from] io::Error),
    /// The tables cannot be encoded.
    #[error("the tables cannot be encoded")]
    Tables(#[from] EncodeError),
    /// An fst cannot be built.
    #[error("an fst cannot be built")]
    Fst(#[from] fst::Error),
}

/// Writes the sections of knowledge. `tables.entries` and `tables.name_postings` are made here.
///
/// # Errors
///
/// When a file cannot be written or synced.
pub fn write(directory: &Path, mut tables: Tables) -> Result<(), WriteError> {
    tables.entries.clear();
    for system in CodeSystem::ALL {
        let codes = products_by_code(&tables.products, system);
        let entry = |products: &BTreeSet<u32>| claimed(products, &tables.products);
        let entries = codes.iter().map(|(code, products)| (code.as_str(), entry(products)));
        let map = index(entries.collect(), &mut tables.entries)?;
        SectionWriter::write_whole(directory, section_of(system), &map)?;
    }
    let prefixes = products_by_prefix(&tables.products);
    let entry = |products: &BTreeSet<u32>| stand_in(products, &tables.products);
    let entries = prefixes.iter().map(|(prefix, products)| (prefix.as_str(), entry(products)));
    let map = index(entries.collect(), &mut tables.entries)?;
    SectionWriter::write_whole(directory, SectionId::Prefixes, &map)?;
    let names = products_by_name(&tables);
    let mut builder = MapBuilder::memory();
    for (position, name) in names.keys().enumerate() {
        builder.insert(name, int::length(position))?;
    }
    SectionWriter::write_whole(directory, SectionId::Names, &builder.into_inner()?)?;
    tables.name_postings = names.into_values().map(|set| set.into_iter().collect()).collect();
    let bytes = codec::encode(&tables)?;
    SectionWriter::write_whole(directory, SectionId::KnowledgeTables, &bytes)?;
    Ok(())
}

/// Adds the entries to the table and returns an fst of their keys.
fn index(
    entries: Vec<(&str, CodeEntry)>,
    table: &mut Vec<CodeEntry>,
) -> Result<Vec<u8>, fst::Error> {
    let mut builder = MapBuilder::memory();
    for (key, entry) in entries {
        builder.insert(key, int::length(table.len()))?;
        table.push(entry);
    }
    builder.into_inner()
}

type ProductsBy = BTreeMap<String, BTreeSet<u32>>;

fn products_by_code(products: &[Product], system: CodeSystem) -> ProductsBy {
    let mut by_code = ProductsBy::new();
    for (position, product) in products.iter().enumerate() {
        for (_, code) in product.codes.iter().filter(|(known, _)| *known == system) {
            by_code.entry(code.clone()).or_default().insert(int::ordinal(position));
        }
    }
    by_code
}

/// Stand-ins by the first nine and seven characters of their codes. A product that is a dummy, or
/// of which nothing is known, cannot stand in for another.
fn products_by_prefix(products: &[Product]) -> ProductsBy {
    let mut by_prefix = ProductsBy::new();
    for (position, product) in products.iter().enumerate() {
        if product.dummy || product.substances.is_empty() {
            continue;
        }
        for (_, code) in product.codes.iter().filter(|(system, _)| system.has_prefix_fallback()) {
            for length in [9, 7] {
                if let Some((end, _)) = code.char_indices().nth(length) {
                    let prefix = code.get(..end).unwrap_or(code).to_owned();
                    by_prefix.entry(prefix).or_default().insert(int::ordinal(position));
                }
            }
        }
    }
    by_prefix
}

/// Names, readings, and the names of ingredients, by which a person looks for a drug.
fn products_by_name(tables: &Tables) -> ProductsBy {
    let mut by_name = ProductsBy::new();
    for (position, product) in tables.products.iter().enumerate() {
        let ingredients = product.substances.iter().filter_map(|substance| {
            let substance = tables.substances.get(int::to_usize(*substance))?;
            tables.ingredients.get(int::to_usize(substance.ingredient))
        });
        let ingredients = ingredients.flat_map(|found| [&*found.name_ja, &*found.name_en]);
        for name in product.names().chain(ingredients) {
            let name = name::searchable(name);
            if !name.is_empty() {
                by_name.entry(name).or_default().insert(int::ordinal(position));
            }
        }
    }
    by_name
}

/// What a code means that these products claim: all of them.
fn claimed(claimants: &BTreeSet<u32>, products: &[Product]) -> CodeEntry {
    let named = || claimants.iter().filter_map(|ordinal| products.get(int::to_usize(*ordinal)));
    let substances: BTreeSet<u32> =
        named().flat_map(|product| product.substances.iter().copied()).collect();
    let covered = named().map(|product| {
        (product.covered_from.unwrap_or(i32::MIN), product.covered_to.unwrap_or(i32::MAX))
    });
    CodeEntry {
        covered: merged(covered.collect()),
        products: claimants.iter().copied().collect(),
        substances: substances.into_iter().collect(),
        dummy: named().all(|product| product.dummy),
        serves: true,
    }
}

/// What a prefix means: only where all its products have the same substances (S13).
fn stand_in(candidates: &BTreeSet<u32>, products: &[Product]) -> CodeEntry {
    let mut sets = candidates
        .iter()
        .filter_map(|ordinal| products.get(int::to_usize(*ordinal)))
        .map(|product| &product.substances);
    let first = sets.next();
    if sets.any(|set| Some(set) != first) {
        return CodeEntry::default();
    }
    claimed(candidates, products)
}

/// Ranges of days, sorted, with those that overlap or touch joined.
fn merged(mut ranges: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    ranges.retain(|(from, to)| from <= to);
    ranges.sort_unstable();
    let mut joined: Vec<(i32, i32)> = Vec::with_capacity(ranges.len());
    for (from, to) in ranges {
        match joined.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}
