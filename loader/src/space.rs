//! Free space of a disk, asked for before hours of work run into its end.

use std::io;
use std::path::{Path, PathBuf};

/// A disk that is too small.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}: {what} need about {} of disk, {} are free; make room or name another directory",
    directory.display(), megabytes(*needed), megabytes(*free)
)]
pub struct NotEnoughSpace {
    /// Where it is needed.
    pub directory: PathBuf,
    /// What for.
    pub what: &'static str,
    /// How many bytes.
    pub needed: u64,
    /// How many there are.
    pub free: u64,
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Whether a directory's file system has room for so many bytes.
///
/// # Errors
///
/// When it has not. A file system that does not say what is free is taken at the first write.
pub(crate) fn require(
    directory: &Path,
    what: &'static str,
    needed: u64,
) -> Result<(), NotEnoughSpace> {
    match free(directory) {
        Ok(free) if free < needed => {
            Err(NotEnoughSpace { directory: directory.to_owned(), what, needed, free })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn free(directory: &Path) -> io::Result<u64> {
    let told = rustix::fs::statvfs(directory)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_is_told_with_what_is_needed() {
        let here = Path::new(".");
        assert_eq!(require(here, "sections", 0), Ok(()));
        let error = require(here, "sections", u64::MAX).map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("sections need about 18446744073710 MB")));
    }
}
