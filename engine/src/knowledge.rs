//! Knowledge: products, codes, names and rules, as one checked and joined structure.
//!
//! The tables are small (tens of megabytes) and decoded at open; codes and names are mapped fsts.
//! Open also joins them into the arrays that a check walks: the products and substances that each
//! code means, and for each substance its contraindicated partners.

mod comparable;
mod lookup;
mod meanings;
mod open;
pub mod rule;
pub mod tables;
pub mod writer;

use std::fmt;

use fst::automaton::{Automaton, Str};
use fst::{IntoStreamer, Map, Streamer};

use crate::code::{self, CodeSystem};
use crate::day::Day;
use crate::format::section::Checked;
use crate::int;
use crate::name;
use crate::word::words;
use comparable::ComparableNames;
use lookup::{Found, Lookup, Table};
pub(crate) use meanings::Span;
use meanings::{Entry, Meanings};
use rule::{Partner, Partners, Rule, Side};
use tables::{Ingredient, Product, Substance, Tables, UsageText};

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
    meanings: Meanings,
    partners: Partners,
    comparable: ComparableNames,
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

words! {
    Resolution {
        Exact => "exact",
        First9 => "first9",
        Yj7 => "yj7",
        Dummy => "dummy",
        Unknown => "unknown",
    }
}

/// What a code means.
///
/// It points to the entry of the code, and whoever needs a part of it follows that: most checks need
/// the substances, and few the rest.
#[derive(Clone, Copy)]
pub struct Meaning<'k> {
    /// How the code was resolved.
    pub resolution: Resolution,
    entry: &'k Entry,
    of: &'k Meanings,
}

/// Where the meaning of a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl<'k> Meaning<'k> {
    /// Of a code that nothing is known of.
    pub(crate) const NOTHING: Self =
        Self { resolution: Resolution::Unknown, entry: &NO_ENTRY, of: &NO_MEANINGS };

    /// The products that it names, or that stand in for it.
    pub fn products(&self) -> &'k [u32] {
        self.entry.products.of(&self.of.products)
    }

    /// Whether there are any.
    #[inline]
    pub(crate) fn has_products(&self) -> bool {
        !self.entry.products.is_empty()
    }

    /// Their substances, ascending.
    #[inline]
    pub fn substances(&self) -> &'k [SubstanceOrdinal] {
        self.entry.substances.of(&self.of.substances)
    }

    /// When at least one of them is covered; `None` for a code without products.
    pub fn coverage(&self) -> Option<&'k [(i32, i32)]> {
        self.has_coverage().then(|| self.entry.covered.of(&self.of.covered))
    }

    /// The name of the first product; empty without one.
    #[inline]
    pub(crate) fn name(&self) -> &'k str {
        self.of.name(self.entry)
    }

    /// Whether a product that the code means is covered by insurance on that day. A code without
    /// products is never "not covered": nothing is known of it.
    #[inline]
    pub fn is_covered(&self, day: Day) -> bool {
        self.entry.always_covered
            || self.coverage().is_none_or(|ranges| {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&day.number()))
            })
    }

    fn has_coverage(&self) -> bool {
        self.entry.serves && !self.entry.dummy
    }
}

static NO_ENTRY: Entry = Entry::NOTHING;
static NO_MEANINGS: Meanings = Meanings::NOTHING;

impl fmt::Debug for Meaning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meaning")
            .field("resolution", &self.resolution)
            .field("products", &self.products())
            .field("substances", &self.substances())
            .field("coverage", &self.coverage())
            .finish_non_exhaustive()
    }
}

impl Knowledge {
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

    /// Asks for what [`Knowledge::meaning`] reads.
    pub(crate) fn prefetch_meaning(&self, entry: Option<CodeEntryRef>) {
        if let Some(CodeEntryRef::Entry(entry, _)) = entry
            && let Some(entry) = self.meanings.entries.get(int::to_usize(entry))
        {
            crate::map::prefetch_value(entry);
        }
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
    #[inline]
    pub(crate) fn meaning(&self, entry: Option<CodeEntryRef>) -> Meaning<'_> {
        let (entry, resolution) = match entry {
            None => return Meaning::NOTHING,
            Some(CodeEntryRef::FixedDummy) => {
                return Meaning { resolution: Resolution::Dummy, ..Meaning::NOTHING };
            }
            Some(CodeEntryRef::Entry(entry, resolution)) => (entry, resolution),
        };
        let entry = self.meanings.entries.get(int::to_usize(entry));
        // A prefix whose products differ is kept in the fst as such, so that the search ends there.
        let Some(entry) = entry.filter(|entry| entry.serves) else { return Meaning::NOTHING };
        let resolution = if entry.dummy { Resolution::Dummy } else { resolution };
        Meaning { resolution, entry, of: &self.meanings }
    }

    /// Where the substances of an entry stand; equal sets of substances stand at the same place.
    pub(crate) fn substances_at(&self, entry: Option<CodeEntryRef>) -> Span {
        let Some(CodeEntryRef::Entry(entry, _)) = entry else { return Span::default() };
        let entry = self.meanings.entries.get(int::to_usize(entry)).filter(|entry| entry.serves);
        entry.map_or(Span::default(), |entry| entry.substances)
    }

    /// More than any [`Span::place`] of substances.
    pub(crate) fn drugs(&self) -> usize {
        self.meanings.substances.len()
    }

    /// The substances that stand there, ascending.
    pub(crate) fn substances(&self, at: Span) -> &[SubstanceOrdinal] {
        at.of(&self.meanings.substances)
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
        meaning.products().iter().filter_map(|product| self.product(*product)).any(|product| {
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

    /// Whether a name is one of a product's, but for width, case and spaces (S14).
    pub(crate) fn is_name_of(&self, comparable: &str, ordinal: u32) -> bool {
        let names = self.product(ordinal).map(|product| self.comparable.of(ordinal, product));
        names.unwrap_or_default().iter().any(|known| known == comparable)
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
    pub fn washout_days_max(&self) -> u16 {
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

    /// What a usage code says on a day: of texts that hold then, the newest. A code that came earlier
    /// or stayed longer in use than its table says still means what it says.
    pub(crate) fn usage(&self, code: &str, day: Day) -> Option<&str> {
        let usages = &self.tables.usages;
        let first = usages.partition_point(|usage| usage.code.as_str() < code);
        let same = usages.get(first..).unwrap_or_default();
        let same = same.iter().take_while(|usage| usage.code == code);
        let holds = |usage: &UsageText| {
            usage.valid_from.is_none_or(|from| from <= day.number())
                && usage.valid_to.is_none_or(|to| day.number() <= to)
        };
        let text = same.clone().filter(|usage| holds(usage)).last().or_else(|| same.last());
        text.map(|usage| usage.text.as_str())
    }

    /// The decoded tables; their entries have become [`Meaning`]s.
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

#[cfg(test)]
mod tests;
