//! The receipt-code master (支払基金 医薬品マスター): one full file, and difference files whose rows
//! state only what changed.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use jiff::civil::Date;

use super::{
    MasterError, Sheet,
    date::parse_date,
    price_list::name_date,
    sheet::{read_sheets, read_sheets_of},
};
use crate::report::{Reason, Report};

/// Positions of the fields that are used; the file has no headings.
const CHANGE: usize = 0;
const CODE: usize = 2;
const NAME: usize = 4;
const KANA: usize = 6;
const UNIFIED: usize = 22;
const FORM: usize = 27;
const CHANGED_ON: usize = 29;
const ABOLISHED_ON: usize = 30;
const PRICE_CODE: usize = 31;
const USABLE_UNTIL: usize = 33;
const BASE_NAME: usize = 34;
const LISTED_ON: usize = 35;
const GENERIC_CODE: usize = 36;
/// The fewest fields of any edition: older ones end after the transitional date.
const FIELDS_MIN: usize = 34;
const CODE_LENGTH: usize = 9;

/// 変更区分: what a row does to the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptChange {
    /// 0, as before.
    Unchanged,
    /// 1, struck off: the code should never have been there.
    Deleted,
    /// 3, new.
    New,
    /// 5, changed; a row of a difference file has the changed fields only.
    Changed,
    /// 9, abolished; a row of a difference file has the changed fields only.
    Abolished,
}

/// One row as it stands in a file, with the fields by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The line of the file.
    pub line: u64,
    /// 変更区分.
    pub change: ReceiptChange,
    fields: Vec<String>,
}

/// One file of the master.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptFile {
    /// The file, for reports.
    pub file: String,
    /// The day of the edition: of the file name, else the latest change in it.
    pub date: Option<Date>,
    /// The usable rows, in file order.
    pub rows: Vec<ReceiptRow>,
}

/// The master after any number of files, merged field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptMaster {
    rows: BTreeMap<String, ReceiptRow>,
}

impl ReceiptChange {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "0" => Some(Self::Unchanged),
            "1" => Some(Self::Deleted),
            "3" => Some(Self::New),
            "5" => Some(Self::Changed),
            "9" => Some(Self::Abolished),
            _ => None,
        }
    }
}

impl ReceiptRow {
    /// 医薬品コード, nine digits.
    pub fn code(&self) -> &str {
        self.field(CODE)
    }

    /// 医薬品名・規格名漢字名称, with the strength.
    pub fn name(&self) -> &str {
        self.field(NAME)
    }

    /// 基本漢字名称, the name alone; empty in old editions.
    pub fn base_name(&self) -> &str {
        self.field(BASE_NAME)
    }

    /// 医薬品名・規格名カナ名称, half-width as written.
    pub fn kana(&self) -> &str {
        self.field(KANA)
    }

    /// 薬価基準収載医薬品コード; empty for what is no medicine.
    pub fn price_code(&self) -> &str {
        self.field(PRICE_CODE)
    }

    /// 一般名コード; empty where there is none.
    pub fn generic_code(&self) -> &str {
        self.field(GENERIC_CODE)
    }

    /// 商品名等関連: the receipt code of the unified name (統一名) under which a brand is listed.
    pub fn unified_code(&self) -> Option<&str> {
        Some(self.field(UNIFIED)).filter(|code| is_receipt_code(code))
    }

    /// 剤形: 1 oral, 3 other, 4 injection, 6 external, 8 dental.
    pub fn form(&self) -> &str {
        self.field(FORM)
    }

    /// 廃止年月日: the day on which the code is abolished.
    pub fn abolished_on(&self) -> Option<Date> {
        parse_date(self.field(ABOLISHED_ON))
    }

    /// 経過措置年月日又は商品名医薬品コード使用期限: the last day on which it may be used.
    pub fn usable_until(&self) -> Option<Date> {
        parse_date(self.field(USABLE_UNTIL))
    }

    /// 薬価基準収載年月日: the day of listing, where the edition states it.
    pub fn listed_on(&self) -> Option<Date> {
        parse_date(self.field(LISTED_ON))
    }

    /// 変更年月日.
    pub fn changed_on(&self) -> Option<Date> {
        parse_date(self.field(CHANGED_ON))
    }

    fn field(&self, position: usize) -> &str {
        self.fields.get(position).map_or("", String::as_str)
    }

    /// A row that names no product holds the changed fields only.
    fn is_partial(&self) -> bool {
        self.name().is_empty()
    }

    /// Lays the fields that a partial row states over this row.
    fn overlay(&mut self, partial: Self) {
        self.change = partial.change;
        if self.fields.len() < partial.fields.len() {
            self.fields.resize(partial.fields.len(), String::new());
        }
        for (field, changed) in self.fields.iter_mut().zip(partial.fields) {
            if !changed.is_empty() {
                *field = changed;
            }
        }
    }
}

impl ReceiptMaster {
    /// Merges files in the order of their dates, whatever order they are given in.
    ///
    /// A partial row whose code no earlier row gave in full is refused and reported: what it leaves
    /// out cannot be guessed.
    pub fn merge(mut files: Vec<ReceiptFile>, report: &mut Report) -> Self {
        files.sort_by_key(|file| file.date);
        let mut master = Self::default();
        for ReceiptFile { file, rows, .. } in files {
            for row in rows {
                master.apply(&file, row, report);
            }
        }
        master
    }

    /// The rows, by receipt code.
    pub fn rows(&self) -> impl Iterator<Item = &ReceiptRow> {
        self.rows.values()
    }

    /// The row of a receipt code.
    pub fn get(&self, code: &str) -> Option<&ReceiptRow> {
        self.rows.get(code)
    }

    fn apply(&mut self, file: &str, row: ReceiptRow, report: &mut Report) {
        if row.change == ReceiptChange::Deleted {
            self.rows.remove(row.code());
        } else if !row.is_partial() {
            self.rows.insert(row.code().to_owned(), row);
        } else if let Some(base) = self.rows.get_mut(row.code()) {
            base.overlay(row);
        } else {
            let code = row.code().to_owned();
            report.problem(file, row.line, "変更区分", Reason::NoBase { code });
        }
    }
}

/// Reads one file of the master: plain, or an archive with the file in it.
///
/// # Errors
///
/// The file cannot be read.
pub fn read_receipt_file(path: &Path, report: &mut Report) -> Result<ReceiptFile, MasterError> {
    Ok(ReceiptFile::of(path, read_sheets(path)?, report))
}

impl ReceiptFile {
    /// Reads the bytes of one file; the path is for reports and for the day of the edition.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read.
    pub fn read(path: &Path, bytes: &[u8], report: &mut Report) -> Result<Self, MasterError> {
        Ok(Self::of(path, read_sheets_of(path, bytes)?, report))
    }

    fn of(path: &Path, sheets: Vec<Sheet>, report: &mut Report) -> Self {
        let mut rows = Vec::new();
        for sheet in sheets {
            let before = rows.len();
            read_rows(&sheet, &mut rows, report);
            sheet.note(rows.len() - before, report);
        }
        let latest = rows.iter().filter_map(ReceiptRow::changed_on).max();
        let date = name_date(path).or(latest);
        Self { file: path.display().to_string(), date, rows }
    }
}

fn read_rows(sheet: &Sheet, rows: &mut Vec<ReceiptRow>, report: &mut Report) {
    let mut lines: HashMap<&str, u64> = HashMap::new();
    for (line, fields) in &sheet.rows {
        let (line, file) = (*line, sheet.file.as_str());
        let field = |position: usize| fields.get(position).map_or("", String::as_str);
        if fields.iter().all(String::is_empty) || field(CODE) == "医薬品コード" {
            continue;
        }
        if fields.len() < FIELDS_MIN {
            let reason = Reason::Fields { expected: FIELDS_MIN, found: fields.len() };
            report.problem(file, line, "", reason);
            continue;
        }
        let (code, change) = (field(CODE), field(CHANGE));
        if !is_receipt_code(code) {
            let reason = Reason::Code { expected: CODE_LENGTH, found: code.to_owned() };
            report.problem(file, line, "医薬品コード", reason);
            continue;
        }
        let Some(change) = ReceiptChange::parse(change) else {
            let found = change.to_owned();
            report.problem(file, line, "変更区分", Reason::Value { found });
            continue;
        };
        if let Some(first) = lines.insert(code, line) {
            report.problem(file, line, "医薬品コード", Reason::Repeated { first });
        }
        rows.push(ReceiptRow { line, change, fields: fields.clone() });
    }
}

fn is_receipt_code(text: &str) -> bool {
    text.len() == CODE_LENGTH && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
