//! A generation: a published directory of sections under a manifest, found, opened and verified.
//!
//! ```text
//! DATA/CURRENT             the generation in force and the CRC32C of its manifest: `gen-000001 9f3c01aa`
//! DATA/patient.key         the secret of patient hashes, outside every generation
//! DATA/gen-000001/MANIFEST a frame of metadata
//! DATA/gen-000001/…        sections
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::OpenError;
use crate::format::section::SectionId;
use crate::history::dictionary::Dictionary;
use crate::history::{self, History};
use crate::index::Index;
use crate::knowledge::Knowledge;
use crate::manifest::{MANIFEST, Manifest, SectionEntry, Sections};
use crate::patient::IdentityKey;

/// The pointer to the generation in force.
pub const CURRENT: &str = "CURRENT";
/// The secret of patient hashes.
pub const PATIENT_KEY: &str = "patient.key";

/// The line that names a generation as the one in force.
pub fn current_line(generation: u64, manifest: &[u8]) -> String {
    format!("{} {:08x}\n", Manifest::directory_name(generation), crc32c::crc32c(manifest))
}

/// The directory of the generation in force. The pointer carries the checksum of the manifest, so
/// that damage to it cannot put an older generation in force.
///
/// # Errors
///
/// When nothing is published, or the pointer is damaged.
pub fn current(data: &Path) -> Result<PathBuf, OpenError> {
    let path = data.join(CURRENT);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(OpenError::NotPublished { path: data.to_owned() });
        }
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(OpenError::Current { path });
        }
        Err(error) => return Err(OpenError::io(path, error)),
    };
    let name = text.split_once(' ').map(|(name, _)| name);
    let Some((name, number)) = name.and_then(|name| Some((name, Manifest::number_of(name)?)))
    else {
        return Err(OpenError::Current { path });
    };
    let directory = data.join(name);
    let manifest = directory.join(MANIFEST);
    let bytes = fs::read(&manifest).map_err(|source| OpenError::io(&manifest, source))?;
    if text != current_line(number, &bytes) {
        return Err(OpenError::Current { path });
    }
    Ok(directory)
}

/// Reads the secret of patient hashes.
///
/// # Errors
///
/// When the file cannot be read or does not hold a key.
pub fn read_key(data: &Path) -> Result<IdentityKey, OpenError> {
    let path = data.join(PATIENT_KEY);
    let text = fs::read_to_string(&path).map_err(|source| OpenError::io(&path, source))?;
    IdentityKey::from_hex(&text).ok_or(OpenError::Key { path })
}

/// The key of a data directory, if it is the one that the history was made with.
fn key_of(data: &Path, index: &Index) -> Result<IdentityKey, OpenError> {
    let key = read_key(data)?;
    if key.fingerprint() != index.manifest().key_fingerprint {
        return Err(OpenError::OtherKey { path: data.join(PATIENT_KEY) });
    }
    Ok(key)
}

/// Opens the generation in force together with the key of its patients.
///
/// # Errors
///
/// When either cannot be opened, or the history was made with another key: every patient would
/// then seem to have no past.
pub fn open_with_key(data: &Path) -> Result<(Index, IdentityKey), OpenError> {
    let index = open(data)?;
    let key = key_of(data, &index)?;
    Ok((index, key))
}

/// Opens the generation in force.
///
/// # Errors
///
/// When nothing is published or anything of it is damaged.
pub fn open(data: &Path) -> Result<Index, OpenError> {
    open_directory(&current(data)?)
}

/// Opens the generation in a directory: everything that a later lookup relies on is checked here,
/// but for the blocks of rows and evidence, which are checked when they are first read.
///
/// # Errors
///
/// When a section is missing, damaged, or not the one that the manifest describes.
pub fn open_directory(directory: &Path) -> Result<Index, OpenError> {
    let manifest = Manifest::read(directory)?;
    let name = directory.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if Manifest::number_of(name) != Some(manifest.generation) {
        return Err(OpenError::NotInManifest { path: directory.join(MANIFEST) });
    }
    let sections = Sections::new(directory, &manifest);
    let (knowledge, history) =
        rayon::join(|| Knowledge::open(&sections), || History::open(&sections));
    Ok(Index::join(knowledge?, history?, manifest))
}

/// The dictionary of the history of a generation.
///
/// # Errors
///
/// When it is missing, damaged, or not the one that the manifest describes.
pub fn dictionary(directory: &Path) -> Result<Dictionary, OpenError> {
    let manifest = Manifest::read(directory)?;
    history::open_dictionary(&Sections::new(directory, &manifest))
}

/// Reads every byte of the generation in force and compares it with every checksum, and the key of
/// its patients with its fingerprint.
///
/// # Errors
///
/// The first thing that is not as it was published.
pub fn verify(data: &Path) -> Result<Index, OpenError> {
    let directory = current(data)?;
    let index = open_directory(&directory)?;
    key_of(data, &index)?;
    index.history().verify().map_err(|source| OpenError::format(&directory, source))?;
    for id in SectionId::all() {
        let found = SectionEntry::describe(&directory, id)?;
        if index.manifest().entry(id) != Some(&found) {
            return Err(OpenError::NotInManifest { path: directory.join(id.file_name()) });
        }
    }
    Ok(index)
}
