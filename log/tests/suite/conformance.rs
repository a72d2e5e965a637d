//! Both logs of this crate by the one suite.

use std::collections::HashMap;
use std::path::PathBuf;

use chofuku_log::{MemoryLog, RedbLog, conformance};

#[test]
fn the_log_in_one_file_conforms() {
    conformance::run(|directory| Box::new(RedbLog::open(&directory.join("log"), &[]).unwrap()));
}

#[test]
fn the_log_in_memory_conforms() {
    let mut logs: HashMap<PathBuf, MemoryLog> = HashMap::new();
    conformance::run(|directory| {
        let log = logs.entry(directory.to_owned()).or_default();
        Box::new(log.reopen())
    });
}
