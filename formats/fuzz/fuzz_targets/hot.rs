//! Any bytes as the HOT master.
#![no_main]

use std::path::Path;

use chofuku_formats::{Report, masters::HotMaster};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(master) = HotMaster::read(Path::new("hot.csv"), bytes.to_vec(), &mut Report::default())
    else {
        return;
    };
    for row in &master.rows {
        assert!(matches!(row.code.len(), 7 | 9 | 11 | 13));
        assert!(row.receipt_codes.iter().all(|code| code.len() == 9));
    }
});
