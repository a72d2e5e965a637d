//! History files: what they are, and the pieces in which all cores read them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chofuku_formats::detect::detect;
use flate2::read::MultiGzDecoder;

use crate::convert::DEVIATIONS;
use crate::hashing::FileHash;
use crate::history::cells::Cells;
use crate::history::csv::{Chunk, Chunks};
use crate::history::message::MessageFile;
use crate::history::parquet::ParquetFile;
use crate::problem::Fault;
use crate::progress::Progress;

/// What files of a history directory are called.
const EXTENSIONS: [&str; 9] =
    ["csv", "gz", "zst", "parquet", "txt", "xml", "json", "ndjson", "uke"];
/// How many names of files that are not known an error tells.
const NAMES_TOLD: usize = 5;
/// As much as tells a message from a table.
const BEGINNING_BYTES: u64 = 256;
const BUFFER_BYTES: usize = 1 << 18;

/// A history file.
#[derive(Debug)]
pub(crate) struct InputFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    packing: Packing,
    format: Format,
}

/// What a history file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Parquet,
    Message,
}

/// Whether a history file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    /// Told by the first bytes: a name can be wrong.
    fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

impl Format {
    /// Told by the first bytes. A table begins with the name of a column, which begins no message.
    fn of(beginning: &[u8]) -> Self {
        if beginning.starts_with(b"PAR1") {
            Self::Parquet
        } else if detect(beginning).is_some() {
            Self::Message
        } else {
            Self::Csv
        }
    }
}

/// The content of a file that may be compressed.
///
/// # Errors
///
/// When the compression cannot be begun.
pub(crate) fn unpacked<'r>(
    file: impl Read + Send + 'r,
    packing: Packing,
) -> io::Result<Box<dyn Read + Send + 'r>> {
    let file = BufReader::with_capacity(BUFFER_BYTES, file);
    Ok(match packing {
        Packing::None => Box::new(file),
        Packing::Gzip => Box::new(MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
    })
}

/// What one core reads at a time.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Whole rows of a CSV file.
    Csv(Chunk),
    /// A message, which is read whole.
    Message(MessageFile),
    /// A row group of a Parquet file.
    RowGroup(Arc<ParquetFile>, usize),
    /// The hash of a file that was read to its end.
    End([u8; 32]),
    /// A file that is read a second time, for its hash.
    Unhashed(PathBuf),
}

/// The pieces of a file, in order.
pub(crate) type Pieces<'p> = Box<dyn Iterator<Item = io::Result<Piece>> + Send + 'p>;

/// A row that is read.
pub(crate) trait ReadRow<'r>: Cells<'r> {
    /// Whether it is known to share everything of the document with the row before it. A row that
    /// does and does not know it begins a fragment of its own, which costs a little and means the
    /// same.
    fn repeats_header(&self) -> bool;
}

/// Where rows go.
pub(crate) trait TakeRow {
    /// Takes the row of a line; `Ok(Err(_))` says why it is refused.
    ///
    /// # Errors
    ///
    /// When nothing more can be taken.
    fn take<'r>(&mut self, row: &impl ReadRow<'r>, line: u64) -> io::Result<Result<(), Fault>>;

    /// Is told the id of a document of which a row was lost before it could be taken: half of a
    /// document is none.
    fn lost(&mut self, document: &str);

    /// The numbers of the next rows stand for other cells than those of the rows before.
    fn renumbered(&mut self);
}

impl InputFile {
    /// The files that were named; a directory stands for the history files in it, in the order of
    /// their names.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or a directory has no history file or something that is not known to
    /// be one; with its path.
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
            // To open a pipe would wait for whoever writes into it.
            if !fs::metadata(path)?.is_file() {
                let reason = "no regular file; write it to one, since it is read more than once";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
            }
            let mut file = File::open(path)?;
            let mut beginning = Vec::new();
            file.by_ref().take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
            let packing = Packing::of(&beginning);
            if packing != Packing::None {
                beginning = beginning_inside(path, packing);
            }
            Ok((file.metadata()?.len(), packing, Format::of(&beginning)))
        };
        let (bytes, packing, format) = look().map_err(|source| (path.to_owned(), source))?;
        Ok(Self { path: path.to_owned(), bytes, packing, format })
    }

    /// The file as a message, whatever it is.
    pub(crate) fn message(&self) -> MessageFile {
        MessageFile { path: self.path.clone(), packing: self.packing }
    }

    /// Whether its documents stand whole in it, rather than row by row.
    pub(crate) fn is_message(&self) -> bool {
        self.format == Format::Message
    }

    /// The name without its directory, as the manifest has it.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// About how many rows the file has: exactly for Parquet, else from what a row usually takes.
    pub(crate) fn rows_about(&self) -> u64 {
        match (self.format, self.packing) {
            (Format::Csv | Format::Message, Packing::None) => self.bytes / 150,
            (Format::Csv | Format::Message, Packing::Gzip | Packing::Zstd) => self.bytes / 30,
            (Format::Parquet, _) => ParquetFile::open(&self.path).map_or(0, |file| file.rows()),
        }
    }

    /// The pieces of the file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub(crate) fn pieces<'p>(&self, progress: &'p dyn Progress) -> io::Result<Pieces<'p>> {
        if self.is_message() {
            return Ok(Box::new(std::iter::once(Ok(Piece::Message(self.message())))));
        }
        if self.format == Format::Parquet {
            let file = Arc::new(ParquetFile::open(&self.path)?);
            let groups = 0..file.row_groups();
            let groups = groups.map(move |group| Ok(Piece::RowGroup(Arc::clone(&file), group)));
            let hash = std::iter::once(Ok(Piece::Unhashed(self.path.clone())));
            return Ok(Box::new(groups.chain(hash)));
        }
        let hash = FileHash::default();
        let file = hash.of(File::open(&self.path)?, |bytes| progress.advance(bytes));
        let chunks = Chunks::new(unpacked(file, self.packing)?).map(|chunk| chunk.map(Piece::Csv));
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

/// How the content of a compressed file begins; as much as can be read of one that is damaged, which
/// is an error once it is read.
fn beginning_inside(path: &Path, packing: Packing) -> Vec<u8> {
    let mut beginning = Vec::new();
    let content = File::open(path).and_then(|file| unpacked(file, packing));
    if let Ok(content) = content {
        // What came before the damage tells what it is.
        drop(content.take(BEGINNING_BYTES).read_to_end(&mut beginning));
    }
    beginning
}

/// The history files of a directory.
///
/// Whatever is not known is an error: it may be the half of a history, and nothing else would tell.
fn inside(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut inside = Vec::new();
    let mut unknown = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if is_history(&path)? {
            inside.push(path);
        } else if !is_passed_over(&path) {
            unknown.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    if !unknown.is_empty() {
        unknown.sort();
        let count = unknown.len();
        unknown.truncate(NAMES_TOLD);
        let more = if count > NAMES_TOLD { ", …" } else { "" };
        let reason = format!(
            "{count} entries of this directory are no history files by their names and would not be \
             read: {}{more}; move them away, or name each file of the history",
            unknown.join(", ")
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    if inside.is_empty() {
        let reason = "no history file (.csv, .parquet, .txt, .xml, .json, .ndjson, .uke; also .gz \
                      and .zst) in this directory";
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    inside.sort();
    Ok(inside)
}

/// Whether an entry of a directory is a file with the name of a history file.
fn is_history(path: &Path) -> io::Result<bool> {
    let known = |name: &OsStr| EXTENSIONS.iter().any(|known| name.eq_ignore_ascii_case(known));
    let is_named = path.extension().is_some_and(known) && !is_passed_over(path);
    Ok(is_named && fs::metadata(path)?.is_file())
}

/// Whether an entry of a directory is known to be no history: hidden, about the files, or what a
/// conversion wrote beside its table.
fn is_passed_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_hidden = name.as_encoded_bytes().starts_with(b".");
    let stem = path.file_stem().unwrap_or_default();
    is_hidden || stem.eq_ignore_ascii_case("readme") || name == DEVIATIONS
}
