//! A nation compiled and opened, with its pages in memory or out of it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chofuku_engine::format::section::SectionId;
use chofuku_engine::generation;
use chofuku_loader::Compile;
use chofuku_loader::progress::Silent;
use rustix::fs::{Advice, fadvise};

use crate::nation::Nation;

/// Compiles some history files of a nation in this process.
///
/// # Errors
///
/// When they do not compile.
pub fn compile(nation: &Nation, history: &[PathBuf], data: &Path) -> Result<()> {
    let compile = Compile {
        tables: nation.tables.clone(),
        history: history.to_vec(),
        data: data.to_owned(),
        ..Compile::default()
    };
    compile.run("2026-11-22T00:00:00Z", &Silent)?;
    Ok(())
}

/// The file of a section of the generation in force.
///
/// # Errors
///
/// When nothing is published.
pub fn section(data: &Path, id: SectionId) -> Result<PathBuf> {
    Ok(generation::current(data)?.join(id.file_name()))
}

/// The length of a section's file.
///
/// # Errors
///
/// When it is missing.
pub fn section_bytes(data: &Path, id: SectionId) -> Result<u64> {
    let path = section(data, id)?;
    Ok(path.metadata().with_context(|| path.display().to_string())?.len())
}

/// Brings every page of the generation in force into memory.
///
/// # Errors
///
/// When a file cannot be read.
pub fn warm(data: &Path) -> Result<()> {
    let mut buffer = vec![0; 1 << 20];
    for path in files(data)? {
        let mut file = File::open(path)?;
        while file.read(&mut buffer)? > 0 {}
    }
    Ok(())
}

/// Puts every page of the generation in force out of memory, as far as nobody maps it.
///
/// # Errors
///
/// When a file cannot be synced; advice that is not followed is no error.
pub fn cool(data: &Path) -> Result<()> {
    for path in files(data)? {
        let file = File::open(path)?;
        // Pages that are not on disk yet cannot be given up.
        file.sync_all()?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
    }
    Ok(())
}

fn files(data: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(generation::current(data)?)?;
    Ok(entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?)
}
