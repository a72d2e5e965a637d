//! The secret of patient hashes: made once, kept outside every generation.

use std::path::Path;

use chofuku_engine::error::OpenError;
use chofuku_engine::generation::{self, PATIENT_KEY};
use chofuku_engine::patient::IdentityKey;

use crate::compile::CompileError;
use crate::publish::{Publisher, Readers};

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
    let digits = secret.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String =
        digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
    publisher.replace(PATIENT_KEY, format!("{digits}\n").as_bytes(), Readers::Owner)?;
    IdentityKey::from_hex(&digits).ok_or(CompileError::Open(OpenError::Key { path }))
}
