//! Files of FHIR resources that orders in other files refer to, as a bulk export writes them: one type a
//! file, `MedicationRequest.ndjson` beside `Patient.ndjson`, `Coverage.ndjson`, `Organization.ndjson`.
//!
//! They are kept in memory while the orders are read, one file of orders after another, so memory
//! holds what is referred to and one file. References hold within a directory: two systems may both
//! have a `Patient/1`, and what is of one must not be taken for the other's.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chofuku_formats::detect::{Format, detect};
use chofuku_formats::{Decoded, decode, fhir};

use super::MESSAGE_BYTES_MAX;
use crate::history::input::{InputFile, unpacked};
use crate::progress::Silent;

/// As much as the first resource of a file has; a longer one is not recognized.
const BEGINNING_BYTES: u64 = 1 << 16;

/// What is referred to, by directory.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    files: BTreeMap<PathBuf, Vec<(PathBuf, String, Decoded)>>,
}

impl Beside {
    /// Finds and reads them among the files that were given.
    ///
    /// # Errors
    ///
    /// One cannot be read, or they are too large together; with its path.
    pub(crate) fn of(files: &[InputFile]) -> Result<Self, (PathBuf, io::Error)> {
        let mut beside = Self::default();
        let mut with_orders = Vec::new();
        let mut referred = Vec::new();
        for file in files.iter().filter(|file| file.is_message()) {
            let named = |source| (file.path.clone(), source);
            match is_referred_to(file).map_err(named)? {
                Some(true) => referred.push(file),
                Some(false) => with_orders.push(folder(&file.path)),
                None => {}
            }
        }
        let mut bytes_left = MESSAGE_BYTES_MAX;
        // Where no orders stand beside them, they are files without an order, and refused as such.
        for file in referred.into_iter().filter(|file| with_orders.contains(&folder(&file.path))) {
            let named = |source| (file.path.clone(), source);
            let (bytes, _) = file.message().read(&Silent).map_err(named)?;
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            bytes_left = bytes_left.checked_sub(length).ok_or_else(|| {
                let reason = "what the orders refer to is more than 1 GiB; give the export in \
                              several directories, each with what its orders refer to";
                named(io::Error::new(io::ErrorKind::FileTooLarge, reason))
            })?;
            let (path, name) = (file.path.clone(), file.path.display().to_string());
            let known = beside.files.entry(folder(&path).to_owned()).or_default();
            known.push((path, name, decode(bytes)));
        }
        Ok(beside)
    }

    /// Whether a file was taken as one that is referred to.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        let known = self.files.get(folder(path)).into_iter().flatten();
        known.map(|(known, ..)| known).any(|known| known == path)
    }

    /// What the orders of a file may refer to.
    pub(crate) fn to(&self, path: &Path) -> Vec<(&str, &Decoded)> {
        let files = self.files.get(folder(path)).into_iter().flatten();
        files.map(|(_, name, decoded)| (name.as_str(), decoded)).collect()
    }
}

/// Whether a file begins with a resource that orders refer to; `None` where it is no FHIR.
fn is_referred_to(file: &InputFile) -> io::Result<Option<bool>> {
    let mut beginning = Vec::new();
    let content = unpacked(File::open(&file.path)?, file.message().packing)?;
    content.take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    let is_fhir = detect(&beginning) == Some(Format::Fhir);
    Ok(is_fhir.then(|| fhir::is_referred_to(&beginning)))
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
