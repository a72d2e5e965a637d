//! The usage master of electronic prescriptions (電子処方箋用法マスタ): what a usage code says, on which
//! days it may be used.
//!
//! Two editions overlap: that in force until 2025-10-31 lets codes that were dropped run out later, that
//! from 2025-11-01 has others. Every code carries its own days, so both can be read into one master and
//! a code is looked up by the day of the document.

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;

use super::{
    Columns, MasterError, Sheet,
    date::parse_date,
    sheet::{read_matching, read_sheets, read_sheets_of},
};
use crate::report::{Reason, Report};

/// The headings: those of the workbook, and of CSVs made from it. The first four are required.
const HEADINGS: [&[&str]; 10] = [
    &["用法コード", "usage_code"],
    &["用法名称", "usage_name"],
    &["使用開始日", "start_date"],
    &["使用終了日", "end_date"],
    &["標準用法整理番号", "std_usage_number"],
    &["基本用法区分", "basic_cat"],
    &["用法詳細区分", "detail_cat"],
    &["タイミング指定区分コード", "timing_cat_code"],
    &["用法コード区分", "usage_code_category"],
    &["用法カナ名称"],
];
const REQUIRED: usize = 4;
const CODE_LENGTH: usize = 16;
/// The end of a code that has none.
const OPEN_END: &str = "99999999";

/// タイミング指定区分: how a usage says when to take, the third character of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timing {
    /// 1 食事ベース型: by meals.
    Meals,
    /// 2 回数指定（等間隔）型: a number of times at equal intervals.
    EqualIntervals,
    /// 3 時刻指定型: at times of day.
    Clock,
    /// 4 回数指定（イベント）型: at events, such as nursing.
    Events,
    /// 5 頓用指示型: as needed.
    AsNeeded,
    /// 6 生活リズム型: by the day's rhythm.
    DailyRhythm,
    /// 7 回数のみ指定型: a number of times.
    Times,
    /// 8 時間間隔指定型: every so many hours.
    HourlyInterval,
}

/// One usage in one range of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The file and, of a workbook, the sheet.
    pub file: String,
    /// The line or row.
    pub line: u64,
    /// 用法コード, 16 characters.
    pub code: String,
    /// 用法名称, as written.
    pub name: String,
    /// 標準用法整理番号; empty where there is none.
    pub standard_number: String,
    /// 基本用法区分 (内服, 外用, 注射, 注入), as written.
    pub basic: String,
    /// 用法詳細区分, as written.
    pub detail: String,
    /// タイミング指定区分, if it is a known one.
    pub timing: Option<Timing>,
    /// 用法コード区分, as written.
    pub category: String,
    /// How often a day, where the code states one number (fourth character; letters count on from 10).
    pub times_a_day: Option<u8>,
    /// 使用開始日.
    pub from: Date,
    /// 使用終了日, the last day on which it may be used; `None` where it is open.
    pub to: Option<Date>,
    /// The newest first day in its sheet, by which editions are told apart.
    pub edition: Date,
}

/// The usages of any number of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageMaster {
    rows: BTreeMap<String, Vec<UsageRow>>,
}

impl Timing {
    /// Reads the third character of a code.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Meals),
            "2" => Some(Self::EqualIntervals),
            "3" => Some(Self::Clock),
            "4" => Some(Self::Events),
            "5" => Some(Self::AsNeeded),
            "6" => Some(Self::DailyRhythm),
            "7" => Some(Self::Times),
            "8" => Some(Self::HourlyInterval),
            _ => None,
        }
    }

    /// Whether the fourth character of the code is the number of times a day.
    const fn counts_times(self) -> bool {
        !matches!(self, Self::AsNeeded | Self::HourlyInterval)
    }
}

/// Reads one file of the master: the workbook, or a CSV with its columns.
///
/// # Errors
///
/// The file cannot be read, or no sheet of it has the headings.
pub fn read_usage_master(path: &Path, report: &mut Report) -> Result<UsageMaster, MasterError> {
    let mut master = UsageMaster::default();
    master.add(read_sheets(path)?, report)?;
    Ok(master)
}

impl UsageMaster {
    /// Reads the bytes of one file into the master; the path is for reports.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read, or no sheet of them has the headings.
    pub fn read(
        &mut self,
        path: &Path,
        bytes: &[u8],
        report: &mut Report,
    ) -> Result<(), MasterError> {
        self.add(read_sheets_of(path, bytes)?, report)
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no code.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, by code and first day.
    pub fn rows(&self) -> impl Iterator<Item = &UsageRow> {
        self.rows.values().flatten()
    }

    /// What a code says on a day; of rows that overlap, that of the newest start.
    pub fn get(&self, code: &str, day: Date) -> Option<&UsageRow> {
        let rows = self.rows.get(code)?;
        rows.iter().rev().find(|row| row.from <= day && row.to.is_none_or(|to| day <= to))
    }

    /// What a code says or said on any day; the newest.
    pub fn find(&self, code: &str) -> Option<&UsageRow> {
        self.rows.get(code)?.last()
    }

    fn add(&mut self, sheets: Vec<Sheet>, report: &mut Report) -> Result<(), MasterError> {
        read_matching(sheets, &HEADINGS, REQUIRED, report, |sheet, columns, report| {
            self.add_sheet(sheet, columns, report)
        })
    }

    fn add_sheet(&mut self, sheet: &Sheet, columns: &Columns, report: &mut Report) -> usize {
        let mut rows: Vec<UsageRow> = Vec::new();
        let mut begun = false;
        for (line, cells) in sheet.body(columns) {
            let code = columns.get(cells, 0);
            // The workbook has a second line of headings and an empty line below the first.
            if code.is_empty() && (!begun || cells.iter().all(String::is_empty)) {
                continue;
            }
            begun = true;
            rows.extend(read_row(sheet, columns, line, cells, report));
        }
        let count = rows.len();
        let edition = rows.iter().map(|row| row.from).max();
        for mut row in rows {
            row.edition = edition.unwrap_or(row.edition);
            self.insert(row, report);
        }
        count
    }

    /// Adds a row. Of the same code from the same day in two editions the newer counts, which may end
    /// what the older leaves open; within one sheet it is a fault.
    fn insert(&mut self, row: UsageRow, report: &mut Report) {
        let rows = self.rows.entry(row.code.clone()).or_default();
        let Some(known) = rows.iter_mut().find(|known| known.from == row.from) else {
            rows.push(row);
            rows.sort_by_key(|row| row.from);
            return;
        };
        if known.file == row.file {
            let reason = Reason::Repeated { first: known.line };
            report.problem(&row.file, row.line, "用法コード", reason);
        } else if known.name != row.name {
            let reason = Reason::Value { found: row.name.clone() };
            report.problem(&row.file, row.line, "用法名称", reason);
        }
        if row.edition >= known.edition {
            *known = row;
        }
    }
}

fn read_row(
    sheet: &Sheet,
    columns: &Columns,
    line: u64,
    cells: &[String],
    report: &mut Report,
) -> Option<UsageRow> {
    let field = |index| columns.get(cells, index);
    let code = field(0);
    let valid = code.len() == CODE_LENGTH
        && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if !valid {
        let reason = Reason::Code { expected: CODE_LENGTH, found: code.to_owned() };
        report.problem(&sheet.file, line, "用法コード", reason);
        return None;
    }
    if field(1).is_empty() {
        report.problem(&sheet.file, line, "用法名称", Reason::Empty);
    }
    let mut day = |index, heading| {
        let text = field(index);
        let date = parse_date(text);
        if date.is_none() {
            let reason = match text {
                "" => Reason::Empty,
                _ => Reason::Date { found: text.to_owned() },
            };
            report.problem(&sheet.file, line, heading, reason);
        }
        date
    };
    let from = day(2, "使用開始日");
    // A day that cannot be read must not make a code valid for ever.
    let to = if field(3) == OPEN_END { None } else { Some(day(3, "使用終了日")?) };
    let from = from?;
    let third = code.get(2..3).unwrap_or_default();
    let stated = field(7);
    if !stated.is_empty() && stated != third {
        let reason = Reason::Value { found: stated.to_owned() };
        report.problem(&sheet.file, line, "タイミング指定区分コード", reason);
    }
    let timing = Timing::parse(third);
    let times_a_day =
        timing.filter(|timing| timing.counts_times()).and_then(|_| times(code, field(1)));
    Some(UsageRow {
        file: sheet.file.clone(),
        line,
        code: code.to_owned(),
        name: field(1).to_owned(),
        standard_number: field(4).to_owned(),
        basic: field(5).to_owned(),
        detail: field(6).to_owned(),
        timing,
        category: field(8).to_owned(),
        times_a_day,
        from,
        to,
        edition: from,
    })
}

/// The fourth character of a code as a number; none where the name leaves it open (１日○回, １日２～３回,
/// １日１～数回) or the character is X, N or Z.
fn times(code: &str, name: &str) -> Option<u8> {
    let open = name
        .find('回')
        .and_then(|end| name.get(..end))
        .is_some_and(|count| count.contains(['○', '～', '〜', '~', '数']));
    if open {
        return None;
    }
    match *code.as_bytes().get(3)? {
        digit @ b'1'..=b'9' => Some(digit - b'0'),
        letter @ b'A'..=b'C' => Some(letter - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
