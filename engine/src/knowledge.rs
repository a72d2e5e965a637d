//! Knowledge: products, codes, names and rules, as one checked and joined structure.
//!
//! The tables are small (tens of megabytes) and decoded at open; codes and names are mapped fsts.
//! Open also joins them into the arrays that a check walks: the products and substances that each
//! code means, and for each substance its contraindicated partners.

mod lookup;
pub mod rule;
pub mod tables;
pub mod writer;

use fst::automaton::{Automaton, Str};
use fst::{IntoStreamer, Map, Streamer};

use crate::code::{self, CodeSystem};
use crate::day::Day;
use crate::error::{FormatError, OpenError};
use crate::format::codec;
use crate::format::section::{Checked, SectionId};
use crate::int;
use crate::manifest::Sections;
use crate::name;
use lookup::{Found, Lookup, Table};
use rule::{Partner, Partners, Rule, Side};
use tables::{CodeEntry, Ingredient, Product, Substance, Tables};

/// The ordinal of a substance. Ordinals follow (ingredient id, route), so comparing them compares
/// those.
pub type SubstanceOrdinal = u32;

/// Opened knowledge.
#[derive(Debug)]
pub struct Knowledge {
    tables: Tables,
    codes: Vec<(CodeSystem, Map<Checked>)>,
    prefixes: Map<Checked>,
    names: Map<Checked>,
    /// The keys of `codes` and `prefixes`, for exact look-ups.
    lookup: Lookup,
    partners: Partners,
}

/// How a code came to mean its products (S13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The code is in the table.
    Exact,
    /// By the products whose code begins with the same nine characters.
    First9,
    /// By the products whose code begins with the same seven characters.
    Yj7,
    /// The code stands for no known drug.
    Dummy,
    /// Neither the code nor a prefix of it says what it is.
    Unknown,
}

impl Resolution {
    /// The word used in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::First9 => "first9",
            Self::Yj7 => "yj7",
            Self::Dummy => "dummy",
            Self::Unknown => "unknown",
        }
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug)]
pub struct Meaning<'k> {
    /// How the code was resolved.
    pub resolution: Resolution,
    /// The products that it names, or that stand in for it.
    pub products: &'k [u32],
    /// Their substances, ascending.
    pub substances: &'k [SubstanceOrdinal],
    /// When at least one of them is covered; `None` for a code without products.
    pub coverage: Option<&'k [(i32, i32)]>,
}

const NOTHING: Meaning<'static> =
    Meaning { resolution: Resolution::Unknown, products: &[], substances: &[], coverage: None };

/// Where the meaning of a code stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CodeEntryRef {
    /// A code that stands for no known drug, whatever the table says.
    FixedDummy,
    /// An entry of the table, and how it was found.
    Entry(u32, Resolution),
}

impl CodeEntryRef {
    const fn new(entry: u32, resolution: Resolution) -> Self {
        Self::Entry(entry, resolution)
    }
}

impl Meaning<'_> {
    /// Whether a product that the code means is covered by insurance on that day. A code without
    /// products is never "not covered": nothing is known of it.
    pub fn is_covered(&self, day: Day) -> bool {
        self.coverage.is_none_or(|ranges| {
            ranges.iter().any(|(from, to)| (*from..=*to).contains(&day.number()))
        })
    }
}

impl Knowledge {
    /// Opens the knowledge sections of a generation directory.
    ///
    /// # Errors
    ///
    /// When a section is missing or damaged, or an ordinal points beyond its table.
    pub(crate) fn open(sections: &Sections<'_>) -> Result<Self, OpenError> {
        let map = |id: SectionId| -> Result<Map<Checked>, OpenError> {
            let damaged =
                |source| sections.damaged(id, FormatError::Fst { section: id.file_name(), source });
            let map = Map::new(sections.open_checked(id)?).map_err(damaged)?;
            map.as_fst().verify().map_err(damaged)?;
            Ok(map)
        };
        let tables = sections.open_checked(SectionId::KnowledgeTables)?;
        let tables = decode_tables(tables.as_ref())
            .map_err(|source| sections.damaged(SectionId::KnowledgeTables, source))?;
        let codes = CodeSystem::ALL
            .into_iter()
            .map(|system| Ok((system, map(section_of(system))?)))
            .collect::<Result<Vec<_>, OpenError>>()?;
        let prefixes = map(SectionId::Prefixes)?;
        let names = map(SectionId::Names)?;
        for (id, map, length) in fst_targets(&codes, &prefixes, &names, &tables) {
            check_values(id, map, length).map_err(|source| sections.damaged(id, source))?;
        }
        let partners = Partners::of(&tables);
        let lookup = lookup_of(&codes, &prefixes);
        Ok(Self { tables, codes, prefixes, names, lookup, partners })
    }

    /// What a code means, by its own system (S12), else by its prefixes (S13).
    pub fn resolve(&self, system: CodeSystem, code: &str) -> Meaning<'_> {
        self.meaning(self.find(system, code))
    }

    /// The entry of a code, which [`Knowledge::meaning`] turns into its meaning at no cost.
    pub(crate) fn find(&self, system: CodeSystem, code: &str) -> Option<CodeEntryRef> {
        if code::is_fixed_dummy(code) {
            return Some(CodeEntryRef::FixedDummy);
        }
        if let Some(entry) = self.entry(Table::Codes(system), code) {
            return Some(CodeEntryRef::new(entry, Resolution::Exact));
        }
        if !system.has_prefix_fallback() || code.chars().count() != 12 {
            return None;
        }
        [(9, Resolution::First9), (7, Resolution::Yj7)].into_iter().find_map(|(length, how)| {
            let (end, _) = code.char_indices().nth(length)?;
            self.entry(Table::Prefixes, code.get(..end)?).map(|entry| CodeEntryRef::new(entry, how))
        })
    }

    /// The value of a code or prefix in its fst.
    fn entry(&self, table: Table, code: &str) -> Option<u32> {
        match self.lookup.find(table, code) {
            Found::Entry(entry) => Some(entry),
            Found::Nothing => None,
            Found::AskFst => self.entry_of_fst(table, code),
        }
    }

    fn entry_of_fst(&self, table: Table, code: &str) -> Option<u32> {
        let map = match table {
            Table::Prefixes => &self.prefixes,
            Table::Codes(system) => &self.codes.iter().find(|(known, _)| *known == system)?.1,
        };
        map.get(code).and_then(|entry| u32::try_from(entry).ok())
    }

    /// What an entry means.
    pub(crate) fn meaning(&self, entry: Option<CodeEntryRef>) -> Meaning<'_> {
        let (entry, resolution) = match entry {
            None => return NOTHING,
            Some(CodeEntryRef::FixedDummy) => {
                return Meaning { resolution: Resolution::Dummy, ..NOTHING };
            }
            Some(CodeEntryRef::Entry(entry, resolution)) => (entry, resolution),
        };
        let Some(entry) = self.tables.entries.get(int::to_usize(entry)) else { return NOTHING };
        // A prefix whose products differ is kept in the fst as such, so that the search ends there.
        if !entry.serves {
            return NOTHING;
        }
        let resolution = if entry.dummy { Resolution::Dummy } else { resolution };
        Meaning {
            resolution,
            products: &entry.products,
            substances: &entry.substances,
            coverage: (!entry.dummy).then_some(entry.covered.as_slice()),
        }
    }

    /// Whether a rule's side holds for a code, given that it holds for the substance (S20).
    pub fn side_holds(
        &self,
        side: &Side,
        substance: SubstanceOrdinal,
        meaning: &Meaning<'_>,
        code: &str,
    ) -> bool {
        if side.only.is_empty() && side.except.is_empty() {
            return true;
        }
        if meaning.resolution != Resolution::Exact {
            return side.admits(std::iter::once(code));
        }
        meaning.products.iter().filter_map(|product| self.product(*product)).any(|product| {
            product.substances.contains(&substance) && side.admits(product.yj_and_price_codes())
        })
    }

    /// The products with a name that begins with `query`, best first, at most `limit`.
    ///
    /// Hiragana, width, case, spaces and brackets of the query do not matter.
    pub fn search(&self, query: &str, limit: usize) -> Vec<u32> {
        let query = name::searchable(query);
        if query.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut names = self.names.search(Str::new(&query).starts_with()).into_stream();
        while let Some((_, postings)) = names.next() {
            let products = self.tables.name_postings.get(int::wide(postings));
            for product in products.into_iter().flatten() {
                if !found.contains(product) {
                    found.push(*product);
                }
                if found.len() >= limit {
                    return found;
                }
            }
        }
        found
    }

    /// The contraindicated partners of a substance.
    pub fn partners(&self, substance: SubstanceOrdinal) -> &[Partner] {
        self.partners.of_substance(substance)
    }

    /// The contraindicated partners of a substance, one bit each; empty where there are none.
    pub(crate) fn partner_mask(&self, substance: SubstanceOrdinal) -> &[u64] {
        self.partners.mask_of_substance(substance)
    }

    /// The longest wash-out of any rule, in days.
    pub(crate) fn washout_days_max(&self) -> u16 {
        self.partners.washout_days_max()
    }

    /// A product by its ordinal.
    pub fn product(&self, ordinal: u32) -> Option<&Product> {
        self.tables.products.get(int::to_usize(ordinal))
    }

    /// A rule by its ordinal.
    pub fn rule(&self, ordinal: u32) -> Option<&Rule> {
        self.tables.rules.get(int::to_usize(ordinal))
    }

    /// A substance by its ordinal.
    pub fn substance(&self, ordinal: SubstanceOrdinal) -> Option<SubstanceName<'_>> {
        let Substance { ingredient, route } = self.tables.substances.get(int::to_usize(ordinal))?;
        Some(SubstanceName {
            ordinal: *ingredient,
            ingredient: self.tables.ingredients.get(int::to_usize(*ingredient))?,
            route: self.tables.routes.get(usize::from(*route))?,
        })
    }

    /// The ordinal of an institution or pharmacy.
    pub(crate) fn institution_ordinal(&self, code: &str) -> Option<u32> {
        let institutions = &self.tables.institutions;
        let found = institutions.binary_search_by(|(known, _)| known.as_str().cmp(code)).ok()?;
        Some(int::ordinal(found))
    }

    /// The name of the institution or pharmacy of an ordinal.
    pub(crate) fn institution(&self, ordinal: u32) -> Option<&str> {
        self.tables.institutions.get(int::to_usize(ordinal)).map(|(_, name)| name.as_str())
    }

    /// The decoded tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// A substance in words.
#[derive(Clone, Copy, Debug)]
pub struct SubstanceName<'k> {
    /// The ordinal of the ingredient; ordinals follow ingredient ids.
    pub ordinal: u32,
    /// The ingredient.
    pub ingredient: &'k Ingredient,
    /// The route.
    pub route: &'k str,
}

const fn section_of(system: CodeSystem) -> SectionId {
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

#[cfg(test)]
mod tests;
