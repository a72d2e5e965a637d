//! From the ingredient names of the sources to ingredients: one id for one active moiety.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use unicode_normalization::UnicodeNormalization;

use super::{AliasTable, Kind, Reason, Report, products::Products};
use crate::canonical::IngredientRow;

/// What makes a name without an alias suspicious: salts, esters, recombinant and follow-on products,
/// combinations. The list only decides what is pointed out, never what is joined.
const SALT_ENDINGS: [&str; 28] = [
    "塩",
    "塩化物",
    "臭化物",
    "ヨウ化物",
    "ナトリウム",
    "カリウム",
    "カルシウム",
    "マグネシウム",
    "エステル",
    "付加物",
    "フマル酸",
    "メグルミン",
    "オラミン",
    "L-アルギニン",
    "L-リシン",
    "L-プロリン",
    "ピボキシル",
    "プロキセチル",
    "アキセチル",
    "メドキソミル",
    "シレキセチル",
    "アセトニド",
    "プロピレングリコール",
    "デクス",
    "メチル硫酸",
    "(遺伝子組換え)",
    "]",
    "配合剤",
];

/// An active moiety. The id is its name without width and spaces, and so readable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ingredient {
    /// The id.
    pub(super) id: String,
    /// The name for display.
    pub(super) name: String,
}

/// Finds the ingredients that a name means, and remembers which aliases were of use.
#[derive(Debug)]
pub(super) struct Naming {
    aliases: AliasTable,
    used: RefCell<BTreeSet<String>>,
}

/// How the ingredients of a name were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The alias table has the name, or what it is a hydrate of.
    Alias,
    /// The name stands for itself.
    Itself,
    /// A combination, split at its middle dots.
    Split,
}

impl Ingredient {
    /// The ingredient of a name; `None` if the name is empty.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = display(name);
        let id = key(&name);
        (!id.is_empty()).then_some(Self { id, name })
    }
}

impl Naming {
    pub(super) fn new(aliases: AliasTable) -> Self {
        Self { aliases, used: RefCell::default() }
    }

    /// The ingredients that a name means, in the order in which the name or the table has them.
    pub(super) fn resolve(&self, name: &str) -> (Vec<Ingredient>, Found) {
        if let Some(ingredients) = self.alias(name) {
            return (ingredients, Found::Alias);
        }
        let name = display(name);
        let parts: Vec<&str> = name.split('・').filter(|part| !part.trim().is_empty()).collect();
        if parts.len() < 2 {
            let itself = Ingredient::named(without_hydrate(&name));
            return (itself.into_iter().collect(), Found::Itself);
        }
        let mut ingredients: Vec<Ingredient> = Vec::new();
        for part in parts {
            let part = part.strip_suffix("配合剤").unwrap_or(part);
            let found = self
                .alias(part)
                .unwrap_or_else(|| Ingredient::named(without_hydrate(part)).into_iter().collect());
            for ingredient in found {
                if !ingredients.contains(&ingredient) {
                    ingredients.push(ingredient);
                }
            }
        }
        (ingredients, Found::Split)
    }

    /// What the alias table says of a name, or of what the name is a hydrate of.
    pub(super) fn alias(&self, name: &str) -> Option<Vec<Ingredient>> {
        let name = key(name);
        [name.as_str(), without_hydrate(&name)].into_iter().find_map(|name| {
            let ingredients = self.aliases.get(name)?;
            self.used.borrow_mut().insert(name.to_owned());
            Some(ingredients.to_vec())
        })
    }

    /// The rows of `ingredients.csv` for the ingredients of the products.
    pub(super) fn ingredients(
        &self,
        products: &Products,
        report: &mut Report,
    ) -> Vec<IngredientRow> {
        for name in self.aliases.names() {
            // A row that gives an ingredient its English name need not be a name of a source.
            if !self.used.borrow().contains(name) && !products.contain(name) {
                report.notice(Kind::Ingredient, name, "", Reason::UnusedAlias);
            }
        }
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for ingredient in products.ingredients() {
            // One id may be written with and without a space; the smaller spelling is taken.
            let name = names.entry(&ingredient.id).or_insert(&ingredient.name);
            *name = (*name).min(ingredient.name.as_str());
        }
        let row = |(id, name): (&str, &str)| IngredientRow {
            id: id.to_owned(),
            name_ja: name.to_owned(),
            name_en: self.aliases.english(id).to_owned(),
        };
        names.into_iter().map(row).collect()
    }
}

/// Points out a name that stands for itself although it looks like a form of something else.
pub(super) fn look_over(name: &str, found: Found, report: &mut Report) {
    let reason = match found {
        Found::Alias => return,
        Found::Split => Reason::SplitByName,
        Found::Itself => Reason::NoAlias,
    };
    let name = display(name);
    let base = without_hydrate(&name);
    if found == Found::Split || looks_derived(base) {
        report.notice(Kind::Ingredient, &key(&name), "", reason);
    }
}

fn looks_derived(name: &str) -> bool {
    SALT_ENDINGS.iter().any(|ending| name.ends_with(ending) && name != *ending)
}

/// A name without the differences that do not make another name: width and spaces.
pub(super) fn key(name: &str) -> String {
    // `;` and `@` separate in the tables, and a full-width one becomes an ordinary one.
    name.nfkc().filter(|c| !c.is_whitespace() && *c != ';' && *c != '@').collect()
}

fn display(name: &str) -> String {
    let name: String = name.nfkc().filter(|c| *c != ';' && *c != '@').collect();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name without `水和物` and the count before it: a hydrate is what it is a hydrate of.
fn without_hydrate(name: &str) -> &str {
    let Some(base) = name.strip_suffix("水和物") else { return name };
    let base =
        base.strip_suffix("ヘミペンタ").or_else(|| base.strip_suffix("セスキ")).unwrap_or(base);
    let counted = |c: char| "一二三四五六七八九十半".contains(c) || c.is_ascii_digit() || c == '/';
    let base = base.trim_end_matches(counted).trim_end();
    if base.is_empty() { name } else { base }
}

#[cfg(test)]
mod tests;
