//! Other tables beside the history in force, for a trial: nothing is published.

use std::path::Path;

use chofuku_engine::error::OpenError;
use chofuku_engine::format::section::SectionId;
use chofuku_engine::generation;
use chofuku_engine::index::Index;
use chofuku_engine::knowledge;
use chofuku_engine::manifest::{HISTORY, MANIFEST, Manifest};

use crate::compile::CompileError;
use crate::knowledge_tables::{self, ReadTables};
use crate::publish::PublishError;

/// Joins the tables of a folder with the history in force of a data directory.
///
/// The sections of the tables live in a temporary directory for as long as the index is opened;
/// what is mapped stays readable afterwards.
///
/// # Errors
///
/// When a row of the tables would be refused by a compile, or anything cannot be opened.
pub fn with_tables(data: &Path, tables: &Path) -> Result<Index, CompileError> {
    let ReadTables { tables: read, sources, rejects, .. } = knowledge_tables::read(tables)?;
    if !rejects.is_empty() {
        let file = tables.to_owned();
        return Err(CompileError::Rejected { rejects, allowed: 0, file });
    }
    let current = generation::current(data).map_err(CompileError::Open)?;
    let before = Manifest::read(&current).map_err(CompileError::Open)?;
    let place = tempfile::tempdir().map_err(PublishError::io(std::env::temp_dir()))?;
    let directory = place.path().join(Manifest::directory_name(before.generation));
    std::fs::create_dir(&directory).map_err(PublishError::io(&directory))?;
    knowledge::writer::write(&directory, read)?;
    let current = current.canonicalize().map_err(PublishError::io(&current))?;
    for section in SectionId::HISTORY {
        let link = directory.join(section.file_name());
        std::os::unix::fs::symlink(current.join(section.file_name()), &link)
            .map_err(PublishError::io(&link))?;
    }
    let manifest = trial_manifest(before, &directory, sources).map_err(CompileError::Open)?;
    let bytes = manifest.encode().map_err(PublishError::Manifest)?;
    let path = directory.join(MANIFEST);
    std::fs::write(&path, bytes).map_err(PublishError::io(&path))?;
    generation::open_directory(&directory).map_err(CompileError::Open)
}

/// The manifest of the history in force with the tables in `directory`.
fn trial_manifest(
    before: Manifest,
    directory: &Path,
    mut sources: Vec<chofuku_engine::manifest::Source>,
) -> Result<Manifest, OpenError> {
    let is_history = |name: &str| SectionId::HISTORY.iter().any(|id| id.file_name() == name);
    let history = before.sections.iter().filter(|section| is_history(&section.name));
    let history: Vec<_> = history.cloned().collect();
    let sections = Manifest::describe_sections(directory, &history)?;
    let kept = before.sources.iter().filter(|source| source.table == HISTORY);
    sources.extend(kept.cloned());
    Ok(Manifest { sections, sources, ..before })
}
