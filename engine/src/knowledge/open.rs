//! Opening knowledge: sections read and decoded on all cores, every ordinal and order checked that a
//! look-up relies on, and the joins made that a check walks.

use fst::{IntoStreamer, Map, Streamer};
use rayon::prelude::*;

use super::Knowledge;
use super::comparable::ComparableNames;
use super::lookup::{Lookup, Table};
use super::meanings::Meanings;
use super::rule::Partners;
use super::tables::{CodeEntry, Substance, Tables};
use crate::code::CodeSystem;
use crate::error::{FormatError, OpenError};
use crate::format::codec;
use crate::format::section::{Checked, SectionId};
use crate::int;
use crate::manifest::Sections;

impl Knowledge {
    /// Opens the knowledge sections of a generation directory.
    ///
    /// # Errors
    ///
    /// When a section is missing or damaged, or an ordinal points beyond its table.
    pub(crate) fn open(sections: &Sections<'_>) -> Result<Self, OpenError> {
        let (tables, maps) = rayon::join(|| open_tables(sections), || open_maps(sections));
        let (mut tables, Maps { codes, prefixes, names }) = (tables?, maps?);
        for (id, map, length) in fst_targets(&codes, &prefixes, &names, &tables) {
            check_values(id, map, length).map_err(|source| sections.damaged(id, source))?;
        }
        let entries = std::mem::take(&mut tables.entries);
        let (lookup, (partners, meanings)) = rayon::join(
            || lookup_of(&codes, &prefixes),
            || (Partners::of(&tables), Meanings::of(&entries, &tables.products)),
        );
        let comparable = ComparableNames::new(tables.products.len());
        Ok(Self { tables, codes, prefixes, names, lookup, meanings, partners, comparable })
    }
}

/// The fsts of knowledge.
struct Maps {
    codes: Vec<(CodeSystem, Map<Checked>)>,
    prefixes: Map<Checked>,
    names: Map<Checked>,
}

fn open_maps(sections: &Sections<'_>) -> Result<Maps, OpenError> {
    let map = |id: SectionId| -> Result<Map<Checked>, OpenError> {
        let damaged =
            |source| sections.damaged(id, FormatError::Fst { section: id.file_name(), source });
        let map = Map::new(sections.open_checked(id)?).map_err(damaged)?;
        map.as_fst().verify().map_err(damaged)?;
        Ok(map)
    };
    let code_maps = CodeSystem::ALL.into_par_iter().map(|system| map(section_of(system)));
    let (codes, (prefixes, names)) = rayon::join(
        || code_maps.collect::<Vec<_>>(),
        || rayon::join(|| map(SectionId::Prefixes), || map(SectionId::Names)),
    );
    let codes = CodeSystem::ALL.into_iter().zip(codes);
    let codes = codes.map(|(system, map)| Ok((system, map?))).collect::<Result<_, OpenError>>()?;
    Ok(Maps { codes, prefixes: prefixes?, names: names? })
}

fn open_tables(sections: &Sections<'_>) -> Result<Tables, OpenError> {
    let tables = sections.open_checked(SectionId::KnowledgeTables)?;
    decode_tables(tables.as_ref())
        .map_err(|source| sections.damaged(SectionId::KnowledgeTables, source))
}

pub(super) const fn section_of(system: CodeSystem) -> SectionId {
    match system {
        CodeSystem::Receipt => SectionId::CodesReceipt,
        CodeSystem::Price => SectionId::CodesPrice,
        CodeSystem::Yj => SectionId::CodesYj,
        CodeSystem::Hot => SectionId::CodesHot,
        CodeSystem::Generic => SectionId::CodesGeneric,
        CodeSystem::Gtin => SectionId::CodesGtin,
    }
}

/// Each fst and the length of the table that its values point into.
fn fst_targets<'k>(
    codes: &'k [(CodeSystem, Map<Checked>)],
    prefixes: &'k Map<Checked>,
    names: &'k Map<Checked>,
    tables: &Tables,
) -> Vec<(SectionId, &'k Map<Checked>, usize)> {
    let entries = tables.entries.len();
    let mut targets: Vec<_> =
        codes.iter().map(|(system, map)| (section_of(*system), map, entries)).collect();
    targets.push((SectionId::Prefixes, prefixes, entries));
    targets.push((SectionId::Names, names, tables.name_postings.len()));
    targets
}

fn lookup_of(codes: &[(CodeSystem, Map<Checked>)], prefixes: &Map<Checked>) -> Lookup {
    let count = codes.iter().map(|(_, map)| map.len()).sum::<usize>() + prefixes.len();
    let mut lookup = Lookup::for_codes(count);
    for (system, map) in codes {
        lookup.take_over(Table::Codes(*system), map);
    }
    lookup.take_over(Table::Prefixes, prefixes);
    lookup
}

/// A value beyond its table would turn a known code into an unknown one.
fn check_values(id: SectionId, map: &Map<Checked>, length: usize) -> Result<(), FormatError> {
    let mut values = map.values().into_stream();
    while let Some(found) = values.next() {
        if int::wide(found) >= length {
            return Err(FormatError::Invalid { section: id.file_name(), what: "value", found });
        }
    }
    Ok(())
}

/// Searches by halves and by runs rely on these orders; lost order would lose rules.
fn check_order(tables: &Tables) -> Result<(), FormatError> {
    let section = SectionId::KnowledgeTables.file_name();
    let unordered = |what| FormatError::Invalid { section, what, found: 0 };
    let ascending = |list: &[u32]| list.is_sorted_by(|one, other| one < other);
    if !tables.ingredients.is_sorted_by(|one, other| one.id < other.id) {
        return Err(unordered("order of ingredients"));
    }
    if !tables.substances.is_sorted_by(|one, other| one < other) {
        return Err(unordered("order of substances"));
    }
    if !tables.institutions.is_sorted_by(|one, other| one.0 < other.0) {
        return Err(unordered("order of institutions"));
    }
    if !tables.usages.is_sorted() {
        return Err(unordered("order of usages"));
    }
    if !tables.routes.is_sorted_by(|one, other| one < other) {
        return Err(unordered("order of routes"));
    }
    let products = tables.products.iter().map(|product| &product.substances);
    let entries = tables.entries.iter().flat_map(|entry| [&entry.substances, &entry.products]);
    if !products.chain(entries).all(|list| ascending(list)) {
        return Err(unordered("order of substances or products of an entry"));
    }
    Ok(())
}

/// Decodes the tables and checks every ordinal that a lookup follows.
fn decode_tables(bytes: &[u8]) -> Result<Tables, FormatError> {
    let section = SectionId::KnowledgeTables.file_name();
    let tables: Tables =
        codec::decode(bytes).map_err(|source| FormatError::Metadata { section, source })?;
    let check = |what, ordinal: u32, table_length: usize| {
        if int::to_usize(ordinal) < table_length {
            return Ok(());
        }
        Err(FormatError::Invalid { section, what, found: u64::from(ordinal) })
    };
    let (substances, products) = (tables.substances.len(), tables.products.len());
    for Substance { ingredient, route } in &tables.substances {
        check("ingredient of a substance", *ingredient, tables.ingredients.len())?;
        check("route of a substance", u32::from(*route), tables.routes.len())?;
    }
    for product in &tables.products {
        product
            .substances
            .iter()
            .try_for_each(|s| check("substance of a product", *s, substances))?;
    }
    for CodeEntry { products: named, substances: held, .. } in &tables.entries {
        named.iter().try_for_each(|p| check("product of a code", *p, products))?;
        held.iter().try_for_each(|s| check("substance of a code", *s, substances))?;
    }
    for side in tables.rules.iter().flat_map(|rule| [&rule.a, &rule.b]) {
        check("ingredient of a rule", side.ingredient, tables.ingredients.len())?;
    }
    for product in tables.name_postings.iter().flatten() {
        check("product of a name", *product, products)?;
    }
    check_order(&tables)?;
    Ok(tables)
}
