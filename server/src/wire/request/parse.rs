//! Bytes to a request: in one pass without copies, and a second, slow one only to say what is
//! wrong and where.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::de::Read;
use serde_path_to_error::{Path, Segment};

use super::object::Object;
use super::tree::{Reason, Tree};
use crate::error::ApiError;

/// Reads a JSON object and nothing behind it.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, serde_json::Error> {
    // Checking the encoding of the whole at once is cheaper than that of every text in it.
    match std::str::from_utf8(body) {
        Ok(body) => read(serde_json::Deserializer::from_str(body)),
        Err(_) => read(serde_json::Deserializer::from_slice(body)),
    }
}

fn read<'a, T: Deserialize<'a>, R: Read<'a>>(
    mut json: serde_json::Deserializer<R>,
) -> Result<T, serde_json::Error> {
    let Object(parsed) = Object::<T>::deserialize(&mut json)?;
    json.end()?;
    Ok(parsed)
}

/// Says what is wrong with a body that [`parse`] refused; `fault` is [`fault`] for its type.
pub(super) fn explain(
    body: &[u8],
    refusal: &serde_json::Error,
    fault: impl FnOnce(&Tree) -> Option<ApiError>,
) -> ApiError {
    match serde_json::from_slice::<Tree>(body) {
        Ok(tree) => fault(&tree).unwrap_or_else(|| invalid_json(refusal)),
        Err(error) => invalid_json(&error),
    }
}

/// The first thing in a tree that keeps it from being a `T`.
pub(super) fn fault<'t, T: Deserialize<'t>>(tree: &'t Tree) -> Option<ApiError> {
    let read = serde_path_to_error::deserialize::<_, Object<T>>(tree);
    read.err().map(|error| told(error.path(), error.inner()))
}

fn invalid_json(error: &serde_json::Error) -> ApiError {
    ApiError::InvalidJson { line: error.line(), column: error.column() }
}

fn told(path: &Path, reason: &Reason) -> ApiError {
    let at = written(path);
    match reason {
        Reason::UnknownField(allowed) => ApiError::UnknownField {
            path: at,
            allowed: allowed.iter().map(|name| (*name).to_owned()).collect(),
        },
        Reason::MissingField(field) => ApiError::MissingField { path: member(at, field) },
        Reason::DuplicateField(field) => ApiError::DuplicateField { path: member(at, field) },
        Reason::UnknownWord(allowed) => ApiError::InvalidValue {
            path: at,
            expected: Cow::Borrowed("one of the allowed ones"),
            allowed,
        },
        Reason::Expected(expected) => ApiError::value(at, expected.clone()),
    }
}

fn member(path: String, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { path + "." + field }
}

/// A path such as `lines[3].drug.system`; empty for the whole request.
fn written(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text = format!("{text}[{index}]"),
            Segment::Map { key } => text = member(text, &shortened(key)),
            Segment::Enum { variant } => text = member(text, variant),
            Segment::Unknown => text = member(text, "?"),
        }
    }
    text
}

/// A key is the caller's own text: enough of it to find it, and no more.
fn shortened(key: &str) -> Cow<'_, str> {
    const CHARACTERS_MAX: usize = 64;
    match key.char_indices().nth(CHARACTERS_MAX) {
        None => Cow::Borrowed(key),
        Some((end, _)) => Cow::Owned(format!("{}…", key.get(..end).unwrap_or_default())),
    }
}
