//! A writer killed at any moment: every acknowledged event is there, once.

use chofuku_log::RedbLog;

use crate::events::{SHARD, assert_whole};
use crate::writer::{self, Mode};

const ROUNDS: usize = 30;

#[test]
fn a_killed_writer_has_lost_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mut random = fastrand::Rng::with_seed(11);
    let mut total = 0;
    for round in 0..ROUNDS {
        let mut writer = writer::start(&path, Mode::Endless);
        writer.wait_for(random.usize(1..20));
        // Somewhere within the batches that follow.
        for _ in 0..random.u32(0..200_000) {
            std::hint::spin_loop();
        }
        let lines = writer.kill();
        let acknowledged = writer::acknowledged(&lines);
        assert!(acknowledged > total, "round {round}: {lines:?}");
        let log = RedbLog::open(&path, &[(SHARD, acknowledged)]).unwrap();
        total = assert_whole(&log, acknowledged);
    }
    println!("{ROUNDS} writers killed, {total} events");
}
