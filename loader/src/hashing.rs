//! The BLAKE3 of a file, taken while the file is read.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// The hash of what was read so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileHash(Arc<Mutex<blake3::Hasher>>);

impl FileHash {
    /// The hash, once everything was read.
    pub(crate) fn finish(&self) -> [u8; 32] {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).finalize().as_bytes()
    }

    /// A reader whose bytes are hashed and counted.
    pub(crate) fn of<R: Read, F: FnMut(u64)>(&self, inner: R, advance: F) -> Hashing<R, F> {
        Hashing { inner, hash: self.clone(), advance }
    }
}

/// Hashes what is read, exactly as much as is read.
pub(crate) struct Hashing<R, F> {
    inner: R,
    hash: FileHash,
    advance: F,
}

impl<R: Read, F: FnMut(u64)> Read for Hashing<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut hasher = self.hash.0.lock().unwrap_or_else(PoisonError::into_inner);
        hasher.update(buffer.get(..count).unwrap_or_default());
        (self.advance)(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}
