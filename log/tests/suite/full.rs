//! A disk that is full, and has space again.

use std::fs::{self, File};
use std::io::Write;

use chofuku_log::RedbLog;

use crate::events::{SHARD, append, assert_whole};
use crate::file_system::FileSystem;
use crate::writer::{self, Mode};

/// What is left for the log until the disk is full.
const LEFT_BYTES: u64 = 1 << 20;

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let Some(file_system) = FileSystem::new() else { return };
    let (path, filler) = (file_system.root().join("log"), file_system.root().join("filler"));
    let mut file = File::create(&filler).unwrap();
    let block = vec![1; 1 << 16];
    while file.write_all(&block).and_then(|()| file.sync_data()).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length - LEFT_BYTES).unwrap();
    file.sync_all().unwrap();
    drop(file);

    let lines = writer::start(&path, Mode::Endless).lines();
    let acknowledged = writer::acknowledged(&lines);
    let last: Vec<_> = lines.iter().rev().take(3).collect();
    assert!(acknowledged > 10, "{acknowledged} events: {last:?}");
    assert!(lines.iter().any(|line| line.starts_with("failed ")), "{last:?}");
    // While it is full, a log that opens is whole.
    if let Ok(log) = RedbLog::open(&path, &[(SHARD, acknowledged)]) {
        assert_whole(&log, acknowledged);
    }
    fs::remove_file(&filler).unwrap();
    let mut log = RedbLog::open(&path, &[(SHARD, acknowledged)]).unwrap();
    assert_whole(&log, acknowledged);
    append(&mut log, SHARD, 5);
    assert_whole(&log, acknowledged + 5);
    println!("full behind {acknowledged} events");
}
