//! Package inserts to rows for review: `rules.csv` in the columns of `contraindications.csv` with where
//! each row comes from, and `unresolved.csv` with everything that gave no row.
//!
//! The rows are never put into force by this: a person reads them and copies what is right into
//! `contraindications.csv`. Names become ingredients through the canonical tables.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chofuku_formats::{
    Problem, Report,
    inserts::{self, ClassTable, Drugs, Passage, Product, Rule, Statement, Walked},
    masters::{MasterError, read_interactions_extract},
};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::canonical::{DrugRow, IngredientRow};

mod rows;

use rows::{RuleRow, UnresolvedRow, write_rows};

/// Which files the rows are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InsertSources {
    /// The folder of the canonical tables, of which `ingredients.csv` and `drugs.csv` are read.
    pub tables: PathBuf,
    /// Inserts as XML: files, folders, archives.
    pub inserts: Vec<PathBuf>,
    /// Extracts of inserts as CSV of seven columns.
    pub extracts: Vec<PathBuf>,
    /// Classes and their members, as a CSV with the columns `class` and `member`.
    pub classes: Option<PathBuf>,
}

/// What the inserts gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviewable {
    /// Rows for review, both inserts of a pair joined.
    pub rules: Vec<Rule>,
    /// What gave no row.
    pub unresolved: Vec<inserts::Unresolved>,
    /// What the inserts say of combinations outside their tables and a person must look at, with the
    /// file.
    pub passages: Vec<(String, Passage)>,
    /// Files that are no insert, with the reason.
    pub refused: Vec<(String, inserts::InsertError)>,
    /// The rows of section 10.1 that were read.
    pub statements: usize,
    /// What the walk over folders and archives met.
    pub walked: Walked,
    /// Deviations of the files.
    pub report: Report,
}

/// Why no rows were made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InsertsError {
    /// A source cannot be used.
    #[error("a source of contraindications cannot be used")]
    Source(#[from] MasterError),
    /// A table or source cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A canonical table is not as `chofuku tables` writes it.
    #[error("{} is no canonical table; make it with `chofuku tables`", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        #[source]
        source: csv::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
}

/// Makes rows for review out of inserts and extracts.
///
/// # Errors
///
/// A source or a canonical table cannot be read.
pub fn review(sources: &InsertSources) -> Result<Reviewable, InsertsError> {
    let drugs = drugs(&sources.tables)?;
    let mut found = Reviewable::default();
    let classes = match &sources.classes {
        Some(path) => {
            ClassTable::read(&path.display().to_string(), &bytes(path)?, &mut found.report)?
        }
        None => ClassTable::default(),
    };
    let mut statements: Vec<Statement> = Vec::new();
    found.walked =
        inserts::walk(&sources.inserts, |file, bytes| match inserts::read(file, bytes) {
            Ok((insert, report)) => {
                found.report.extend(report);
                statements.extend(insert.statements);
                let passages = insert.passages.into_iter().filter(Passage::to_review);
                found.passages.extend(passages.map(|passage| (file.to_owned(), passage)));
            }
            Err(error) => found.refused.push((file.to_owned(), error)),
        })?;
    for path in &sources.extracts {
        let file = path.display().to_string();
        let extract = read_interactions_extract(&file, &bytes(path)?, &mut found.report)?;
        statements.extend(extract.statements);
    }
    found.statements = statements.len();
    let resolved = inserts::resolve(&statements, &classes, &drugs);
    found.rules = inserts::join(resolved.rules);
    found.unresolved = resolved.unresolved;
    Ok(found)
}

impl Reviewable {
    /// Writes `rules.csv` and `unresolved.csv` to a folder, which is created.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), InsertsError> {
        fs::create_dir_all(folder)
            .map_err(|source| InsertsError::Write { path: folder.to_owned(), source })?;
        let rules = self.rules.iter().map(RuleRow::of);
        write_rows(&folder.join("rules.csv"), &RuleRow::columns(), rules.map(RuleRow::fields))?;
        let mut rows: Vec<UnresolvedRow> = Vec::new();
        rows.extend(self.unresolved.iter().map(UnresolvedRow::name));
        rows.extend(self.passages.iter().map(|(file, text)| UnresolvedRow::passage(file, text)));
        rows.extend(self.refused.iter().map(|(file, error)| UnresolvedRow::refused(file, error)));
        rows.extend(
            self.report.problems.iter().map(|problem: &Problem| UnresolvedRow::problem(problem)),
        );
        let rows = rows.into_iter().map(UnresolvedRow::fields);
        write_rows(&folder.join("unresolved.csv"), &UnresolvedRow::COLUMNS, rows)
    }
}

/// The drugs of the canonical tables by name and code.
fn drugs(tables: &Path) -> Result<Drugs, InsertsError> {
    let ingredients: Vec<IngredientRow> = table(&tables.join("ingredients.csv"))?;
    let products: Vec<DrugRow> = table(&tables.join("drugs.csv"))?;
    let ingredients = ingredients.into_iter().map(|row| (row.id, row.name_ja));
    let list = |text: &str| -> Vec<String> {
        text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let product = |row: DrugRow| {
        let mut codes = list(&row.yj);
        codes.extend(list(&row.price));
        let mut names = vec![row.name.clone()];
        names.extend(list(&row.aliases));
        let substances = list(&row.substances);
        let substance = |text: &String| {
            text.split_once('@')
                .map(|(ingredient, route)| (ingredient.to_owned(), route.to_owned()))
        };
        let substances = substances.iter().filter_map(substance).collect();
        Product { codes, names, substances }
    };
    let products = products.into_iter().map(product);
    let products = products.filter(|product| !product.substances.is_empty()).collect();
    Ok(Drugs::new(ingredients, products))
}

fn table<R: DeserializeOwned>(path: &Path) -> Result<Vec<R>, InsertsError> {
    let bytes = bytes(path)?;
    csv::Reader::from_reader(bytes.as_slice())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| InsertsError::Table { path: path.to_owned(), source })
}

fn bytes(path: &Path) -> Result<Vec<u8>, InsertsError> {
    fs::read(path).map_err(|source| InsertsError::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
