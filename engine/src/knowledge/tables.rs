//! The tables of knowledge as they are encoded: ingredients, substances, products, code entries.

use serde::{Deserialize, Serialize};

use crate::code::CodeSystem;
use crate::knowledge::rule::Rule;

/// An ingredient (成分).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingredient {
    /// Its id in the canonical tables.
    pub id: String,
    /// Its Japanese name.
    pub name_ja: String,
    /// Its English name; may be empty.
    pub name_en: String,
}

/// A substance (成分×経路): ordinals of an ingredient and a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Substance {
    /// The ingredient.
    pub ingredient: u32,
    /// The route.
    pub route: u16,
}

/// A product (医薬品).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Its reading in katakana; may be empty.
    pub kana: String,
    /// Its codes.
    pub codes: Vec<(CodeSystem, String)>,
    /// Its substances, ascending.
    pub substances: Vec<u32>,
    /// The first day of coverage; open where `None`.
    pub covered_from: Option<i32>,
    /// The last day of coverage; open where `None`.
    pub covered_to: Option<i32>,
    /// Whether it stands for no known drug.
    pub dummy: bool,
}

impl Product {
    /// Name, aliases and reading, without the empty ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = [self.name.as_str(), self.kana.as_str()].into_iter();
        names.chain(self.aliases.iter().map(String::as_str)).filter(|name| !name.is_empty())
    }

    /// The codes that `only` and `except` of a rule speak of.
    pub fn yj_and_price_codes(&self) -> impl Iterator<Item = &str> {
        let codes = self.codes.iter();
        codes
            .filter(|(system, _)| matches!(system, CodeSystem::Yj | CodeSystem::Price))
            .map(|(_, code)| code.as_str())
    }
}

/// What a code, or the prefix of one, means: joined once, when the tables are compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEntry {
    /// The products, ascending.
    pub products: Vec<u32>,
    /// The union of their substances, ascending.
    pub substances: Vec<u32>,
    /// The days on which at least one is covered, as ranges of day numbers.
    pub covered: Vec<(i32, i32)>,
    /// Whether every product is a dummy.
    pub dummy: bool,
    /// False for a prefix whose products differ in their substances.
    pub serves: bool,
}

/// What a usage code (用法コード) says, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UsageText {
    /// The code.
    pub code: String,
    /// The first day on which it may be used; open where `None`.
    pub valid_from: Option<i32>,
    /// The last day on which it may be used; open where `None`.
    pub valid_to: Option<i32>,
    /// It in words.
    pub text: String,
}

/// Everything of knowledge that is not an fst.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tables {
    /// By id, ascending.
    pub ingredients: Vec<Ingredient>,
    /// Names of routes, ascending.
    pub routes: Vec<String>,
    /// By ingredient and route, ascending.
    pub substances: Vec<Substance>,
    /// In the order of the table.
    pub products: Vec<Product>,
    /// The values of the code fsts and of the prefix fst.
    pub entries: Vec<CodeEntry>,
    /// The values of the name fst.
    pub name_postings: Vec<Vec<u32>>,
    /// In the order of the table.
    pub rules: Vec<Rule>,
    /// Code and name, by code, ascending.
    pub institutions: Vec<(String, String)>,
    /// By code and first day, ascending.
    pub usages: Vec<UsageText>,
    /// The revision of the drug table.
    pub drugs_revision: String,
    /// The revision of the rule table.
    pub rules_revision: String,
}
