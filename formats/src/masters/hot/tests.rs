//! Rows of every length of code.

use jiff::civil::date;

use super::*;

const HEAD: &str = "\"基準番号（ＨＯＴコード）\",\"処方用番号（ＨＯＴ７）\",\"会社識別用番号\",\"調剤用番号\",\"物流用番号\",\"ＪＡＮコード\",\"薬価基準収載医薬品コード\",\"個別医薬品コード\",\"レセプト電算処理システムコード（１）\",\"レセプト電算処理システムコード（２）\",\"告示名称\",\"販売名\",\"レセプト電算処理システム医薬品名\",\"規格単位\",\"包装形態\",\"包装単位数\",\"包装単位単位\",\"包装総量数\",\"包装総量単位\",\"区分\",\"製造会社\",\"販売会社\",\"更新区分\",\"更新年月日\"\r\n";

fn row(code: &str, parts: [&str; 4], codes: [&str; 5]) -> String {
    let [jan, price, yj, receipt, second] = codes;
    let fields = [
        &[code][..],
        &parts,
        &[jan, price, yj, receipt, second, "告示", "甲錠", "甲錠　１ｍｇ", "１ｍｇ１錠"],
        &["ＰＴＰ", "10", "錠", "100", "錠", "内", "甲社", "乙社", "1", "20260630"],
    ]
    .concat();
    format!("\"{}\"\r\n", fields.join("\",\""))
}

fn read(rows: &[String]) -> (HotMaster, Report) {
    let mut report = Report::default();
    let text = format!("{HEAD}{}", rows.concat());
    let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(&text);
    let master = HotMaster::read(Path::new("hot.csv"), &bytes, &mut report).unwrap();
    (master, report)
}

const CODES: [&str; 5] = ["4987000000000", "1124701F1011", "1124701F1011", "612340001", ""];

#[test]
fn a_code_stands_for_its_row_at_every_length_that_it_has() {
    let (master, report) = read(&[
        row("1000001010101", ["1000001", "01", "01", "01"], CODES),
        row("1000001010102", ["1000001", "01", "01", "02"], CODES),
        row("100000202", ["1000002", "02", "", ""], ["", "", "", "612340002", "612340003"]),
    ]);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let index = master.by_code();
    assert_eq!(index["1000001"].len(), 2);
    assert_eq!(index["100000101"].len(), 2);
    assert_eq!(index["1000001010102"].len(), 1);
    assert!(!index.contains_key("10000020201"));
    let row = index["100000202"][0];
    assert_eq!((row.hot(9), row.hot(11), row.hot(8)), (Some("100000202"), None, None));
    assert_eq!(row.receipt_codes, ["612340002", "612340003"]);
    let first = &master.rows[0];
    assert_eq!((first.yj.as_str(), first.price_code.as_str()), ("1124701F1011", "1124701F1011"));
    assert_eq!((first.name.as_str(), first.notice_name.as_str()), ("甲錠", "告示"));
    assert_eq!((first.category.as_str(), first.changed_on), ("内", Some(date(2026, 6, 30))));
    assert_eq!((first.maker.as_str(), first.jan.as_str()), ("甲社", "4987000000000"));
}

#[test]
fn a_code_of_the_wrong_length_or_that_its_parts_contradict_is_no_row() {
    let (master, report) = read(&[
        row("10000010", ["1000001", "01", "", ""], CODES),
        row("100000199", ["1000001", "01", "", ""], CODES),
        row("100000101", ["100001", "01", "", ""], CODES),
        row("", ["", "", "", ""], CODES),
    ]);
    assert!(master.rows.is_empty());
    let lines: Vec<u64> = report.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 3, 4, 5]);
}

#[test]
fn a_wrong_other_code_is_left_out_alone() {
    let (master, report) = read(&[row(
        "100000101",
        ["1000001", "01", "", ""],
        ["49", "1124701F10112", "1124701f1011", "61234000X", "612340001"],
    )]);
    let row = &master.rows[0];
    assert_eq!((row.jan.as_str(), row.price_code.as_str(), row.yj.as_str()), ("", "", ""));
    assert_eq!(row.receipt_codes, ["612340001"]);
    let fields: Vec<&str> = report.problems.iter().map(|problem| problem.field).collect();
    assert_eq!(
        fields,
        [
            "薬価基準収載医薬品コード",
            "個別医薬品コード",
            "レセプト電算処理システムコード（１）",
            "ＪＡＮコード",
        ]
    );
}

#[test]
fn another_layout_is_refused() {
    let read = HotMaster::read(Path::new("f"), b"a,b\n", &mut Report::default());
    assert!(matches!(read, Err(MasterError::MissingColumn { .. })));
}
