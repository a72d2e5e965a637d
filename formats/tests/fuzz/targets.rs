//! What every fuzz target does with an input: one function for each file that reads bytes of the outside,
//! called like its path. Each says whether the input was read; a panic, an endless loop or a broken
//! promise is a fault.
//!
//! `formats/fuzz` runs them under libFuzzer; `main.rs` beside this file runs them over random damage as
//! ordinary tests.

use std::io::{Cursor, Write as _};
use std::path::Path;

use chofuku_formats::document::Document;
use chofuku_formats::inserts::{self, ClassTable, Drugs, join, resolve};
use chofuku_formats::masters::{
    GenericNames, HotMaster, PriceList, ReceiptFile, ReceiptMaster, UsageMaster, fold,
    read_check_master, read_interactions_extract, read_pairs_of, read_sheets_of,
};
use chofuku_formats::message::Message;
use chofuku_formats::{
    Report, decode, decode_message, dispensing_result, eprescription, fhir, notebook,
    online_eligibility, receipt,
};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// Every target.
pub const TARGETS: [Target; 18] = [
    ("dispensing_result", dispensing_result),
    ("eprescription", eprescription),
    ("fhir", fhir),
    ("inserts", inserts),
    ("inserts_classes", inserts_classes),
    ("masters_check_master", masters_check_master),
    ("masters_generic_names", masters_generic_names),
    ("masters_hot", masters_hot),
    ("masters_interactions_extract", masters_interactions_extract),
    ("masters_pairs", masters_pairs),
    ("masters_price_list", masters_price_list),
    ("masters_receipt", masters_receipt),
    ("masters_sheet", masters_sheet),
    ("masters_usage", masters_usage),
    ("message", message),
    ("notebook", notebook),
    ("online_eligibility", online_eligibility),
    ("receipt", receipt),
];

/// Dispensing results in the assumed layout.
pub fn dispensing_result(bytes: &[u8]) -> bool {
    dispensing_result::read_as_notebook("fuzz", &decode_message(bytes)).is_ok()
}

/// Prescriptions: what is written of one is read as the same drugs.
pub fn eprescription(bytes: &[u8]) -> bool {
    let decoded = decode_message(bytes);
    let Ok(found) = eprescription::read("fuzz", &decoded) else { return false };
    for document in &found.documents {
        let Ok(written) = eprescription::write("fuzz", document) else { continue };
        let decoded = decode_message(written.text.into_bytes());
        let again = eprescription::read("fuzz", &decoded).expect("what is written is read");
        let again = again.documents.first().map(drugs).unwrap_or_default();
        assert_eq!(again, drugs(document));
    }
    true
}

fn drugs(document: &Document<'_>) -> Vec<(u32, Option<String>)> {
    let lines = document.lines.iter();
    lines.map(|line| (line.rp, line.drug.clone().map(|drug| drug.code.into_owned()))).collect()
}

/// FHIR, alone, as two files of one export, and beside others, which add no document to it.
pub fn fhir(bytes: &[u8]) -> bool {
    let (one, other) = bytes.split_at(bytes.len() / 2);
    let [one, other, whole] = [one, other, bytes].map(decode);
    let files = [("1", &one), ("2", &other)];
    let _export = fhir::read_files(&files, fhir::Drafts::Take);
    let _part = fhir::ExportPart::of(bytes);
    let Ok(message) = fhir::read("fuzz", &whole) else { return false };
    assert_eq!(message.documents.len(), message.places.len());
    let brief = decode(fhir::brief_prescriptions(&whole.text).into_bytes());
    let beside = fhir::Beside {
        referred_to: vec![("2", &other)],
        prescriptions: vec![("3", &whole), ("4", &brief)],
    };
    if let Ok(found) = fhir::read_beside("fuzz", &whole, &beside) {
        assert_eq!(found.documents.len(), message.documents.len());
    }
    true
}

/// A package insert, and the first cell of one.
pub fn inserts(bytes: &[u8]) -> bool {
    // The table of a valid insert with these bytes as its first cell, markup included.
    let cell = String::from_utf8_lossy(bytes);
    let text = format!(
        "<PackIns><ContraIndicatedCombinations><Drug><DrugName><Detail>{cell}</Detail></DrugName>\
         </Drug></ContraIndicatedCombinations></PackIns>"
    );
    let _cell = inserts::read("insert.xml", text.as_bytes());
    let Ok((insert, _)) = inserts::read("insert.xml", bytes) else { return false };
    // No drug is known, so nothing is resolved: a rule would be a guess.
    let resolved = resolve(&insert.statements, &ClassTable::default(), &Drugs::default());
    assert!(resolved.rules.is_empty());
    assert!(join(resolved.rules).is_empty());
    true
}

/// A table of classes.
pub fn inserts_classes(bytes: &[u8]) -> bool {
    ClassTable::read("classes.csv", bytes, &mut Report::default()).is_ok()
}

/// The payment fund's pairs of codes.
pub fn masters_check_master(bytes: &[u8]) -> bool {
    let read = read_check_master("check.csv", bytes, &mut Report::default());
    let Ok(master) = read else { return false };
    for pair in &master.pairs {
        assert!(pair.a < pair.b, "{pair:?}");
        assert!(pair.a_b.is_some() || pair.b_a.is_some(), "{pair:?}");
    }
    let substance = |code: &str| vec![(code.chars().take(4).collect(), "oral".to_owned())];
    let folded = fold(&master.pairs, substance, |_| 1);
    assert!(folded.pairs.iter().all(|pair| pair.a != pair.b), "{:?}", folded.pairs);
    true
}

/// The generic-name master.
pub fn masters_generic_names(bytes: &[u8]) -> bool {
    let path = Path::new("generic_20250814.csv");
    let Ok(names) = GenericNames::read(path, bytes, &mut Report::default()) else {
        return false;
    };
    let names_all = names.names.iter().map(|name| &name.code);
    let products =
        names.exceptions.iter().flat_map(|exception| [&exception.code, &exception.price_code]);
    assert!(names_all.chain(products).all(|code| code.len() == 12));
    true
}

/// The HOT master.
pub fn masters_hot(bytes: &[u8]) -> bool {
    let path = Path::new("hot.csv");
    let Ok(master) = HotMaster::read(path, bytes, &mut Report::default()) else {
        return false;
    };
    for row in &master.rows {
        assert!(matches!(row.code.len(), 7 | 9 | 11 | 13), "{row:?}");
        assert!(row.receipt_codes.iter().all(|code| code.len() == 9), "{row:?}");
    }
    true
}

/// The seven columns of an extract of inserts.
pub fn masters_interactions_extract(bytes: &[u8]) -> bool {
    let read = read_interactions_extract("extract.csv", bytes, &mut Report::default());
    let Ok(extract) = read else { return false };
    let resolved = resolve(&extract.statements, &ClassTable::default(), &Drugs::default());
    assert!(resolved.rules.is_empty());
    true
}

/// A list of pairs.
pub fn masters_pairs(bytes: &[u8]) -> bool {
    let path = Path::new("pairs.csv");
    let Ok(pairs) = read_pairs_of(path, bytes, &mut Report::default()) else {
        return false;
    };
    for side in pairs.iter().flat_map(|pair| [&pair.a, &pair.b]) {
        assert!(side.prefixes.iter().all(|prefix| prefix.prefix.len() == 7), "{side:?}");
        assert!(!side.name_ja.is_empty() || !side.prefixes.is_empty(), "{side:?}");
    }
    true
}

/// The price list.
pub fn masters_price_list(bytes: &[u8]) -> bool {
    let path = Path::new("price_20250814.csv");
    let Ok(list) = PriceList::read(path, bytes, &mut Report::default()) else {
        return false;
    };
    assert!(list.entries.iter().all(|entry| entry.code.len() == 12));
    true
}

/// The receipt-code master, a full file and a difference.
pub fn masters_receipt(bytes: &[u8]) -> bool {
    let (one, other) = bytes.split_at(bytes.len() / 2);
    let mut report = Report::default();
    let mut read =
        |bytes: &[u8]| ReceiptFile::read(Path::new("y_20250814.csv"), bytes, &mut report).ok();
    let halves: Vec<ReceiptFile> = [one, other].into_iter().filter_map(&mut read).collect();
    let Some(whole) = read(bytes) else { return false };
    for files in [halves, vec![whole]] {
        let master = ReceiptMaster::merge(files, &mut report);
        assert!(master.rows().all(|row| row.code().len() == 9));
    }
    true
}

/// Any table: CSV, an archive of CSVs, a workbook. Checksums keep damage out of archives, so the input
/// is also the one sheet of a workbook that is whole.
pub fn masters_sheet(bytes: &[u8]) -> bool {
    let workbook = read_sheets_of(Path::new("workbook"), &workbook(bytes));
    let table = read_sheets_of(Path::new("table"), bytes);
    workbook.is_ok() || table.is_ok()
}

/// A workbook with one sheet, given as its XML.
fn workbook(sheet: &[u8]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"1\" sheetId=\"1\" \
         r:id=\"rId1\"/></sheets></workbook>"
    );
    let link = |kind: &str, to: &str| {
        format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/{kind}\" \
             Target=\"{to}\"/></Relationships>"
        )
    };
    let (start, links) =
        (link("officeDocument", "xl/workbook.xml"), link("worksheet", "worksheets/sheet1.xml"));
    let members = [
        ("_rels/.rels", start.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in members {
        writer.start_file(name, stored).expect("a member of an archive in memory");
        writer.write_all(content).expect("bytes into memory");
    }
    writer.finish().expect("an archive in memory").into_inner()
}

/// The usage master.
pub fn masters_usage(bytes: &[u8]) -> bool {
    let mut master = UsageMaster::default();
    let path = Path::new("usage.csv");
    let read = master.read(path, bytes, &mut Report::default());
    for row in master.rows() {
        assert_eq!(row.code.len(), 16, "{row:?}");
        assert!(row.edition >= row.from, "{row:?}");
    }
    read.is_ok()
}

/// A message of whatever format.
pub fn message(bytes: &[u8]) -> bool {
    let Ok(message) = Message::new("fuzz", bytes.to_vec()) else { return false };
    message.documents().is_ok()
}

/// A notebook, alone and in parts.
pub fn notebook(bytes: &[u8]) -> bool {
    let (one, other) = bytes.split_at(bytes.len() / 2);
    let [one, other, bytes] = [one, other, bytes].map(decode_message);
    let _joined = notebook::read_parts(&[("1", &one), ("2", &other), ("3", &bytes)]);
    notebook::read("fuzz", &bytes).is_ok()
}

/// Drug information XML.
pub fn online_eligibility(bytes: &[u8]) -> bool {
    online_eligibility::read("fuzz", &decode(bytes)).is_ok()
}

/// UKE receipts of hospitals and of pharmacies.
pub fn receipt(bytes: &[u8]) -> bool {
    receipt::read("fuzz", &decode(bytes)).is_ok()
}
