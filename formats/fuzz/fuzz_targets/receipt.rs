//! Any bytes as UKE receipts: no panic, no unbounded work.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let decoded = chofuku_formats::decode(bytes);
    let _read = chofuku_formats::receipt::read("fuzz", &decoded);
});
