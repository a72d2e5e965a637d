//! Some thousand rows of a row group, column by column.

use std::io;

use arrow_array::RecordBatch;

use super::column::Column;
use crate::csv_table::FIELD_BYTES_MAX;
use crate::history::cells::{Cells, HEADER_COLUMNS, columns, trimmed};
use crate::history::input::ReadRow;

/// The batch of a row group that is read now. It is used again for the next batch, so that the
/// numbers of its columns last as long as their dictionaries do.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) rows: usize,
    /// In the order of [`columns`].
    columns: Vec<Column>,
    /// By row: 0 where it shares everything of the document with the row before it.
    differs: Vec<u32>,
    /// Columns in which any row may be too long.
    long_columns: Vec<(usize, &'static str)>,
    is_first: bool,
}

impl Batch {
    /// The batch before the first one of a row group.
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            columns: columns().map(|_| Column::default()).collect(),
            differs: Vec::new(),
            long_columns: Vec::new(),
            is_first: true,
        }
    }

    /// Takes the next rows; says whether their numbers are others than those of the rows before.
    ///
    /// # Errors
    ///
    /// When a column came as a type that it was not asked for as.
    pub(super) fn take(&mut self, batch: &RecordBatch) -> io::Result<bool> {
        self.rows = batch.num_rows();
        let mut renumbered = std::mem::take(&mut self.is_first);
        for (column, name) in self.columns.iter_mut().zip(columns()) {
            renumbered |= column.take(batch.column_by_name(name), self.rows)?;
        }
        self.differs.clear();
        self.differs.resize(self.rows, 0);
        if let Some(first) = self.differs.first_mut() {
            *first = 1;
        }
        for column in self.columns.iter().take(HEADER_COLUMNS.len()) {
            column.compare_rows(&mut self.differs);
        }
        let long = self.columns.iter().zip(columns()).enumerate();
        let long = long.filter(|(_, (column, _))| column.any_too_long());
        self.long_columns = long.map(|(position, (_, name))| (position, name)).collect();
        Ok(renumbered)
    }

    /// The first column in which the row is too long.
    pub(super) fn too_long(&self, row: usize) -> Option<&'static str> {
        let mut columns = self.long_columns.iter();
        columns.find(|(column, _)| self.text(*column, row).len() > FIELD_BYTES_MAX).map(|it| it.1)
    }

    fn text(&self, column: usize, row: usize) -> &str {
        self.columns.get(column).map_or("", |column| column.text(row))
    }
}

/// A row of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchRow<'b> {
    pub(super) batch: &'b Batch,
    pub(super) row: usize,
}

impl<'b> Cells<'b> for BatchRow<'b> {
    fn cell(&self, column: usize) -> &'b str {
        trimmed(self.batch.text(column, self.row))
    }

    #[inline]
    fn numbers<const N: usize>(&self, columns: [usize; N]) -> Option<[u32; N]> {
        let mut numbers = [0; N];
        for (number, column) in numbers.iter_mut().zip(columns) {
            *number = self.batch.columns.get(column)?.number(self.row)?;
        }
        Some(numbers)
    }
}

impl<'b> ReadRow<'b> for BatchRow<'b> {
    fn repeats_header(&self) -> bool {
        self.batch.differs.get(self.row) == Some(&0)
    }
}
