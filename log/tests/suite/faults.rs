//! A write or sync that fails: nothing is acknowledged, and nothing is written after it.

use std::path::Path;
use std::process::Command;

use chofuku_log::{EventLog, LogError, RedbLog};

use crate::disk::Disk;
use crate::events::{SHARD, append, assert_whole, batch};
use crate::writer::{self, Mode};

#[test]
fn after_any_failed_write_or_sync_the_log_is_poisoned() {
    for count in 1.. {
        let disk = Disk::default();
        let mut log = RedbLog::open_backend(disk.clone(), &[]).unwrap();
        let mut acknowledged = append(&mut log, SHARD, 2).sequence;
        disk.fail_in(count);
        let mut failure = None;
        for _ in 0..5 {
            match log.append(SHARD, acknowledged, &batch(acknowledged + 1, 3)) {
                Ok(tail) => acknowledged = tail.sequence,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if !disk.has_failed() {
            assert!(count > 20, "only {count} writes and syncs in five batches");
            break;
        }
        assert!(failure.is_some_and(|error| !error.is_refusal()), "the {count}th failed silently");
        // The disk is well again; nobody knows what it dropped.
        for _ in 0..2 {
            match log.append(SHARD, acknowledged, &batch(acknowledged + 1, 1)) {
                Err(LogError::Poisoned { reason }) => assert!(reason.contains("disk fails")),
                other => panic!("{other:?}"),
            }
            assert!(matches!(log.trim(SHARD, 1), Err(LogError::Poisoned { .. })));
        }
        if let Ok(read) = log.read(SHARD, 1, usize::MAX) {
            assert!(crate::events::to_u64(read.len()) >= acknowledged);
        }
        drop(log);
        let log = RedbLog::open_backend(Disk::holding(disk.bytes()), &[]).unwrap();
        assert_whole(&log, acknowledged);
    }
}

#[test]
fn a_refused_argument_poisons_nothing() {
    let mut log = RedbLog::open_backend(Disk::default(), &[]).unwrap();
    append(&mut log, SHARD, 2);
    assert!(log.append(SHARD, 1, &batch(3, 1)).unwrap_err().is_refusal());
    assert!(log.trim(SHARD, 3).unwrap_err().is_refusal());
    append(&mut log, SHARD, 2);
    assert_eq!(assert_whole(&log, 4), 4);
}

/// A writer under `strace`, which makes its `when`-th call of `call` fail or its last.
fn injected(path: &Path, call: &str, what: &str, when: u32) -> Vec<String> {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null"]);
    strace.args(["-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:{what}:when={when}")]);
    writer::start_under(strace, path, Mode::Rounds(12)).lines()
}

fn has_strace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    let works = traced.is_ok_and(|status| status.success());
    if !works {
        println!("NOT RUN: strace is missing or may not trace");
    }
    works
}

#[test]
fn a_failed_system_call_is_never_acknowledged() {
    if !has_strace() {
        return;
    }
    let (mut failed, mut poisoned) = (0, 0);
    let cases = [
        ("fdatasync", "error=EIO", 1..=32),
        ("pwrite64", "error=ENOSPC", 1..=24),
        ("fsync", "error=EIO", 1..=3),
        ("ftruncate", "error=ENOSPC", 1..=2),
    ];
    for (call, what, times) in cases {
        for when in times {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("log");
            let lines = injected(&path, call, what, when);
            let acknowledged = writer::acknowledged(&lines);
            failed += u32::from(lines.iter().any(|line| line.starts_with("failed ")));
            let stays = lines.iter().any(|line| line == "stays poisoned");
            poisoned += u32::from(stays);
            if lines.iter().any(|line| line.starts_with("failed append")) {
                assert!(stays, "{call} {what} {when}: {lines:?}");
            }
            let log = RedbLog::open(&path, &[(SHARD, acknowledged)]).unwrap();
            assert_whole(&log, acknowledged);
        }
    }
    println!("{failed} writers failed, {poisoned} of them in an append");
    assert!(failed > 30 && poisoned > 10, "{failed} writers failed, {poisoned} in an append");
}

#[test]
fn a_process_killed_at_any_sync_or_write_has_lost_nothing() {
    if !has_strace() {
        return;
    }
    let mut killed = 0;
    for call in ["fdatasync", "pwrite64", "fsync", "ftruncate"] {
        for when in 1..=16 {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("log");
            let lines = injected(&path, call, "signal=SIGKILL", when);
            let acknowledged = writer::acknowledged(&lines);
            killed += u32::from(!lines.iter().any(|line| line == "done"));
            let log = RedbLog::open(&path, &[(SHARD, acknowledged)]).unwrap();
            assert_whole(&log, acknowledged);
        }
    }
    println!("{killed} writers were killed");
    assert!(killed > 30, "only {killed} writers were killed");
}
