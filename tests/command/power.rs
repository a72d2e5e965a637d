//! Power cuts under a server that registers, compacts and puts generations in force: what it had
//! answered is on the disk.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chofuku_log::{EventLog, RedbLog, Shard};
use serde_json::json;

use crate::file_system::FileSystem;
use crate::kill::Site;
use crate::registrations::{Answered, Server, post, verify, work};

/// How many power cuts, unless `CHOFUKU_SERVER_POWER_CUTS` says otherwise.
const CUTS: u64 = 6;
const CLIENTS: usize = 2;

/// Lets clients work on a server, and compacts if wanted, until the power is cut.
fn cut_while_working(
    file_system: &mut FileSystem,
    server: Server,
    round: u64,
    lasts: Duration,
    compacts: bool,
    known: &mut [BTreeMap<String, Answered>],
) {
    let (address, over) = (server.address.clone(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (address, over) = (&address, &over);
        for (client, known) in known.iter_mut().enumerate() {
            scope.spawn(move || work(address, client, round, known, Some(over)));
        }
        if compacts {
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let answer = post(address, "/v1/admin/compact", &json!({}));
                    let sound = answer.as_ref().is_some_and(|(status, _)| *status == 200);
                    assert!(sound || over.load(Ordering::Relaxed), "{answer:?}");
                }
            });
        }
        std::thread::sleep(lasts);
        over.store(true, Ordering::Relaxed);
        assert!(file_system.cut_power(), "the file system was not shut down");
        // What is asked now cannot become durable, and nobody may be told that it did.
        std::thread::sleep(Duration::from_millis(20));
        server.kill();
    });
    assert!(file_system.unmount() && file_system.mount(), "mounting it again failed");
}

/// A file system with a data directory that is wholly on its disk.
fn prepared() -> Option<(FileSystem, Site)> {
    let mut file_system = FileSystem::new()?;
    let site = Site::new();
    site.compile_to_the_end(&site.history("history.csv", 100));
    let copied = Command::new("cp")
        .arg("-r")
        .args([site.path("data").as_os_str(), file_system.root().as_os_str()])
        .status()
        .unwrap();
    assert!(copied.success());
    assert!(file_system.unmount() && file_system.mount(), "mounting it again failed");
    Some((file_system, site))
}

#[test]
fn a_power_cut_under_a_server_loses_nothing_that_it_answered() {
    let Some((mut file_system, site)) = prepared() else { return };
    let cuts = std::env::var("CHOFUKU_SERVER_POWER_CUTS").ok().and_then(|cuts| cuts.parse().ok());
    let (data, tables) = (file_system.root().join("data"), site.tables());
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut known = vec![BTreeMap::new(); CLIENTS];
    let cuts = cuts.unwrap_or(CUTS);
    for round in 0..cuts {
        let server = Server::start(&data);
        for (client, known) in known.iter().enumerate() {
            verify(&server, &tables, client, known);
        }
        let lasts = Duration::from_millis(random.u64(20..400));
        cut_while_working(&mut file_system, server, round, lasts, round % 2 == 1, &mut known);
    }
    let server = Server::start(&data);
    for (client, known) in known.iter().enumerate() {
        verify(&server, &tables, client, known);
    }
    server.kill();
    let answered = known.iter().flat_map(BTreeMap::values).filter(|answered| answered.registered);
    let answered = answered.count();
    assert!(answered > 0, "nothing was ever registered");
    println!("seed {seed}: {cuts} power cuts, {answered} answered registrations, none lost");
}

/// The test notices a server whose syncs do nothing.
#[test]
fn a_power_cut_takes_what_a_server_did_not_sync() {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
        println!("NOT RUN: needs strace");
        return;
    }
    let Some((mut file_system, _site)) = prepared() else { return };
    let data = file_system.root().join("data");
    let quiet =
        ["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,sync_file_range"];
    let unsynced = ["-e", "inject=fsync,fdatasync,sync_file_range:retval=0"];
    let traced: Vec<&OsStr> = quiet.iter().chain(&unsynced).map(OsStr::new).collect();
    let server = Server::start_under(Some((Path::new("strace"), &traced)), &data, &[]);
    let mut known = vec![BTreeMap::new(); CLIENTS];
    let lasts = Duration::from_millis(500);
    cut_while_working(&mut file_system, server, 0, lasts, false, &mut known);
    let answered = known.iter().flat_map(BTreeMap::values).filter(|answered| answered.registered);
    let answered = u64::try_from(answered.count()).unwrap();
    let log = data.join("events.redb");
    let log = if log.exists() { RedbLog::open(&log, &[]).ok() } else { None };
    let kept = log.and_then(|log| log.tail(Shard(0)).ok()).map_or(0, |tail| tail.sequence);
    assert!(kept < answered, "all {answered} events are there without a sync");
    println!("without syncing, {kept} of {answered} answered registrations were left");
}
