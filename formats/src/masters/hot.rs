//! The standard medicine master (標準医薬品マスター, HOT codes) in its layout of 24 columns.
//!
//! A HOT code grows by what it tells: 7 digits are what is prescribed, 9 add the company, 11 the pack
//! for dispensing, 13 the pack of distribution. The first column holds the longest that the row has.

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;

use super::{
    Columns, MasterError, Sheet,
    date::parse_date,
    sheet::{read_matching, read_sheets, read_sheets_of},
};
use crate::report::{Reason, Report};

/// The headings; the first nine are required.
const HEADINGS: [&[&str]; 18] = [
    &["基準番号（ＨＯＴコード）"],
    &["処方用番号（ＨＯＴ７）"],
    &["会社識別用番号"],
    &["調剤用番号"],
    &["物流用番号"],
    &["薬価基準収載医薬品コード"],
    &["個別医薬品コード"],
    &["レセプト電算処理システムコード（１）"],
    &["レセプト電算処理システムコード（２）"],
    &["告示名称"],
    &["販売名"],
    &["レセプト電算処理システム医薬品名"],
    &["規格単位"],
    &["区分"],
    &["製造会社"],
    &["更新区分"],
    &["更新年月日"],
    &["ＪＡＮコード"],
];
const REQUIRED: usize = 9;
const HOT7: usize = 7;
/// The digits that each further part adds.
const PART: usize = 2;
const RECEIPT_LENGTH: usize = 9;
const PRICE_LENGTH: usize = 12;
const JAN_LENGTH: usize = 13;

/// One row: one product, or one pack of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotRow {
    /// The line of the file.
    pub line: u64,
    /// The longest HOT code of the row: 7, 9, 11 or 13 digits.
    pub code: String,
    /// ＪＡＮコード of the pack, 13 digits; empty where there is none.
    pub jan: String,
    /// 薬価基準収載医薬品コード, 12 characters; empty where there is none.
    pub price_code: String,
    /// 個別医薬品コード (YJ), 12 characters; empty where there is none.
    pub yj: String,
    /// レセプト電算処理システムコード, nine digits each; one, two or none.
    pub receipt_codes: Vec<String>,
    /// 告示名称: the name in the official notice.
    pub notice_name: String,
    /// 販売名.
    pub name: String,
    /// レセプト電算処理システム医薬品名.
    pub receipt_name: String,
    /// 規格単位.
    pub specification: String,
    /// 区分 (内, 注, 外, 歯), as written.
    pub category: String,
    /// 製造会社.
    pub maker: String,
    /// 更新区分, as written.
    pub change: String,
    /// 更新年月日.
    pub changed_on: Option<Date>,
}

/// The rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HotMaster {
    /// The usable rows, in file order.
    pub rows: Vec<HotRow>,
}

impl HotRow {
    /// The first 7, 9, 11 or 13 digits of the code; `None` where it has fewer.
    pub fn hot(&self, digits: usize) -> Option<&str> {
        matches!(digits, 7 | 9 | 11 | 13).then(|| self.code.get(..digits)).flatten()
    }
}

impl HotMaster {
    /// Every HOT code of every length with the rows that it stands for.
    pub fn by_code(&self) -> BTreeMap<&str, Vec<&HotRow>> {
        let mut index: BTreeMap<&str, Vec<&HotRow>> = BTreeMap::new();
        for row in &self.rows {
            for code in [7, 9, 11, 13].into_iter().filter_map(|digits| row.hot(digits)) {
                index.entry(code).or_default().push(row);
            }
        }
        index
    }
}

/// Reads one file of the master.
///
/// # Errors
///
/// The file cannot be read, or has not the headings of the layout.
pub fn read_hot(path: &Path, report: &mut Report) -> Result<HotMaster, MasterError> {
    HotMaster::of(read_sheets(path)?, report)
}

impl HotMaster {
    /// Reads the bytes of one file; the path is for reports.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read, or have not the headings of the layout.
    pub fn read(path: &Path, bytes: &[u8], report: &mut Report) -> Result<Self, MasterError> {
        Self::of(read_sheets_of(path, bytes)?, report)
    }

    fn of(sheets: Vec<Sheet>, report: &mut Report) -> Result<Self, MasterError> {
        let mut master = Self::default();
        read_matching(sheets, &HEADINGS, REQUIRED, report, |sheet, columns, report| {
            let before = master.rows.len();
            for (line, cells) in sheet.body(columns) {
                master.rows.extend(read_row(sheet, columns, line, cells, report));
            }
            master.rows.len() - before
        })?;
        Ok(master)
    }
}

fn read_row(
    sheet: &Sheet,
    columns: &Columns,
    line: u64,
    cells: &[String],
    report: &mut Report,
) -> Option<HotRow> {
    if cells.iter().all(String::is_empty) {
        return None;
    }
    let field = |index: usize| columns.get(cells, index);
    let code = hot_code(sheet, columns, line, cells, report)?;
    // A code of the wrong form is left out by itself, and the row stays.
    let mut checked = |index: usize, heading, length: usize, digits: bool| {
        let text = field(index);
        let character = |byte: u8| byte.is_ascii_digit() || (!digits && byte.is_ascii_uppercase());
        let valid = text.len() == length && text.bytes().all(character);
        if !valid && !text.is_empty() {
            let reason = Reason::Code { expected: length, found: text.to_owned() };
            report.problem(&sheet.file, line, heading, reason);
        }
        if valid { text.to_owned() } else { String::new() }
    };
    let price_code = checked(5, "薬価基準収載医薬品コード", PRICE_LENGTH, false);
    let yj = checked(6, "個別医薬品コード", PRICE_LENGTH, false);
    let mut receipt_codes = vec![
        checked(7, "レセプト電算処理システムコード（１）", RECEIPT_LENGTH, true),
        checked(8, "レセプト電算処理システムコード（２）", RECEIPT_LENGTH, true),
    ];
    receipt_codes.retain(|code| !code.is_empty());
    receipt_codes.dedup();
    let jan = checked(17, "ＪＡＮコード", JAN_LENGTH, true);
    let changed = field(16);
    let changed_on = parse_date(changed);
    if changed_on.is_none() && !changed.is_empty() {
        let reason = Reason::Date { found: changed.to_owned() };
        report.problem(&sheet.file, line, "更新年月日", reason);
    }
    let text = |index: usize| columns.get(cells, index).to_owned();
    Some(HotRow {
        line,
        code,
        jan,
        price_code,
        yj,
        receipt_codes,
        notice_name: text(9),
        name: text(10),
        receipt_name: text(11),
        specification: text(12),
        category: text(13),
        maker: text(14),
        change: text(15),
        changed_on,
    })
}

/// The code of the first column, if it is what the parts beside it make.
fn hot_code(
    sheet: &Sheet,
    columns: &Columns,
    line: u64,
    cells: &[String],
    report: &mut Report,
) -> Option<String> {
    let code = columns.get(cells, 0);
    let digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    // The column may be padded with the parts that the row has not.
    let mut joined = String::new();
    for (index, length) in [(1, HOT7), (2, PART), (3, PART), (4, PART)] {
        let part = columns.get(cells, index);
        if part.is_empty() {
            break;
        }
        let valid = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !valid {
            let reason = Reason::Code { expected: length, found: part.to_owned() };
            report.problem(&sheet.file, line, "処方用番号（ＨＯＴ７）", reason);
            return None;
        }
        joined.push_str(part);
    }
    let length = matches!(code.len(), 7 | 9 | 11 | 13);
    if !digits || !length {
        let reason = Reason::Code { expected: HOT7 + PART, found: code.to_owned() };
        report.problem(&sheet.file, line, "基準番号（ＨＯＴコード）", reason);
        return None;
    }
    if !code.starts_with(&joined) || joined.is_empty() {
        let reason = Reason::Value { found: code.to_owned() };
        report.problem(&sheet.file, line, "基準番号（ＨＯＴコード）", reason);
        return None;
    }
    Some(code.to_owned())
}

#[cfg(test)]
mod tests;
