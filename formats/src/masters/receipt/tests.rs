//! Full and partial rows, merged in the order of their dates.

use std::fs;

use jiff::civil::date;
use tempfile::TempDir;

use super::{
    super::sheet::tests::{archive, cp932},
    *,
};

/// A row of 42 fields with those that are stated.
fn row(change: &str, code: &str, stated: &[(usize, &str)]) -> String {
    let mut fields = vec![""; 42];
    fields[CHANGE] = change;
    fields[CODE] = code;
    for (position, text) in stated {
        fields[*position] = text;
    }
    let quoted: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
    quoted.join(",") + "\r\n"
}

fn read(folder: &TempDir, name: &str, bytes: &[u8], report: &mut Report) -> ReceiptFile {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_receipt_file(&path, report).unwrap()
}

fn full() -> String {
    [
        row(
            "0",
            "610000001",
            &[
                (NAME, "甲錠　１ｍｇ"),
                (KANA, "ｺｳｼﾞｮｳ"),
                (PRICE_CODE, "1111001F1020"),
                (ABOLISHED_ON, "99999999"),
                (USABLE_UNTIL, "0"),
            ],
        ),
        row(
            "0",
            "610000002",
            &[(NAME, "乙錠"), (PRICE_CODE, "2222001F1025"), (UNIFIED, "610000001")],
        ),
    ]
    .concat()
}

#[test]
fn partial_rows_change_only_the_fields_that_they_state() {
    let folder = TempDir::new().unwrap();
    let mut report = Report::default();
    let zipped = archive(&[("y.csv", cp932(&full()).as_slice())]);
    let base = read(&folder, "y_ALL20240321.zip", &zipped, &mut report);
    let later = row("5", "610000001", &[(CHANGED_ON, "20250630"), (USABLE_UNTIL, "20250930")]);
    let later = read(&folder, "y_20250630.csv", &cp932(&later), &mut report);
    let latest = row("9", "610000001", &[(ABOLISHED_ON, "20250813")])
        + &row("3", "610000003", &[(NAME, "丙錠"), (LISTED_ON, "20250613")]);
    let latest = read(&folder, "y_20250813.csv", &cp932(&latest), &mut report);
    assert_eq!(report.files[0].encoding, Some(crate::Encoding::Cp932));
    let master = ReceiptMaster::merge(vec![latest, base, later], &mut report);
    let merged = master.get("610000001").unwrap();
    assert_eq!((merged.name(), merged.price_code()), ("甲錠　１ｍｇ", "1111001F1020"));
    assert_eq!(merged.usable_until(), Some(date(2025, 9, 30)));
    assert_eq!(merged.abolished_on(), Some(date(2025, 8, 13)));
    assert_eq!(merged.change, ReceiptChange::Abolished);
    assert_eq!(master.get("610000003").unwrap().listed_on(), Some(date(2025, 6, 13)));
    assert_eq!(master.get("610000002").unwrap().unified_code(), Some("610000001"));
    assert!(report.problems.is_empty());
}

#[test]
fn a_partial_row_without_a_base_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut report = Report::default();
    let partial = row("5", "610000009", &[(USABLE_UNTIL, "20250930")]);
    let file = read(&folder, "y_20250630.csv", partial.as_bytes(), &mut report);
    let master = ReceiptMaster::merge(vec![file], &mut report);
    assert_eq!(master.rows().count(), 0);
    let reason = Reason::NoBase { code: "610000009".to_owned() };
    assert_eq!((report.problems[0].line, &report.problems[0].reason), (1, &reason));
}

#[test]
fn a_row_struck_off_is_gone() {
    let folder = TempDir::new().unwrap();
    let mut report = Report::default();
    let base = read(&folder, "y_20240321.csv", full().as_bytes(), &mut report);
    let later = read(&folder, "y_20250630.csv", row("1", "610000002", &[]).as_bytes(), &mut report);
    let master = ReceiptMaster::merge(vec![base, later], &mut report);
    assert!(master.get("610000002").is_none());
    assert!(master.get("610000001").is_some());
}

#[test]
fn rows_of_another_form_are_reported() {
    let folder = TempDir::new().unwrap();
    let mut report = Report::default();
    let text = "a,b\r\n".to_owned() + &row("0", "61", &[]) + &row("7", "610000001", &[]);
    let file = read(&folder, "y.csv", text.as_bytes(), &mut report);
    assert!(file.rows.is_empty());
    let fields: Vec<&str> = report.problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["", "医薬品コード", "変更区分"]);
}
