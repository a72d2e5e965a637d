//! Faults of the tables themselves: what a pharmacist should look at before they go live.

use std::collections::BTreeMap;
use std::path::Path;

use chofuku_engine::code::{self, CodeSystem};
use chofuku_engine::knowledge::rule::{Rule, Side, StatedBy};
use chofuku_engine::knowledge::tables::{Product, Substance, Tables};
use serde::Serialize;

use crate::knowledge_tables::{self, Lines, ReadTables, TableError};

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row does not do what its author meant; `compile` refuses it, or a check is wrong.
    Error,
    /// A check may be silent or noisy because of it.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The word used in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name of the kind of fault.
    pub kind: &'static str,
    /// The table.
    pub file: String,
    /// The line of the row, from 1; 0 when no single row is meant.
    pub line: u64,
    /// What is wrong, with the values.
    pub message: String,
}

/// Reads the tables of a folder and reports their faults, the worst first.
///
/// # Errors
///
/// When a table cannot be read at all.
pub fn lint(directory: &Path) -> Result<Vec<Fault>, TableError> {
    let read = knowledge_tables::read(directory)?;
    let mut linter = Linter::new(&read.tables, &read.lines);
    linter.refused_rows(&read);
    Ok(linter.finish())
}

/// Reports the faults of tables that are compiled, the worst first: what is in force, whatever has
/// become of the files. A generation does not keep the lines of its rows, so every line is 0; and rows
/// that the compile refused are not in it, but in its `rejects.csv`.
pub fn compiled(tables: &Tables) -> Vec<Fault> {
    Linter::new(tables, &Lines::default()).finish()
}

/// The rules that no check can find, whatever is prescribed: a side holds for no product, or they are
/// valid on no day. By their positions.
pub(crate) fn silent_rules(tables: &Tables) -> Vec<usize> {
    let lines = Lines::default();
    let linter = Linter::new(tables, &lines);
    let is_silent = |rule: &Rule| {
        is_never(rule.valid_from, rule.valid_to)
            || !linter.has_product(&rule.a)
            || !linter.has_product(&rule.b)
    };
    let rules = tables.rules.iter().enumerate();
    rules.filter(|(_, rule)| is_silent(rule)).map(|(position, _)| position).collect()
}

struct Linter<'t> {
    tables: &'t Tables,
    lines: &'t Lines,
    /// By the ordinal of an ingredient that they hold.
    products_of: BTreeMap<u32, Vec<&'t Product>>,
    faults: Vec<Fault>,
}

/// The routes of the price list; a table may have finer ones, and most that look so are misspelt.
const NATIONAL_ROUTES: [&str; 4] = ["oral", "injection", "external", "dental"];
const DRUGS: &str = "drugs.csv";
const RULES: &str = "contraindications.csv";

impl<'t> Linter<'t> {
    fn new(tables: &'t Tables, lines: &'t Lines) -> Self {
        let mut products_of: BTreeMap<u32, Vec<&Product>> = BTreeMap::new();
        for product in &tables.products {
            let substances = product.substances.iter().filter_map(|held| substance(tables, *held));
            for Substance { ingredient, .. } in substances {
                products_of.entry(*ingredient).or_default().push(product);
            }
        }
        Self { tables, lines, products_of, faults: Vec::new() }
    }

    fn finish(mut self) -> Vec<Fault> {
        self.products();
        self.routes();
        self.products_that_stand_twice();
        self.codes();
        self.rules();
        let mut faults = self.faults;
        faults.sort_by(|one, other| {
            (one.severity, one.kind, &one.file, one.line).cmp(&(
                other.severity,
                other.kind,
                &other.file,
                other.line,
            ))
        });
        faults
    }

    fn tables(&self) -> &'t Tables {
        self.tables
    }

    fn drug(&mut self, severity: Severity, kind: &'static str, product: usize, message: String) {
        let line = self.lines.drugs.get(product).copied().unwrap_or(0);
        self.faults.push(Fault { severity, kind, file: DRUGS.to_owned(), line, message });
    }

    fn rule(&mut self, severity: Severity, kind: &'static str, rule: usize, message: String) {
        let line = self.lines.contraindications.get(rule).copied().unwrap_or(0);
        self.faults.push(Fault { severity, kind, file: RULES.to_owned(), line, message });
    }

    /// Rows that `compile` refuses: unknown ingredients, bad days, missing columns.
    fn refused_rows(&mut self, read: &ReadTables) {
        for (severity, kind, problems) in [
            (Severity::Error, "refused_row", &read.rejects),
            (Severity::Note, "ignored_column", &read.warnings),
        ] {
            for problem in problems {
                let unknown = problem.reason.contains("unknown ingredient");
                self.faults.push(Fault {
                    severity,
                    kind: if unknown { "unknown_ingredient" } else { kind },
                    file: problem.file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
                    line: problem.line,
                    message: format!("{}: {}", problem.column, problem.reason),
                });
            }
        }
    }

    fn products(&mut self) {
        for (position, product) in self.tables().products.iter().enumerate() {
            if product.substances.is_empty() && !product.dummy {
                let message =
                    format!("{}: no substance, so it can never be checked", title(product));
                self.drug(Severity::Warning, "no_substance", position, message);
            }
            if product.dummy && !product.substances.is_empty() {
                let message = format!("{}: a dummy stands for no known drug", title(product));
                self.drug(Severity::Warning, "dummy_with_substance", position, message);
            }
            if is_never(product.covered_from, product.covered_to) {
                let message = format!("{}: coverage ends before it begins", title(product));
                self.drug(Severity::Error, "never_covered", position, message);
            }
            for (system, code) in &product.codes {
                let checked = system.has_check_digit() && !code::is_fixed_dummy(code);
                if checked && !product.dummy && !code::check_digit_holds(code) {
                    let message =
                        format!("{}: {system} code {code} has a wrong check digit", title(product));
                    self.drug(Severity::Warning, "check_digit", position, message);
                }
            }
        }
    }

    /// A mistyped route is another substance, and duplicates with the right one are missed.
    fn routes(&mut self) {
        let mut first_of: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (position, product) in self.tables().products.iter().enumerate() {
            for ordinal in &product.substances {
                let route = substance(self.tables, *ordinal)
                    .and_then(|found| self.tables.routes.get(usize::from(found.route)));
                if let Some(route) =
                    route.filter(|route| !NATIONAL_ROUTES.contains(&route.as_str()))
                {
                    first_of.entry(route).or_insert((position, 0)).1 += 1;
                }
            }
        }
        for (route, (position, count)) in first_of {
            let message =
                format!("route {route} is none of {NATIONAL_ROUTES:?}; {count} substances use it");
            self.drug(Severity::Warning, "unusual_route", position, message);
        }
    }

    fn products_that_stand_twice(&mut self) {
        let mut seen = BTreeMap::new();
        for (position, product) in self.tables().products.iter().enumerate() {
            if let Some(first) = seen.insert((&product.name, &product.codes), position) {
                let same = same_as(self.lines.drugs.get(first));
                let message = format!("{}: {same}", title(product));
                self.drug(Severity::Warning, "product_stands_twice", position, message);
            }
        }
    }

    /// A code of one product should not be another's. Price and generic-name codes are shared by
    /// design (統一名収載), but only by products of the same substances.
    fn codes(&mut self) {
        let mut claimants: BTreeMap<(CodeSystem, &str), Vec<usize>> = BTreeMap::new();
        for (position, product) in self.tables().products.iter().enumerate() {
            for (system, code) in &product.codes {
                let list = claimants.entry((*system, code)).or_default();
                if list.last() != Some(&position) {
                    list.push(position);
                }
            }
        }
        for ((system, code), list) in claimants {
            let Some((first, others)) = list.split_first() else { continue };
            for other in others {
                self.shared_code(system, code, *first, *other);
            }
        }
    }

    fn shared_code(&mut self, system: CodeSystem, code: &str, first: usize, other: usize) {
        let products = &self.tables().products;
        let (Some(one), Some(two)) = (products.get(first), products.get(other)) else { return };
        let both = format!("{system} code {code}: {} and {}", title(one), title(two));
        if one.substances != two.substances {
            let message = format!("{both} differ in their substances; a check means both");
            self.drug(Severity::Error, "code_conflict", other, message);
        } else if !matches!(system, CodeSystem::Price | CodeSystem::Generic) {
            let message = format!("{both} claim it");
            self.drug(Severity::Warning, "code_claimed_twice", other, message);
            if overlaps(one, two) {
                let message = format!("{both} are covered on the same days");
                self.drug(Severity::Warning, "overlapping_coverage", other, message);
            }
        }
    }

    fn rules(&mut self) {
        let mut pairs: BTreeMap<(u32, u32), [bool; 2]> = BTreeMap::new();
        let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
        for (position, rule) in self.tables().rules.iter().enumerate() {
            if is_never(rule.valid_from, rule.valid_to) {
                let message = format!("{}: ends before it begins", self.pair(rule));
                self.rule(Severity::Error, "never_valid", position, message);
            }
            for (name, side) in [("a", &rule.a), ("b", &rule.b)] {
                if !self.has_product(side) {
                    let message = format!("{}: no product on side {name}", self.pair(rule));
                    self.rule(Severity::Warning, "side_without_product", position, message);
                }
            }
            if let Some(first) = first_of.get(&format!("{rule:?}")) {
                let same = same_as(self.lines.contraindications.get(*first));
                let message = format!("{}: {same}", self.pair(rule));
                self.rule(Severity::Warning, "rule_stands_twice", position, message);
            } else {
                first_of.insert(format!("{rule:?}"), position);
            }
            let (low, high) = (rule.a.ingredient, rule.b.ingredient);
            let by = pairs.entry((low.min(high), low.max(high))).or_default();
            let both = rule.stated_by == StatedBy::Both;
            let by_low = (rule.stated_by == StatedBy::A) == (low <= high);
            *by = [by[0] || both || by_low, by[1] || both || !by_low];
        }
        self.stated_by_one(&pairs);
    }

    /// Inserts are not symmetric; a pair that one of them does not state deserves a look.
    fn stated_by_one(&mut self, pairs: &BTreeMap<(u32, u32), [bool; 2]>) {
        for (position, rule) in self.tables().rules.iter().enumerate() {
            let (a, b) = (rule.a.ingredient, rule.b.ingredient);
            if pairs.get(&(a.min(b), a.max(b))).is_some_and(|by| by.contains(&false)) {
                let message = format!("{}: stated by one insert only", self.pair(rule));
                self.rule(Severity::Note, "stated_by_one_insert", position, message);
            }
        }
    }

    fn has_product(&self, side: &Side) -> bool {
        let mut products = self.products_of.get(&side.ingredient).into_iter().flatten();
        products.any(|product| {
            let mut held = product.substances.iter();
            held.any(|held| substance(self.tables, *held).is_some_and(|held| side.names(held)))
                && side.admits(product.yj_and_price_codes())
        })
    }

    fn pair(&self, rule: &Rule) -> String {
        let name = |side: &Side| {
            let position = usize::try_from(side.ingredient).unwrap_or(usize::MAX);
            self.tables().ingredients.get(position).map_or("?", |found| found.name_ja.as_str())
        };
        format!("{} × {}", name(&rule.a), name(&rule.b))
    }
}

fn substance(tables: &Tables, ordinal: u32) -> Option<&Substance> {
    usize::try_from(ordinal).ok().and_then(|position| tables.substances.get(position))
}

/// Which row another repeats, as far as its line is known.
fn same_as(line: Option<&u64>) -> String {
    line.map_or_else(|| "stands twice".to_owned(), |line| format!("the same as line {line}"))
}

fn title(product: &Product) -> String {
    let code = product.codes.first().map_or("", |(_, code)| code.as_str());
    if product.name.is_empty() { code.to_owned() } else { format!("{} ({code})", product.name) }
}

fn is_never(from: Option<i32>, to: Option<i32>) -> bool {
    from.zip(to).is_some_and(|(from, to)| from > to)
}

fn overlaps(one: &Product, other: &Product) -> bool {
    let range = |product: &Product| {
        (product.covered_from.unwrap_or(i32::MIN), product.covered_to.unwrap_or(i32::MAX))
    };
    let ((from, to), (other_from, other_to)) = (range(one), range(other));
    from.max(other_from) <= to.min(other_to)
}
