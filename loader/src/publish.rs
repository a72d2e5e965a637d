//! Publication: a generation becomes visible whole or not at all.
//!
//! Sections are written and synced in a directory whose name begins with a dot; then come the
//! manifest, a sync of the directory, its rename to `gen-NNNNNN`, and the replacement of `CURRENT`
//! by rename, each followed by a sync of the directory that it changed. A kill before the last
//! rename leaves the old generation in force. What it left in a staging directory is removed by the
//! next compile, and so is a directory that was renamed already and never came into force.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chofuku_engine::error::OpenError;
use chofuku_engine::format::codec::EncodeError;
use chofuku_engine::format::section::SectionId;
use chofuku_engine::generation::{self, CURRENT};
use chofuku_engine::manifest::{MANIFEST, Manifest};

const STAGING_PREFIX: &str = ".staging-";
const LOCK: &str = "compile.lock";

/// Why a generation was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file or directory cannot be written.
    #[error("{path}: cannot be written")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// Another compile works in the same data directory.
    #[error("{path}: another compile is running in this data directory")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// What was written does not open.
    #[error("what was written does not open; nothing was published")]
    Unreadable(#[source] OpenError),
    /// The manifest cannot be encoded.
    #[error("the manifest cannot be encoded")]
    Manifest(#[source] EncodeError),
}

impl PublishError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// A data directory that this process alone writes to.
#[derive(Debug)]
pub(crate) struct Publisher {
    data: PathBuf,
    /// Held open: closing it releases the lock.
    _lock: File,
}

/// A generation that is being written. What was not published is removed.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) directory: PathBuf,
    pub(crate) number: u64,
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Nothing reads it, and the next compile tries again.
        drop(fs::remove_dir_all(&self.directory));
    }
}

impl Publisher {
    /// Locks the data directory, creating it if need be, and removes what a killed compile left.
    pub(crate) fn lock(data: &Path) -> Result<Self, PublishError> {
        create_private(data).map_err(PublishError::io(data))?;
        if let Some(parent) = data.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_directory(parent)?;
        }
        let path = data.join(LOCK);
        let lock = File::create(&path).map_err(PublishError::io(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PublishError::Locked { path }),
            Err(TryLockError::Error(source)) => return Err(PublishError::Io { path, source }),
        }
        let publisher = Self { data: data.to_owned(), _lock: lock };
        for name in publisher.names()? {
            if name.starts_with(STAGING_PREFIX) {
                let path = data.join(name);
                fs::remove_dir_all(&path).map_err(PublishError::io(&path))?;
            }
        }
        Ok(publisher)
    }

    /// Makes an empty directory for the next generation.
    pub(crate) fn stage(&self) -> Result<Staged, PublishError> {
        let numbers = self.names()?;
        let last = numbers.iter().filter_map(|name| Manifest::number_of(name)).max();
        let number = last.unwrap_or(0) + 1;
        let name = format!("{STAGING_PREFIX}{}", Manifest::directory_name(number));
        let directory = self.data.join(name);
        fs::create_dir(&directory).map_err(PublishError::io(&directory))?;
        Ok(Staged { directory, number })
    }

    /// The directory of the generation in force, if there is one.
    pub(crate) fn current(&self) -> Result<Option<PathBuf>, OpenError> {
        match generation::current(&self.data) {
            Ok(directory) => Ok(Some(directory)),
            Err(OpenError::NotPublished { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Renames what was staged, opens it, and only then makes it the generation in force.
    pub(crate) fn publish(&self, staged: &Staged, manifest: &Manifest) -> Result<(), PublishError> {
        let path = staged.directory.join(MANIFEST);
        let bytes = manifest.encode().map_err(PublishError::Manifest)?;
        write_synced(&path, &bytes, Readers::All)?;
        sync_directory(&staged.directory)?;
        let name = Manifest::directory_name(staged.number);
        let published = self.data.join(&name);
        fs::rename(&staged.directory, &published).map_err(PublishError::io(&published))?;
        sync_directory(&self.data)?;
        generation::open_directory(&published).map_err(PublishError::Unreadable)?;
        let line = generation::current_line(staged.number, &bytes);
        self.replace(CURRENT, line.as_bytes(), Readers::All)
    }

    /// Removes generations that were never in force: a compile that was killed between the rename
    /// of its directory and that of `CURRENT` leaves one, with a higher number than the one in
    /// force.
    pub(crate) fn remove_unpublished(&self, current: Option<&Path>) -> Result<(), PublishError> {
        let Some(current) = current.and_then(number_of) else { return Ok(()) };
        self.remove_generations(|number| number > current)
    }

    /// Removes generations that are older than the one that was in force until now. That one stays,
    /// so that a site can go back; a server that still has an older one mapped keeps it.
    pub(crate) fn remove_old(&self, before: Option<&Path>) -> Result<(), PublishError> {
        let Some(before) = before.and_then(number_of) else { return Ok(()) };
        self.remove_generations(|number| number < before)
    }

    fn remove_generations(&self, which: impl Fn(u64) -> bool) -> Result<(), PublishError> {
        for name in self.names()? {
            if Manifest::number_of(&name).is_some_and(&which) {
                let path = self.data.join(name);
                fs::remove_dir_all(&path).map_err(PublishError::io(&path))?;
            }
        }
        Ok(())
    }

    /// Replaces a file of the data directory as a whole.
    pub(crate) fn replace(
        &self,
        name: &str,
        bytes: &[u8],
        readers: Readers,
    ) -> Result<(), PublishError> {
        let staging = self.data.join(format!(".{name}.new"));
        match fs::remove_file(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PublishError::Io { path: staging, source: error });
            }
            _ => {}
        }
        write_synced(&staging, bytes, readers)?;
        let path = self.data.join(name);
        fs::rename(&staging, &path).map_err(PublishError::io(&path))?;
        sync_directory(&self.data)
    }

    fn names(&self) -> Result<Vec<String>, PublishError> {
        let entries = fs::read_dir(&self.data).map_err(PublishError::io(&self.data))?;
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<_>>()
            .map_err(PublishError::io(&self.data))
    }
}

impl Staged {
    /// Takes over a section of a published generation without copying it: published files never
    /// change, so two generations can share one.
    pub(crate) fn share(&self, from: &Path, section: SectionId) -> Result<(), PublishError> {
        let to = self.directory.join(section.file_name());
        fs::hard_link(from.join(section.file_name()), &to).map_err(PublishError::io(to))
    }
}

fn number_of(directory: &Path) -> Option<u64> {
    Manifest::number_of(directory.file_name()?.to_str()?)
}

/// Creates a directory that only its owner may enter: a pseudonymous history is personal data.
fn create_private(data: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data)
}

/// Who may read a file, from the moment it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Whoever may read the directory.
    All,
    /// The owner alone.
    Owner,
}

fn write_synced(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), PublishError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    }
    let mut file = options.open(path).map_err(PublishError::io(path))?;
    file.write_all(bytes).map_err(PublishError::io(path))?;
    file.sync_all().map_err(PublishError::io(path))
}

fn sync_directory(path: &Path) -> Result<(), PublishError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(PublishError::io(path))
}
