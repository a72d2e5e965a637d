//! UKE: day columns, RPs, months and what is no day.

use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::receipt::{ReceiptError, Receipts, read};
use chofuku_formats::{Decoded, Reason, decode};
use encoding_rs::SHIFT_JIS;

/// A drug of day 14, an RP of two drugs on days 3 and 17, a drug without a day, a material.
pub(crate) const FIXTURE: &str = include_str!("../fixtures/receipt.uke");

fn text(text: &str) -> Decoded {
    decode(text.as_bytes())
}

/// Day, code, form, quantity and RP of every line.
fn lines(receipts: &Receipts<'_>) -> Vec<(String, String, Form, String, u32)> {
    let mut all = Vec::new();
    for document in &receipts.documents {
        let day = document.day.map_or_else(String::new, |day| day.to_string());
        for line in &document.lines {
            let code = line.drug.as_ref().map_or_else(String::new, |drug| drug.code.to_string());
            all.push((day.clone(), code, line.form, line.quantity.to_string(), line.rp));
        }
    }
    all
}

fn line(
    day: &str,
    code: &str,
    form: Form,
    n: &str,
    rp: u32,
) -> (String, String, Form, String, u32) {
    (day.to_owned(), code.to_owned(), form, n.to_owned(), rp)
}

#[test]
fn day_columns_are_the_days_and_their_numbers_the_quantities() {
    let (bytes, _, _) = SHIFT_JIS.encode(FIXTURE);
    let decoded = decode(bytes);
    let receipts = read("f.uke", &decoded).unwrap();
    assert_eq!(
        lines(&receipts),
        [
            line("2026-09-14", "620000001", Form::Oral, "7", 2),
            line("2026-09-03", "620000002", Form::Oral, "14", 3),
            line("2026-09-03", "620000003", Form::Oral, "14", 3),
            line("2026-09-17", "620000002", Form::Oral, "14", 3),
            line("2026-09-17", "620000003", Form::Oral, "14", 3),
            line("", "620000004", Form::AsNeeded, "5", 4),
            line("", "700000001", Form::Material, "10", 5),
        ]
    );
    let document = &receipts.documents[0];
    assert_eq!((document.kind, document.place), (DocumentKind::InHouse, 7));
    let institution = document.institution.as_ref().unwrap();
    assert_eq!((&*institution.code, &*institution.name), ("1317654321", "見本内科"));
    let patient = document.patient.as_ref().unwrap();
    let parts = [&patient.insurer, &patient.symbol, &patient.number, &patient.branch];
    assert_eq!(parts.map(|part| &**part), ["06130012", "１２", "3456", "02"]);
    let found: Vec<_> =
        receipts.report.problems.iter().map(|one| (one.line, one.field, &one.reason)).collect();
    assert_eq!(
        found,
        [
            (
                8,
                "算定日",
                &Reason::ReadAs { found: "3,17".into(), taken: "the days of the whole RP" }
            ),
            (10, "算定日", &Reason::Missing),
        ]
    );
}

#[test]
fn months_are_eras_or_years_and_impossible_days_are_none() {
    for (month, expected) in
        [("50809", "2026-09-14"), ("202609", "2026-09-14"), ("43104", "2019-04-14")]
    {
        let other = FIXTURE.replace(",50809,", &format!(",{month},"));
        let decoded = text(&other);
        assert_eq!(lines(&read("f.uke", &decoded).unwrap())[0].0, expected);
    }
    for month in ["", "2026", "60809", "50813", "2026-09"] {
        let other = FIXTURE.replace(",50809,", &format!(",{month},"));
        let decoded = text(&other);
        let receipts = read("f.uke", &decoded).unwrap();
        assert!(receipts.documents.iter().all(|document| document.day.is_none()), "{month}");
        assert!(receipts.report.problems.iter().any(|one| one.field == "診療年月"));
    }
    let mut columns = vec![""; 44];
    columns[..7].copy_from_slice(&["IY", "21", "1", "620000001", "2", "8", "7"]);
    columns[43] = "7";
    let head = "IR,1,13,1,7654321,,見本\nRE,1,1112,50809,x\n";
    let other = format!("{head}{}\nGO\n", columns.join(","));
    let decoded = text(&other);
    let receipts = read("f.uke", &decoded).unwrap();
    assert_eq!(lines(&receipts), [line("", "620000001", Form::Oral, "7", 1)]);
    assert_eq!(receipts.report.problems[0].reason, Reason::Date { found: "31".into() });
}

#[test]
fn days_that_do_not_sum_to_the_times_are_reported() {
    let other = FIXTURE.replace("2,8,7,", "2,8,9,");
    let decoded = text(&other);
    let receipts = read("f.uke", &decoded).unwrap();
    assert_eq!(receipts.report.problems[0].field, "回数");
    assert_eq!(lines(&receipts)[0].3, "7");
}

#[test]
fn an_inpatient_receipt_is_said_to_hold_discharges_too() {
    let other = FIXTURE.replace("RE,1,1112,", "RE,1,1111,");
    let decoded = text(&other);
    let receipts = read("f.uke", &decoded).unwrap();
    assert_eq!(receipts.documents[0].kind, DocumentKind::Inpatient);
    assert_eq!(receipts.report.problems[0].field, "レセプト種別");
}

#[test]
fn what_is_missing_or_unknown_is_reported() {
    for (from, to, record, field) in [
        ("GO,1,900,99\r\n", "", "GO", ""),
        ("SY,8833421", "QQ,8833421", "", ""),
        ("620000001", "62000000", "IY", "医薬品コード"),
        ("IR,1,13,1,7654321", "IR,1,13,1,765432", "IR", "医療機関コード"),
        ("RE,1,1112,50809,見本　次郎,1,3300303\r\n", "", "HO", ""),
        ("RE,1,1112,50809,見本　次郎,1,3300303\r\n", "", "IY", ""),
        ("HO,06130012", "HO,06139999,１２,3456\r\nHO,06130012", "HO", "保険者番号"),
    ] {
        let other = FIXTURE.replace(from, to);
        let decoded = text(&other);
        let receipts = read("f.uke", &decoded).unwrap();
        let mut problems = receipts.report.problems.iter();
        let named = problems.any(|one| (&*one.record, one.field) == (record, field));
        assert!(named, "{to}: {:?}", receipts.report.problems);
    }
}

#[test]
fn other_files_and_contradictions_are_refused() {
    for other in ["", "\r\n", "SJ1\r\n", "<XmlMsg/>", "IY,21,1,620000001"] {
        let decoded = text(other);
        assert!(matches!(read("f", &decoded), Err(ReceiptError::NotReceipts { .. })), "{other}");
    }
    let decoded = text("IR,1,13,4,7654321,,見本薬局\r\n");
    assert!(matches!(read("f", &decoded), Err(ReceiptError::Pharmacy { .. })));
}
