//! Every byte of a log changed, and the log cut short: an error, or exactly the events that were
//! appended. Never fewer.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chofuku_log::{Event, EventLog, LogError, RedbLog, Shard};

use crate::disk::Disk;
use crate::events::{SHARD, append, assert_whole, batch, read_all};

/// Set to flip every byte of both logs, which takes minutes.
const EVERY_VARIABLE: &str = "CHOFUKU_LOG_EVERY_FLIP";
const PAGE_BYTES: usize = 4096;
const SPREAD_BYTES: usize = 61;

/// A log as bytes and what it holds.
struct Image {
    bytes: Vec<u8>,
    at_least: Vec<(Shard, u64)>,
    events: Vec<(Shard, Vec<Event>)>,
}

/// Two shards, one of them trimmed, as a process leaves them that ended or that was killed.
fn images() -> [Image; 2] {
    let disk = Disk::default();
    let mut log = RedbLog::open_backend(disk.clone(), &[]).unwrap();
    for (shard, batches) in [(SHARD, 6), (Shard(0), 4), (SHARD, 1)] {
        for size in 1..=batches {
            append(&mut log, shard, size);
        }
    }
    log.trim(Shard(0), 4).unwrap();
    append(&mut log, SHARD, 2);
    let shards = [SHARD, Shard(0)];
    let image = |bytes, log: &RedbLog| Image {
        bytes,
        at_least: shards.map(|shard| (shard, log.tail(shard).unwrap().sequence)).to_vec(),
        events: shards.map(|shard| (shard, read_all(log, shard))).to_vec(),
    };
    let killed = image(disk.bytes(), &log);
    drop(log);
    let bytes = disk.bytes();
    let log = RedbLog::open_backend(disk, &[]).unwrap();
    [killed, image(bytes, &log)]
}

impl Image {
    /// Whether changed bytes still open. What opens must hold every event, and go on.
    fn opens(&self, bytes: Vec<u8>, what: &str) -> bool {
        let mut log = match RedbLog::open_backend(Disk::holding(bytes), &self.at_least) {
            Ok(log) => log,
            Err(LogError::Poisoned { .. }) => panic!("{what}: poisoned before anything failed"),
            Err(_) => return false,
        };
        for (shard, events) in &self.events {
            // Reading may notice what opening did not.
            let Ok(read) = log.read(*shard, events[0].sequence, usize::MAX) else { return false };
            assert!(read == *events, "{what}: shard {shard} holds other events");
        }
        let last = self.events[0].1.last().unwrap().sequence;
        // Pages that are wrongly taken for free would be overwritten now.
        let Ok(tail) = log.append(SHARD, last, &batch(500, 20)) else {
            return false;
        };
        let kept = log.read(SHARD, self.events[0].1[0].sequence, usize::MAX);
        if let Ok(kept) = kept {
            assert!(kept.starts_with(&self.events[0].1), "{what}: events were overwritten");
            assert_eq!(kept.last().map(|event| event.sequence), Some(tail.sequence));
        }
        true
    }

    /// Changes the bytes in each of the ways, on all cores, and gives those that did not open.
    fn refused(
        &self,
        ways: &[usize],
        change: impl Fn(usize, &mut Vec<u8>) + Sync,
    ) -> BTreeSet<usize> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut refused = BTreeSet::new();
            while let Some(&way) = ways.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut bytes = self.bytes.clone();
                change(way, &mut bytes);
                if !self.opens(bytes, &format!("way {way}")) {
                    refused.insert(way);
                }
            }
            refused
        };
        thread::scope(|scope| {
            let cores = thread::available_parallelism().map_or(1, usize::from);
            let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        })
    }

    /// Flips a bit of each of these bytes, and gives those whose flip was refused.
    fn refused_flips(&self, positions: &[usize]) -> BTreeSet<usize> {
        self.refused(positions, |position, bytes| bytes[position] ^= 1 << (position * 5 % 8))
    }
}

#[test]
fn a_flipped_bit_of_any_byte_is_an_error_or_changes_nothing() {
    let every = env::var_os(EVERY_VARIABLE).is_some();
    for (image, step) in images().iter().zip([8, 1]) {
        assert!(image.opens(image.bytes.clone(), "unchanged"));
        // Most pages of a small file are free: what is in them is neither read nor compared. They
        // are told by a flip here and there, and only pages in use are flipped byte by byte.
        let length = image.bytes.len();
        let spread: Vec<_> = (0..length).step_by(SPREAD_BYTES).collect();
        let used: BTreeSet<_> =
            image.refused_flips(&spread).iter().map(|position| position / PAGE_BYTES).collect();
        let within = |position: &usize| every || used.contains(&(position / PAGE_BYTES));
        let step = if every { 1 } else { step };
        let positions: Vec<_> = (0..length).step_by(step).filter(within).collect();
        let refused = image.refused_flips(&positions).len();
        println!(
            "{} of {length} bytes in {} used pages: {refused} flips were refused",
            positions.len(),
            used.len()
        );
        // The header, the two tables and the tree of tables.
        assert!(used.len() >= 4 && refused * step > 10_000, "{refused} flips were refused");
    }
}

/// Behind the header, damage is not taken for a commit that was cut short, which would go back to
/// the one before: nothing from outside the file is needed to tell.
#[test]
fn damaged_pages_do_not_take_back_a_batch() {
    let [killed, _] = images();
    let positions: Vec<_> = (320..killed.bytes.len()).step_by(29).collect();
    let unaided = Image { at_least: Vec::new(), ..killed };
    assert!(unaided.refused_flips(&positions).len() > 100);
}

#[test]
fn a_log_cut_short_is_an_error_or_holds_every_event() {
    for image in images() {
        let length = image.bytes.len();
        let lengths: Vec<_> = (0..length).step_by(96).chain(length - 48..length).collect();
        let refused = image.refused(&lengths, |length, bytes| bytes.truncate(length));
        // Where it ends with a page and only free pages are gone, nothing is missing.
        assert!(refused.len() + 10 >= lengths.len(), "{} of {}", refused.len(), lengths.len());
    }
}

/// The header points at one of two commits by a bit without a checksum. Only what lies outside the
/// file can tell that it points at the older one.
#[test]
fn no_flipped_bit_of_the_header_takes_back_a_batch() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mark = directory.path().join("log.mark");
    let mut log = RedbLog::open(&path, &[]).unwrap();
    for _ in 0..5 {
        append(&mut log, SHARD, 3);
    }
    let (killed_bytes, killed_mark) = (fs::read(&path).unwrap(), fs::read(&mark).unwrap());
    drop(log);
    let closed = (fs::read(&path).unwrap(), fs::read(&mark).unwrap());
    let mut shorter = 0;
    for (bytes, mark_bytes) in [(killed_bytes, killed_mark), closed] {
        for position in 0..320 {
            let bits = if position < 64 { 0..8 } else { position % 8..position % 8 + 1 };
            for bit in bits {
                let mut flipped = bytes.clone();
                flipped[position] ^= 1 << bit;
                fs::write(&path, &flipped).unwrap();
                fs::write(&mark, &mark_bytes).unwrap();
                match RedbLog::open(&path, &[]) {
                    Ok(log) => {
                        assert_eq!(assert_whole(&log, 15), 15, "byte {position} bit {bit}");
                    }
                    Err(LogError::Shorter { expected: 15, .. }) => {
                        shorter += 1;
                        fs::write(&path, &flipped).unwrap();
                        fs::remove_file(&mark).unwrap();
                        let known = RedbLog::open(&path, &[(SHARD, 15)]);
                        assert!(matches!(known, Err(LogError::Shorter { .. })), "{known:?}");
                    }
                    Err(_) => {}
                }
            }
        }
    }
    assert!(shorter > 0, "the bit that chooses the commit was not among them");
}
