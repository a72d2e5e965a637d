//! The published examples, where they are: each is read, or refused for a stated reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chofuku_formats::detect::{Format, detect};
use chofuku_formats::document::Document;
use chofuku_formats::{CsvMessageError, Encoding, eprescription, notebook};

use super::{lasting, problems};

fn examples(folder: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let Some(data) = std::env::var_os("CHOFUKU_OFFICIAL_DATA") else {
        println!("not run: CHOFUKU_OFFICIAL_DATA does not say where the examples are");
        return None;
    };
    Some(read_folder(&PathBuf::from(data).join("examples").join(folder)))
}

fn read_folder(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the examples are there");
    let files = entries.map(|entry| {
        let entry = entry.expect("the examples can be read");
        let bytes = fs::read(entry.path()).expect("an example can be read");
        (entry.file_name().to_string_lossy().into_owned(), bytes)
    });
    files.collect()
}

/// The day and the lines of a dispensing.
type Dispensing<'e> = (&'e str, &'e [&'e str]);

/// `rp system code quantity form`, one a line.
fn lines(document: &Document<'_>) -> Vec<String> {
    let lines = document.lines.iter();
    lines
        .map(|line| {
            let drug = line.drug.as_ref();
            let drug = drug.map_or("-".to_owned(), |code| format!("{} {}", code.system, code.code));
            format!("{} {drug} {:?} {:?}", line.rp, line.quantity, line.form)
        })
        .collect()
}

#[test]
fn electronic_prescriptions() {
    let Some(files) = examples("denshi-shoho") else { return };
    assert_eq!(files.len(), 4);
    for (name, bytes) in &files {
        let found = eprescription::read(name, lasting(bytes)).unwrap();
        let [document] = found.documents.as_slice() else { panic!("{name}: one document") };
        assert_eq!(found.report.files[0].encoding, Some(Encoding::Cp932), "{name}");
        let (format, has_head) = match name.as_str() {
            "synthetic_check_request_druginfo.csv" => (Format::PrescriptionFragment, false),
            "synthetic_jahis10_wareki_eof.csv" => (Format::PrescriptionSymbol, true),
            _ => (Format::ElectronicPrescription, true),
        };
        assert_eq!(detect(bytes), Some(format), "{name}");
        assert_eq!(
            lines(document),
            [
                "1 receipt 620003930 \"7\" Oral",
                "2 yj 1190023F1024 \"7\" Oral",
                "3 receipt 620098801 \"5\" AsNeeded",
                "4 receipt 620007804 \"1\" External",
                "5 generic 2149032F1ZZZ \"13\" Oral",
            ]
        );
        assert_eq!(problems(&found.report), [""; 0], "{name}");
        let day = has_head.then_some("2026-09-15");
        assert_eq!(document.day.map(|day| day.to_string()).as_deref(), day, "{name}");
        let institution = document.institution.as_ref().map(|found| found.code.as_ref());
        assert_eq!(institution, has_head.then_some("1311234567"), "{name}");
        let insurer = document.patient.as_ref().map(|patient| patient.insurer.as_ref());
        assert_eq!(insurer, has_head.then_some("39130000"), "{name}");
        let supplements: Vec<_> =
            document.lines.iter().map(|line| line.supplements.join(";")).collect();
        let expected: [&str; 5] =
            if has_head { ["", "", "V6060000", "", "I1100000"] } else { [""; 5] };
        assert_eq!(supplements, expected, "{name}");
    }
}

#[test]
fn symbols() {
    let Some(files) = examples("jahis-rx") else { return };
    assert_eq!(files.len(), 19);
    // What is read of each; `None` where it is refused. Those with deviations report them.
    let expected: [(&str, Option<&[&str]>); 19] = [
        ("empty-input.txt", None),
        ("invalid-header.txt", None),
        // No 101; columns that do not hold together.
        ("invalid-missing-101.txt", Some(&["1 - \"\" Other"])),
        ("minimal-valid.txt", Some(&[])),
        // The words 内服 stand where the quantity belongs; the record 201 has no 情報区分.
        ("normalization-extended-101-111-201.txt", Some(&["1 receipt 620000001 \"内服\" Oral"])),
        ("normalization-extended-181.txt", Some(&[])),
        ("normalization-extended-201-spec-full.txt", Some(&["1 yj 2412403G3022 \"\" Other"])),
        // Records 201 without a code kind: no system, no drug.
        ("normalization-extended-211.txt", Some(&["1 - \"\" Oral"])),
        ("normalization-extended-221.txt", Some(&["1 - \"\" Oral"])),
        ("normalization-extended-231.txt", Some(&["1 - \"\" Oral"])),
        ("normalization-extended-241.txt", Some(&["1 - \"\" Oral"])),
        ("normalization-extended-281.txt", Some(&["1 - \"\" Oral"])),
        // Split: what is handed out now.
        ("normalization-full.txt", Some(&["1 - \"14\" Oral"])),
        ("normalization-multi-rp.txt", Some(&["1 - \"\" Oral", "2 - \"\" Other"])),
        ("normalization-spec-fields.txt", Some(&["1 receipt 620000001 \"14\" Oral"])),
        ("normalization-unknown-record.txt", Some(&[])),
        ("qr-decoded-anonymized.txt", Some(&["1 yj 2412403G3022 \"\" Other"])),
        ("sample.txt", Some(&["1 yj 2412403G3022 \"1\" Other"])),
        ("sample2.txt", Some(&["1 generic 1149037F1ZZZ \"7\" Oral"])),
    ];
    for (name, expected) in expected {
        let bytes = files.get(name).expect("the example is there");
        match (eprescription::read(name, lasting(bytes)), expected) {
            (Ok(found), Some(expected)) => {
                let found_lines: Vec<_> = found.documents.iter().flat_map(lines).collect();
                assert_eq!(found_lines, expected, "{name}");
                // Only these two are as the layout prescribes.
                let whole = ["sample.txt", "sample2.txt"].contains(&name);
                let problems = problems(&found.report);
                assert!(whole || !problems.is_empty(), "{name}");
            }
            (Err(CsvMessageError::Empty { .. }), None) => assert_eq!(name, "empty-input.txt"),
            (Err(CsvMessageError::Header { found, .. }), None) => assert_eq!(found, "NOT_JAHIS"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn notebooks() {
    let Some(files) = examples("jahis-tc") else { return };
    assert_eq!(files.len(), 8);
    let norvasc = "1 receipt 612170709 \"3\" Oral";
    let expected: [(&str, &[Dispensing<'_>], usize); 8] = [
        ("tc-invalid-missing-drug-code.txt", &[("2026-03-10", &["1 - \"3\" Oral"])], 0),
        ("tc-invalid-missing-otc-sequence-parent.txt", &[], 1),
        ("tc-minimal-valid.txt", &[("2026-03-10", &[norvasc])], 0),
        (
            "tc-multi-dispensing.txt",
            &[("2026-03-12", &[norvasc]), ("2026-02-20", &["1 receipt 610406001 \"14\" Oral"])],
            0,
        ),
        (
            "tc-output-category-2-full.txt",
            &[("2020-04-10", &["1 receipt 610421321 \"28\" Oral"])],
            1,
        ),
        ("tc-split-output-part-2.txt", &[("2026-03-10", &[norvasc])], 0),
        ("tc-supported-records-full.txt", &[("2026-03-10", &[norvasc])], 1),
        ("tc-with-otc-components-and-remaining-medicine.txt", &[("2026-03-10", &[norvasc])], 1),
    ];
    for (name, expected, otc) in expected {
        let bytes = files.get(name).expect("the example is there");
        assert_eq!(detect(bytes), Some(Format::Notebook), "{name}");
        let notebook = notebook::read(name, lasting(bytes)).unwrap();
        let documents: Vec<_> = notebook
            .documents
            .iter()
            .map(|document| (document.day.unwrap().to_string(), lines(document)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(day, lines)| {
                let lines = lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
                ((*day).to_owned(), lines)
            })
            .collect();
        assert_eq!(documents, expected, "{name}");
        assert_eq!(notebook.otc.len(), otc, "{name}");
        assert_eq!(notebook.part.is_some(), name.contains("split") || name.contains("supported"));
    }
}
