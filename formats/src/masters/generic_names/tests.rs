//! Codes, exceptions, and the day of the edition.

use std::fs;

use jiff::civil::date;
use tempfile::TempDir;

use super::{super::sheet::tests::workbook, *};

fn read(name: &str, bytes: &[u8]) -> (GenericNames, Report) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let mut report = Report::default();
    (read_generic_names(&path, &mut report).unwrap(), report)
}

#[test]
fn a_sheet_with_a_title_is_read() {
    let rows: [&[&str]; 4] = [
        &["一般名処方マスタ"],
        &["", "", "令和7年8月14日適用"],
        &["区分", "一般名コード", "一般名処方の標準的な記載", "成分名"],
        &["内用薬", "1124001F2ZZZ", "【般】甲錠２ｍｇ", "甲"],
    ];
    let (names, report) = read("master.xlsx", &workbook("全体", &rows));
    assert_eq!(names.date, Some(date(2025, 8, 14)));
    assert_eq!((names.names.len(), names.names[0].line), (1, 4));
    assert_eq!(names.names[0].category, Some(Category::Oral));
    assert!(report.problems.is_empty());
}

#[test]
fn an_exceptional_code_stands_on_its_first_row_only() {
    let text = "区分,一般名コード,一般名処方の標準的な記載,成分名,規格,薬価基準収載医薬品コード\n\
        内用薬,1139004GAZZZ,【般】徐放錠,甲,,1139004G2012\n,,,,,1139004G2063\n,,,,,113900\n";
    let (names, report) = read("x_250814.csv", text.as_bytes());
    let codes: Vec<(&str, &str)> = names
        .exceptions
        .iter()
        .map(|exception| (exception.code.as_str(), exception.price_code.as_str()))
        .collect();
    assert_eq!(codes, [("1139004GAZZZ", "1139004G2012"), ("1139004GAZZZ", "1139004G2063")]);
    assert_eq!((report.problems.len(), report.problems[0].line), (1, 4));
    assert_eq!(names.date, Some(date(2025, 8, 14)));
}

#[test]
fn a_code_of_another_form_is_reported() {
    let text = "一般名コード,一般名処方の標準的な記載,成分名\n甲,【般】甲錠,甲\n";
    let (names, report) = read("x.csv", text.as_bytes());
    assert!(names.names.is_empty());
    assert_eq!(report.problems[0].field, "一般名コード");
}
