//! `targets::masters_usage` under libFuzzer.

#![no_main]

use chofuku_formats_fuzz::targets;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _read = targets::masters_usage(bytes);
});
