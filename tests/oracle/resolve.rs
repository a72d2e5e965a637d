//! From a code to products and substances: rules S12 to S15.

use std::collections::BTreeSet;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use crate::{
    request::day,
    world::{Drug, World, split},
};

/// An ingredient by a route, both as in the tables.
pub(crate) type Substance = (String, String);

/// How a code was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Exact,
    First9,
    Yj7,
    Dummy,
    Unknown,
}

impl How {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::First9 => "first9",
            Self::Yj7 => "yj7",
            Self::Dummy => "dummy",
            Self::Unknown => "unknown",
        }
    }

    /// Whether other products stand in for the one that was asked for.
    pub(crate) fn is_stand_in(self) -> bool {
        matches!(self, Self::First9 | Self::Yj7)
    }
}

/// What a code means.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) how: How,
    /// The code that was asked for.
    pub(crate) code: String,
    /// Indexes into the drug table: the products named, or those that stand in.
    pub(crate) products: BTreeSet<usize>,
    /// The union of the products' substances; none for a dummy.
    pub(crate) substances: BTreeSet<Substance>,
}

impl Resolved {
    pub(crate) fn of(world: &World, system: &str, code: &str) -> Self {
        let named = products_by(world, |drug| split(codes(drug, system)).any(|c| c == code));
        let all_dummies = !named.is_empty() && named.iter().all(|&p| is_dummy(world, p));
        if DUMMY_CODES.contains(&code) || all_dummies {
            return Self {
                how: How::Dummy,
                code: code.to_owned(),
                products: named,
                substances: BTreeSet::new(),
            };
        }
        let (how, products) =
            if named.is_empty() { stand_ins(world, system, code) } else { (How::Exact, named) };
        let substances = products.iter().flat_map(|&p| substances_of(world, p)).collect();
        Self { how, code: code.to_owned(), products, substances }
    }

    /// Whether there is a product of which coverage can be asked.
    pub(crate) fn names_a_product(&self) -> bool {
        !matches!(self.how, How::Dummy | How::Unknown)
    }

    /// Covered on a day if any of the products is.
    pub(crate) fn is_covered(&self, world: &World, on: Date) -> bool {
        self.drugs(world).any(|drug| {
            (drug.covered_from.is_empty() || day(&drug.covered_from) <= on)
                && (drug.covered_to.is_empty() || on <= day(&drug.covered_to))
        })
    }

    /// S14: whether a name, normalised, is one of the products' names.
    pub(crate) fn has_name(&self, world: &World, name: &str) -> bool {
        self.drugs(world).any(|drug| {
            let mut names = split(&drug.aliases).chain([drug.name.as_str(), drug.kana.as_str()]);
            names.any(|known| !known.is_empty() && normalised(known) == normalised(name))
        })
    }

    /// The name of the product that the code names; nothing for a stand-in.
    pub(crate) fn product_name<'w>(&self, world: &'w World) -> Option<&'w str> {
        if self.how.is_stand_in() {
            return None;
        }
        self.drugs(world).next().map(|drug| drug.name.as_str()).filter(|name| !name.is_empty())
    }

    pub(crate) fn drugs<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Drug> {
        self.products.iter().filter_map(|&product| world.drugs.get(product))
    }
}

/// Dummy codes of the national service, whatever system is named.
const DUMMY_CODES: [&str; 3] = ["666660000", "777770000", "2000000X0000"];

/// S13: the products that share nine characters with the code, else seven.
fn stand_ins(world: &World, system: &str, code: &str) -> (How, BTreeSet<usize>) {
    let unknown = (How::Unknown, BTreeSet::new());
    if !matches!(system, "yj" | "price" | "generic") || code.chars().count() != 12 {
        return unknown;
    }
    for (how, length) in [(How::First9, 9), (How::Yj7, 7)] {
        let prefix: String = code.chars().take(length).collect();
        let products = products_by(world, |drug| {
            let mut codes =
                [&drug.yj, &drug.price, &drug.generic].into_iter().flat_map(|cell| split(cell));
            drug.dummy != "1"
                && split(&drug.substances).next().is_some()
                && codes.any(|known| known.starts_with(&prefix))
        });
        let meanings: BTreeSet<BTreeSet<Substance>> =
            products.iter().map(|&product| substances_of(world, product)).collect();
        if meanings.len() == 1 {
            return (how, products);
        }
    }
    unknown
}

fn products_by(world: &World, test: impl Fn(&Drug) -> bool) -> BTreeSet<usize> {
    let all = world.drugs.iter().enumerate();
    all.filter(|(_, drug)| test(drug)).map(|(product, _)| product).collect()
}

/// S12: a code is looked for among the codes of its own system only.
fn codes<'w>(drug: &'w Drug, system: &str) -> &'w str {
    match system {
        "yj" => &drug.yj,
        "price" => &drug.price,
        "receipt" => &drug.receipt,
        "generic" => &drug.generic,
        "hot" => &drug.hot,
        "gtin" => &drug.gtin,
        _ => "",
    }
}

fn is_dummy(world: &World, product: usize) -> bool {
    world.drugs.get(product).is_some_and(|drug| drug.dummy == "1")
}

fn substances_of(world: &World, product: usize) -> BTreeSet<Substance> {
    world.drugs.get(product).map(substances).unwrap_or_default()
}

/// The substances of one product.
pub(crate) fn substances(drug: &Drug) -> BTreeSet<Substance> {
    let parts = split(&drug.substances).filter_map(|part| part.split_once('@'));
    parts.map(|(ingredient, route)| (ingredient.to_owned(), route.to_owned())).collect()
}

/// S14: NFKC, upper case, no spaces, no brackets.
fn normalised(name: &str) -> String {
    let upper = name.nfkc().collect::<String>().to_uppercase();
    upper
        .chars()
        .filter(|c| !c.is_whitespace() && !"()[]{}<>「」『』【】〔〕〈〉《》".contains(*c))
        .collect()
}

/// S15: whether a YJ or price code deserves the warning `check_digit`.
pub(crate) fn fails_check_digit(code: &str) -> bool {
    let values: Option<Vec<u32>> = code.chars().map(character_value).collect();
    let Some(values) = values.filter(|values| values.len() == 12) else { return true };
    let Some(written) = code.chars().last().and_then(|c| c.to_digit(10)) else { return true };
    let weights = [2, 3, 4, 5, 6, 7].into_iter().cycle();
    let sum: u32 = values.iter().rev().skip(1).zip(weights).map(|(v, weight)| v * weight).sum();
    let expected = match 11 - sum % 11 {
        10 | 11 => 0,
        digit => digit,
    };
    expected != written
}

/// S15: digits as they are, A–I = 1–9, J–R = 1–9, S–Z = 2–9.
fn character_value(character: char) -> Option<u32> {
    let letter = |first: char, value: u32| u32::from(character) - u32::from(first) + value;
    match character {
        '0'..='9' => character.to_digit(10),
        'A'..='I' => Some(letter('A', 1)),
        'J'..='R' => Some(letter('J', 1)),
        'S'..='Z' => Some(letter('S', 2)),
        _ => None,
    }
}
