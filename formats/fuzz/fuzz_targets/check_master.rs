//! Any bytes as the payment fund's pairs of codes, and as an extract of inserts.
#![no_main]

use chofuku_formats::{
    Report,
    masters::{read_check_master, read_interactions_extract},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut report = Report::default();
    if let Ok(master) = read_check_master("check.csv", bytes, &mut report) {
        assert!(master.pairs.iter().all(|pair| pair.a < pair.b));
        assert!(master.pairs.iter().all(|pair| pair.a_b.is_some() || pair.b_a.is_some()));
    }
    let _read = read_interactions_extract("extract.csv", bytes, &mut report);
});
