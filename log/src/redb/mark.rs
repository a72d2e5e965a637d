//! The mark: a small file beside the log that remembers what was acknowledged last.
//!
//! Everything in the log hangs on its header, so that nothing in it can tell that the header points
//! at an older commit. The mark is written after each commit and never synced: it costs no time,
//! and after a power cut it is some seconds behind, never ahead. It is a lower bound. Where it is
//! missing or damaged it says nothing, for that is no fault of the log.
//!
//! `version u16 ‖ count u16 ‖ count × (shard u16 ‖ sequence u64 ‖ hash 32) ‖ CRC32C u32`,
//! little-endian; bytes behind that are not read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::event::{Shard, Tail};

const VERSION: u16 = 1;

/// The tails that were acknowledged, in memory and in the file.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    file: File,
    tails: BTreeMap<Shard, Tail>,
}

impl Mark {
    /// What the mark beside a log remembers; nothing where there is none or it is damaged.
    pub(super) fn read(log: &Path) -> Result<BTreeMap<Shard, Tail>, LogError> {
        let path = path_of(log);
        match fs::read(&path) {
            Ok(bytes) => Ok(decode(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(source) => Err(LogError::Io { path, source }),
        }
    }

    /// Writes the mark of a log anew. Nobody else may read the file.
    pub(super) fn write(log: &Path, tails: BTreeMap<Shard, Tail>) -> Result<Self, LogError> {
        let path = path_of(log);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(LogError::io(&path))?;
        let mut mark = Self { path, file, tails };
        mark.store()?;
        Ok(mark)
    }

    /// Removes the mark of a log, if there is one.
    pub(super) fn remove(log: &Path) -> Result<(), LogError> {
        let path = path_of(log);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(LogError::Io { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Remembers a tail that is durable in the log.
    pub(super) fn record(&mut self, shard: Shard, tail: Tail) -> Result<(), LogError> {
        self.tails.insert(shard, tail);
        self.store()
    }

    fn store(&mut self) -> Result<(), LogError> {
        let bytes = encode(&self.tails);
        // In one write from the beginning: the file only grows, and is never empty in between.
        let written = self.file.rewind().and_then(|()| self.file.write_all(&bytes));
        written.map_err(LogError::io(&self.path))
    }
}

fn path_of(log: &Path) -> PathBuf {
    let mut name = OsString::from(log);
    name.push(".mark");
    PathBuf::from(name)
}

fn encode(tails: &BTreeMap<Shard, Tail>) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    // As many shards as there are numbers for them do not fit: without a count there is no mark.
    let count = u16::try_from(tails.len()).unwrap_or(0);
    bytes.extend_from_slice(&count.to_le_bytes());
    for (shard, tail) in tails.iter().take(usize::from(count)) {
        bytes.extend_from_slice(&shard.0.to_le_bytes());
        bytes.extend_from_slice(&tail.sequence.to_le_bytes());
        bytes.extend_from_slice(&tail.hash);
    }
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<BTreeMap<Shard, Tail>> {
    let (version, rest) = bytes.split_first_chunk::<2>()?;
    let (count, mut rest) = rest.split_first_chunk::<2>()?;
    if u16::from_le_bytes(*version) != VERSION {
        return None;
    }
    let mut tails = BTreeMap::new();
    for _ in 0..u16::from_le_bytes(*count) {
        let (shard, behind) = rest.split_first_chunk::<2>()?;
        let (sequence, behind) = behind.split_first_chunk::<8>()?;
        let (hash, behind) = behind.split_first_chunk::<32>()?;
        let tail = Tail { sequence: u64::from_le_bytes(*sequence), hash: *hash };
        tails.insert(Shard(u16::from_le_bytes(*shard)), tail);
        rest = behind;
    }
    let (checksum, _) = rest.split_first_chunk::<4>()?;
    let covered = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
    (crc32c::crc32c(covered) == u32::from_le_bytes(*checksum)).then_some(tails)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tails() -> BTreeMap<Shard, Tail> {
        let tail = |sequence| Tail { sequence, hash: [7; 32] };
        BTreeMap::from([(Shard(0), tail(5)), (Shard(9), tail(u64::MAX))])
    }

    #[test]
    fn a_mark_comes_back_and_damage_says_nothing() {
        let bytes = encode(&tails());
        assert_eq!(decode(&bytes), Some(tails()));
        assert_eq!(decode(&[bytes.as_slice(), &[1, 2, 3]].concat()), Some(tails()));
        for end in 0..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None, "cut at {end}");
        }
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 4;
            assert_eq!(decode(&damaged), None, "byte {position}");
        }
    }

    #[test]
    fn a_mark_is_what_was_recorded_last() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        assert_eq!(Mark::read(&log).unwrap(), BTreeMap::new());
        let mut mark = Mark::write(&log, tails()).unwrap();
        assert_eq!(Mark::read(&log).unwrap(), tails());
        let tail = Tail { sequence: 6, hash: [8; 32] };
        mark.record(Shard(0), tail).unwrap();
        assert_eq!(Mark::read(&log).unwrap().get(&Shard(0)), Some(&tail));
        drop(Mark::write(&log, BTreeMap::new()).unwrap());
        assert_eq!(Mark::read(&log).unwrap(), BTreeMap::new());
    }
}
