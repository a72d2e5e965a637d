//! Both layouts of the price list, and lines that cannot be used.

use std::fs;

use jiff::civil::date;
use tempfile::TempDir;

use super::{super::sheet::tests::workbook, *};

fn read(name: &str, bytes: &[u8]) -> (Result<PriceList, MasterError>, Report) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let mut report = Report::default();
    (read_price_list(&path, &mut report), report)
}

#[test]
fn a_workbook_and_a_csv_give_the_same_entries() {
    let header = [
        "区分",
        "薬価基準収載医薬品コード",
        "成分名",
        "規格",
        "品名",
        "メーカー名",
        "経過措置による使用期限",
    ];
    let row = ["外用薬", "1319702Q3037", "チモロール", "１ｍＬ", "点眼液", "甲社", "R8.3.31まで"];
    let (book, _) = read("tp20250814-01_03.xlsx", &workbook("ＨＰ用", &[&header, &row]));
    let text = format!("{}\n{}\n", header.join(","), row.join(","));
    let (csv, report) = read("prices_20250814.csv", text.as_bytes());
    let (book, csv) = (book.unwrap(), csv.unwrap());
    assert_eq!(book, csv);
    assert_eq!(book.date, Some(date(2025, 8, 14)));
    assert_eq!(book.entries[0].category, Category::External);
    assert_eq!(book.entries[0].covered_to, Some(date(2026, 3, 31)));
    assert_eq!((report.files[0].rows, report.problems.len()), (1, 0));
}

#[test]
fn a_line_that_cannot_be_used_is_reported_and_the_others_are_read() {
    let text = "区分,薬価基準収載医薬品コード,成分名,品名,経過措置期限\n\
        内用薬,1124001F202,成分,錠,\n\
        飲み薬,1124001F2022,成分,錠,\n\
        内用薬,1124001F2030,,錠,いつか\n\
        内用薬,1124001F2030,成分,錠,\n";
    let (list, report) = read("p.csv", text.as_bytes());
    assert_eq!(list.unwrap().entries.len(), 2);
    let problems: Vec<(u64, &str, String)> = report
        .problems
        .iter()
        .map(|problem| (problem.line, problem.field, problem.reason.to_string()))
        .collect();
    let code = "薬価基準収載医薬品コード";
    assert_eq!(
        problems,
        [
            (2, code, "not a code of 12 characters: \"1124001F202\"".to_owned()),
            (3, "区分", "not one of the known values: \"飲み薬\"".to_owned()),
            (4, "成分名", "empty".to_owned()),
            (4, "経過措置による使用期限", "not a date: \"いつか\"".to_owned()),
            (5, code, "already given on line 4".to_owned()),
        ]
    );
}

#[test]
fn a_missing_column_is_named() {
    let (list, _) = read("p.csv", "区分,薬価基準収載医薬品コード,品名\n".as_bytes());
    assert!(matches!(list, Err(MasterError::MissingColumn { column: "成分名", .. })));
}

#[test]
fn the_fifth_character_tells_the_category() {
    let category = |code| Category::of_code(code);
    assert_eq!(category("1124001F2022"), Some(Category::Oral));
    assert_eq!(category("1124401A2022"), Some(Category::Injection));
    assert_eq!(category("2649732S2071"), Some(Category::External));
    assert_eq!(category("1124"), None);
}
