//! Parquet files of history: the same columns as CSV, by name; text, or numbers and days as such.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType, RecordBatch, StringViewArray};
use arrow_schema::{DataType, Field, Schema};
use chofuku_engine::Day;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;

use crate::csv_table::{self, FIELD_BYTES_MAX};
use crate::history::cells::{HEADER_COLUMNS, HeaderCells, LineCells, columns};
use crate::history::csv::Refused;
use crate::history::input::{ReadRow, TakeRow};

const ROWS_A_BATCH: usize = 8192;

/// A file whose footer was read.
#[derive(Debug)]
pub(crate) struct ParquetFile {
    path: PathBuf,
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
        // Texts as views: a value that stands in a dictionary is not copied for each row.
        let fields: Vec<Field> = fields.iter().map(|field| as_view(field)).collect();
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(io::Error::other)?;
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
        // A clone of an open file would share its position with the other cores.
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            File::open(&self.path)?,
            self.metadata.clone(),
        );
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let batches = builder
            .with_projection(ProjectionMask::columns(schema, columns()))
            .with_row_groups(vec![group])
            .with_batch_size(ROWS_A_BATCH)
            .build()
            .map_err(io::Error::other)?;
        let mut taken = 0;
        for batch in batches {
            let batch = batch.map_err(io::Error::other)?;
            let batch = Batch::new(&batch);
            for row in 0..batch.rows {
                line += 1;
                let fault = if let Some(column) = batch.too_long(row) {
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

fn as_view(field: &Field) -> Field {
    let value = if let DataType::Dictionary(_, value) = field.data_type() {
        value
    } else {
        field.data_type()
    };
    if matches!(value, DataType::Utf8 | DataType::LargeUtf8) {
        return field.clone().with_data_type(DataType::Utf8View);
    }
    field.clone()
}

/// The values of a column as text; a missing one is empty.
enum Texts<'b> {
    Views(&'b StringViewArray),
    /// Numbers and days, each distinct one written once.
    Written {
        texts: Vec<String>,
        rows: Vec<usize>,
    },
    Nothing,
}

impl Texts<'_> {
    fn at(&self, row: usize) -> &str {
        match self {
            Self::Views(views) if views.is_valid(row) => views.value(row),
            Self::Written { texts, rows } => {
                let text = rows.get(row).and_then(|text| texts.get(*text));
                text.map_or("", String::as_str)
            }
            Self::Views(_) | Self::Nothing => "",
        }
    }

    /// Takes the mark from every row that has another text than the row before it.
    fn compare_rows(&self, same: &mut [bool]) {
        let views = if let Self::Views(views) = self { views.views().as_ref() } else { &[] };
        for (row, same) in same.iter_mut().enumerate().skip(1).filter(|(_, same)| **same) {
            // Equal views are equal texts; a null's view says nothing.
            let equal = match self {
                Self::Views(texts) => {
                    views.get(row) == views.get(row - 1)
                        && texts.is_valid(row) == texts.is_valid(row - 1)
                }
                Self::Written { rows, .. } => rows.get(row) == rows.get(row - 1),
                Self::Nothing => true,
            };
            *same = equal || self.at(row) == self.at(row - 1);
        }
    }

    fn any_too_long(&self) -> bool {
        // The low half of a view's low half is the length of its text.
        let length =
            |view: &u128| usize::try_from(view & u128::from(u32::MAX)).unwrap_or(usize::MAX);
        match self {
            Self::Views(texts) => texts.views().iter().any(|view| length(view) > FIELD_BYTES_MAX),
            Self::Written { .. } | Self::Nothing => false,
        }
    }
}

/// Some thousand rows, column by column.
struct Batch<'b> {
    rows: usize,
    /// In the order of [`columns`].
    columns: Vec<Texts<'b>>,
    /// By row: whether it shares everything of the document with the row before it.
    repeats_header: Vec<bool>,
    /// Columns in which any row is too long.
    long_columns: Vec<(usize, &'static str)>,
}

impl<'b> Batch<'b> {
    fn new(batch: &'b RecordBatch) -> Self {
        let rows = batch.num_rows();
        let of = |name| batch.column_by_name(name).map_or(Texts::Nothing, texts);
        let columns: Vec<Texts<'b>> = columns().map(of).collect();
        let mut repeats_header = vec![true; rows];
        if let Some(first) = repeats_header.first_mut() {
            *first = false;
        }
        for texts in columns.iter().take(HEADER_COLUMNS.len()) {
            texts.compare_rows(&mut repeats_header);
        }
        let long = columns.iter().zip(self::columns()).enumerate();
        let long = long.filter(|(_, (texts, _))| texts.any_too_long());
        let long_columns = long.map(|(column, (_, name))| (column, name)).collect();
        Self { rows, columns, repeats_header, long_columns }
    }

    fn at(&self, column: usize, row: usize) -> &str {
        self.columns.get(column).map_or("", |texts| texts.at(row))
    }

    /// The first column in which the row is too long.
    fn too_long(&self, row: usize) -> Option<&'static str> {
        let mut columns = self.long_columns.iter();
        columns.find(|(column, _)| self.at(*column, row).len() > FIELD_BYTES_MAX).map(|long| long.1)
    }
}

/// A row of a batch.
struct BatchRow<'b> {
    batch: &'b Batch<'b>,
    row: usize,
}

impl ReadRow for BatchRow<'_> {
    fn repeats_header(&self) -> bool {
        self.batch.repeats_header.get(self.row) == Some(&true)
    }

    fn header(&self) -> HeaderCells<'_> {
        HeaderCells::new(|column| self.batch.at(column, self.row))
    }

    fn line(&self) -> LineCells<'_> {
        LineCells::new(|column| self.batch.at(HEADER_COLUMNS.len() + column, self.row))
    }
}

fn texts(array: &Arc<dyn Array>) -> Texts<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "`is_readable` refused every other type")]
    match array.data_type() {
        DataType::Utf8View => Texts::Views(array.as_string_view()),
        DataType::Date32 => written::<Date32Type>(array, |day| Day::from_number(day).to_string()),
        DataType::Int8 => written::<Int8Type>(array, |number| number.to_string()),
        DataType::Int16 => written::<Int16Type>(array, |number| number.to_string()),
        DataType::Int32 => written::<Int32Type>(array, |number| number.to_string()),
        DataType::Int64 => written::<Int64Type>(array, |number| number.to_string()),
        DataType::UInt8 => written::<UInt8Type>(array, |number| number.to_string()),
        DataType::UInt16 => written::<UInt16Type>(array, |number| number.to_string()),
        DataType::UInt32 => written::<UInt32Type>(array, |number| number.to_string()),
        DataType::UInt64 => written::<UInt64Type>(array, |number| number.to_string()),
        _ => Texts::Nothing,
    }
}

fn written<T: ArrowPrimitiveType>(
    array: &Arc<dyn Array>,
    write: impl Fn(T::Native) -> String,
) -> Texts<'_>
where
    T::Native: std::hash::Hash + Eq,
{
    let array = array.as_primitive::<T>();
    let mut texts = vec![String::new()];
    let mut known: HashMap<T::Native, usize> = HashMap::new();
    let mut rows = Vec::with_capacity(array.len());
    for value in array {
        let Some(value) = value else {
            rows.push(0);
            continue;
        };
        rows.push(*known.entry(value).or_insert_with(|| {
            texts.push(write(value));
            texts.len() - 1
        }));
    }
    Texts::Written { texts, rows }
}
