//! Why no tables were built.

use std::{io, path::PathBuf};

use chofuku_formats::masters::MasterError;
use thiserror::Error;

/// A failure that leaves no tables; single items that fail are in the report instead.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TablesError {
    /// A source cannot be used.
    #[error("a source of the tables cannot be used")]
    Master(#[from] MasterError),
    /// The alias table cannot be read.
    #[error("cannot read the alias table {}", path.display())]
    ReadAliases {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The alias table is not CSV, or lacks a column.
    #[error("{file}: the alias table is not a CSV with its columns")]
    AliasFormat {
        /// The file.
        file: String,
        /// What is wrong with it, and where.
        #[source]
        source: csv::Error,
    },
    /// An alias without a name, or with both or neither of `ingredient` and `components`.
    #[error(
        "{file}:{line}: an alias needs a name, and either an ingredient or at least two components"
    )]
    AliasShape {
        /// The file.
        file: String,
        /// The line.
        line: u64,
    },
    /// A name, or the English name of an ingredient, with two meanings.
    #[error("{file}:{line}: {name} already means something else on line {first}")]
    AliasConflict {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// The line that gave the other meaning.
        first: u64,
        /// The name.
        name: String,
    },
    /// An alias whose ingredient is itself an alias of another ingredient.
    #[error("{file}:{line}: {name} is itself an alias; name its ingredient instead")]
    AliasChain {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// The ingredient or component.
        name: String,
    },
    /// A table cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
    /// A row of a table cannot be written.
    #[error("cannot write a row of {}", path.display())]
    WriteRow {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: csv::Error,
    },
}
