//! Prescriptions: no input panics, and what is written of one is read as the same drugs.

#![no_main]

use chofuku_formats::decode_message;
use chofuku_formats::detect::detect;
use chofuku_formats::document::Document;
use chofuku_formats::eprescription::{read, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _format = detect(bytes);
    let decoded = decode_message(bytes);
    let Ok(found) = read("fuzz", &decoded) else { return };
    for document in &found.documents {
        if let Ok(written) = write("fuzz", document) {
            let decoded = decode_message(written.text.into_bytes());
            let again = read("fuzz", &decoded).expect("what is written is read");
            let found = again.documents.first().map(drugs).unwrap_or_default();
            assert_eq!(found, drugs(document));
        }
    }
});

fn drugs(document: &Document<'_>) -> Vec<(u32, Option<String>)> {
    let lines = document.lines.iter();
    lines.map(|line| (line.rp, line.drug.clone().map(|drug| drug.code.into_owned()))).collect()
}
