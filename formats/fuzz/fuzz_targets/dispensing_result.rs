//! Dispensing results in the assumed layout: no input panics.

#![no_main]

use chofuku_formats::decode_message;
use chofuku_formats::dispensing_result::read_as_notebook;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _results = read_as_notebook("fuzz", &decode_message(bytes));
});
