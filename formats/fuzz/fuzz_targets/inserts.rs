//! Any bytes as a package insert, and as the cell of one.
#![no_main]

use chofuku_formats::inserts::{ClassTable, Drugs, join, read, resolve};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((insert, _)) = read("insert.xml", bytes) {
        let resolved = resolve(&insert.statements, &ClassTable::default(), &Drugs::default());
        assert!(resolved.rules.is_empty());
        assert!(join(resolved.rules).is_empty());
    }
    // The table of a valid insert with these bytes as its first cell, markup included.
    let cell = String::from_utf8_lossy(bytes);
    let text = format!(
        "<PackIns><ContraIndicatedCombinations><Drug><DrugName><Detail>{cell}</Detail></DrugName>\
         </Drug></ContraIndicatedCombinations></PackIns>"
    );
    let _read = read("insert.xml", text.as_bytes());
});
