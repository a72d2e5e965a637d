//! What of a message may be a drug and was not read is a loss; what is only odd is none.

use std::fs;
use std::path::Path;

use chofuku_formats::message::Message;
use chofuku_formats::{Report, eprescription, notebook};

use super::{NOTEBOOK, PRESCRIPTION, SPLIT, lasting};

const FIRST: &str = "101,2,1,,7\r\n111,2,3,1013044400000000,x,3\r\n\
                     201,2,1,1,4,2233002F2022,見本錠,3,1,錠\r\n";
const RP: &str = "101,1,1,,7\r\n111,1,3,1012040400000000,x,2\r\n";
const DRUG: &str = "201,1,1,1,2,620007880,見本錠,1,1,錠\r\n";
const DISPENSED: &str = "JAHISTC08,1\r\n5,20261201,1\r\n11,薬局,13,4,1234567,,,,1\r\n\
                         51,医院,13,1,1234567,1\r\n201,1,見本錠,3,錠,4,2233002F2022,1\r\n\
                         301,1,x,7,日分,1,1,,1\r\n";

fn losses(report: &Report) -> Vec<(u64, &str)> {
    report.losses().map(|lost| (lost.line, lost.record.as_ref())).collect()
}

fn prescription(text: &str) -> Report {
    eprescription::read("p.csv", lasting(text)).unwrap().report
}

#[test]
fn a_drug_of_a_prescription_that_cannot_be_read_is_lost() {
    assert_eq!(losses(&prescription(&[FIRST, RP, DRUG].concat())), []);
    for (damaged, expected) in [
        (DRUG.replace("201,1,1,1", "\"201\",\"1\",\"1\",\"1\""), &[(6, ""), (4, "201")][..]),
        (DRUG.replace("201,", "2O1,"), &[(6, ""), (4, "201")]),
        (DRUG.replace("201,", "２０１,"), &[(6, ""), (4, "201")]),
        (DRUG.replace("201,", "202,"), &[(6, "202"), (4, "201")]),
        (DRUG.replace(',', ";"), &[(6, ""), (4, "201")]),
        (String::new(), &[(4, "201")]),
        (format!("{DRUG}{}", DRUG.replace("201,1,1", "201,1,3")), &[(7, "201")]),
        (format!("{DRUG}211,1,2,1\r\n"), &[(7, "211")]),
        (DRUG.trim_end().to_owned() + &DRUG.replace("201,1,1", "201,1,2"), &[(6, "201")]),
    ] {
        let report = prescription(&[FIRST, RP, &damaged].concat());
        assert_eq!(losses(&report), expected, "{damaged}");
    }
}

#[test]
fn what_is_only_odd_is_no_loss() {
    let head = "SJ1\r\n1,1,1234567,13,見本\r\n15,a\r\n22,06130012\r\n";
    for text in [
        PRESCRIPTION.to_owned(),
        SPLIT.to_owned(),
        format!("{head}{RP}{DRUG}"),
        format!("{RP}{}", DRUG.replace("見本錠", "見本,錠")),
        format!("{RP}{}", DRUG.replace("620007880", "12")),
        format!("101,1,1\r\n{DRUG}"),
    ] {
        assert_eq!(losses(&prescription(&text)), [], "{text}");
    }
    let notebook = notebook::read("n.csv", lasting(NOTEBOOK)).unwrap();
    assert_eq!(losses(&notebook.report), []);
}

#[test]
fn a_part_or_drug_of_a_notebook_that_is_not_there_is_lost() {
    let second = "201,2,見本錠,1,錠,2,620007880,1\r\n301,2,x,7,日分,1,1,,1\r\n";
    for (added, expected) in [
        (String::new(), &[][..]),
        (second.to_owned(), &[]),
        ("911,12345678901234,1,1\r\n".to_owned(), &[]),
        ("911,12345678901234,3,2\r\n".to_owned(), &[(0, "911")]),
        ("911,12345678901234,x,2\r\n".to_owned(), &[(7, "911")]),
        (second.replace("201,", "\"201\","), &[(7, ""), (8, "201")]),
        // Two drugs on one line, as they are usually written.
        (second.replacen("1\r\n", "1201,2,他の錠,1,錠,2,620007880,1\r\n", 1), &[(7, "201")]),
        // A record of another edition, or of a vendor.
        ("611,1,x\r\n".to_owned(), &[]),
        ("5,20261202,1\r\n".to_owned(), &[(7, "201")]),
    ] {
        let notebook = notebook::read("n.csv", lasting(format!("{DISPENSED}{added}"))).unwrap();
        assert_eq!(losses(&notebook.report), expected, "{added}");
    }
}

/// Of the published examples only those lose something that have an RP without a drug, or are one part of
/// two.
#[test]
fn the_published_examples_lose_nothing_else() {
    let Some(data) = std::env::var_os("CHOFUKU_OFFICIAL_DATA") else {
        println!("not run: CHOFUKU_OFFICIAL_DATA does not say where the examples are");
        return;
    };
    let mut lossy = Vec::new();
    for folder in ["denshi-shoho", "jahis-rx", "jahis-tc"] {
        let folder = Path::new(&data).join("examples").join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = fs::read(entry.path()).unwrap();
            let Ok(message) = Message::new(&name, bytes) else { continue };
            let Ok(read) = message.documents() else { continue };
            if read.report.losses().next().is_some() {
                lossy.push(name);
            }
        }
    }
    lossy.sort();
    let expected = [
        "normalization-extended-181.txt",
        "normalization-unknown-record.txt",
        "tc-split-output-part-2.txt",
        "tc-supported-records-full.txt",
    ];
    assert_eq!(lossy, expected);
}
