//! History files: what they are, and the pieces in which all cores read them.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use crate::hashing::FileHash;
use crate::history::cells::{HeaderCells, LineCells};
use crate::history::csv::{Chunk, Chunks};
use crate::history::parquet::ParquetFile;
use crate::problem::Fault;
use crate::progress::Progress;

/// What files of a history directory are called.
const EXTENSIONS: [&str; 4] = ["csv", "gz", "zst", "parquet"];
const BUFFER_BYTES: usize = 1 << 18;

/// A history file.
#[derive(Debug)]
pub(crate) struct InputFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    format: Format,
}

/// How a history file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Gzip,
    Zstd,
    Parquet,
}

impl Format {
    /// Told by the first bytes: a name can be wrong.
    fn of(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Self::Zstd,
            b"PAR1" => Self::Parquet,
            _ => Self::Csv,
        }
    }
}

/// What one core reads at a time.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Whole rows of a CSV file.
    Csv(Chunk),
    /// A row group of a Parquet file.
    RowGroup(Arc<ParquetFile>, usize),
    /// The hash of a file that was read to its end.
    End([u8; 32]),
    /// A file that is read a second time, for its hash.
    Unhashed(PathBuf),
}

/// The pieces of a file, in order.
pub(crate) type Pieces<'p> = Box<dyn Iterator<Item = io::Result<Piece>> + Send + 'p>;

/// A row that is read: its cells are fetched when they are needed.
pub(crate) trait ReadRow {
    /// Whether the row is known to share everything of the document with the row before it.
    fn repeats_header(&self) -> bool;
    /// What it shares with other rows of its document.
    fn header(&self) -> HeaderCells<'_>;
    /// What is its own.
    fn line(&self) -> LineCells<'_>;
}

/// Where rows go.
pub(crate) trait TakeRow {
    /// Takes the row of a line; `Ok(Err(_))` says why it is refused.
    ///
    /// # Errors
    ///
    /// When nothing more can be taken.
    fn take(&mut self, row: &impl ReadRow, line: u64) -> io::Result<Result<(), Fault>>;
}

impl InputFile {
    /// The files that were named; a directory stands for the history files in it, in the order of
    /// their names.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or a directory has no history file; with its path.
    pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Self>, (PathBuf, io::Error)> {
        let mut files = Vec::new();
        for path in paths {
            let named = |source| (path.clone(), source);
            if !fs::metadata(path).map_err(named)?.is_dir() {
                files.push(Self::open(path)?);
                continue;
            }
            for path in inside(path).map_err(named)? {
                files.push(Self::open(&path)?);
            }
        }
        Ok(files)
    }

    fn open(path: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let look = || {
            let mut file = File::open(path)?;
            let mut magic = Vec::new();
            file.by_ref().take(4).read_to_end(&mut magic)?;
            Ok((file.metadata()?.len(), Format::of(&magic)))
        };
        let (bytes, format) = look().map_err(|source| (path.to_owned(), source))?;
        Ok(Self { path: path.to_owned(), bytes, format })
    }

    /// The name without its directory, as the manifest has it.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// About how many rows the file has: exactly for Parquet, else from what a row usually takes.
    pub(crate) fn rows_about(&self) -> u64 {
        match self.format {
            Format::Csv => self.bytes / 150,
            Format::Gzip | Format::Zstd => self.bytes / 30,
            Format::Parquet => ParquetFile::open(&self.path).map_or(0, |file| file.rows()),
        }
    }

    /// The pieces of the file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub(crate) fn pieces<'p>(&self, progress: &'p dyn Progress) -> io::Result<Pieces<'p>> {
        if self.format == Format::Parquet {
            let file = Arc::new(ParquetFile::open(&self.path)?);
            let groups = 0..file.row_groups();
            let groups = groups.map(move |group| Ok(Piece::RowGroup(Arc::clone(&file), group)));
            let hash = std::iter::once(Ok(Piece::Unhashed(self.path.clone())));
            return Ok(Box::new(groups.chain(hash)));
        }
        let hash = FileHash::default();
        let file = hash.of(File::open(&self.path)?, |bytes| progress.advance(bytes));
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        let text: Box<dyn Read + Send + 'p> = match self.format {
            Format::Gzip => Box::new(MultiGzDecoder::new(file)),
            Format::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
            Format::Csv | Format::Parquet => Box::new(file),
        };
        let chunks = Chunks::new(text).map(|chunk| chunk.map(Piece::Csv));
        let end = std::iter::once_with(move || Ok(Piece::End(hash.finish())));
        Ok(Box::new(chunks.chain(end)))
    }
}

/// The BLAKE3 of a file.
pub(crate) fn hash_file(path: &Path, progress: &dyn Progress) -> io::Result<[u8; 32]> {
    let hash = FileHash::default();
    let mut file = hash.of(File::open(path)?, |bytes| progress.advance(bytes));
    io::copy(&mut BufReader::with_capacity(BUFFER_BYTES, &mut file), &mut io::sink())?;
    Ok(hash.finish())
}

fn inside(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut inside = entries.collect::<io::Result<Vec<_>>>()?;
    inside.retain(|path| {
        path.extension().is_some_and(|name| EXTENSIONS.iter().any(|known| name == *known))
    });
    if inside.is_empty() {
        let reason = "no .csv, .csv.gz, .csv.zst or .parquet file in this directory";
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    inside.sort();
    Ok(inside)
}
