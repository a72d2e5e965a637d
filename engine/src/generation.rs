//! A generation: a published directory of sections, and the manifest that binds them together.
//!
//! ```text
//! DATA/CURRENT             the name of the generation that is in force, and a newline
//! DATA/patient.key         the secret of patient hashes, outside every generation
//! DATA/gen-000001/MANIFEST a frame of metadata
//! DATA/gen-000001/…        sections
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{FormatError, OpenError};
use crate::format::codec;
use crate::format::section::{Section, SectionId};
use crate::history::History;
use crate::index::Index;
use crate::int;
use crate::knowledge::Knowledge;
use crate::patient::IdentityKey;

/// The pointer to the generation in force.
pub const CURRENT: &str = "CURRENT";
/// The file that binds the sections of a generation.
pub const MANIFEST: &str = "MANIFEST";
/// The secret of patient hashes.
pub const PATIENT_KEY: &str = "patient.key";

/// What one generation is made of, and from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The number of the generation.
    pub generation: u64,
    /// The last event of the log that is folded in; 0 where there is none.
    pub event: u64,
    /// The program that made it.
    pub made_by: String,
    /// When it was made, RFC 3339. For people: no answer depends on it.
    pub made_at: String,
    /// The fingerprint of the patient key that the history was made with.
    pub key_fingerprint: [u8; 8],
    /// Its section files.
    pub sections: Vec<SectionEntry>,
    /// The files that it was made from.
    pub sources: Vec<Source>,
}

/// A section file as the manifest knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionEntry {
    /// The file's name.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its fingerprint ([`Section::fingerprint`]): compared whenever the generation is opened.
    pub fingerprint: u32,
    /// BLAKE3 of the whole file: compared by `verify`.
    pub blake3: [u8; 32],
}

/// A file that a generation was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it holds, such as `drugs` or `history`.
    pub table: String,
    /// The file's name, without its folder.
    pub name: String,
    /// Rows taken from it.
    pub rows: u64,
    /// Rows that were refused, each named in `rejects.csv`.
    pub rejected: u64,
    /// BLAKE3 of the file.
    pub blake3: [u8; 32],
}

impl Manifest {
    /// The directory of a generation.
    pub fn directory_name(generation: u64) -> String {
        format!("gen-{generation:06}")
    }

    /// The number of a generation, from the name of its directory.
    pub fn number_of(directory_name: &str) -> Option<u64> {
        let number = directory_name.strip_prefix("gen-")?;
        let digits = number.len() >= 6 && number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| number.parse().ok()).flatten()
    }

    /// Describes the section files that stand in `directory`.
    ///
    /// # Errors
    ///
    /// When a section is missing or damaged.
    pub fn describe_sections(directory: &Path) -> Result<Vec<SectionEntry>, OpenError> {
        let ids = Knowledge::SECTIONS.into_iter().chain(History::SECTIONS);
        ids.map(|id| SectionEntry::describe(directory, id)).collect()
    }

    /// The manifest as a frame.
    ///
    /// # Errors
    ///
    /// When it does not encode.
    pub fn encode(&self) -> Result<Vec<u8>, codec::EncodeError> {
        codec::encode(self)
    }

    /// Reads the manifest of a generation directory.
    ///
    /// # Errors
    ///
    /// When it cannot be read or is damaged.
    pub fn read(directory: &Path) -> Result<Self, OpenError> {
        let path = directory.join(MANIFEST);
        let bytes = fs::read(&path).map_err(|source| OpenError::io(&path, source))?;
        codec::decode(&bytes).map_err(|source| {
            OpenError::format(&path, FormatError::Metadata { section: MANIFEST, source })
        })
    }

    fn entry(&self, id: SectionId) -> Option<&SectionEntry> {
        self.sections.iter().find(|entry| entry.name == id.file_name())
    }
}

impl SectionEntry {
    fn describe(directory: &Path, id: SectionId) -> Result<Self, OpenError> {
        let section = Section::open(&directory.join(id.file_name()), id)?;
        let bytes = section.file_bytes();
        Ok(Self {
            name: id.file_name().to_owned(),
            bytes: int::length(bytes.len()),
            fingerprint: section.fingerprint(),
            blake3: *blake3::Hasher::new().update_rayon(bytes).finalize().as_bytes(),
        })
    }
}

/// The directory of the generation in force.
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
    match text.strip_suffix('\n') {
        Some(name) if Manifest::number_of(name).is_some() => Ok(data.join(name)),
        _ => Err(OpenError::Current { path }),
    }
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

/// Opens the generation in force together with the key of its patients.
///
/// # Errors
///
/// When either cannot be opened, or the history was made with another key: every patient would
/// then seem to have no past.
pub fn open_with_key(data: &Path) -> Result<(Index, IdentityKey), OpenError> {
    let index = open(data)?;
    let key = read_key(data)?;
    if key.fingerprint() != index.manifest().key_fingerprint {
        return Err(OpenError::OtherKey { path: data.join(PATIENT_KEY) });
    }
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
    for id in Knowledge::SECTIONS.into_iter().chain(History::SECTIONS) {
        let path = directory.join(id.file_name());
        let section = Section::open(&path, id)?;
        let found = (int::length(section.file_bytes().len()), section.fingerprint());
        if manifest.entry(id).map(|entry| (entry.bytes, entry.fingerprint)) != Some(found) {
            return Err(OpenError::NotInManifest { path });
        }
    }
    let (knowledge, history) =
        rayon::join(|| Knowledge::open(directory), || History::open(directory));
    Ok(Index::join(knowledge?, history?, manifest))
}

/// Reads every byte of the generation in force and compares it with every checksum.
///
/// # Errors
///
/// The first thing that is not as it was published.
pub fn verify(data: &Path) -> Result<Index, OpenError> {
    let directory = current(data)?;
    let index = open_directory(&directory)?;
    let format = |source| OpenError::format(&directory, source);
    index.history().verify().map_err(format)?;
    for id in Knowledge::SECTIONS.into_iter().chain(History::SECTIONS) {
        let found = SectionEntry::describe(&directory, id)?;
        if index.manifest().entry(id) != Some(&found) {
            return Err(OpenError::NotInManifest { path: directory.join(id.file_name()) });
        }
    }
    index.verify_history_rows().map_err(format)?;
    Ok(index)
}
