//! Why a master could not be read at all.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A file that cannot be used; single lines that cannot be used are problems, not errors.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MasterError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The file is an archive that cannot be unpacked.
    #[error("{} is a damaged archive", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: zip::result::ZipError,
    },
    /// An archive whose content is larger than any master.
    #[error("{} unpacks to more than {limit} bytes", path.display())]
    TooLarge {
        /// The archive.
        path: PathBuf,
        /// How many bytes a master may have.
        limit: u64,
    },
    /// A sheet of a workbook with more cells than any master.
    #[error("{} has a sheet of more than {limit} cells", path.display())]
    TooManyCells {
        /// The workbook.
        path: PathBuf,
        /// How many cells a sheet may have.
        limit: usize,
    },
    /// The file is a workbook that cannot be read.
    #[error("{} is a damaged workbook", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: calamine::XlsxError,
    },
    /// The text is not CSV.
    #[error("{file} is not CSV")]
    Csv {
        /// The file.
        file: String,
        /// What is wrong with it, and where.
        #[source]
        source: csv::Error,
    },
    /// A heading that the layout needs is nowhere in the file.
    #[error("{file}: no column {column}")]
    MissingColumn {
        /// The file, and the sheet whose headings came closest.
        file: String,
        /// The heading.
        column: &'static str,
    },
}
