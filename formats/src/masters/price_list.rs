//! The national price list (薬価基準収載品目リスト): codes, ingredients and names of what is covered.

use std::{collections::HashMap, path::Path};

use jiff::civil::Date;

use super::{
    MasterError, Sheet,
    date::{date_in_name, parse_date},
    sheet::{read_matching, read_sheets, read_sheets_of},
};
use crate::report::{Reason, Report};

/// The characters of a price code (薬価基準収載医薬品コード).
const CODE_LENGTH: usize = 12;
/// The headings, each with the wordings of other editions; the first four are required.
const HEADINGS: [&[&str]; 7] = [
    &["区分"],
    &["薬価基準収載医薬品コード", "薬価基準コード"],
    &["成分名"],
    &["品名"],
    &["規格", "規格単位"],
    &["メーカー名"],
    &["経過措置による使用期限", "経過措置期限"],
];
const REQUIRED: usize = 4;

/// How the price list divides medicines (区分); the coarse route of administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// 内用薬.
    Oral,
    /// 注射薬.
    Injection,
    /// 外用薬.
    External,
    /// 歯科用薬剤.
    Dental,
}

/// One line of the price list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceEntry {
    /// The line or row of the file.
    pub line: u64,
    /// 区分.
    pub category: Category,
    /// 薬価基準収載医薬品コード, 12 characters.
    pub code: String,
    /// 成分名, as written.
    pub ingredient: String,
    /// 規格, as written.
    pub specification: String,
    /// 品名, as written.
    pub name: String,
    /// メーカー名, as written; empty for names that stand for several makers.
    pub maker: String,
    /// 経過措置による使用期限: the last day of coverage.
    pub covered_to: Option<Date>,
}

/// One file of the price list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceList {
    /// The day of the edition, as the file name has it.
    pub date: Option<Date>,
    /// The usable lines, in file order.
    pub entries: Vec<PriceEntry>,
}

impl Category {
    /// Reads 区分 in the wordings of the price list and of lists derived from it.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "内用薬" | "内用" => Some(Self::Oral),
            "注射薬" | "注射" => Some(Self::Injection),
            "外用薬" | "外用" => Some(Self::External),
            "歯科用薬剤" | "歯科用薬" | "歯科用" | "歯科" => Some(Self::Dental),
            _ => None,
        }
    }

    /// The category that a price code tells: its fifth character is 0–3 for oral medicines, 4–6 for
    /// injections and 7–9 for external ones. Dental medicines cannot be told from external ones.
    pub fn of_code(code: &str) -> Option<Self> {
        match code.chars().nth(4)? {
            '0'..='3' => Some(Self::Oral),
            '4'..='6' => Some(Self::Injection),
            '7'..='9' => Some(Self::External),
            _ => None,
        }
    }
}

/// Reads one file of the price list, in any of its layouts.
///
/// # Errors
///
/// The file cannot be read, or no sheet of it has the headings.
pub fn read_price_list(path: &Path, report: &mut Report) -> Result<PriceList, MasterError> {
    PriceList::of(path, read_sheets(path)?, report)
}

impl PriceList {
    /// Reads the bytes of one file; the path is for reports and for the day of the edition.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read, or no sheet of them has the headings.
    pub fn read(path: &Path, bytes: &[u8], report: &mut Report) -> Result<Self, MasterError> {
        Self::of(path, read_sheets_of(path, bytes)?, report)
    }

    fn of(path: &Path, sheets: Vec<Sheet>, report: &mut Report) -> Result<Self, MasterError> {
        let mut list = Self { date: name_date(path), entries: Vec::new() };
        read_matching(sheets, &HEADINGS, REQUIRED, report, |sheet, columns, report| {
            let before = list.entries.len();
            read_rows(sheet, columns, &mut list.entries, report);
            list.entries.len() - before
        })?;
        Ok(list)
    }
}

pub(super) fn name_date(path: &Path) -> Option<Date> {
    date_in_name(&path.file_stem()?.to_string_lossy())
}

fn read_rows(
    sheet: &Sheet,
    columns: &super::Columns,
    entries: &mut Vec<PriceEntry>,
    report: &mut Report,
) {
    let mut lines: HashMap<String, u64> = HashMap::new();
    for (line, row) in sheet.body(columns) {
        if row.iter().all(String::is_empty) {
            continue;
        }
        let Some(entry) = read_entry(sheet, columns, line, row, report) else { continue };
        if let Some(first) = lines.insert(entry.code.clone(), line) {
            let field = "薬価基準収載医薬品コード";
            report.problem(&sheet.file, line, field, Reason::Repeated { first });
        }
        entries.push(entry);
    }
}

fn read_entry(
    sheet: &Sheet,
    columns: &super::Columns,
    line: u64,
    row: &[String],
    report: &mut Report,
) -> Option<PriceEntry> {
    let field = |index| columns.get(row, index).to_owned();
    let (category, code, ingredient, name) = (field(0), field(1), field(2), field(3));
    let mut refuse = |field, reason| report.problem(&sheet.file, line, field, reason);
    if !is_code(&code) {
        let reason = Reason::Code { expected: CODE_LENGTH, found: code };
        refuse("薬価基準収載医薬品コード", reason);
        return None;
    }
    let Some(category) = Category::parse(&category) else {
        refuse("区分", Reason::Value { found: category });
        return None;
    };
    if ingredient.is_empty() {
        // The product still exists; what it contains may be known from products of the same code.
        refuse("成分名", Reason::Empty);
    }
    if name.is_empty() {
        refuse("品名", Reason::Empty);
    }
    let until = field(6);
    let covered_to = parse_date(&until);
    if covered_to.is_none() && !until.is_empty() {
        refuse("経過措置による使用期限", Reason::Date { found: until });
    }
    let (specification, maker) = (field(4), field(5));
    Some(PriceEntry { line, category, code, ingredient, specification, name, maker, covered_to })
}

/// Whether a text has the form of a price or YJ code; its check digit is not looked at.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == CODE_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests;
