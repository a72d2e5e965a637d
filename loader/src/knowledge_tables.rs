//! The canonical tables of knowledge, from rows of text to what the engine encodes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use chofuku_engine::code::CodeSystem;
use chofuku_engine::knowledge::rule::{Rule, Side, StatedBy};
use chofuku_engine::knowledge::tables::{Ingredient, Product, Substance, Tables, UsageText};
use chofuku_engine::manifest::Source;

use crate::csv_table::{self, Row, TableReport, number, optional_day, parts};
use crate::problem::{Fault, Problem, shown};

const INGREDIENT_COLUMNS: &[&str] = &["id", "name_ja", "name_en"];
const DRUG_COLUMNS: &[&str] = &[
    "yj",
    "price",
    "receipt",
    "generic",
    "hot",
    "gtin",
    "name",
    "aliases",
    "kana",
    "substances",
    "covered_from",
    "covered_to",
    "dummy",
];
/// The columns of `contraindications.csv`, which rows for review begin with too.
pub(crate) const CONTRAINDICATION_COLUMNS: &[&str] = &[
    "a_ingredient",
    "a_routes",
    "a_only",
    "a_except",
    "b_ingredient",
    "b_routes",
    "b_only",
    "b_except",
    "insert",
    "revised",
    "section",
    "stated_by",
    "condition",
    "measures",
    "mechanism",
    "washout_a",
    "washout_b",
    "valid_from",
    "valid_to",
];
const INSTITUTION_COLUMNS: &[&str] = &["code", "name"];
const USAGE_COLUMNS: &[&str] = &["code", "text", "valid_from", "valid_to"];
const REVISION_COLUMNS: &[&str] = &["table", "revision", "source"];

/// The national routes are four; finer ones are a few dozen.
const ROUTES_MAX: usize = 1000;
/// A wash-out is days or weeks; ten years is a slip of the pen.
const WASHOUT_DAYS_MAX: u32 = 3650;

/// The tables of a folder, with everything that was wrong with them.
#[derive(Debug, Default)]
pub struct ReadTables {
    /// The typed tables, without what was rejected.
    pub tables: Tables,
    /// The files that were read.
    pub sources: Vec<Source>,
    /// Faults, each a row that was not taken or a file that cannot be used.
    pub rejects: Vec<Problem>,
    /// What is odd and harmless.
    pub warnings: Vec<Problem>,
    /// Whether a file has no header that will do: none of its rows could be read.
    pub is_unusable: bool,
    /// The line of `drugs.csv` and of `contraindications.csv` that each product and rule stands on.
    pub lines: Lines,
}

/// Where products and rules stand in their files.
#[derive(Debug, Default)]
pub struct Lines {
    /// By product.
    pub drugs: Vec<u64>,
    /// By rule.
    pub contraindications: Vec<u64>,
}

/// A table that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot be read")]
pub struct TableError {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    #[source]
    pub source: io::Error,
}

/// Reads `ingredients.csv`, `drugs.csv`, `contraindications.csv`, `institutions.csv` and, where they
/// are there, `usages.csv` and `revisions.csv`.
///
/// # Errors
///
/// When one of the files cannot be read. Faults of rows are in the result.
pub fn read(directory: &Path) -> Result<ReadTables, TableError> {
    let mut read = ReadTables::default();
    let mut ingredients = BTreeMap::new();
    read.table(directory, "ingredients", INGREDIENT_COLUMNS, |row, _| {
        let ingredient = ingredient(row)?;
        match ingredients.insert(ingredient.id.clone(), ingredient) {
            None => Ok(()),
            Some(twice) => Err(Fault::new("id", format!("{} stands twice", shown(&twice.id)))),
        }
    })?;
    let ordinals: HashMap<&str, u32> =
        ingredients.keys().map(String::as_str).zip(0_u32..).collect();
    let mut drugs = Vec::new();
    read.table(directory, "drugs", DRUG_COLUMNS, |row, line| {
        drugs.push((product(row, &ordinals)?, line));
        Ok(())
    })?;
    let mut rules = Vec::new();
    read.table(directory, "contraindications", CONTRAINDICATION_COLUMNS, |row, line| {
        rules.push((rule(row, &ordinals)?, line));
        Ok(())
    })?;
    let mut institutions = BTreeMap::new();
    read.table(directory, "institutions", INSTITUTION_COLUMNS, |row, _| {
        let code = institution_code("code", row.field("code"))?;
        match institutions.insert(code.to_owned(), row.field("name").to_owned()) {
            None => Ok(()),
            Some(_) => Err(Fault::new("code", format!("{} stands twice", shown(code)))),
        }
    })?;
    let usages = read.usages(directory)?;
    let revisions = read.revisions(directory)?;
    read.join(&drugs, &rules, &revisions);
    read.tables.ingredients = ingredients.into_values().collect();
    read.tables.institutions = institutions.into_iter().collect();
    read.tables.usages = usages.into_iter().collect();
    Ok(read)
}

/// A product and the (ingredient, route) pairs that it holds.
type ReadProduct = (Product, BTreeSet<(u32, String)>);
/// A rule and the routes of its sides.
type ReadRule = (Rule, [Vec<String>; 2]);

impl ReadTables {
    fn table(
        &mut self,
        directory: &Path,
        table: &str,
        columns: &'static [&'static str],
        take: impl FnMut(&Row<'_>, u64) -> Result<(), Fault>,
    ) -> Result<(), TableError> {
        let name = format!("{table}.csv");
        let path = directory.join(&name);
        let report = csv_table::read(&path, columns, take)
            .map_err(|source| TableError { path: path.clone(), source })?;
        self.note(table, name, report);
        Ok(())
    }

    fn note(&mut self, table: &str, name: String, report: TableReport) {
        let rejected = u64::try_from(report.rejects.len()).unwrap_or(u64::MAX);
        let TableReport { rows, blake3, rejects, warnings, is_unusable } = report;
        self.is_unusable |= is_unusable;
        self.sources.push(Source { table: table.to_owned(), name, rows, rejected, blake3 });
        self.rejects.extend(rejects);
        self.warnings.extend(warnings);
    }

    /// What usage codes say, in the order of the engine's table.
    fn usages(&mut self, directory: &Path) -> Result<BTreeSet<UsageText>, TableError> {
        let mut usages = BTreeSet::new();
        if directory.join("usages.csv").exists() {
            self.table(directory, "usages", USAGE_COLUMNS, |row, _| {
                let [code, text] = ["code", "text"].map(|column| row.field(column));
                for (column, value) in [("code", code), ("text", text)] {
                    if value.is_empty() {
                        return Err(Fault::new(column, "it is missing"));
                    }
                }
                let usage = UsageText {
                    code: code.to_owned(),
                    valid_from: optional_day("valid_from", row.field("valid_from"))?,
                    valid_to: optional_day("valid_to", row.field("valid_to"))?,
                    text: text.to_owned(),
                };
                if usages.insert(usage) {
                    return Ok(());
                }
                Err(Fault::new("code", format!("{} stands twice", shown(code))))
            })?;
        }
        Ok(usages)
    }

    /// Which edition each table is; a table that does not say is named by its content.
    fn revisions(&mut self, directory: &Path) -> Result<HashMap<String, String>, TableError> {
        let mut revisions = HashMap::new();
        if directory.join("revisions.csv").exists() {
            self.table(directory, "revisions", REVISION_COLUMNS, |row, _| {
                revisions.insert(row.field("table").to_owned(), row.field("revision").to_owned());
                Ok(())
            })?;
        }
        for source in &self.sources {
            let content = source.blake3.iter().take(6).map(|byte| format!("{byte:02x}"));
            revisions.entry(source.table.clone()).or_insert_with(|| content.collect());
        }
        Ok(revisions)
    }

    /// Gives routes and substances their ordinals, in the order of (ingredient id, route).
    fn join(
        &mut self,
        drugs: &[(ReadProduct, u64)],
        rules: &[(ReadRule, u64)],
        revisions: &HashMap<String, String>,
    ) {
        let held = drugs.iter().flat_map(|((_, held), _)| held);
        let held: BTreeSet<&(u32, String)> = held.collect();
        let of_rules = rules.iter().flat_map(|((_, routes), _)| routes.iter().flatten());
        let routes: BTreeSet<&str> =
            held.iter().map(|(_, route)| route).chain(of_rules).map(String::as_str).collect();
        if routes.len() > ROUTES_MAX {
            self.rejects.push(Problem {
                file: "drugs.csv".to_owned(),
                line: 0,
                column: "substances".to_owned(),
                reason: format!(
                    "{} different routes, at most {ROUTES_MAX} are allowed",
                    routes.len()
                ),
            });
            return;
        }
        let routes: HashMap<&str, u16> = routes.into_iter().zip(0_u16..).collect();
        let route = |name: &str| routes.get(name).copied().unwrap_or(u16::MAX);
        let substances: HashMap<&(u32, String), u32> = held.iter().copied().zip(0_u32..).collect();
        self.tables.substances = held
            .iter()
            .map(|(ingredient, name)| Substance { ingredient: *ingredient, route: route(name) })
            .collect();
        let mut names: Vec<(&str, u16)> = routes.iter().map(|(name, id)| (*name, *id)).collect();
        names.sort_unstable_by_key(|(_, ordinal)| *ordinal);
        self.tables.routes = names.into_iter().map(|(name, _)| name.to_owned()).collect();
        for ((product, held), line) in drugs {
            let ordinals = held.iter().filter_map(|substance| substances.get(substance));
            let product = Product { substances: ordinals.copied().collect(), ..product.clone() };
            self.tables.products.push(product);
            self.lines.drugs.push(*line);
        }
        for ((rule, [a, b]), line) in rules {
            let mut rule = rule.clone();
            rule.a.routes = a.iter().map(|name| route(name)).collect();
            rule.b.routes = b.iter().map(|name| route(name)).collect();
            self.tables.rules.push(rule);
            self.lines.contraindications.push(*line);
        }
        let revision = |table: &str| revisions.get(table).cloned().unwrap_or_default();
        self.tables.drugs_revision = revision("drugs");
        self.tables.rules_revision = revision("contraindications");
    }
}

fn ingredient(row: &Row<'_>) -> Result<Ingredient, Fault> {
    let id = row.field("id");
    if id.is_empty() || id.contains(['@', ';']) {
        return Err(Fault::new("id", format!("{} is no id; it may not hold @ or ;", shown(id))));
    }
    if row.field("name_ja").is_empty() {
        return Err(Fault::new("name_ja", "the Japanese name is missing"));
    }
    Ok(Ingredient {
        id: id.to_owned(),
        name_ja: row.field("name_ja").to_owned(),
        name_en: row.field("name_en").to_owned(),
    })
}

fn product(row: &Row<'_>, ingredients: &HashMap<&str, u32>) -> Result<ReadProduct, Fault> {
    let mut codes = Vec::new();
    for system in CodeSystem::ALL {
        let listed = parts(row.field(system.name()));
        codes.extend(listed.map(|code| (system, code.to_owned())));
    }
    if codes.is_empty() {
        return Err(Fault::new("yj", "a product needs at least one code of some system"));
    }
    let dummy = match row.field("dummy") {
        "" | "0" => false,
        "1" => true,
        other => return Err(Fault::new("dummy", format!("{} is neither 0 nor 1", shown(other)))),
    };
    let mut held = BTreeSet::new();
    for pair in parts(row.field("substances")) {
        let fault = |reason: &str| Fault::new("substances", format!("{}: {reason}", shown(pair)));
        let (ingredient, route) =
            pair.split_once('@').ok_or_else(|| fault("write ingredient@route"))?;
        let ingredient = ingredients.get(ingredient).ok_or_else(|| fault("unknown ingredient"))?;
        if route.is_empty() {
            return Err(fault("the route is missing"));
        }
        held.insert((*ingredient, route.to_owned()));
    }
    let product = Product {
        name: row.field("name").to_owned(),
        aliases: parts(row.field("aliases")).map(str::to_owned).collect(),
        kana: row.field("kana").to_owned(),
        codes,
        substances: Vec::new(),
        covered_from: optional_day("covered_from", row.field("covered_from"))?,
        covered_to: optional_day("covered_to", row.field("covered_to"))?,
        dummy,
    };
    Ok((product, held))
}

fn rule(row: &Row<'_>, ingredients: &HashMap<&str, u32>) -> Result<ReadRule, Fault> {
    let side = |columns: [&'static str; 3]| {
        let [column, only, except] = columns;
        let id = row.field(column);
        let ingredient = ingredients.get(id);
        let ingredient = *ingredient
            .ok_or_else(|| Fault::new(column, format!("{}: unknown ingredient", shown(id))))?;
        let list = |column| parts(row.field(column)).map(str::to_owned).collect();
        Ok(Side { ingredient, routes: Vec::new(), only: list(only), except: list(except) })
    };
    let stated_by = match row.field("stated_by") {
        "a" => StatedBy::A,
        "b" => StatedBy::B,
        "both" => StatedBy::Both,
        other => {
            let reason = format!("{} is none of a, b, both", shown(other));
            return Err(Fault::new("stated_by", reason));
        }
    };
    let washout = |column| {
        number(column, row.field(column), 0, WASHOUT_DAYS_MAX)
            .map(|days| u16::try_from(days).unwrap_or(u16::MAX))
    };
    let text = |column| row.field(column).to_owned();
    let rule = Rule {
        a: side(["a_ingredient", "a_only", "a_except"])?,
        b: side(["b_ingredient", "b_only", "b_except"])?,
        insert: text("insert"),
        revised: text("revised"),
        section: text("section"),
        stated_by,
        condition: text("condition"),
        measures: text("measures"),
        mechanism: text("mechanism"),
        washout_a: washout("washout_a")?,
        washout_b: washout("washout_b")?,
        valid_from: optional_day("valid_from", row.field("valid_from"))?,
        valid_to: optional_day("valid_to", row.field("valid_to"))?,
    };
    let routes = |column| parts(row.field(column)).map(str::to_owned).collect();
    Ok((rule, [routes("a_routes"), routes("b_routes")]))
}

/// Ten digits: prefecture 2, point table 1, institution 7.
pub(crate) fn institution_code<'r>(column: &'static str, code: &'r str) -> Result<&'r str, Fault> {
    if code.len() == 10 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(code);
    }
    Err(Fault::new(column, format!("{} is not ten digits", shown(code))))
}
