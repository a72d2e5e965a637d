//! The tables as files.

use std::{fs, path::Path};

use chofuku_formats::Problem;
use serde::Serialize;

use super::{Built, Item, TablesError};
use crate::canonical::InstitutionRow;

#[derive(Default, Serialize)]
struct ItemRow<'a> {
    kind: String,
    item: String,
    name: &'a str,
    reason: String,
}

impl Built {
    /// Writes `ingredients.csv`, `drugs.csv`, `contraindications.csv`, `usages.csv`, `revisions.csv`, what could
    /// not be read or resolved (`unresolved.csv`) and what was decided (`notices.csv`) to a folder,
    /// which is created.
    ///
    /// No official list gives the institutions; a folder without `institutions.csv` gets an empty
    /// one, so that it can be compiled, and one that is there stays as it is.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), TablesError> {
        fs::create_dir_all(folder)
            .map_err(|source| TablesError::Write { path: folder.to_owned(), source })?;
        write_rows(&folder.join("ingredients.csv"), &self.ingredients)?;
        write_rows(&folder.join("drugs.csv"), &self.drugs)?;
        write_rows(&folder.join("contraindications.csv"), &self.contraindications)?;
        write_rows(&folder.join("usages.csv"), &self.usages)?;
        write_rows(&folder.join("revisions.csv"), &self.revisions)?;
        let institutions = folder.join("institutions.csv");
        if !institutions.exists() {
            write_rows::<InstitutionRow>(&institutions, &[])?;
        }
        let report = &self.report;
        let mut unresolved: Vec<ItemRow<'_>> = report.unresolved.iter().map(item_row).collect();
        unresolved.extend(report.sources.problems.iter().map(problem_row));
        write_rows(&folder.join("unresolved.csv"), &unresolved)?;
        let notices: Vec<ItemRow<'_>> = report.notices.iter().map(item_row).collect();
        write_rows(&folder.join("notices.csv"), &notices)
    }
}

fn item_row(item: &Item) -> ItemRow<'_> {
    let Item { kind, item, name, reason } = item;
    let (kind, item) = (kind.to_string(), item.clone());
    ItemRow { kind, item, name, reason: reason.to_string() }
}

/// A line of a source that deviates from its layout, by its place instead of a code.
fn problem_row(problem: &Problem) -> ItemRow<'_> {
    let Problem { file, line, field, reason, .. } = problem;
    let item = format!("{file}:{line}");
    ItemRow { kind: "source".to_owned(), item, name: field, reason: reason.to_string() }
}

fn write_rows<T: Serialize + Default>(path: &Path, rows: &[T]) -> Result<(), TablesError> {
    let row = |source| TablesError::WriteRow { path: path.to_owned(), source };
    let mut text = header::<T>().map_err(row)?;
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(&mut text);
    for record in rows {
        writer.serialize(record).map_err(row)?;
    }
    let file = |source| TablesError::Write { path: path.to_owned(), source };
    writer.flush().map_err(file)?;
    drop(writer);
    fs::write(path, text).map_err(file)
}

/// The header line, which a table has even if it has no rows.
fn header<T: Serialize + Default>() -> Result<Vec<u8>, csv::Error> {
    let mut text = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut text);
    writer.serialize(T::default())?;
    writer.flush()?;
    drop(writer);
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
    text.truncate(end);
    Ok(text)
}
