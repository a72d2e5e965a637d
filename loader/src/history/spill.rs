//! Records sorted into parts by the top bits of a hash: in memory while they are few, then in files.
//!
//! The files have no name, so that nothing is left behind whenever the process ends.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Parts of a spill: at 700 million lines one is about 80 MB.
pub(crate) const PARTS: usize = 256;

/// Records of one part, in pieces that hold whole ones.
pub(crate) type Records = Vec<Vec<u8>>;

/// Where records wait that do not fit into memory.
#[derive(Debug)]
pub(crate) struct Spill {
    parts: Vec<Mutex<Part>>,
    directory: PathBuf,
    /// What may still be kept in memory, in bytes.
    room: AtomicU64,
}

#[derive(Debug, Default)]
struct Part {
    /// As they came: one list would be copied whenever it grows.
    memory: Records,
    file: Option<File>,
    file_bytes: u64,
}

impl Spill {
    /// An empty spill that keeps about `memory` bytes and writes the others to `directory`.
    pub(crate) fn new(directory: &Path, memory: u64) -> Self {
        Self {
            parts: std::iter::repeat_with(Mutex::default).take(PARTS).collect(),
            directory: directory.to_owned(),
            room: AtomicU64::new(memory),
        }
    }

    /// Adds whole records to a part; the buffer that they came in is empty afterwards, and its memory may
    /// be gone with them.
    pub(crate) fn add(&self, part: usize, records: &mut Vec<u8>) -> io::Result<()> {
        let Some(part) = self.parts.get(part) else { return Ok(()) };
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        let length = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let take = |room: u64| room.checked_sub(length);
        if self.room.try_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            part.memory.push(std::mem::take(records));
            return Ok(());
        }
        if part.file.is_none() {
            part.file = Some(tempfile::tempfile_in(&self.directory)?);
        }
        if let Some(file) = &mut part.file {
            file.write_all(records)?;
        }
        part.file_bytes += length;
        records.clear();
        Ok(())
    }

    /// The records of a part, which is empty then; its file is given back to the disk.
    pub(crate) fn take(&self, part: usize) -> io::Result<Records> {
        let Some(part) = self.parts.get(part) else { return Ok(Records::new()) };
        let part = std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
        let Part { memory: mut records, file, file_bytes } = part;
        if let Some(mut file) = file {
            let mut written = Vec::with_capacity(usize::try_from(file_bytes).unwrap_or(0));
            file.rewind()?;
            if u64::try_from(file.read_to_end(&mut written)?).ok() != Some(file_bytes) {
                return Err(io::Error::other("a temporary file is shorter than what was written"));
            }
            records.push(written);
        }
        Ok(records)
    }
}

/// Buffers of one core in front of a spill, a small one for each part.
#[derive(Debug)]
pub(crate) struct SpillBuffers(Vec<Vec<u8>>);

/// Large enough for long writes, small enough for one a part and core.
const BUFFER_BYTES: usize = 1 << 16;
/// Handed on from here, so that hardly any record makes the buffer grow.
const FULL_BYTES: usize = BUFFER_BYTES - (1 << 10);

impl Default for SpillBuffers {
    fn default() -> Self {
        Self(vec![Vec::new(); PARTS])
    }
}

impl SpillBuffers {
    /// Appends one record, written by `write`, to a part.
    pub(crate) fn push(
        &mut self,
        spill: &Spill,
        part: u8,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        let part = usize::from(part);
        let Some(buffer) = self.0.get_mut(part) else { return Ok(()) };
        write(buffer);
        if buffer.len() < FULL_BYTES {
            return Ok(());
        }
        spill.add(part, buffer)?;
        // One that was filled once will be filled again.
        buffer.reserve_exact(BUFFER_BYTES);
        Ok(())
    }

    /// Hands everything on.
    pub(crate) fn flush(&mut self, spill: &Spill) -> io::Result<()> {
        for (part, buffer) in self.0.iter_mut().enumerate() {
            if !buffer.is_empty() {
                spill.add(part, buffer)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_from_memory_and_from_files() {
        let directory = tempfile::tempdir().unwrap();
        let spill = Spill::new(directory.path(), 8);
        let mut buffers = SpillBuffers::default();
        for record in [[1_u8; 6], [2; 6], [3; 6]] {
            buffers.push(&spill, 9, |buffer| buffer.extend_from_slice(&record)).unwrap();
            buffers.flush(&spill).unwrap();
        }
        assert_eq!(spill.take(9).unwrap().concat(), [[1; 6], [2; 6], [3; 6]].concat());
        assert!(spill.take(9).unwrap().is_empty() && spill.take(8).unwrap().is_empty());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
