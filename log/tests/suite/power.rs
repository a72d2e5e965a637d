//! Power cuts on a real file system, whose superblock is shut down while a writer works.

use std::env;
use std::fs::File;

use chofuku_log::{EventLog, RedbLog};

use crate::events::{SHARD, assert_whole};
use crate::file_system::FileSystem;
use crate::writer::{self, Mode};

/// How many power cuts, where other than [`ROUNDS`].
const ROUNDS_VARIABLE: &str = "CHOFUKU_LOG_POWER_CUTS";
const ROUNDS: usize = 20;

/// Lets a writer work, cuts the power, and gives the last event that it acknowledged.
fn cut_while_writing(file_system: &mut FileSystem, mode: Mode, batches: usize) -> u64 {
    let path = file_system.root().join("log");
    let mut writer = writer::start(&path, mode);
    writer.wait_for(batches);
    assert!(file_system.cut_power(), "the file system was not shut down");
    let lines = writer.kill();
    assert!(file_system.unmount() && file_system.mount(), "mounting it again failed");
    let acknowledged = writer::acknowledged(&lines);
    assert!(acknowledged > 0, "{lines:?}");
    acknowledged
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let Some(mut file_system) = FileSystem::new() else { return };
    let rounds = env::var(ROUNDS_VARIABLE).ok().and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let path = file_system.root().join("log");
    let mut random = fastrand::Rng::with_seed(13);
    let mut total = 0;
    for _ in 0..rounds {
        let batches = random.usize(1..25);
        let acknowledged = cut_while_writing(&mut file_system, Mode::Endless, batches);
        assert!(acknowledged > total);
        let log = RedbLog::open(&path, &[(SHARD, acknowledged)]).unwrap();
        total = assert_whole(&log, acknowledged);
    }
    println!("{rounds} power cuts, {total} events");
}

/// The test notices a log that does not sync.
#[test]
fn a_power_cut_takes_what_was_not_synced() {
    let Some(mut file_system) = FileSystem::new() else { return };
    let acknowledged = cut_while_writing(&mut file_system, Mode::EndlessUnsynced, 20);
    let path = file_system.root().join("log");
    let kept = match File::open(&path) {
        Ok(_) => RedbLog::open(&path, &[]).map_or(0, |log| log.tail(SHARD).unwrap().sequence),
        Err(_) => 0,
    };
    assert!(kept < acknowledged, "all {acknowledged} events are there without a sync");
    println!("without syncing, {kept} of {acknowledged} acknowledged events were left");
}
