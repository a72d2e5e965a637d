//! Notebooks: no input panics, alone or as parts.

#![no_main]

use chofuku_formats::decode_message;
use chofuku_formats::notebook::{read, read_parts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (one, other) = bytes.split_at(bytes.len() / 2);
    let [one, other, bytes] = [one, other, bytes].map(decode_message);
    let _notebook = read("fuzz", &bytes);
    let _joined = read_parts(&[("1", &one), ("2", &other), ("3", &bytes)]);
});
