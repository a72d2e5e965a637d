//! A disk in memory that fails when it is told to, and remembers what a power cut could leave.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// What a disk writes as a whole.
const SECTOR_BYTES: usize = 512;

#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What a process reads.
    bytes: Vec<u8>,
    /// What is on the platter for certain.
    synced: Vec<u8>,
    /// What was written since, in order.
    pending: Vec<(usize, Vec<u8>)>,
    /// Whether crashes are remembered, and whether a sync does anything.
    recording: bool,
    lying: bool,
    acknowledged: u64,
    crashes: Vec<Crash>,
    /// How many writes and syncs until the one that fails.
    fails_in: Option<usize>,
}

/// The moment at which a sync was asked for and had not ended.
#[derive(Clone, Debug)]
pub(crate) struct Crash {
    /// The last event that had been acknowledged.
    pub(crate) acknowledged: u64,
    synced: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
    length: usize,
}

impl Disk {
    pub(crate) fn holding(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.state().bytes = bytes;
        disk
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().bytes.clone()
    }

    /// Remembers every crash from now on. A lying disk reports syncs that it does not do.
    pub(crate) fn record(&self, lying: bool) {
        let mut state = self.state();
        let State { synced, bytes, .. } = &mut *state;
        synced.clone_from(bytes);
        (state.recording, state.lying) = (true, lying);
    }

    pub(crate) fn acknowledge(&self, sequence: u64) {
        self.state().acknowledged = sequence;
    }

    pub(crate) fn crashes(&self) -> Vec<Crash> {
        self.state().crashes.clone()
    }

    /// Makes the `count`-th write or sync from now fail, where the next one is the first.
    pub(crate) fn fail_in(&self, count: usize) {
        self.state().fails_in = Some(count);
    }

    /// Whether the failure has happened.
    pub(crate) fn has_failed(&self) -> bool {
        self.state().fails_in.is_none()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn strike(&mut self) -> io::Result<()> {
        self.fails_in = match self.fails_in {
            Some(1) => {
                self.fails_in = None;
                return Err(io::Error::other("the disk fails"));
            }
            left => left.map(|left| left - 1),
        };
        Ok(())
    }
}

impl Crash {
    /// What the disk could hold: what was synced, and of the sectors written since each with the
    /// given probability.
    pub(crate) fn image(&self, random: &mut fastrand::Rng, kept: f64) -> Vec<u8> {
        let mut image = self.synced.clone();
        // The length of a file is journaled: no sector behind the end comes before it.
        if random.f64() < kept {
            image.resize(self.length, 0);
        }
        for (offset, bytes) in &self.pending {
            for (sector, number) in bytes.chunks(SECTOR_BYTES).zip(0..) {
                let start = offset + number * SECTOR_BYTES;
                if random.f64() < kept
                    && let Some(target) = image.get_mut(start..start + sector.len())
                {
                    target.copy_from_slice(sector);
                }
            }
        }
        image
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        u64::try_from(self.state().bytes.len()).map_err(io::Error::other)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.checked_add(out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        let bytes = state.bytes.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.state();
        state.strike()?;
        state.bytes.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.strike()?;
        if state.recording {
            let crash = Crash {
                acknowledged: state.acknowledged,
                synced: state.synced.clone(),
                pending: state.pending.clone(),
                length: state.bytes.len(),
            };
            state.crashes.push(crash);
            if !state.lying {
                let State { synced, bytes, .. } = &mut *state;
                synced.clone_from(bytes);
                state.pending.clear();
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.strike()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let target = state.bytes.get_mut(start..start + data.len());
        target.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(data);
        if state.recording {
            state.pending.push((start, data.to_vec()));
        }
        Ok(())
    }
}
