//! A power cut on a disk in memory: of what was not synced, any sectors may be there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chofuku_log::{EventLog, RedbLog};

use crate::disk::Disk;
use crate::events::{SHARD, append, assert_whole};

const IMAGES: usize = 40;

/// Appends and trims on a recorded disk. Every sync is a moment for a crash.
fn workload(lying: bool) -> Disk {
    let disk = Disk::default();
    let mut log = RedbLog::open_backend(disk.clone(), &[]).unwrap();
    disk.acknowledge(append(&mut log, SHARD, 3).sequence);
    disk.record(lying);
    for round in 1..=12 {
        disk.acknowledge(append(&mut log, SHARD, round).sequence);
        if round % 4 == 0 {
            log.trim(SHARD, round * 2).unwrap();
        }
    }
    drop(log);
    disk
}

/// The images of every crash that do not hold what was acknowledged, and how many there are.
fn lost(disk: &Disk) -> (usize, usize) {
    let mut random = fastrand::Rng::with_seed(7);
    let (mut lost, mut images) = (0, 0);
    for crash in disk.crashes() {
        for way in 0..IMAGES {
            let kept = [0.0, 1.0, 0.5, 0.9, 0.1][way % 5];
            let image = crash.image(&mut random, kept);
            images += 1;
            let holds = catch_unwind(AssertUnwindSafe(|| {
                let at_least = [(SHARD, crash.acknowledged)];
                let log = RedbLog::open_backend(Disk::holding(image), &at_least);
                log.is_ok_and(|log| assert_whole(&log, crash.acknowledged) > 0)
            }));
            lost += usize::from(!holds.unwrap_or(false));
        }
    }
    (lost, images)
}

#[test]
fn whatever_a_power_cut_leaves_holds_what_was_acknowledged() {
    let disk = workload(false);
    let (lost, images) = lost(&disk);
    assert_eq!(lost, 0, "of {images} images");
    assert!(images >= 1000, "only {images} images");
    println!("{images} images of {} crashes", disk.crashes().len());
}

/// The test notices a disk that does not sync.
#[test]
fn a_disk_that_lies_loses_what_was_acknowledged() {
    let (lost, images) = lost(&workload(true));
    assert!(lost > images / 4, "{lost} of {images} images");
}
