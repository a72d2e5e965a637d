//! A list of contraindicated pairs (併用禁忌) by ingredient name and the first seven characters of
//! price codes, as compiled from package inserts.

use std::path::Path;

use super::{
    Category, Columns, MasterError, Sheet,
    sheet::{read_matching, read_sheets, read_sheets_of},
};
use crate::report::{Reason, Report};

/// The headings; the first six are required.
const HEADINGS: [&[&str]; 11] = [
    &["ingredient_a_ja"],
    &["ingredient_b_ja"],
    &["source"],
    &["yj7_a"],
    &["yj7_b"],
    &["condition"],
    &["ingredient_a_en"],
    &["ingredient_b_en"],
    &["route_notes"],
    &["verified"],
    &["source_date"],
];
const REQUIRED: usize = 6;

/// The first seven characters of price codes and the category that they are meant in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PricedPrefix {
    /// Seven characters.
    pub prefix: String,
    /// 区分.
    pub category: Category,
}

/// One side of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairSide {
    /// The Japanese name of the ingredient, combination or class.
    pub name_ja: String,
    /// The English name; may be empty.
    pub name_en: String,
    /// Which products it means; empty where the list does not know.
    pub prefixes: Vec<PricedPrefix>,
}

/// One contraindicated pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The file.
    pub file: String,
    /// The line of the file.
    pub line: u64,
    /// The side whose insert was read.
    pub a: PairSide,
    /// The partner.
    pub b: PairSide,
    /// Where it was read.
    pub source: String,
    /// Remarks on routes, as written.
    pub route_notes: String,
    /// Whether the statement was read in the source; `None` where the list does not say.
    pub verified: Option<bool>,
    /// The condition, as written.
    pub condition: String,
    /// The day, month or year of the source, as written.
    pub source_date: String,
}

/// Reads one pair list.
///
/// # Errors
///
/// The file cannot be read, or no sheet of it has the headings.
pub fn read_pairs(path: &Path, report: &mut Report) -> Result<Vec<Pair>, MasterError> {
    pairs_of(read_sheets(path)?, report)
}

/// Reads the bytes of one pair list; the path is for reports.
///
/// # Errors
///
/// The bytes cannot be read, or no sheet of them has the headings.
pub fn read_pairs_of(
    path: &Path,
    bytes: &[u8],
    report: &mut Report,
) -> Result<Vec<Pair>, MasterError> {
    pairs_of(read_sheets_of(path, bytes)?, report)
}

fn pairs_of(sheets: Vec<Sheet>, report: &mut Report) -> Result<Vec<Pair>, MasterError> {
    let mut pairs = Vec::new();
    read_matching(sheets, &HEADINGS, REQUIRED, report, |sheet, columns, report| {
        let before = pairs.len();
        for (line, row) in sheet.body(columns) {
            pairs.extend(read_pair(sheet, columns, line, row, report));
        }
        pairs.len() - before
    })?;
    Ok(pairs)
}

fn read_pair(
    sheet: &Sheet,
    columns: &Columns,
    line: u64,
    row: &[String],
    report: &mut Report,
) -> Option<Pair> {
    if row.iter().all(String::is_empty) {
        return None;
    }
    let field = |index| columns.get(row, index).to_owned();
    let mut side = |name_ja: usize, name_en: usize, prefixes: usize, heading: &'static str| {
        let mut refuse = |found: &str| {
            let reason = Reason::Value { found: found.to_owned() };
            report.problem(&sheet.file, line, heading, reason);
        };
        let prefixes = read_prefixes(columns.get(row, prefixes), &mut refuse);
        PairSide { name_ja: field(name_ja), name_en: field(name_en), prefixes }
    };
    let (a, b) = (side(0, 6, 3, "yj7_a"), side(1, 7, 4, "yj7_b"));
    for (side, heading) in [(&a, "ingredient_a_ja"), (&b, "ingredient_b_ja")] {
        if side.name_ja.is_empty() && side.prefixes.is_empty() {
            report.problem(&sheet.file, line, heading, Reason::Empty);
            return None;
        }
    }
    let verified = match columns.get(row, 9) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Some(Pair {
        file: sheet.file.clone(),
        line,
        a,
        b,
        source: field(2),
        route_notes: field(8),
        verified,
        condition: field(5),
        source_date: field(10),
    })
}

/// Reads `1124402:注射|1139401:注射`.
fn read_prefixes(text: &str, refuse: &mut impl FnMut(&str)) -> Vec<PricedPrefix> {
    let mut prefixes = Vec::new();
    for part in text.split('|').map(str::trim).filter(|part| !part.is_empty()) {
        let (prefix, category) = part.split_once(':').unwrap_or((part, ""));
        let category = Category::parse(category).or_else(|| Category::of_code(prefix));
        let valid = prefix.len() == 7 && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match category {
            Some(category) if valid => {
                prefixes.push(PricedPrefix { prefix: prefix.to_owned(), category });
            }
            _ => refuse(part),
        }
    }
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

#[cfg(test)]
mod tests;
