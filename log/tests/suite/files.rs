//! The file of a log: who may open it, and what is refused in its place.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use chofuku_log::{EventLog, LogError, RedbLog, Shard, Tail};

use crate::events::{SHARD, append, assert_whole, batch};
use crate::writer::{self, Mode};

#[test]
fn files_are_readable_by_their_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let log = RedbLog::open(&directory.path().join("log"), &[]).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["log", "log.mark"], "and nothing else is left behind");
    drop(log);
}

#[test]
fn a_second_opener_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mut log = RedbLog::open(&path, &[]).unwrap();
    append(&mut log, SHARD, 3);
    let second = RedbLog::open(&path, &[]);
    assert!(matches!(&second, Err(LogError::Locked { path: at }) if *at == path), "{second:?}");
    let lines = writer::start(&path, Mode::Once).lines();
    assert!(lines.iter().any(|line| line.starts_with("failed Locked")), "{lines:?}");
    // The refused ones have changed nothing.
    append(&mut log, SHARD, 3);
    assert_eq!(assert_whole(&log, 6), 6);
    drop(log);
    let lines = writer::start(&path, Mode::Once).lines();
    assert!(lines.iter().any(|line| line.starts_with("acknowledged ")), "{lines:?}");
    drop(RedbLog::open(&path, &[]).unwrap());
}

#[test]
fn a_log_that_was_lost_is_missed_by_whoever_only_looks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    assert!(!RedbLog::exists(&path, &[(SHARD, 0)]).unwrap());
    assert!(matches!(RedbLog::exists(&path, &[(SHARD, 2)]), Err(LogError::Shorter { .. })));
    let mut log = RedbLog::open(&path, &[]).unwrap();
    append(&mut log, SHARD, 3);
    assert!(RedbLog::exists(&path, &[]).unwrap());
    assert_eq!(RedbLog::marked(&path, SHARD).unwrap(), 3);
    drop(log);
    fs::remove_file(&path).unwrap();
    let lost = RedbLog::exists(&path, &[]);
    assert!(matches!(lost, Err(LogError::Shorter { expected: 3, found: 0, .. })), "{lost:?}");
    assert!(!path.exists());
}

#[test]
fn a_directory_without_permission_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        assert!(matches!(RedbLog::open(&path, &[]), Err(LogError::Io { .. })));
    } else if let Some(process) = writer::start_as_nobody(&path) {
        let lines = process.lines();
        assert!(lines.iter().any(|line| line.starts_with("failed Io")), "{lines:?}");
    } else {
        println!("NOT RUN: permissions bind no root, and no other user can start this program");
    }
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    let nowhere = directory.path().join("no such directory/log");
    assert!(matches!(RedbLog::open(&nowhere, &[]), Err(LogError::Io { .. })));
}

#[test]
fn what_is_no_log_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    for bytes in [Vec::new(), b"no log".to_vec(), vec![0; 100_000]] {
        fs::write(&path, &bytes).unwrap();
        let opened = RedbLog::open(&path, &[]);
        assert!(opened.is_err(), "{} bytes", bytes.len());
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::remove_file(&path).unwrap();
    drop(redb::Database::create(&path).unwrap());
    let opened = RedbLog::open(&path, &[]);
    assert!(matches!(opened, Err(LogError::Damaged { .. })), "{opened:?}");
}

#[test]
fn a_log_that_was_lost_is_not_begun_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let refused = |at_least: &[(Shard, u64)]| match RedbLog::open(&path, at_least) {
        Err(LogError::Shorter { shard: SHARD, expected, found, .. }) => (expected, found),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&[(SHARD, 7)]), (7, 0));
    assert!(!path.exists());
    let mut log = RedbLog::open(&path, &[(SHARD, 0)]).unwrap();
    append(&mut log, SHARD, 9);
    drop(log);
    assert_eq!(refused(&[(Shard(1), 0), (SHARD, 10)]), (10, 9));
    drop(RedbLog::open(&path, &[(SHARD, 9)]).unwrap());
    // The mark remembers what nobody else does.
    fs::remove_file(&path).unwrap();
    assert_eq!(refused(&[]), (9, 0));
}

#[test]
fn an_older_copy_in_place_of_the_log_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (path, old) = (directory.path().join("log"), directory.path().join("old"));
    let mut log = RedbLog::open(&path, &[]).unwrap();
    append(&mut log, SHARD, 5);
    log.copy_to(&old).unwrap();
    append(&mut log, SHARD, 1);
    drop(log);
    fs::rename(&old, &path).unwrap();
    let opened = RedbLog::open(&path, &[]);
    assert!(matches!(opened, Err(LogError::Shorter { expected: 6, found: 5, .. })), "{opened:?}");
}

#[test]
fn another_log_in_place_of_the_log_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (path, other) = (directory.path().join("log"), directory.path().join("other"));
    append(&mut RedbLog::open(&path, &[]).unwrap(), SHARD, 5);
    let mut log = RedbLog::open(&other, &[]).unwrap();
    log.append(SHARD, 0, &batch(2, 9)).unwrap();
    drop(log);
    fs::rename(&other, &path).unwrap();
    let opened = RedbLog::open(&path, &[]);
    assert!(matches!(opened, Err(LogError::Corrupt { sequence: 5, .. })), "{opened:?}");
}

#[test]
fn a_log_goes_on_behind_an_anchor() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mut log = RedbLog::open(&path, &[]).unwrap();
    let anchor = append(&mut log, SHARD, 50);
    let lost = append(&mut log, SHARD, 3);
    drop(log);
    let occupied = RedbLog::open_at(&path, &[(SHARD, anchor)]);
    assert!(matches!(occupied, Err(LogError::Io { .. })), "{occupied:?}");
    fs::remove_file(&path).unwrap();

    // The mark still remembers the events that are lost; a log behind an anchor is begun knowingly.
    let mut log = RedbLog::open_at(&path, &[(SHARD, anchor), (Shard(9), Tail::START)]).unwrap();
    for _ in 0..2 {
        assert_eq!(log.tail(SHARD).unwrap(), anchor);
        assert_eq!(log.first(SHARD).unwrap(), 51);
        assert_eq!(log.tail(Shard(9)).unwrap(), Tail::START);
        drop(log);
        log = RedbLog::open(&path, &[(SHARD, 50)]).unwrap();
    }
    // The same events give the same chain.
    assert_eq!(append(&mut log, SHARD, 3), lost);
    assert_eq!(log.read(SHARD, 51, 9).unwrap().len(), 3);
}

#[test]
fn more_events_than_one_transaction_removes_are_trimmed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mut log = RedbLog::open(&path, &[]).unwrap();
    let many = 140_000;
    let small = |id: u64| chofuku_log::NewEvent { payload: Vec::new(), ..crate::events::event(id) };
    log.append(SHARD, 0, &(1..=many).map(small).collect::<Vec<_>>()).unwrap();
    let full = used(&path);
    log.trim(SHARD, many - 1).unwrap();
    assert_eq!(log.first(SHARD).unwrap(), many);
    assert_eq!(log.read(SHARD, many, 9).unwrap().len(), 1);
    // What is free is used again.
    log.append(SHARD, many, &(1..=many).map(small).collect::<Vec<_>>()).unwrap();
    assert!(used(&path) <= full + full / 2, "{} bytes, then {}", full, used(&path));
}

fn used(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}
