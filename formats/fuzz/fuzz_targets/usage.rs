//! Any bytes as the usage master.
#![no_main]

use std::path::Path;

use chofuku_formats::{Report, masters::UsageMaster};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut master = UsageMaster::default();
    let _read = master.read(Path::new("usage.csv"), bytes.to_vec(), &mut Report::default());
    for row in master.rows() {
        assert_eq!(row.code.len(), 16);
        assert!(row.edition >= row.from);
    }
});
