//! A generation: a published directory of sections, and the manifest that binds them together.
//!
//! ```text
//! DATA/CURRENT             the generation in force and the CRC32C of its manifest: `gen-000001 9f3c01aa`
//! DATA/patient.key         the secret of patient hashes, outside every generation
//! DATA/gen-000001/MANIFEST a frame of metadata
//! DATA/gen-000001/…        sections
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{FormatError, OpenError};
use crate::format::codec;
use crate::format::section::{Checked, Section, SectionId};
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

/// The name of history files among the sources of a generation.
pub const HISTORY: &str = "history";

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
        let number = digits.then(|| number.parse().ok()).flatten()?;
        (Self::directory_name(number) == directory_name).then_some(number)
    }

    /// Describes the section files that stand in `directory`. Sections that `shared` knows were
    /// published before and are not read again: a damaged file must not get a fresh checksum.
    ///
    /// # Errors
    ///
    /// When a section is missing or damaged.
    pub fn describe_sections(
        directory: &Path,
        shared: &[SectionEntry],
    ) -> Result<Vec<SectionEntry>, OpenError> {
        let ids = Knowledge::SECTIONS.into_iter().chain(History::SECTIONS);
        ids.map(|id| match shared.iter().find(|entry| entry.name == id.file_name()) {
            Some(entry) => Ok(entry.clone()),
            None => SectionEntry::describe(directory, id),
        })
        .collect()
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
    let sections = Sections { directory, manifest: &manifest };
    let (knowledge, history) =
        rayon::join(|| Knowledge::open(&sections), || History::open(&sections));
    Ok(Index::join(knowledge?, history?, manifest))
}

/// The section files of a generation, each opened only if it is the one that the manifest describes.
#[derive(Debug)]
pub(crate) struct Sections<'g> {
    directory: &'g Path,
    manifest: &'g Manifest,
}

impl Sections<'_> {
    /// Opens a section whose blocks are checked when they are first read.
    pub(crate) fn open(&self, id: SectionId) -> Result<Section, OpenError> {
        let path = self.directory.join(id.file_name());
        let section = Section::open(&path, id)?;
        let found = (int::length(section.file_bytes().len()), section.fingerprint());
        if self.manifest.entry(id).map(|entry| (entry.bytes, entry.fingerprint)) != Some(found) {
            return Err(OpenError::NotInManifest { path });
        }
        Ok(section)
    }

    /// Opens a section and checks all of it.
    pub(crate) fn open_checked(&self, id: SectionId) -> Result<Checked, OpenError> {
        self.open(id)?.into_checked().map_err(|source| self.damaged(id, source))
    }

    /// The error of a damaged section.
    pub(crate) fn damaged(&self, id: SectionId, source: FormatError) -> OpenError {
        OpenError::format(self.directory.join(id.file_name()), source)
    }
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
    for id in Knowledge::SECTIONS.into_iter().chain(History::SECTIONS) {
        let found = SectionEntry::describe(&directory, id)?;
        if index.manifest().entry(id) != Some(&found) {
            return Err(OpenError::NotInManifest { path: directory.join(id.file_name()) });
        }
    }
    Ok(index)
}
