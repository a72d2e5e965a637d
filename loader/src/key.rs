//! The secret of patient hashes: made once, kept outside every generation.

use std::fs;
use std::path::Path;

use chofuku_engine::error::OpenError;
use chofuku_engine::generation::{self, PATIENT_KEY};
use chofuku_engine::patient::IdentityKey;

use crate::compile::CompileError;
use crate::publish::{PublishError, Publisher};

/// Reads the key of a data directory, or makes one where nothing was ever published.
///
/// A new key beside an old history would make every patient look as if they had no past, so a
/// missing key beside a published generation is an error.
pub(crate) fn read_or_create(
    data: &Path,
    publisher: &Publisher,
    is_first: bool,
) -> Result<IdentityKey, CompileError> {
    let path = data.join(PATIENT_KEY);
    if path.exists() || !is_first {
        return generation::read_key(data).map_err(CompileError::Open);
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(CompileError::Random)?;
    let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    publisher.replace(PATIENT_KEY, format!("{digits}\n").as_bytes())?;
    restrict(&path)?;
    IdentityKey::from_hex(&digits).ok_or(CompileError::Open(OpenError::Key { path }))
}

/// Only the owner may read the key.
#[cfg(unix)]
fn restrict(path: &Path) -> Result<(), PublishError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o400)).map_err(PublishError::io(path))
}

#[cfg(not(unix))]
fn restrict(path: &Path) -> Result<(), PublishError> {
    let mut permissions = fs::metadata(path).map_err(PublishError::io(path))?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions).map_err(PublishError::io(path))
}
