//! The manifest: what a generation is made of and from, and the only way to open its sections.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{FormatError, OpenError};
use crate::format::codec;
use crate::format::section::{Checked, Section, SectionId};
use crate::int;
use crate::left_out::LeftOut;

/// The file that binds the sections of a generation.
pub const MANIFEST: &str = "MANIFEST";
/// The name of history files among the sources of a generation.
pub const HISTORY: &str = "history";

/// Bytes that are hashed at a time: enough for all cores.
const HASHED_BYTES: usize = 8 << 20;

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
    /// What compactions left out; `None` where nothing was.
    pub left_out: Option<LeftOut>,
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
        // One is read while another is hashed.
        let sections: Vec<SectionId> = SectionId::all().collect();
        sections
            .into_par_iter()
            .map(|id| match shared.iter().find(|entry| entry.name == id.file_name()) {
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

    pub(crate) fn entry(&self, id: SectionId) -> Option<&SectionEntry> {
        self.sections.iter().find(|entry| entry.name == id.file_name())
    }
}

impl SectionEntry {
    pub(crate) fn describe(directory: &Path, id: SectionId) -> Result<Self, OpenError> {
        let path = directory.join(id.file_name());
        let section = Section::open(&path, id)?;
        Ok(Self {
            name: id.file_name().to_owned(),
            bytes: int::length(section.file_bytes().len()),
            fingerprint: section.fingerprint(),
            blake3: hash(&path).map_err(|source| OpenError::io(&path, source))?,
        })
    }
}

/// BLAKE3 of a file. It is read, not mapped: pages of a map would count as the memory of this process,
/// and a section may be larger than what a machine has.
fn hash(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut piece = vec![0; HASHED_BYTES.min(length.max(1))];
    loop {
        let read = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update_rayon(bytes);
    }
    Ok(*hasher.finalize().as_bytes())
}

/// The section files of a generation, each opened only if it is the one that the manifest describes.
#[derive(Debug)]
pub(crate) struct Sections<'g> {
    directory: &'g Path,
    manifest: &'g Manifest,
}

impl<'g> Sections<'g> {
    pub(crate) fn new(directory: &'g Path, manifest: &'g Manifest) -> Self {
        Self { directory, manifest }
    }

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

    /// The error of a section that cannot be brought into memory.
    pub(crate) fn unreadable(&self, id: SectionId, source: std::io::Error) -> OpenError {
        OpenError::io(self.directory.join(id.file_name()), source)
    }

    /// The error of a damaged section.
    pub(crate) fn damaged(&self, id: SectionId, source: FormatError) -> OpenError {
        OpenError::format(self.directory.join(id.file_name()), source)
    }
}
