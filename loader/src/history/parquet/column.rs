//! The cells of one column of a row group, as texts and, wherever the file allows it, as numbers.
//!
//! A column that is a dictionary in the file stays one: its cells are positions in the dictionary,
//! which is decoded once for the whole row group. Numbers and days are written as text once for each
//! distinct value. Only texts without a dictionary, such as ids, are fetched row by row.

use std::io;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, StringArray, StringViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use chofuku_engine::Day;
use rustc_hash::FxHashMap;

use crate::csv_table::FIELD_BYTES_MAX;

/// Written numbers above this are forgotten before the next batch.
const WRITTEN_MAX: usize = 1 << 16;

/// A column; a missing cell is empty.
#[derive(Debug, Default)]
pub(super) struct Column {
    texts: Texts,
    /// By row: 0 for a missing cell, else 1 more than the position of its text. Empty where texts
    /// have no numbers.
    numbers: Vec<u32>,
    /// Whether any text may be too long.
    long: bool,
}

#[derive(Debug, Default)]
enum Texts {
    #[default]
    Nothing,
    /// By row.
    Views(StringViewArray),
    /// By number: the dictionary as the file has it, and as texts.
    Dictionary(ArrayRef, StringArray),
    /// By number.
    Written(Written),
}

/// Numbers and days as text.
#[derive(Debug, Default)]
struct Written {
    texts: Vec<String>,
    known: FxHashMap<i128, u32>,
}

impl Column {
    /// Takes the next rows; says whether their numbers are others than those of the rows before.
    ///
    /// # Errors
    ///
    /// When the column came as a type that it was not asked for as.
    pub(super) fn take(&mut self, array: Option<&ArrayRef>, rows: usize) -> io::Result<bool> {
        self.numbers.clear();
        let present = |array: &&ArrayRef| {
            array.null_count() < array.len() && *array.data_type() != DataType::Null
        };
        let Some(array) = array.filter(present) else {
            // A missing cell has the same number in every numbering.
            self.numbers.resize(rows, 0);
            return Ok(false);
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "every other type was refused")]
        let renumbered = match array.data_type() {
            DataType::Utf8View => self.take_views(array.as_string_view()),
            DataType::Dictionary(..) => return self.take_dictionary(array, rows),
            DataType::Date32 => {
                self.take_numbers::<Date32Type>(array, |day| Day::from_number(day).to_string())
            }
            DataType::Int8 => self.take_numbers::<Int8Type>(array, |number| number.to_string()),
            DataType::Int16 => self.take_numbers::<Int16Type>(array, |number| number.to_string()),
            DataType::Int32 => self.take_numbers::<Int32Type>(array, |number| number.to_string()),
            DataType::Int64 => self.take_numbers::<Int64Type>(array, |number| number.to_string()),
            DataType::UInt8 => self.take_numbers::<UInt8Type>(array, |number| number.to_string()),
            DataType::UInt16 => self.take_numbers::<UInt16Type>(array, |number| number.to_string()),
            DataType::UInt32 => self.take_numbers::<UInt32Type>(array, |number| number.to_string()),
            DataType::UInt64 => self.take_numbers::<UInt64Type>(array, |number| number.to_string()),
            other => return Err(unasked(other)),
        };
        Ok(renumbered)
    }

    fn take_views(&mut self, views: &StringViewArray) -> bool {
        // The low half of a view's low half is the length of its text.
        let length =
            |view: &u128| usize::try_from(view & u128::from(u32::MAX)).unwrap_or(usize::MAX);
        self.long = views.views().iter().any(|view| length(view) > FIELD_BYTES_MAX);
        self.texts = Texts::Views(views.clone());
        false
    }

    fn take_dictionary(&mut self, array: &ArrayRef, rows: usize) -> io::Result<bool> {
        let dictionary = array.as_dictionary_opt::<Int32Type>();
        let texts = dictionary.and_then(|it| Some((it, it.values().as_string_opt::<i32>()?)));
        let (dictionary, texts) = texts.ok_or_else(|| unasked(array.data_type()))?;
        // Keys were compared with the dictionary when they were read: none is negative.
        let number = |key: &i32| u32::try_from(*key).map_or(0, |key| key + 1);
        let keys = dictionary.keys().values();
        number_rows(&mut self.numbers, dictionary.nulls(), rows, |row| {
            keys.get(row).map_or(0, number)
        });
        if let Texts::Dictionary(known, _) = &self.texts
            && ArrayRef::ptr_eq(known, dictionary.values())
        {
            return Ok(false);
        }
        self.long = texts.offsets().lengths().any(|length| length > FIELD_BYTES_MAX);
        self.texts = Texts::Dictionary(ArrayRef::clone(dictionary.values()), texts.clone());
        Ok(true)
    }

    fn take_numbers<T: ArrowPrimitiveType>(
        &mut self,
        array: &ArrayRef,
        write: impl Fn(T::Native) -> String,
    ) -> bool
    where
        i128: From<T::Native>,
    {
        let mut renumbered = false;
        if !matches!(&self.texts, Texts::Written(written) if written.texts.len() < WRITTEN_MAX) {
            self.texts = Texts::Written(Written::default());
            renumbered = true;
        }
        let Texts::Written(Written { texts, known }) = &mut self.texts else { return renumbered };
        let array = array.as_primitive::<T>();
        let values = array.values();
        let mut last = None;
        let number = |row: usize| {
            let Some(value) = values.get(row).copied() else { return 0 };
            if let Some((before, number)) = last
                && before == value
            {
                return number;
            }
            let number = *known.entry(i128::from(value)).or_insert_with(|| {
                texts.push(write(value));
                u32::try_from(texts.len()).unwrap_or(u32::MAX)
            });
            last = Some((value, number));
            number
        };
        number_rows(&mut self.numbers, array.nulls(), array.len(), number);
        renumbered
    }

    /// The number of a row's text, if texts have numbers.
    #[inline]
    pub(super) fn number(&self, row: usize) -> Option<u32> {
        self.numbers.get(row).copied()
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> &str {
        let Some(number) = self.numbers.get(row) else {
            return match &self.texts {
                Texts::Views(views) if row < views.len() && views.is_valid(row) => views.value(row),
                Texts::Nothing | Texts::Views(_) | Texts::Dictionary(..) | Texts::Written(_) => "",
            };
        };
        let position = number.checked_sub(1).and_then(|number| usize::try_from(number).ok());
        let Some(position) = position else { return "" };
        match &self.texts {
            Texts::Dictionary(_, texts) if position < texts.len() => texts.value(position),
            Texts::Written(written) => written.texts.get(position).map_or("", String::as_str),
            Texts::Nothing | Texts::Views(_) | Texts::Dictionary(..) => "",
        }
    }

    /// Marks every row that has another text than the row before it.
    pub(super) fn compare_rows(&self, differs: &mut [u32]) {
        if let [_, behind @ ..] = self.numbers.as_slice() {
            let pairs = self.numbers.iter().zip(behind);
            let marks = differs.get_mut(1..).unwrap_or_default();
            // No branch and one width: many rows are compared at once.
            for (mark, (one, other)) in marks.iter_mut().zip(pairs) {
                *mark |= one ^ other;
            }
            return;
        }
        let Texts::Views(texts) = &self.texts else { return };
        let views = texts.views();
        let pairs = views.iter().zip(views.iter().skip(1)).enumerate();
        let marks = differs.iter_mut().skip(1);
        for (mark, (row, (one, other))) in marks.zip(pairs).filter(|(mark, _)| **mark == 0) {
            // Equal views are equal texts; a null's view says nothing.
            let equal = one == other && texts.is_valid(row) == texts.is_valid(row + 1);
            if !equal && self.text(row) != self.text(row + 1) {
                *mark = 1;
            }
        }
    }

    /// Whether the text of any row may be too long.
    pub(super) fn any_too_long(&self) -> bool {
        self.long
    }
}

fn unasked(found: &DataType) -> io::Error {
    io::Error::other(format!("a column was read as {found}, which was not asked for"))
}

/// Numbers rows; a missing cell has 0. Only the rows of the rarer kind are looked at one by one.
fn number_rows(
    numbers: &mut Vec<u32>,
    nulls: Option<&NullBuffer>,
    rows: usize,
    mut number: impl FnMut(usize) -> u32,
) {
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
        numbers.extend((0..rows).map(number));
        return;
    };
    if nulls.null_count() > rows / 2 {
        numbers.resize(rows, 0);
        for row in nulls.valid_indices() {
            if let Some(place) = numbers.get_mut(row) {
                *place = number(row);
            }
        }
        return;
    }
    let mut next = 0;
    for (start, end) in nulls.valid_slices() {
        numbers.resize(numbers.len() + start - next, 0);
        numbers.extend((start..end).map(&mut number));
        next = end;
    }
    numbers.resize(rows, 0);
}
