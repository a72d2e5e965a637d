//! The published FHIR examples, and the synthetic XML and UKE beside them, where they are at hand.
//!
//! They are not part of the project. The environment variable `CHOFUKU_OFFICIAL_DATA` names the
//! folder whose `examples` they are; without it these tests say so and pass.

use std::fs;
use std::path::{Path, PathBuf};

use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use chofuku_formats::document::Document;
use chofuku_formats::fhir::FhirError;
use chofuku_formats::{decode, fhir, online_eligibility, receipt};

fn folder(name: &str) -> Option<PathBuf> {
    let Some(data) = std::env::var_os("CHOFUKU_OFFICIAL_DATA") else {
        println!("not run: CHOFUKU_OFFICIAL_DATA is not set");
        return None;
    };
    Some(Path::new(&data).join("examples").join(name))
}

/// What a line of the examples must be.
type Expected =
    (u32, Option<(CodeSystem, &'static str)>, Form, &'static str, &'static [&'static str]);

const PREDONINE: Option<(CodeSystem, &str)> = Some((CodeSystem::Hot, "105271807"));
const PERMAX: Option<(CodeSystem, &str)> = Some((CodeSystem::Hot, "101230901"));
const CARBOCISTEINE: Option<(CodeSystem, &str)> = Some((CodeSystem::Yj, "2233002F1280"));
const RINDERON: Option<(CodeSystem, &str)> = Some((CodeSystem::Hot, "106062101"));
const TIMOPTOL: Option<(CodeSystem, &str)> = Some((CodeSystem::Hot, "102094601"));
const NERIPROCT: Option<(CodeSystem, &str)> = Some((CodeSystem::Hot, "105638903"));

/// The orders by the name of their file, read by hand.
const ORDERS: [(&str, Expected); 16] = [
    ("fukintouByDay", (9, PREDONINE, Form::Oral, "7", &["V14NNNNN", "V22NNNNN", "V31NNNNN"])),
    ("fukintouByTimes01-rec01", (6, PREDONINE, Form::Oral, "7", &[])),
    ("fukintouByTimes01-rec02", (7, PREDONINE, Form::Oral, "7", &[])),
    ("fukintouByTimes01-rec03", (8, PREDONINE, Form::Oral, "7", &[])),
    ("fukintouByTimes01", (6, PREDONINE, Form::Oral, "7", &[])),
    ("fukintouByTimes02", (7, PREDONINE, Form::Oral, "7", &[])),
    ("fukintouByTimes03", (8, PREDONINE, Form::Oral, "7", &[])),
    ("gaiyou01", (1, TIMOPTOL, Form::External, "2", &[])),
    ("gaiyou02", (2, RINDERON, Form::External, "2", &[])),
    ("gaiyou03", (3, NERIPROCT, Form::External, "14", &[])),
    // Every other day: the span of 13 days, and not the 7 of intake spread once more.
    ("kakujitsu", (10, PREDONINE, Form::Oral, "13", &[])),
    ("naihuku", (1, CARBOCISTEINE, Form::Oral, "7", &[])),
    // Weekdays without a span: days of intake, and the code that spreads them.
    ("youbiShiitei", (11, PREDONINE, Form::Oral, "7", &["W0100100"])),
    ("zenzou01per03", (13, PERMAX, Form::Oral, "2", &[])),
    ("zenzou02per03", (14, PERMAX, Form::Oral, "3", &[])),
    ("zenzou03per03", (15, PERMAX, Form::Oral, "2", &[])),
];

fn check(document: &Document<'_>, expected: &[Expected], name: &str) {
    let found: Vec<_> = document
        .lines
        .iter()
        .map(|line| {
            let drug = line.drug.as_ref().map(|drug| (drug.system, &*drug.code));
            let supplements: Vec<&str> = line.supplements.iter().map(|code| &**code).collect();
            (line.rp, drug, line.form, &*line.quantity, supplements)
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(rp, drug, form, quantity, supplements)| {
            (*rp, *drug, *form, *quantity, supplements.to_vec())
        })
        .collect();
    assert_eq!(found, expected, "{name}");
}

#[test]
fn every_fhir_example_is_read_or_refused_for_a_reason() {
    let Some(folder) = folder("fhir-jp-eprescription") else { return };
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let decoded = decode(fs::read(&path).unwrap());
        let read = fhir::read(&name, &decoded);
        seen += 1;
        if name.starts_with("Bundle-") {
            let message = read.unwrap();
            assert!(!message.documents.is_empty(), "{name}");
            continue;
        }
        let Some(order) = name.strip_prefix("MedicationRequest-JP-MedReq-ePreData-Example-") else {
            // Code systems and parties alone hold no order.
            assert!(matches!(read, Err(FhirError::NoOrders { .. })), "{name}");
            continue;
        };
        let message = read.unwrap();
        let key = order.strip_suffix(".json").unwrap();
        let (_, expected) = ORDERS.iter().find(|(known, _)| *known == key).expect(key);
        let [document] = &message.documents[..] else { panic!("{name}") };
        check(document, &[*expected], &name);
        assert_eq!(document.day, "2020-08-21".parse().ok(), "{name}");
        let starts = message.report.problems.iter().any(|one| one.field == "PeriodOfUse");
        assert_eq!(starts, key.starts_with("zenzou"), "{name}");
    }
    assert_eq!(seen, 34);
}

#[test]
fn the_example_bundles_are_documents_with_everything_around() {
    let Some(folder) = folder("fhir-jp-eprescription") else { return };
    let bundle = |name: &str| decode(fs::read(folder.join(name)).unwrap());
    let decoded = bundle("Bundle-Bundle-for-JP-MedReq-ePreData-Example01.json");
    let message = fhir::read("b", &decoded).unwrap();
    let [document] = &message.documents[..] else { panic!() };
    assert_eq!(document.id.as_deref(), Some("34875506"));
    assert_eq!(document.day, "2020-08-21".parse().ok());
    let institution = document.institution.as_ref().unwrap();
    assert_eq!((&*institution.code, &*institution.name), ("1311234567", "第一病院"));
    let patient = document.patient.as_ref().unwrap();
    let parts = [&patient.insurer, &patient.symbol, &patient.number, &patient.branch];
    assert_eq!(parts.map(|part| &**part), ["06123456", "12345", "６７８９０", "01"]);
    let lines: [Expected; 2] =
        [(1, CARBOCISTEINE, Form::Oral, "7", &[]), (2, RINDERON, Form::External, "2", &[])];
    check(document, &lines, "bundle");

    // The parts of a split prescription differ by their issue day alone.
    let decoded = bundle("Bundle-JP-MedReq-ePreData-Example-bunkatsu.json");
    let message = fhir::read("b", &decoded).unwrap();
    let days: Vec<_> = message.documents.iter().map(|one| one.day.unwrap().to_string()).collect();
    assert_eq!(days, ["2020-08-21", "2020-08-28", "2020-09-04"]);
    for document in &message.documents {
        check(document, &lines, "split");
    }
    let repeated = message.report.problems.iter().filter(|one| one.field == "document id");
    assert_eq!(repeated.count(), 2);
}

#[test]
fn the_example_of_the_eligibility_check_is_three_records() {
    let Some(folder) = folder("online-shikaku") else { return };
    let decoded = decode(fs::read(folder.join("synthetic_YZKsiquc01res.xml")).unwrap());
    let history = online_eligibility::read("x", &decoded).unwrap();
    assert_eq!(history.person.name, "試験　太郎");
    let found: Vec<_> = history
        .entries
        .iter()
        .map(|entry| {
            let line = &entry.document.lines[0];
            let drug = &*line.drug.as_ref().unwrap().code;
            let day = entry.document.day.unwrap().to_string();
            assert_eq!(entry.superseded, None);
            (entry.document.kind, day, drug, line.form, &*line.quantity)
        })
        .collect();
    let (dispensing, prescription) = (DocumentKind::Dispensing, DocumentKind::Prescription);
    assert_eq!(
        found,
        [
            (dispensing, "2026-07-10".to_owned(), "611120055", Form::Oral, "28"),
            (dispensing, "2026-09-01".to_owned(), "620098801", Form::Oral, "14"),
            (prescription, "2026-09-10".to_owned(), "616290177", Form::Oral, "14"),
        ]
    );
    assert_eq!(history.report.problems, []);
}

#[test]
fn the_example_receipt_has_one_day_and_says_what_has_none() {
    let Some(folder) = folder("uke") else { return };
    let decoded = decode(fs::read(folder.join("synthetic_ika.uke")).unwrap());
    let receipts = receipt::read("x", &decoded).unwrap();
    let [dated, undated] = &receipts.documents[..] else { panic!() };
    assert_eq!(dated.day, "2026-09-14".parse().ok());
    assert_eq!(dated.lines[0].drug.as_ref().unwrap().code, "620003930");
    assert_eq!((dated.lines[0].form, &*dated.lines[0].quantity), (Form::Oral, "7"));
    assert_eq!(undated.day, None);
    let forms: Vec<_> = undated.lines.iter().map(|line| line.form).collect();
    assert_eq!(forms, [Form::AsNeeded, Form::External, Form::Material]);
    let missing = receipts.report.problems.iter().filter(|one| one.field == "算定日");
    assert_eq!(missing.count(), 2);
}

#[test]
fn every_folder_of_examples_has_a_test() {
    let Some(all) = folder("") else { return };
    let names = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    // Here: FHIR, drug information, receipts. In csv_messages: prescriptions, symbols, notebooks. In
    // contraindication_sources: inserts. In the server's cds_hooks: cds-hooks. Each of them goes through
    // the whole folder, or counts its files.
    let known = [
        "cds-hooks",
        "denshi-shoho",
        "fhir-jp-eprescription",
        "jahis-rx",
        "jahis-tc",
        "online-shikaku",
        "pmda-xml",
        "uke",
    ];
    assert_eq!(names, known);
    for (folder_of_one, count) in [("online-shikaku", 1), ("uke", 1)] {
        let files = fs::read_dir(folder(folder_of_one).unwrap()).unwrap().count();
        assert_eq!(files, count, "{folder_of_one}");
    }
}
