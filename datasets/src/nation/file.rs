//! History files: runs of patients made on all cores and written in their order.
//!
//! A run has a fixed number of patients, so that neither the machine nor its number of cores
//! decides where a row group, a gzip member or a zstd frame ends.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression as GzipLevel;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::nation::batch::Batch;
use crate::nation::columns::Columns;
use crate::nation::life::{Life, Scratch};
use crate::nation::{Nation, text};

/// The runs of every file that is written in earnest.
pub(super) const RUNS: Runs = Runs { group: 106_496, piece: 8_192 };
/// Lines that become columns at once: few enough to stay in a core's cache.
const LINES_A_BATCH: usize = 16_384;
/// Runs that are held in memory at once, whatever the number of cores.
const RUNS_MAX: usize = 8;
/// The dictionary of a column may be as large as the numbers of a million rows need.
const DICTIONARY_BYTES: usize = 8 << 20;
/// Short enough that what is encoded page by page stays small.
const ROWS_A_PAGE: usize = 65_536;
/// Columns whose values hardly recur outside of their document.
const PLAIN: [&str; 2] = ["document", "prescription"];
const LEVEL: i32 = 1;

/// How history files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// CSV as it is.
    Csv,
    /// CSV under gzip, of several members.
    CsvGzip,
    /// CSV under zstd, of several frames.
    CsvZstd,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::CsvGzip => "csv.gz",
            Self::CsvZstd => "csv.zst",
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Patients.
    pub patients: u64,
    /// Documents of all kinds and states.
    pub documents: u64,
    /// Drug lines, which are the rows.
    pub lines: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// How many patients are made in one go, whatever the machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs {
    /// Patients of a row group: about a million rows.
    pub(super) group: u64,
    /// Patients of a piece of CSV: some 75,000 rows.
    pub(super) piece: u64,
}

/// Documents and lines of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    documents: u64,
    lines: u64,
}

pub(super) fn write(
    nation: &Nation,
    dir: &Path,
    format: Format,
    files: u32,
    runs: Runs,
    advance: impl Fn(u64) + Sync,
) -> io::Result<Totals> {
    fs::create_dir_all(dir)?;
    let mut totals = Totals { patients: nation.patients, ..Totals::default() };
    let count = u64::from(files.max(1));
    let start = |file: u64| {
        let start = u128::from(nation.patients) * u128::from(file) / u128::from(count);
        u64::try_from(start).unwrap_or(u64::MAX)
    };
    let columns = (format == Format::Parquet).then(|| Columns::of(nation));
    for file in 0..count {
        let path = dir.join(format!("history-{file:05}.{}", format.extension()));
        let out = BufWriter::with_capacity(1 << 20, File::create_new(&path)?);
        let patients = start(file)..start(file + 1);
        let made = match &columns {
            Some(_) => split(patients, runs.group),
            None => split(patients, runs.piece),
        };
        let written = match &columns {
            Some(columns) => write_parquet(nation, columns, &made, out, &advance)?,
            None => write_csv(nation, format, &made, out, &advance)?,
        };
        totals.documents += written.documents;
        totals.lines += written.lines;
        totals.bytes += fs::metadata(&path)?.len();
        totals.files.push(path);
    }
    Ok(totals)
}

/// Patients as runs of so many.
fn split(patients: Range<u64>, a_run: u64) -> Vec<Range<u64>> {
    let starts = patients.clone().step_by(usize::try_from(a_run).unwrap_or(usize::MAX));
    starts.map(|start| start..(start + a_run).min(patients.end)).collect()
}

/// Makes runs of patients on all cores and hands them to `take` in their order.
fn in_order<T: Send>(
    runs: &[Range<u64>],
    make: impl Fn(usize, Range<u64>) -> io::Result<T> + Sync,
    mut take: impl FnMut(T) -> io::Result<()>,
) -> io::Result<()> {
    let runs: Vec<_> = runs.iter().enumerate().collect();
    for wave in runs.chunks(RUNS_MAX.min(2 * rayon::current_num_threads())) {
        let results = wave.par_iter().map(|(number, run)| make(*number, (*run).clone()));
        for run in results.collect::<io::Result<Vec<_>>>()? {
            take(run)?;
        }
    }
    Ok(())
}

/// Makes the patients of a run and hands them on in batches.
fn in_batches(
    nation: &Nation,
    patients: Range<u64>,
    advance: &(impl Fn(u64) + Sync),
    mut take: impl FnMut(&Batch) -> io::Result<()>,
) -> io::Result<Counts> {
    let (mut batch, mut scratch) = (Batch::default(), Scratch::default());
    let (mut counts, mut since) = (Counts::default(), 0);
    let last = patients.end.saturating_sub(1);
    for ordinal in patients {
        Life::live(nation, ordinal, &mut batch, &mut scratch);
        since += 1;
        if batch.lines.len() >= LINES_A_BATCH || ordinal == last {
            take(&batch)?;
            counts.documents += u64::try_from(batch.entries.len()).unwrap_or_default();
            counts.lines += u64::try_from(batch.lines.len()).unwrap_or_default();
            batch.clear();
            advance(std::mem::take(&mut since));
        }
    }
    Ok(counts)
}

fn write_csv(
    nation: &Nation,
    format: Format,
    runs: &[Range<u64>],
    mut out: impl Write,
    advance: &(impl Fn(u64) + Sync),
) -> io::Result<Counts> {
    out.write_all(&pack(format, text::header().into_bytes())?)?;
    let mut total = Counts::default();
    let make = |_, run| {
        let mut piece = vec![];
        let counts = in_batches(nation, run, advance, |batch| {
            text::append(nation, batch, &mut piece);
            Ok(())
        })?;
        Ok((pack(format, piece)?, counts))
    };
    in_order(runs, make, |(piece, counts)| {
        total.add(counts);
        out.write_all(&piece)
    })?;
    out.flush()?;
    Ok(total)
}

/// A piece as it stands in the file. Members of gzip and frames of zstd may follow each other.
fn pack(format: Format, piece: Vec<u8>) -> io::Result<Vec<u8>> {
    match format {
        Format::CsvGzip => {
            let mut encoder = GzEncoder::new(vec![], GzipLevel::fast());
            encoder.write_all(&piece)?;
            encoder.finish()
        }
        Format::CsvZstd => zstd::encode_all(piece.as_slice(), LEVEL),
        Format::Csv | Format::Parquet => Ok(piece),
    }
}

fn write_parquet(
    nation: &Nation,
    columns: &Columns,
    runs: &[Range<u64>],
    out: impl Write + Send,
    advance: &(impl Fn(u64) + Sync),
) -> io::Result<Counts> {
    let schema = ArrowSchemaConverter::new().schema_root("history").convert(&columns.schema)?;
    let properties = Arc::new(properties()?);
    let mut writer = SerializedFileWriter::new(out, schema.root_schema_ptr(), properties)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&columns.schema));
    let mut total = Counts::default();
    let make = |number, run| {
        let mut group = factory.create_column_writers(number)?;
        let counts = in_batches(nation, run, advance, |batch| encode(columns, batch, &mut group))?;
        let chunks = group.into_iter().map(ArrowColumnWriter::close);
        Ok((chunks.collect::<Result<Vec<ArrowColumnChunk>, _>>()?, counts))
    };
    in_order(runs, make, |(chunks, counts)| {
        total.add(counts);
        let mut group = writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    })?;
    writer.into_inner()?.flush()?;
    Ok(total)
}

fn encode(columns: &Columns, batch: &Batch, group: &mut [ArrowColumnWriter]) -> io::Result<()> {
    let arrays = columns.arrays(batch)?;
    for ((field, array), writer) in columns.schema.fields().iter().zip(&arrays).zip(group) {
        for leaf in compute_leaves(field, array)? {
            writer.write(&leaf)?;
        }
    }
    Ok(())
}

fn properties() -> io::Result<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("chofuku ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(ColumnPath::from("date"), EnabledStatistics::Chunk)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_data_page_row_count_limit(ROWS_A_PAGE);
    for column in PLAIN.map(ColumnPath::from) {
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::PLAIN);
    }
    Ok(properties.build())
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.lines += other.lines;
    }
}
