//! Files of FHIR resources that orders in other files refer to, as a bulk export writes them: one type a
//! file, `MedicationRequest.ndjson` beside `Patient.ndjson`, `Coverage.ndjson`, `Organization.ndjson`.
//!
//! They are kept in memory while the orders are read, one file of orders after another, so memory
//! holds what is referred to and one file. Prescriptions, to which dispensings refer, are documents of
//! their own as well and the largest part of an export: of them only what a dispensing uses is kept, and
//! only where a file may hold dispensings. References hold within a directory: two systems may both
//! have a `Patient/1`, and what is of one must not be taken for the other's.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chofuku_formats::detect::{Format, detect};
use chofuku_formats::fhir::{self, ExportPart};
use chofuku_formats::{Decoded, decode};

use super::MESSAGE_BYTES_MAX;
use crate::history::input::{InputFile, unpacked};
use crate::progress::Silent;

/// As much as the first resource of a file has; a longer one is not recognized.
const BEGINNING_BYTES: u64 = 1 << 16;

/// What is referred to, by directory.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    folders: BTreeMap<PathBuf, Folder>,
}

/// What is referred to in one directory: path, name in reports, text.
#[derive(Debug, Default)]
struct Folder {
    referred_to: Vec<(PathBuf, String, Decoded)>,
    prescriptions: Vec<(PathBuf, String, Decoded)>,
}

impl Beside {
    /// Finds and reads them among the files that were given.
    ///
    /// # Errors
    ///
    /// One cannot be read, or they are too large together; with its path.
    pub(crate) fn of(files: &[InputFile]) -> Result<Self, (PathBuf, io::Error)> {
        let mut parts = Vec::new();
        for file in files.iter().filter(|file| file.is_message()) {
            let part = part(file).map_err(|source| (file.path.clone(), source))?;
            parts.extend(part.map(|part| (file, part)));
        }
        let holds = |path: &Path, wanted: &[ExportPart]| {
            let mut here = parts.iter().filter(|(file, _)| folder(&file.path) == folder(path));
            here.any(|(_, part)| wanted.contains(part))
        };
        let mut beside = Self::default();
        let mut bytes_left = MESSAGE_BYTES_MAX;
        for (file, part) in &parts {
            // Where no orders stand beside them, they are files without an order, and refused as such.
            let orders: &[ExportPart] = match part {
                ExportPart::ReferredTo => &[ExportPart::Prescriptions, ExportPart::Other],
                ExportPart::Prescriptions => &[ExportPart::Other],
                ExportPart::Other => continue,
            };
            if !holds(&file.path, orders) {
                continue;
            }
            let named = |source| (file.path.clone(), source);
            let (bytes, _) = file.message().read(&Silent).map_err(named)?;
            let mut text = decode(bytes);
            let folder = beside.folders.entry(folder(&file.path).to_owned()).or_default();
            let kept = if *part == ExportPart::Prescriptions {
                text.text = fhir::brief_prescriptions(&text.text);
                &mut folder.prescriptions
            } else {
                &mut folder.referred_to
            };
            let length = u64::try_from(text.text.len()).unwrap_or(u64::MAX);
            bytes_left = bytes_left.checked_sub(length).ok_or_else(|| {
                let reason = "what the orders refer to is more than 1 GiB; give the export in \
                              several directories, each with what its orders refer to";
                named(io::Error::new(io::ErrorKind::FileTooLarge, reason))
            })?;
            kept.push((file.path.clone(), file.path.display().to_string(), text));
        }
        Ok(beside)
    }

    /// Whether a file was taken as one that is only referred to.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        let folder = self.folders.get(folder(path));
        let known = folder.into_iter().flat_map(|folder| &folder.referred_to);
        known.map(|(known, ..)| known).any(|known| known == path)
    }

    /// What the orders of a file may refer to.
    pub(crate) fn to(&self, path: &Path) -> fhir::Beside<'_, '_> {
        let Some(folder) = self.folders.get(folder(path)) else { return fhir::Beside::default() };
        let Folder { referred_to, prescriptions } = folder;
        let [referred_to, prescriptions] = [referred_to, prescriptions].map(|files| {
            let others = files.iter().filter(|(known, ..)| known != path);
            others.map(|(_, name, text)| (name.as_str(), text)).collect()
        });
        fhir::Beside { referred_to, prescriptions }
    }
}

/// What a file is in an export, by its first resource; `None` where it is no FHIR.
fn part(file: &InputFile) -> io::Result<Option<ExportPart>> {
    let mut beginning = Vec::new();
    let content = unpacked(File::open(&file.path)?, file.message().packing)?;
    content.take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    let is_fhir = detect(&beginning) == Some(Format::Fhir);
    Ok(is_fhir.then(|| ExportPart::of(&beginning)))
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
