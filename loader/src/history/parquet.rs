//! Parquet files of history: the same columns as CSV, by name; text, or numbers and days as such.
//!
//! A core reads a row group at a time, a batch of rows at a time ([`batch`]), column by column
//! ([`column`]). Columns that are dictionaries in the file are read as such.

mod batch;
mod column;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{ConvertedType, Encoding};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use rustc_hash::FxHashSet;

use crate::csv_table::{self, FIELD_BYTES_MAX};
use crate::history::cells::column::DOCUMENT;
use crate::history::cells::{Cells, columns};
use crate::history::csv::Refused;
use crate::history::input::TakeRow;
use batch::{Batch, BatchRow};

const ROWS_A_BATCH: usize = 8192;

/// A file whose footer was read.
#[derive(Debug)]
pub(crate) struct ParquetFile {
    path: PathBuf,
    /// The footer, with texts as they are read where they have no dictionary.
    metadata: ArrowReaderMetadata,
    /// All columns.
    names: Vec<String>,
    /// What is wrong with the columns; nothing of the file is taken then.
    pub(crate) faults: Vec<String>,
}

impl ParquetFile {
    /// Reads the footer.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no Parquet file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        caught(|| Self::open_footer(path))
    }

    fn open_footer(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let written = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
        let written = written.map_err(io::Error::other)?;
        let fields = written.schema().fields();
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let asked: Vec<&str> = columns().collect();
        let mut faults = csv_table::columns_of(&names, &asked).err().unwrap_or_default();
        let read = fields.iter().filter(|field| asked.contains(&field.name().as_str()));
        faults.extend(read.filter(|field| !is_readable(field.data_type())).map(|field| {
            format!(
                "column {} is {}; text, whole numbers and days can be read",
                field.name(),
                field.data_type()
            )
        }));
        let fields: Vec<Field> = fields.iter().map(|field| as_read(field)).collect();
        let metadata = with_fields(&written, fields)?;
        Ok(Self { path: path.to_owned(), metadata, names, faults })
    }

    /// How many rows it has.
    pub(crate) fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// How many row groups it has; each is read by one core.
    pub(crate) fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Columns that nobody asked for.
    pub(crate) fn ignored(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str).filter(|name| !columns().any(|asked| asked == *name))
    }

    /// Compressed bytes of a row group.
    pub(crate) fn group_bytes(&self, group: usize) -> u64 {
        let groups = self.metadata.metadata().row_groups();
        let bytes = groups.get(group).map_or(0, RowGroupMetaData::compressed_size);
        u64::try_from(bytes).unwrap_or(0)
    }

    /// Hands every row of a group to `rows`; the line is the row's number in the file, from 1.
    ///
    /// # Errors
    ///
    /// When the file is damaged, or nothing more can be taken.
    pub(crate) fn read(
        &self,
        group: usize,
        rows: &mut impl TakeRow,
        refused: &mut Vec<Refused>,
    ) -> io::Result<u64> {
        if !self.faults.is_empty() {
            return Ok(0);
        }
        let before = self.metadata.metadata().row_groups().iter().take(group);
        let before: i64 = before.map(RowGroupMetaData::num_rows).sum();
        let mut line = u64::try_from(before).unwrap_or(0);
        let mut batches = caught(|| self.batches(group))?;
        let mut taken = 0;
        let mut batch = Batch::new();
        while let Some(read) = caught(|| batches.next().transpose().map_err(io::Error::other))? {
            if batch.take(&read)? {
                rows.renumbered();
            }
            for row in 0..batch.rows {
                line += 1;
                let fault = if let Some(column) = batch.too_long(row) {
                    rows.lost(BatchRow { batch: &batch, row }.cell(DOCUMENT));
                    let reason = format!("more than {FIELD_BYTES_MAX} bytes long");
                    Some((column.to_owned(), reason))
                } else {
                    let fault = rows.take(&BatchRow { batch: &batch, row }, line)?.err();
                    fault.map(|fault| (fault.column.to_owned(), fault.reason))
                };
                match fault {
                    None => taken += 1,
                    Some((column, reason)) => refused.push(Refused { line, column, reason }),
                }
            }
        }
        Ok(taken)
    }

    /// The batches of a group.
    fn batches(&self, group: usize) -> io::Result<ParquetRecordBatchReader> {
        // A clone of an open file would share its position with the other cores.
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            File::open(&self.path)?,
            self.of_group(group)?,
        );
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let builder = builder.with_projection(ProjectionMask::columns(schema, columns()));
        let batches = builder.with_row_groups(vec![group]).with_batch_size(ROWS_A_BATCH);
        batches.build().map_err(io::Error::other)
    }

    /// The footer for one group: texts that are dictionaries in it are read as such.
    fn of_group(&self, group: usize) -> io::Result<ArrowReaderMetadata> {
        let groups = self.metadata.metadata().row_groups();
        let chunks = groups.get(group).map_or(&[][..], RowGroupMetaData::columns);
        let dictionaries = chunks.iter().filter(|chunk| is_dictionary(chunk));
        let dictionaries: FxHashSet<&str> = dictionaries
            .filter_map(|chunk| match chunk.column_path().parts() {
                [name] => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let of = |field: &Arc<Field>| {
            let field = Field::clone(field);
            if *field.data_type() == DataType::Utf8View
                && dictionaries.contains(field.name().as_str())
            {
                let (keys, texts) = (Box::new(DataType::Int32), Box::new(DataType::Utf8));
                return field.with_data_type(DataType::Dictionary(keys, texts));
            }
            field
        };
        with_fields(&self.metadata, self.metadata.schema().fields().iter().map(of).collect())
    }
}

/// Does what the parquet crate does, which may panic at a damaged file. What it worked on is dropped then.
fn caught<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason");
        let reason = format!("the file is damaged: the reader gave up ({text})");
        Err(io::Error::new(io::ErrorKind::InvalidData, reason))
    })
}

/// The same footer, with other types for its columns.
fn with_fields(
    footer: &ArrowReaderMetadata,
    fields: Vec<Field>,
) -> io::Result<ArrowReaderMetadata> {
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), options);
    metadata.map_err(io::Error::other)
}

/// Whether every page of a column of texts refers to a dictionary. Where the file does not say so,
/// the dictionary would have to be made anew for each batch.
fn is_dictionary(chunk: &ColumnChunkMetaData) -> bool {
    let is_text = chunk.column_descr().converted_type() == ConvertedType::UTF8;
    let pages = chunk.page_encoding_stats_mask();
    is_text
        && chunk.dictionary_page_offset().is_some()
        && pages.is_some_and(|pages| {
            pages.is_only(Encoding::RLE_DICTIONARY) || pages.is_only(Encoding::PLAIN_DICTIONARY)
        })
}

fn is_readable(data: &DataType) -> bool {
    let value = if let DataType::Dictionary(_, value) = data { value } else { data };
    matches!(
        value,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Null
            | DataType::Date32
    ) || value.is_integer()
}

/// The field with the type as which its column is read: texts as views, so that none is copied for
/// each row; a dictionary as its values.
fn as_read(field: &Field) -> Field {
    let value = if let DataType::Dictionary(_, value) = field.data_type() {
        value
    } else {
        field.data_type()
    };
    if matches!(value, DataType::Utf8 | DataType::LargeUtf8) {
        return field.clone().with_data_type(DataType::Utf8View);
    }
    if is_readable(field.data_type()) {
        return field.clone().with_data_type(value.clone());
    }
    field.clone()
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;

    use super::*;
    use crate::history::input::ReadRow;
    use crate::problem::Fault;

    /// Takes every row.
    struct All;

    impl TakeRow for All {
        fn take<'r>(&mut self, _: &impl ReadRow<'r>, _: u64) -> io::Result<Result<(), Fault>> {
            Ok(Ok(()))
        }

        fn lost(&mut self, _: &str) {}

        fn renumbered(&mut self) {}
    }

    fn file() -> Vec<u8> {
        let cells: ArrayRef = Arc::new(StringArray::from(vec!["1"; 3]));
        let columns = columns().map(|name| (name, Arc::clone(&cells)));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes
    }

    /// How many rows a file has, or why it cannot be read.
    fn read(path: &Path, bytes: &[u8]) -> io::Result<u64> {
        std::fs::write(path, bytes)?;
        ParquetFile::open(path)?.read(0, &mut All, &mut Vec::new())
    }

    #[test]
    fn a_damage_that_the_reader_panics_at_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("damaged.parquet");
        let whole = file();
        assert_eq!(read(&path, &whole).unwrap(), 3);
        // The lowest bit of a number in the footer is its sign, and the reader relies on lengths.
        let (before, footer) = whole.split_at(whole.len() - 8);
        let length = u32::from_le_bytes(*footer.first_chunk().unwrap());
        let first = before.len() - usize::try_from(length).unwrap();
        let is_caught = |position: usize| {
            let mut damaged = whole.clone();
            damaged[position] ^= 1;
            let error = read(&path, &damaged).err();
            error.is_some_and(|error| error.to_string().contains("the reader gave up"))
        };
        assert!((first..before.len()).any(is_caught), "no damage makes the reader panic");
    }
}
