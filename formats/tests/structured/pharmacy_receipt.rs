//! UKE of pharmacies: groups, their dispensings, and what is no layout.

use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::document::Document;
use chofuku_formats::receipt::{Receipts, read};
use chofuku_formats::{Decoded, decode};
use encoding_rs::SHIFT_JIS;

/// Two oral drugs dispensed twice, an as-needed one once, a patch of another prescription, a material.
const FIXTURE: &str = include_str!("../fixtures/pharmacy_receipt.uke");

fn text(text: &str) -> Decoded {
    decode(text.as_bytes())
}

/// Day, code, form, quantity and RP of every line of a document.
fn lines(document: &Document<'_>) -> Vec<(String, Form, String, u32)> {
    let lines = document.lines.iter();
    lines
        .map(|line| {
            let code = line.drug.as_ref().map_or_else(String::new, |drug| drug.code.to_string());
            (code, line.form, line.quantity.to_string(), line.rp)
        })
        .collect()
}

fn problems(receipts: &Receipts<'_>) -> Vec<String> {
    receipts.report.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_dispensing_of_every_prescription_is_a_document() {
    let decoded = decode(SHIFT_JIS.encode(FIXTURE).0.into_owned());
    let receipts = read("f.uke", &decoded).unwrap();
    assert_eq!(problems(&receipts), [""; 0]);
    let days: Vec<String> =
        receipts.documents.iter().map(|one| one.day.unwrap().to_string()).collect();
    // The patch is of another prescription, dispensed on the same day.
    assert_eq!(days, ["2026-09-02", "2026-09-17", "2026-09-02"]);
    let line =
        |code: &str, form, quantity: &str, rp| (code.to_owned(), form, quantity.to_owned(), rp);
    assert_eq!(
        lines(&receipts.documents[0]),
        [
            line("620000001", Form::Oral, "14", 1),
            line("620000002", Form::Oral, "14", 1),
            line("620000003", Form::AsNeeded, "10", 2),
        ]
    );
    assert_eq!(receipts.documents[0].lines[2].usage_text, "疼痛時");
    assert_eq!(lines(&receipts.documents[1]).len(), 2);
    assert_eq!(
        lines(&receipts.documents[2]),
        [line("620000004", Form::External, "1", 3), line("700000001", Form::Material, "1", 3),]
    );
    for document in &receipts.documents {
        assert_eq!(document.kind, DocumentKind::Dispensing);
        let pharmacy = document.pharmacy.as_ref().unwrap();
        assert_eq!((&*pharmacy.code, &*pharmacy.name), ("1347654321", "見本薬局"));
        assert_eq!(document.institution.as_ref().unwrap().code, "1311234567");
        let patient = document.patient.as_ref().unwrap();
        assert_eq!((&*patient.number, &*patient.branch), ("3456", "02"));
    }
}

#[test]
fn what_is_missing_or_of_another_layout_is_reported_and_no_drug_is_guessed() {
    for (from, to, expected) in [
        ("SH,01,1", "SH,01,8", "剤形コード"),
        ("SH,01,1,013", "SH,1,013", "剤形コード"),
        ("20260902,1,14", "20260931,1,14", "調剤年月日"),
        ("20260902,1,14", "20261002,1,14", "outside of the month"),
        ("20260902,1,14", "20260902,1,", "調剤数量"),
        ("RE,1,4112,202609", "RE,1,4112,2026", "調剤年月"),
        ("13,1,1234567", "13,1,123456", "医療機関コード"),
        ("YK,1,13,4,7654321", "YK,1,13,4,765432", "薬局コード"),
        ("IY,1,620000001", "IY,21,1,620000001", "医薬品コード"),
        ("HO,06130012", "HO,06130012,9,9\r\nHO,06130012", "two HO records"),
        ("GO,1,900,99", "", "GO: missing"),
        ("CO,", "XX,", "unknown record"),
    ] {
        let damaged = FIXTURE.replacen(from, to, 1);
        assert_ne!(damaged, FIXTURE, "{from}");
        let decoded = text(&damaged);
        let receipts = read("f.uke", &decoded).unwrap();
        let problems = problems(&receipts);
        assert!(problems.iter().any(|one| one.contains(expected)), "{to}: {problems:?}");
        let known = |code: &str| code.len() != 9 || code.starts_with("62") || code == "700000001";
        let documents = receipts.documents.iter();
        assert!(documents.flat_map(lines).all(|(code, ..)| known(&code)), "{to}");
    }
}

#[test]
fn records_without_what_they_belong_to_are_reported() {
    for (records, expected) in [
        ("RE,1,4112,202609\r\nIY,1,620000001,1", "IY: no SH record"),
        ("RE,1,4112,202609\r\nCZ,1,20260901,20260902,1,14", "CZ: no SH record"),
        ("SH,01,1", "SH: no RE record"),
        ("RE,1,4112,202609\r\nSH,01,1\r\nIY,1,620000001,1", "CZ: missing"),
        ("RE,1,4112,202609\r\nSH,01,1\r\nCZ,1,20260901,20260902,1,14", "IY: missing"),
    ] {
        let decoded = text(&format!("YK,1,13,4,7654321,見本薬局\r\n{records}\r\nGO,1,1,99\r\n"));
        let receipts = read("f.uke", &decoded).unwrap();
        let problems = problems(&receipts);
        assert!(problems.iter().any(|one| one.contains(expected)), "{records}: {problems:?}");
    }
}
