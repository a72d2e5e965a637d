//! History files read as rows of text, independent of the loader: CSV, and Parquet by column name.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Rows of a batch of Parquet.
const BATCH_ROWS: usize = 16_384;

/// The columns, in the order of the cells of a [`Row`].
pub const COLUMNS: [&str; 23] = [
    "document",
    "kind",
    "setting",
    "insurer",
    "symbol",
    "number",
    "branch",
    "patient_id",
    "date",
    "institution",
    "pharmacy",
    "prescription",
    "refill_uses",
    "refill_use",
    "rp",
    "drug_system",
    "drug_code",
    "drug_name",
    "form",
    "quantity",
    "usage",
    "usage_supplements",
    "status",
];

/// A row of a history file: the text of each cell.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r>(pub [&'r str; 23]);

macro_rules! cells {
    ($($(#[$doc:meta])* $name:ident = $position:literal,)*) => {
        impl<'r> Row<'r> {
            $($(#[$doc])*
            pub fn $name(&self) -> &'r str {
                let [.., last] = self.0;
                self.0.get($position).copied().unwrap_or(last)
            })*
        }
    };
}

cells! {
    /// The document's id.
    document = 0,
    /// `prescription`, `dispensing` or `in_house`.
    kind = 1,
    /// Of an `in_house` document.
    setting = 2,
    /// The day of the document.
    date = 8,
    /// Who issued it.
    institution = 9,
    /// Who dispensed it.
    pharmacy = 10,
    /// The prescription that a dispensing result names.
    prescription = 11,
    /// Total uses of a refill.
    refill_uses = 12,
    /// Which use a dispensing result is.
    refill_use = 13,
    /// RP number.
    rp = 14,
    /// The system of the drug's code.
    drug_system = 15,
    /// The drug's code.
    drug_code = 16,
    /// The drug's name as written.
    drug_name = 17,
    /// Dosage form.
    form = 18,
    /// The quantity as written.
    quantity = 19,
    /// Usage code.
    usage = 20,
    /// Supplement codes.
    usage_supplements = 21,
    /// Empty or `cancelled`.
    status = 22,
}

impl<'r> Row<'r> {
    /// Insurer, symbol, number, branch, and an opaque id.
    pub fn patient(&self) -> [&'r str; 5] {
        let [_, _, _, insurer, symbol, number, branch, id, ..] = self.0;
        [insurer, symbol, number, branch, id]
    }
}

/// Calls `take` with each row of the files. Of Parquet, `sparsely` takes only each so-manieth row
/// group; of CSV, each so-manieth file.
///
/// # Errors
///
/// When a file cannot be read, lacks a column, or `take` fails.
pub fn read(
    paths: &[PathBuf],
    sparsely: usize,
    mut take: impl FnMut(Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for (position, path) in paths.iter().enumerate() {
        let place = || path.display().to_string();
        if is_parquet(path) {
            read_parquet(path, sparsely, &mut take).with_context(place)?;
        } else if position.is_multiple_of(sparsely) {
            read_csv(path, &mut take).with_context(place)?;
        }
    }
    Ok(())
}

/// Whether a file is Parquet, by its name.
pub fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "parquet")
}

fn read_csv(
    path: &Path,
    take: &mut impl FnMut(Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_path(path)?;
    let headers = reader.headers()?.clone();
    let positions = positions(|wanted| headers.iter().position(|name| name == wanted))?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        take(Row(positions.map(|position| record.get(position).unwrap_or_default())))?;
    }
    Ok(())
}

fn positions(find: impl Fn(&str) -> Option<usize>) -> anyhow::Result<[usize; 23]> {
    let mut positions = [0; 23];
    for (place, wanted) in positions.iter_mut().zip(COLUMNS) {
        *place = find(wanted).with_context(|| format!("there is no column {wanted}"))?;
    }
    Ok(positions)
}

fn read_parquet(
    path: &Path,
    sparsely: usize,
    take: &mut impl FnMut(Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let groups = (0..reader.metadata().num_row_groups()).step_by(sparsely).collect();
    for batch in reader.with_row_groups(groups).with_batch_size(BATCH_ROWS).build()? {
        let batch = batch?;
        let schema = batch.schema();
        let positions = positions(|wanted| schema.index_of(wanted).ok())?;
        let columns = positions.map(|position| Column::of(&batch, position));
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            cells.push(column?);
        }
        for row in 0..batch.num_rows() {
            let mut texts = [""; 23];
            for (text, column) in texts.iter_mut().zip(&cells) {
                *text = column.cell(row);
            }
            take(Row(texts))?;
        }
    }
    Ok(())
}

/// A column as texts, whatever its type.
enum Column<'b> {
    Text(&'b arrow_array::StringArray),
    Made(Vec<String>),
}

impl<'b> Column<'b> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "no history has such columns")]
    fn of(batch: &'b RecordBatch, position: usize) -> anyhow::Result<Self> {
        let array = batch.column(position);
        let made = |text: &dyn Fn(usize) -> String| {
            let text = |row| if array.is_null(row) { String::new() } else { text(row) };
            Self::Made((0..array.len()).map(text).collect())
        };
        let column = match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string::<i32>()),
            DataType::LargeUtf8 => {
                let texts = array.as_string::<i64>();
                made(&|row| texts.value(row).to_owned())
            }
            DataType::Utf8View => {
                let texts = array.as_string_view();
                made(&|row| texts.value(row).to_owned())
            }
            DataType::Int32 => {
                let numbers = array.as_primitive::<Int32Type>();
                made(&|row| numbers.value(row).to_string())
            }
            DataType::Int64 => {
                let numbers = array.as_primitive::<Int64Type>();
                made(&|row| numbers.value(row).to_string())
            }
            DataType::Date32 => {
                let days = array.as_primitive::<Date32Type>();
                made(&|row| chofuku_engine::Day::from_number(days.value(row)).to_string())
            }
            other => bail!("a column of type {other} is not understood"),
        };
        Ok(column)
    }

    fn cell(&self, row: usize) -> &str {
        match self {
            Self::Text(texts) if texts.is_null(row) => "",
            Self::Text(texts) => texts.value(row),
            Self::Made(texts) => texts.get(row).map_or("", String::as_str),
        }
    }
}

/// How many rows the files hold, read and parsed and no more: what a compile can at best cost.
///
/// # Errors
///
/// When a file cannot be read.
pub fn parse_only(paths: &[PathBuf]) -> anyhow::Result<u64> {
    let mut rows = 0_u64;
    for path in paths {
        if is_parquet(path) {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
            for batch in reader.with_batch_size(BATCH_ROWS).build()? {
                rows += u64::try_from(batch?.num_rows())?;
            }
        } else {
            let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_path(path)?;
            let mut record = csv::ByteRecord::new();
            while reader.read_byte_record(&mut record)? {
                rows += 1;
            }
        }
    }
    Ok(rows)
}

/// How large the files are together.
///
/// # Errors
///
/// When one is missing.
pub fn total_bytes(paths: &[PathBuf]) -> anyhow::Result<u64> {
    let mut sum = 0;
    for path in paths {
        sum += path.metadata().with_context(|| path.display().to_string())?.len();
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use chofuku_datasets::nation::Format;

    use super::*;
    use crate::nation::Nation;

    #[test]
    fn parquet_and_csv_give_the_same_rows() {
        let folder = tempfile::tempdir().unwrap();
        let formats = [Format::Csv, Format::Parquet];
        let nation = Nation::generate(folder.path(), 200, 1, &formats).unwrap();
        let rows = |paths: &[PathBuf]| {
            let mut rows = Vec::new();
            read(paths, 1, |row| {
                rows.push(row.0.map(str::to_owned));
                Ok(())
            })
            .unwrap();
            rows
        };
        let csv = rows(&nation.csv);
        assert!(csv.len() > 200);
        assert_eq!(csv, rows(&nation.parquet));
        assert_eq!(parse_only(&nation.csv).unwrap(), parse_only(&nation.parquet).unwrap());
    }
}
