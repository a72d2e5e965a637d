//! A configuration file, read so that a fault names its line and key.

use std::ops::Range;
use std::path::Path;

use toml::Table;

use super::{Faults, Settings};

/// Reads a file as a layer: its keys and no more. Every value is checked.
///
/// # Errors
///
/// When it cannot be read, is no TOML, or has a key or a value that there is not.
pub(super) fn read(path: &Path) -> Result<Table, Faults> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Faults(vec![format!("{name}: cannot be read: {error}")]))?;
    parse(&name.to_string(), &text)
}

/// Reads the text of a file.
pub(super) fn parse(name: &str, text: &str) -> Result<Table, Faults> {
    let syntax = |error: toml::de::Error| fault(name, text, error.span(), "", error.message());
    let document = toml::Deserializer::parse(text).map_err(syntax)?;
    serde_path_to_error::deserialize::<_, Settings>(document).map_err(|error| {
        let (key, error) = (error.path().to_string(), error.into_inner());
        fault(name, text, error.span(), &key, error.message())
    })?;
    text.parse().map_err(syntax)
}

fn fault(name: &str, text: &str, at: Option<Range<usize>>, key: &str, message: &str) -> Faults {
    let before = at.and_then(|at| text.get(..at.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let key = if matches!(key, "" | ".") { String::new() } else { format!("{key}: ") };
    Faults(vec![format!("{name}:{line}: {key}{}", message.trim_end())])
}
