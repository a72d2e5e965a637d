//! The check master of the payment fund (支払基金コンピュータチェックマスタ), table of contraindicated
//! combinations (`IY_HeiyoKinki*.csv`): directed pairs of receipt codes.
//!
//! Only the positions of ten columns are known, so the headings are read over. A rule of the check is
//! about ingredients; [`fold`] finds the pairs of ingredients and says how far the pairs of codes
//! cover them, because the table may list fewer products than there are.

use std::collections::{BTreeMap, BTreeSet};

use super::MasterError;
use crate::{
    report::{FileRead, Reason, Report},
    text::{Lines, decode},
};

mod fold;

pub use fold::{CheckCoverage, CheckPair, Folded, fold};

/// The columns of the table.
const COLUMNS: usize = 10;
const LEFT: usize = 0;
const RIGHT: usize = 1;
const CHANGE: usize = 8;
const RANGE: usize = 9;
const CODE_LENGTH: usize = 9;

/// One pair of receipt codes, in no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePair {
    /// The smaller code.
    pub a: String,
    /// The greater code.
    pub b: String,
    /// The line that has a on the left, if one has.
    pub a_b: Option<u64>,
    /// The line that has b on the left, if one has.
    pub b_a: Option<u64>,
    /// 参照範囲 of the first of them, as written.
    pub range: String,
}

/// One file of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckMaster {
    /// The file.
    pub file: String,
    /// The pairs, in the order of their codes.
    pub pairs: Vec<CodePair>,
    /// How many rows are struck off (変更区分 1 or 9).
    pub deleted: usize,
}

/// Reads one file of the table.
///
/// # Errors
///
/// The bytes are not CSV, or no line is a pair of receipt codes in ten columns.
pub fn read_check_master(
    file: &str,
    bytes: &[u8],
    report: &mut Report,
) -> Result<CheckMaster, MasterError> {
    let decoded = decode(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(decoded.text.as_bytes());
    let mut lines = Lines::new(&decoded.text);
    let mut pairs: BTreeMap<(String, String), CodePair> = BTreeMap::new();
    let mut gone: BTreeSet<(String, String)> = BTreeSet::new();
    let (mut rows, mut deleted) = (0_usize, 0_usize);
    let mut record = csv::StringRecord::new();
    let damaged = |source| MasterError::Csv { file: file.to_owned(), source };
    while reader.read_record(&mut record).map_err(damaged)? {
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let field = |position| record.get(position).map_or("", str::trim);
        let (left, right, change) = (field(LEFT), field(RIGHT), field(CHANGE));
        if line == 1 && !left.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if record.len() < COLUMNS {
            let reason = Reason::Fields { expected: COLUMNS, found: record.len() };
            report.problem(file, line, "", reason);
            continue;
        }
        let mut valid = true;
        for (code, column) in [(left, "医薬品コード（左）"), (right, "医薬品コード（右）")]
        {
            if !is_receipt_code(code) {
                let reason = Reason::Code { expected: CODE_LENGTH, found: code.to_owned() };
                report.problem(file, line, column, reason);
                valid = false;
            }
        }
        if valid && left == right {
            let reason = Reason::Value { found: right.to_owned() };
            report.problem(file, line, "医薬品コード（右）", reason);
            valid = false;
        }
        if !valid {
            continue;
        }
        rows += 1;
        let directed = (left.to_owned(), right.to_owned());
        match change {
            "1" | "9" => {
                deleted += 1;
                gone.insert(directed);
                continue;
            }
            "0" | "3" | "5" => {}
            _ => {
                // Taken all the same: to leave it out could hide a contraindication.
                let reason = Reason::Value { found: change.to_owned() };
                report.problem(file, line, "変更区分", reason);
            }
        }
        add(&mut pairs, directed, line, field(RANGE));
    }
    if rows == 0 {
        return Err(MasterError::MissingColumn {
            file: file.to_owned(),
            column: "医薬品コード（左）",
        });
    }
    for (left, right) in gone {
        strike(&mut pairs, left, right);
    }
    if decoded.replaced {
        report.problem(file, 1, "", Reason::Undecodable { encoding: decoded.encoding });
    }
    report.files.push(FileRead { file: file.to_owned(), encoding: Some(decoded.encoding), rows });
    Ok(CheckMaster { file: file.to_owned(), pairs: pairs.into_values().collect(), deleted })
}

fn add(
    pairs: &mut BTreeMap<(String, String), CodePair>,
    (left, right): (String, String),
    line: u64,
    range: &str,
) {
    let forward = left < right;
    let (a, b) = if forward { (left, right) } else { (right, left) };
    let pair = pairs.entry((a.clone(), b.clone())).or_insert_with(|| CodePair {
        a,
        b,
        a_b: None,
        b_a: None,
        range: range.to_owned(),
    });
    let stated = if forward { &mut pair.a_b } else { &mut pair.b_a };
    stated.get_or_insert(line);
}

/// A row that is struck off takes its own direction away, wherever in the file it stands.
fn strike(pairs: &mut BTreeMap<(String, String), CodePair>, left: String, right: String) {
    let forward = left < right;
    let sides = if forward { (left, right) } else { (right, left) };
    let Some(pair) = pairs.get_mut(&sides) else { return };
    if forward {
        pair.a_b = None;
    } else {
        pair.b_a = None;
    }
    if pair.a_b.is_none() && pair.b_a.is_none() {
        pairs.remove(&sides);
    }
}

fn is_receipt_code(code: &str) -> bool {
    code.len() == CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
