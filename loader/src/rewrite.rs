//! Another history beside the knowledge in force: how registered documents become a generation.

use std::path::Path;

use chofuku_engine::format::section::SectionId;
use chofuku_engine::history::writer::WriteError;
use chofuku_engine::left_out::LeftOut;
use chofuku_engine::manifest::Manifest;

use crate::compile::CompileError;
use crate::publish::Publisher;
use crate::space;

/// Bytes of sections for each row, about and never less than they need in practice.
const ROW_BYTES: u64 = 26;

/// A history to be written in the place of that of a generation.
#[derive(Clone, Copy, Debug)]
pub struct Rewrite<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// The generation that is rewritten; another one may not be in force.
    pub base: &'a Manifest,
    /// The last event that the new history holds.
    pub event: u64,
    /// About how many rows the new history has, to ask for disk.
    pub rows_about: u64,
}

impl Rewrite<'_> {
    /// Publishes a generation with the knowledge of the base, and the history sections that `write`
    /// puts into a directory. `write` gives what it left out, if anything.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, nothing is published, and what was in force stays in force.
    pub fn run(
        &self,
        made_at: &str,
        write: impl FnOnce(&Path) -> Result<Option<LeftOut>, WriteError>,
    ) -> Result<Manifest, CompileError> {
        let publisher = Publisher::lock(self.data)?;
        let current = publisher.current().map_err(CompileError::Open)?;
        let other = |found| CompileError::OtherGeneration { expected: self.base.generation, found };
        let current = current.ok_or_else(|| other(0))?;
        let before = Manifest::read(&current).map_err(CompileError::Open)?;
        if before.generation != self.base.generation {
            return Err(other(before.generation));
        }
        publisher.remove_unpublished(Some(&current))?;
        let staged = publisher.stage()?;
        let needed = self.rows_about * ROW_BYTES;
        space::require(&staged.directory, "the sections of the history", needed)?;
        for section in SectionId::KNOWLEDGE {
            staged.share(&current, section)?;
        }
        let left_out = match (write(&staged.directory)?, &before.left_out) {
            (Some(newest), Some(earlier)) => Some(newest.and(earlier)),
            (newest, earlier) => newest.or(*earlier),
        };
        let is_knowledge =
            |name: &str| SectionId::KNOWLEDGE.iter().any(|id| id.file_name() == name);
        let shared: Vec<_> =
            before.sections.iter().filter(|section| is_knowledge(&section.name)).cloned().collect();
        let manifest = Manifest {
            generation: staged.number,
            event: self.event,
            made_by: concat!("chofuku ", env!("CARGO_PKG_VERSION")).to_owned(),
            made_at: made_at.to_owned(),
            left_out,
            sections: Manifest::describe_sections(&staged.directory, &shared)
                .map_err(CompileError::Open)?,
            ..before
        };
        publisher.publish(&staged, &manifest)?;
        publisher.remove_old(Some(&current))?;
        Ok(manifest)
    }
}
