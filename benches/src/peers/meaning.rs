//! What a code means, from the canonical tables: products, substances, coverage, sides of rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use jiff::civil::Date;

use crate::peers::past::day_number;

/// Codes that stand for no known drug, whatever the table says.
const DUMMIES: [&str; 3] = ["666660000", "777770000", "2000000X0000"];
const SYSTEMS: [&str; 6] = ["yj", "price", "receipt", "generic", "hot", "gtin"];
/// The systems whose codes fall back to their prefixes (S13).
const WITH_PREFIXES: [&str; 3] = ["yj", "price", "generic"];
/// The systems that `only` and `except` of a rule speak of (S20).
const IN_RULES: [&str; 2] = ["yj", "price"];
/// Open ends of coverage and validity.
pub const OPEN: (i64, i64) = (-4_000_000, 4_000_000);

type Substance = (String, String);

/// The tables.
#[derive(Debug)]
pub struct Tables {
    products: Vec<Product>,
    /// The rules, in the order of the table.
    pub rules: Vec<Rule>,
    by_code: BTreeMap<(String, String), Vec<usize>>,
    by_prefix: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Product {
    codes: Vec<(&'static str, String)>,
    substances: BTreeSet<Substance>,
    covered: (i64, i64),
    dummy: bool,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Side a and side b.
    pub sides: [Side; 2],
    /// The first and the last day on which it holds.
    pub valid: (i64, i64),
}

/// A side of a rule.
#[derive(Debug)]
pub struct Side {
    /// The id of the ingredient.
    pub ingredient: String,
    /// Days after its end.
    pub washout: i64,
    routes: Vec<String>,
    only: Vec<String>,
    except: Vec<String>,
}

/// What a code means.
#[derive(Debug, Default)]
pub struct Meaning {
    /// Its substances; none for a dummy and for what nothing is known of.
    pub substances: BTreeSet<Substance>,
    /// The days on which one of its products is covered.
    pub covered: Vec<(i64, i64)>,
    /// The sides of rules that hold for it: rule, and 0 or 1.
    pub sides: Vec<(usize, usize)>,
}

impl Tables {
    /// Reads a folder of canonical tables.
    ///
    /// # Errors
    ///
    /// When a table is missing, lacks a column, or has a day that is none.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let products = rows(&folder.join("drugs.csv"), product)?;
        let rules = rows(&folder.join("contraindications.csv"), rule)?;
        let (mut by_code, mut by_prefix) = (BTreeMap::new(), BTreeMap::new());
        for (position, product) in products.iter().enumerate() {
            for (system, code) in &product.codes {
                let key = ((*system).to_owned(), code.clone());
                by_code.entry(key).or_insert_with(Vec::new).push(position);
                let serves = !product.dummy && !product.substances.is_empty();
                if !serves || !WITH_PREFIXES.contains(system) {
                    continue;
                }
                for length in [9, 7] {
                    let prefix: String = code.chars().take(length).collect();
                    if code.chars().count() > length {
                        by_prefix.entry(prefix).or_insert_with(Vec::new).push(position);
                    }
                }
            }
        }
        Ok(Self { products, rules, by_code, by_prefix })
    }

    /// What a code means (S12, S13, S20).
    pub fn meaning(&self, system: &str, code: &str) -> Meaning {
        if DUMMIES.contains(&code) {
            return Meaning::default();
        }
        if let Some(positions) = self.by_code.get(&(system.to_owned(), code.to_owned())) {
            return self.joined(&self.named(positions), None);
        }
        if !WITH_PREFIXES.contains(&system) || code.chars().count() != 12 {
            return Meaning::default();
        }
        for length in [9, 7] {
            let prefix: String = code.chars().take(length).collect();
            let Some(positions) = self.by_prefix.get(&prefix) else { continue };
            let products = self.named(positions);
            let substances = products.first().map(|product| &product.substances);
            let agree = products.iter().all(|product| Some(&product.substances) == substances);
            return if agree { self.joined(&products, Some(code)) } else { Meaning::default() };
        }
        Meaning::default()
    }

    fn named(&self, positions: &[usize]) -> Vec<&Product> {
        positions.iter().filter_map(|position| self.products.get(*position)).collect()
    }

    /// All products of a code; a stand-in counts in rules by the code that was asked for.
    fn joined(&self, products: &[&Product], asked: Option<&str>) -> Meaning {
        if products.iter().all(|product| product.dummy) {
            return Meaning::default();
        }
        let real = products.iter().filter(|product| !product.dummy);
        let covered = real.map(|product| product.covered).collect();
        let substances = products.iter().flat_map(|product| product.substances.clone()).collect();
        let mut sides = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            for (which, side) in rule.sides.iter().enumerate() {
                if products.iter().any(|product| side.holds(product, asked)) {
                    sides.push((number, which));
                }
            }
        }
        Meaning { substances, covered, sides }
    }
}

impl Side {
    fn holds(&self, product: &Product, asked: Option<&str>) -> bool {
        let touches = product.substances.iter().any(|(ingredient, route)| {
            *ingredient == self.ingredient
                && (self.routes.is_empty() || self.routes.contains(route))
        });
        let codes: Vec<&str> = if let Some(code) = asked {
            vec![code]
        } else {
            let codes = product.codes.iter().filter(|(system, _)| IN_RULES.contains(system));
            codes.map(|(_, code)| code.as_str()).collect()
        };
        let begins = |prefixes: &[String]| {
            codes.iter().any(|code| prefixes.iter().any(|prefix| code.starts_with(prefix)))
        };
        touches && (self.only.is_empty() || begins(&self.only)) && !begins(&self.except)
    }
}

/// Cells of a table by the names of their columns.
struct Cells<'r> {
    header: &'r csv::StringRecord,
    record: &'r csv::StringRecord,
}

impl Cells<'_> {
    fn text(&self, column: &str) -> anyhow::Result<&str> {
        let position = self.header.iter().position(|name| name == column);
        let position = position.with_context(|| format!("there is no column {column}"))?;
        Ok(self.record.get(position).unwrap_or_default().trim())
    }

    fn list(&self, column: &str) -> anyhow::Result<Vec<String>> {
        let parts = self.text(column)?.split(';').map(str::trim);
        Ok(parts.filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    fn days(&self, from: &str, to: &str) -> anyhow::Result<(i64, i64)> {
        let day = |column, open| match self.text(column)? {
            "" => Ok(open),
            text => Ok::<_, anyhow::Error>(day_number(text.parse::<Date>()?)),
        };
        Ok((day(from, OPEN.0)?, day(to, OPEN.1)?))
    }
}

fn rows<T>(path: &Path, row: impl Fn(&Cells<'_>) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
    let place = || path.display().to_string();
    let mut reader = csv::Reader::from_path(path).with_context(place)?;
    let header = reader.headers()?.clone();
    let records = reader.records();
    records
        .map(|record| row(&Cells { header: &header, record: &record? }).with_context(place))
        .collect()
}

fn product(cells: &Cells<'_>) -> anyhow::Result<Product> {
    let mut codes = Vec::new();
    for system in SYSTEMS {
        codes.extend(cells.list(system)?.into_iter().map(|code| (system, code)));
    }
    let substances = cells.list("substances")?.into_iter().filter_map(|substance| {
        let (ingredient, route) = substance.rsplit_once('@')?;
        Some((ingredient.to_owned(), route.to_owned()))
    });
    Ok(Product {
        codes,
        substances: substances.collect(),
        covered: cells.days("covered_from", "covered_to")?,
        dummy: cells.text("dummy")? == "1",
    })
}

fn rule(cells: &Cells<'_>) -> anyhow::Result<Rule> {
    let side = |name: &str| {
        let washout = match cells.text(&format!("washout_{name}"))? {
            "" => 0,
            days => days.parse()?,
        };
        Ok::<_, anyhow::Error>(Side {
            ingredient: cells.text(&format!("{name}_ingredient"))?.to_owned(),
            washout,
            routes: cells.list(&format!("{name}_routes"))?,
            only: cells.list(&format!("{name}_only"))?,
            except: cells.list(&format!("{name}_except"))?,
        })
    };
    Ok(Rule { sides: [side("a")?, side("b")?], valid: cells.days("valid_from", "valid_to")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Tables {
        let folder = tempfile::tempdir().unwrap();
        chofuku_datasets::demo::write_tables(folder.path()).unwrap();
        Tables::read(folder.path()).unwrap()
    }

    #[test]
    fn a_code_means_its_products_and_a_prefix_their_stand_in() {
        let tables = tables();
        let triazolam = tables.meaning("receipt", "620037301");
        assert_eq!(triazolam.substances.iter().next().unwrap().0, "トリアゾラム");
        assert!(!triazolam.sides.is_empty());
        let stand_in = tables.meaning("yj", "1124007F2999");
        assert_eq!(stand_in.substances, triazolam.substances);
        assert!(tables.meaning("receipt", "1124007F2999").substances.is_empty());
        assert!(tables.meaning("yj", "2000000X0000").covered.is_empty());
    }
}
