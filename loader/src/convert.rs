//! Messages to a history table that a person can read, correct and keep under version control.

mod given;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chofuku_engine::error::OpenError;
use chofuku_engine::generation;
use chofuku_engine::patient::IdentityKey;
use tempfile::NamedTempFile;

use crate::history::cells::columns;
use crate::history::input::InputFile;
use crate::history::message::beside::Beside;
pub use crate::history::message::deviation::Deviation;
use crate::history::message::rows::DocumentRows;
use crate::history::message::{self, Before, Layout, Place, Taken};
use crate::history::values::{Names, Values};
use crate::knowledge_tables::TableError;
use crate::problem::shown;
use crate::progress::{Progress, Unit};
pub use given::Given;

/// The file beside the history table that names every deviation of the messages. Directories of
/// history files may hold it.
pub const DEVIATIONS: &str = "deviations.csv";

/// What to convert.
#[derive(Clone, Debug, Default)]
pub struct Convert {
    /// Messages and directories of them, also as gzip or zstd.
    pub files: Vec<PathBuf>,
    /// The table to write; [`DEVIATIONS`] is written beside it.
    pub out: PathBuf,
    /// What the messages lack.
    pub given: Given,
    /// The data directory whose key names documents without an id, as a compile into it names them.
    /// Without one, a key that is thrown away names them: two conversions give them different ids.
    pub data: Option<PathBuf>,
    /// Reads the files in the assumed layout of dispensing results
    /// ([`chofuku_formats::dispensing_result`]), and only so.
    pub dispensing_results: bool,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Messages that were read.
    pub files: u64,
    /// Messages of which nothing could be read.
    pub files_refused: u64,
    /// Documents in the table.
    pub documents: u64,
    /// Rows of the table.
    pub lines: u64,
    /// Documents in the table that a compile refuses until somebody has filled what they lack.
    pub incomplete: u64,
    /// Documents that no row can hold, or under whose id another one stands.
    pub left_out: u64,
    /// Places of messages where something that may be a drug could not be read.
    pub lost: u64,
    /// Everything that deviates, and why documents are incomplete or left out.
    pub deviations: Vec<Deviation>,
}

impl Converted {
    /// Whether a compile of the table has everything that the messages say.
    pub fn is_whole(&self) -> bool {
        self.files_refused + self.incomplete + self.left_out + self.lost == 0
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// A message cannot be read from the disk.
    #[error(transparent)]
    Input(#[from] TableError),
    /// A file would be overwritten, which somebody may have corrected.
    #[error("{path} is there already; move it away, or write somewhere else")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Something that was given is not what it should be.
    #[error("the given {field} will not do: {reason}")]
    Given {
        /// The column.
        field: &'static str,
        /// What would be right.
        reason: String,
    },
    /// A message says otherwise than what was given.
    #[error(
        "{file}:{place}: the message has another {field} than the one that was given; convert it \
         by itself, or give nothing that it says"
    )]
    Disagrees {
        /// The message.
        file: String,
        /// Where the document begins in it.
        place: u64,
        /// The column. Its values may be a person's and are not told.
        field: &'static str,
    },
    /// No message has a document with a line.
    #[error("no message has a document with a line{}", because(first.as_deref()))]
    NoLines {
        /// Why the first message has none.
        first: Option<Box<Deviation>>,
    },
    /// The key of the data directory cannot be read.
    #[error("the key that names documents without an id cannot be read; give a data directory")]
    Key(#[source] OpenError),
    /// The system gives no random bytes, of which a key would be made.
    #[error("no random numbers for a key that names documents without an id: {0}")]
    Random(getrandom::Error),
    /// A file cannot be written.
    #[error("{path}: cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
}

fn because(first: Option<&Deviation>) -> String {
    first.map_or_else(String::new, |deviation| format!("; {deviation}"))
}

impl Convert {
    /// Converts, and writes both files whole or not at all.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, the table is not written.
    pub fn run(&self, progress: &dyn Progress) -> Result<Converted, ConvertError> {
        self.given.check()?;
        let folder = self.out.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let beside = folder.join(DEVIATIONS);
        for path in [&self.out, &beside] {
            if path.exists() {
                return Err(ConvertError::Exists { path: path.clone() });
            }
        }
        let files =
            InputFile::find(&self.files).map_err(|(path, source)| TableError { path, source })?;
        progress.stage("converting", Unit::Bytes, Some(files.iter().map(|file| file.bytes).sum()));
        fs::create_dir_all(folder)
            .map_err(|source| ConvertError::Write { path: folder.to_owned(), source })?;
        let mut table = Output::create(folder, &self.out)?;
        table.row(columns())?;
        let converted = self.write(&files, &mut table, progress)?;
        if converted.lines == 0 {
            // Before it may stand what is only odd.
            let mut deviations = converted.deviations.iter();
            let why =
                deviations.find(|deviation| deviation.line == 0 || deviation.is_of_document());
            let first = why.or(converted.deviations.first()).cloned().map(Box::new);
            return Err(ConvertError::NoLines { first });
        }
        let mut list = Output::create(folder, &beside)?;
        list.row(["file", "line", "record", "field", "reason"].into_iter())?;
        for Deviation { file, line, record, field, reason, .. } in &converted.deviations {
            let line = line.to_string();
            list.row([file.as_str(), line.as_str(), record, field, reason].into_iter())?;
        }
        list.finish()?;
        table.finish()?;
        Ok(converted)
    }

    /// What names documents without an id.
    fn key(&self) -> Result<IdentityKey, ConvertError> {
        if let Some(data) = &self.data {
            return generation::read_key(data).map_err(ConvertError::Key);
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(ConvertError::Random)?;
        Ok(IdentityKey::new(&secret))
    }

    fn write(
        &self,
        files: &[InputFile],
        table: &mut Output,
        progress: &dyn Progress,
    ) -> Result<Converted, ConvertError> {
        let (key, names) = (self.key()?, Names::default());
        let mut conversion = Conversion {
            files,
            given: &self.given,
            key: &key,
            values: Values::new(&key, &names),
            taken: Taken::default(),
            converted: Converted::default(),
        };
        let layout =
            if self.dispensing_results { Layout::DispensingResult } else { Layout::Detected };
        let beside = Beside::of(files).map_err(|(path, source)| TableError { path, source })?;
        for (number, input) in files.iter().enumerate() {
            if beside.holds(&input.path) {
                conversion.converted.files += 1;
                continue;
            }
            let file = input.path.display().to_string();
            let unreadable = |source| TableError { path: input.path.clone(), source };
            let (bytes, _) = input.message().read(progress).map_err(unreadable)?;
            let read = message::read(
                &file,
                bytes,
                layout,
                &beside.to(&input.path),
                |rows, deviations| conversion.document(number, rows, table, deviations),
            )?;
            let converted = &mut conversion.converted;
            match read {
                Ok(deviations) => {
                    converted.files += 1;
                    converted.deviations.extend(deviations);
                }
                Err(reason) => {
                    converted.files_refused += 1;
                    converted.deviations.push(Deviation::of_document(&file, 0, "", reason));
                }
            }
        }
        let mut converted = conversion.converted;
        let lost = converted.deviations.iter().filter(|deviation| deviation.is_loss).count();
        converted.lost = u64::try_from(lost).unwrap_or(u64::MAX);
        Ok(converted)
    }
}

/// A conversion on its way from file to file.
struct Conversion<'c> {
    files: &'c [InputFile],
    given: &'c Given,
    key: &'c IdentityKey,
    /// Says what a compile would say of a row, which does not depend on the key of patients.
    values: Values<'c>,
    taken: Taken,
    converted: Converted,
}

impl Conversion<'_> {
    fn document(
        &mut self,
        number: usize,
        mut rows: DocumentRows<'_>,
        table: &mut Output,
        deviations: &mut Vec<Deviation>,
    ) -> Result<(), ConvertError> {
        let file = self.files.get(number).map(|file| file.path.display().to_string());
        let (file, place) = (file.unwrap_or_default(), rows.place);
        self.given.fill(&mut rows, &file)?;
        rows.identify(self.key);
        let mut deviate = |column, reason| {
            deviations.push(Deviation::of_document(&file, place, column, reason));
        };
        match self.taken.before(number, &rows) {
            Before::Never => {}
            Before::Same(first) => {
                let first = named(self.files, number, &first);
                deviate("document", format!("the same document as at {first}; written once"));
                return Ok(());
            }
            Before::Other(first) => {
                let (id, first) = (shown(rows.id()), named(self.files, number, &first));
                let reason = format!("{id}: another document than at {first}; not written");
                deviate("document", reason);
                self.converted.left_out += 1;
                return Ok(());
            }
        }
        if rows.lines().len() == 0 {
            deviate("drug_code", "no line; not written".to_owned());
            self.converted.left_out += 1;
            return Ok(());
        }
        if rows.is_partial {
            deviate("", "something of it could not be read; not written".to_owned());
            self.converted.left_out += 1;
            return Ok(());
        }
        if let Err(fault) = rows.checked(&mut self.values) {
            deviate(fault.column, format!("{}; a compile refuses it so", fault.reason));
            self.converted.incomplete += 1;
        }
        self.values.trim();
        self.converted.documents += 1;
        self.converted.lines += table.document(&rows)?;
        Ok(())
    }
}

/// A place as a person finds it, with its file if that is another one.
fn named(files: &[InputFile], number: usize, place: &Place) -> String {
    let other = files.get(place.file).filter(|_| place.file != number);
    let file = other.map(|file| format!("{}:", file.path.display())).unwrap_or_default();
    format!("{file}{}", place.place)
}

/// A table that appears whole. Only its owner may read it: it names persons.
struct Output {
    path: PathBuf,
    writer: csv::Writer<NamedTempFile>,
}

impl Output {
    fn create(folder: &Path, path: &Path) -> Result<Self, ConvertError> {
        let file = NamedTempFile::new_in(folder);
        let file = file.map_err(|source| ConvertError::Write { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), writer: csv::Writer::from_writer(file) })
    }

    fn row<'r>(&mut self, cells: impl Iterator<Item = &'r str>) -> Result<(), ConvertError> {
        self.writer.write_record(cells).map_err(|error| self.error(io::Error::other(error)))
    }

    /// Writes a document; returns how many rows it has.
    fn document(&mut self, rows: &DocumentRows<'_>) -> Result<u64, ConvertError> {
        let header = rows.header();
        for line in rows.lines() {
            self.row(header.into_iter().chain(line))?;
        }
        Ok(u64::try_from(rows.lines().len()).unwrap_or(u64::MAX))
    }

    fn finish(self) -> Result<(), ConvertError> {
        let Self { path, writer } = self;
        let written =
            writer.into_inner().map_err(csv::IntoInnerError::into_error).and_then(|file| {
                file.as_file().sync_all()?;
                file.persist_noclobber(&path).map(drop).map_err(|error| error.error)
            });
        written.map_err(|source| ConvertError::Write { path, source })
    }

    fn error(&self, source: io::Error) -> ConvertError {
        ConvertError::Write { path: self.path.clone(), source }
    }
}
