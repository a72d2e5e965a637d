//! The products: price list, receipt-code master and generic-name codes joined by price code.
//!
//! A price code whose tenth and eleventh characters are `01` stands for a unified name (統一名収載):
//! many brands are claimed under it, each with a YJ code of its own that no open list has. Such a
//! code makes one product for the unified name and one for each brand that the receipt-code master
//! knows, all with the same price code and none with a YJ code; a YJ code of such a brand is found
//! by its first nine characters. Every other price code names one brand and is its YJ code.

use std::collections::{BTreeMap, BTreeSet};

use chofuku_formats::masters::{Category, PriceEntry, ReceiptRow};

use super::{
    Kind, Reason, Report,
    naming::{Found, Ingredient, Naming, look_over},
    sources::Lists,
};
use crate::canonical::DrugRow;

mod generics;
mod prefixes;
mod rows;

pub(super) use rows::route_name;

use generics::GenericCodes;
use prefixes::{Likeness, PrefixIndex};

/// An ingredient by one route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Substance {
    pub(super) ingredient: Ingredient,
    pub(super) route: Category,
}

/// All products, and which substances their codes lead to.
#[derive(Debug, Default)]
pub(super) struct Products {
    rows: Vec<DrugRow>,
    by_prefix: BTreeMap<String, Vec<Vec<Substance>>>,
}

/// Collects the rows; each step adds the products that it knows.
struct Builder<'a> {
    lists: &'a Lists,
    naming: &'a Naming,
    report: &'a mut Report,
    listed: BTreeMap<&'a str, Vec<Substance>>,
    prefixes: PrefixIndex,
    generics: GenericCodes,
    products: Products,
}

/// Joins the sources.
pub(super) fn build(lists: &Lists, naming: &Naming, report: &mut Report) -> Products {
    let mut builder = Builder {
        lists,
        naming,
        report,
        listed: BTreeMap::new(),
        prefixes: PrefixIndex::default(),
        generics: GenericCodes::new(lists),
        products: Products::default(),
    };
    builder.name_listed();
    let receipts = builder.group_receipts();
    builder.add_listed(&receipts);
    builder.add_unlisted(&receipts);
    builder.report_generics();
    let mut products = builder.products;
    // Stable: what a price code itself names stays before its brands.
    products.rows.sort_by(|a, b| a.price.cmp(&b.price));
    products.rows.extend(rows::dummies());
    products
}

impl Products {
    /// The substances of the products whose price code begins with seven characters: one list for
    /// each different content.
    pub(super) fn with_prefix(&self, prefix: &str) -> &[Vec<Substance>] {
        self.by_prefix.get(prefix).map_or(&[], Vec::as_slice)
    }

    /// The first seven characters of the products that contain an ingredient by one of the routes,
    /// and whether they contain nothing else.
    pub(super) fn prefixes_of<'p>(
        &'p self,
        ingredient: &'p str,
        routes: &'p BTreeSet<Category>,
    ) -> impl Iterator<Item = (&'p str, bool)> {
        let holds = move |substance: &Substance| {
            substance.ingredient.id == ingredient && routes.contains(&substance.route)
        };
        self.by_prefix.iter().filter_map(move |(prefix, contents)| {
            let mut holding = contents.iter().filter(|content| content.iter().any(holds));
            let alone = holding.clone().any(|content| content.len() == 1);
            holding.next().map(|_| (prefix.as_str(), alone))
        })
    }

    /// The ingredients of all products; an ingredient may come more than once.
    pub(super) fn ingredients(&self) -> impl Iterator<Item = &Ingredient> {
        self.by_prefix.values().flatten().flatten().map(|substance| &substance.ingredient)
    }

    /// Whether any product contains an ingredient.
    pub(super) fn contain(&self, ingredient: &str) -> bool {
        self.ingredients().any(|known| known.id == ingredient)
    }

    pub(super) fn into_rows(self) -> Vec<DrugRow> {
        self.rows
    }

    fn note(&mut self, code: &str, substances: &[Substance]) {
        let Some(prefix) = code.get(..7) else { return };
        let contents = self.by_prefix.entry(prefix.to_owned()).or_default();
        if !contents.iter().any(|content| content == substances) {
            contents.push(substances.to_vec());
        }
    }
}

impl<'a> Builder<'a> {
    /// Finds the substances of the price list's own names, and indexes them by code.
    fn name_listed(&mut self) {
        for (code, entry) in &self.lists.prices {
            // A name that hides different compositions is told apart by the code.
            let by_code = code.get(..7).and_then(|prefix| self.naming.alias(prefix));
            let (ingredients, found) = match by_code {
                Some(ingredients) => (ingredients, Found::Alias),
                None => self.naming.resolve(&entry.ingredient),
            };
            if ingredients.is_empty() {
                continue;
            }
            look_over(&entry.ingredient, found, self.report);
            let route = entry.category;
            let substances: Vec<Substance> =
                ingredients.into_iter().map(|ingredient| Substance { ingredient, route }).collect();
            self.prefixes.add(code, &substances);
            self.listed.insert(code, substances);
        }
    }

    /// The receipt codes by price code; those without one cannot be products.
    fn group_receipts(&mut self) -> BTreeMap<&'a str, Vec<&'a ReceiptRow>> {
        let mut groups: BTreeMap<&str, Vec<&ReceiptRow>> = BTreeMap::new();
        for row in self.lists.receipts.rows() {
            self.report.counts.receipt_codes += 1;
            if row.price_code().is_empty() {
                let reason = Reason::NoPriceCode;
                self.report.unresolved(Kind::Receipt, row.code(), row.name(), reason);
            } else {
                groups.entry(row.price_code()).or_default().push(row);
            }
        }
        groups
    }

    fn add_listed(&mut self, receipts: &BTreeMap<&str, Vec<&'a ReceiptRow>>) {
        for (code, entry) in &self.lists.prices {
            self.report.counts.price_products += 1;
            let named = self.listed.get(code.as_str()).cloned();
            let found = named.map_or_else(|| self.by_code(code, entry.category), Ok);
            let Ok(substances) = found else {
                self.report.unresolved(Kind::Product, code, &entry.name, Reason::NoIngredient);
                continue;
            };
            self.report.counts.price_products_resolved += 1;
            let receipts = receipts.get(code.as_str()).map_or(&[][..], Vec::as_slice);
            self.report.counts.receipt_codes_resolved += receipts.len();
            self.compare_ends(entry, receipts);
            self.add(code, Some(entry), receipts, &substances);
        }
    }

    fn add_unlisted(&mut self, receipts: &BTreeMap<&str, Vec<&'a ReceiptRow>>) {
        for (code, receipts) in receipts {
            if self.lists.prices.contains_key(*code) {
                continue;
            }
            let form = receipts.first().map_or("", |row| row.form());
            match self.by_code(code, category(code, form)) {
                Ok(substances) => {
                    self.report.counts.receipt_codes_resolved += receipts.len();
                    self.report.counts.receipt_codes_unlisted += receipts.len();
                    self.add(code, None, receipts, &substances);
                }
                Err(reason) => {
                    for row in receipts {
                        let reason = reason.clone();
                        self.report.unresolved(Kind::Receipt, row.code(), row.name(), reason);
                    }
                }
            }
        }
    }

    /// What a code that no price list has contains: what the listed products with the same first
    /// nine, else seven characters contain, if they agree; else what the alias table says.
    fn by_code(&self, code: &str, route: Category) -> Result<Vec<Substance>, Reason> {
        let prefix = code.get(..7).unwrap_or(code);
        let stated = self.naming.alias(prefix);
        let from_alias = stated.map(|ingredients| {
            let substance = |ingredient| Substance { ingredient, route };
            ingredients.into_iter().map(substance).collect()
        });
        let prefix = prefix.to_owned();
        match self.prefixes.get(code) {
            Likeness::Agree(substances) => Ok(substances.to_vec()),
            Likeness::Disagree => from_alias.ok_or(Reason::PrefixDisagrees { prefix }),
            Likeness::Unknown => from_alias.ok_or(Reason::UnknownPrefix { prefix }),
        }
    }

    fn add(
        &mut self,
        code: &str,
        entry: Option<&PriceEntry>,
        receipts: &[&ReceiptRow],
        substances: &[Substance],
    ) {
        self.products.note(code, substances);
        let generic = self.generics.claim(code, receipts);
        self.products.rows.extend(rows::products(code, entry, receipts, substances, &generic));
    }

    /// The price list is the newer and the higher source, so where the two disagree it is believed.
    fn compare_ends(&mut self, entry: &PriceEntry, receipts: &[&ReceiptRow]) {
        if rows::is_unified(&entry.code) {
            return;
        }
        for row in receipts {
            let Some(end) = rows::end_of_use(row) else { continue };
            if entry.covered_to.is_none_or(|covered_to| end < covered_to) {
                let reason = Reason::EndDiffers { receipt: end.to_string() };
                self.report.notice(Kind::Receipt, row.code(), row.name(), reason);
            }
        }
    }

    fn report_generics(&mut self) {
        self.report.counts.generic_codes = self.lists.generics.len();
        for (code, name) in &self.lists.generics {
            if self.generics.is_claimed(code) {
                self.report.counts.generic_codes_resolved += 1;
            } else {
                self.report.unresolved(Kind::Generic, code, &name.name, Reason::NoProduct);
            }
        }
    }
}

/// The route of a product that is on no price list: dental medicines share the external ones' codes
/// and are told by the receipt-code master's form.
fn category(code: &str, form: &str) -> Category {
    match form {
        "8" => Category::Dental,
        "1" => Category::Oral,
        "4" => Category::Injection,
        _ => Category::of_code(code).unwrap_or(Category::External),
    }
}
