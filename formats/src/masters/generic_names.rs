//! The generic-name prescription master (一般名処方マスタ): codes that stand for many products.

use std::path::Path;

use jiff::civil::Date;

use super::{
    Category, Columns, MasterError, Sheet,
    date::parse_date,
    price_list::{is_code, name_date},
    sheet::{read_matching, read_sheets, read_sheets_of},
};
use crate::report::{Reason, Report};

/// The headings of both sheets; the first three are required, the fourth marks the exceptions.
const HEADINGS: [&[&str]; 5] = [
    &["一般名コード"],
    &["一般名処方の標準的な記載"],
    &["成分名"],
    &["薬価基準収載医薬品コード"],
    &["区分"],
];
const REQUIRED: usize = 3;
const PRICE_CODE: usize = 3;

/// One generic-name code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericName {
    /// The line or row of the file.
    pub line: u64,
    /// 一般名コード, 12 characters.
    pub code: String,
    /// 一般名処方の標準的な記載, as written.
    pub name: String,
    /// 成分名, as written.
    pub ingredient: String,
    /// 区分.
    pub category: Option<Category>,
}

/// A product that an exceptional code (例外コード) lists by its price code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericException {
    /// The line or row of the file.
    pub line: u64,
    /// 一般名コード, 12 characters.
    pub code: String,
    /// 薬価基準収載医薬品コード, 12 characters.
    pub price_code: String,
}

/// One file of the master: all codes, or the exceptions, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenericNames {
    /// The day of the edition: of the file name, else of the title.
    pub date: Option<Date>,
    /// The codes.
    pub names: Vec<GenericName>,
    /// The products of the exceptional codes.
    pub exceptions: Vec<GenericException>,
}

/// Reads one file of the master.
///
/// # Errors
///
/// The file cannot be read, or no sheet of it has the headings.
pub fn read_generic_names(path: &Path, report: &mut Report) -> Result<GenericNames, MasterError> {
    GenericNames::of(path, read_sheets(path)?, report)
}

impl GenericNames {
    /// Reads the bytes of one file; the path is for reports and for the day of the edition.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read, or no sheet of them has the headings.
    pub fn read(path: &Path, bytes: &[u8], report: &mut Report) -> Result<Self, MasterError> {
        Self::of(path, read_sheets_of(path, bytes)?, report)
    }

    fn of(path: &Path, sheets: Vec<Sheet>, report: &mut Report) -> Result<Self, MasterError> {
        let mut names = Self { date: name_date(path), ..Self::default() };
        read_matching(sheets, &HEADINGS, REQUIRED, report, |sheet, columns, report| {
            names.date = names.date.or_else(|| effective_date(sheet));
            if columns.has(PRICE_CODE) {
                read_exceptions(sheet, columns, &mut names.exceptions, report)
            } else {
                read_names(sheet, columns, &mut names.names, report)
            }
        })?;
        Ok(names)
    }
}

fn read_names(
    sheet: &Sheet,
    columns: &Columns,
    names: &mut Vec<GenericName>,
    report: &mut Report,
) -> usize {
    let before = names.len();
    for (line, row) in sheet.body(columns) {
        if row.iter().all(String::is_empty) {
            continue;
        }
        let field = |index| columns.get(row, index).to_owned();
        let (code, name, ingredient) = (field(0), field(1), field(2));
        if !is_code(&code) {
            refuse_code(sheet, line, "一般名コード", code, report);
            continue;
        }
        let category = Category::parse(columns.get(row, 4));
        names.push(GenericName { line, code, name, ingredient, category });
    }
    names.len() - before
}

/// Reads the exceptions; a code stands on the first of its rows only.
fn read_exceptions(
    sheet: &Sheet,
    columns: &Columns,
    exceptions: &mut Vec<GenericException>,
    report: &mut Report,
) -> usize {
    let before = exceptions.len();
    let mut code = String::new();
    for (line, row) in sheet.body(columns) {
        if row.iter().all(String::is_empty) {
            continue;
        }
        let stated = columns.get(row, 0);
        if !stated.is_empty() {
            stated.clone_into(&mut code);
        }
        let price_code = columns.get(row, PRICE_CODE).to_owned();
        if !is_code(&code) {
            refuse_code(sheet, line, "一般名コード", code.clone(), report);
        } else if is_code(&price_code) {
            exceptions.push(GenericException { line, code: code.clone(), price_code });
        } else {
            refuse_code(sheet, line, "薬価基準収載医薬品コード", price_code, report);
        }
    }
    exceptions.len() - before
}

fn refuse_code(sheet: &Sheet, line: u64, field: &'static str, found: String, report: &mut Report) {
    report.problem(&sheet.file, line, field, Reason::Code { expected: 12, found });
}

/// The day from which an edition applies (`令和7年8月14日適用`), where its title says so.
fn effective_date(sheet: &Sheet) -> Option<Date> {
    let mut texts = sheet.rows.iter().take(3).flat_map(|(_, row)| row);
    texts.find_map(|text| parse_date(text.strip_suffix("適用")?))
}

#[cfg(test)]
mod tests;
