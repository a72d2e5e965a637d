//! Documents as columns of Parquet. Texts that recur are dictionaries which are made once; a batch
//! gives only their ordinals.

use std::fmt::Write;
use std::io;
use std::sync::Arc;

use arrow_array::builder::{PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Int32Type, UInt8Type, UInt16Type,
    UInt32Type,
};
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::nation::Nation;
use crate::nation::batch::{Batch, Entry, KINDS, Line, SETTINGS, uuid_text};
use crate::nation::drugs::SUPPLEMENTS;
use crate::nation::person::BRANCHES;
use crate::nation::text::COLUMNS;
use crate::person::SYMBOL;

/// The dictionaries of all columns.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) schema: SchemaRef,
    kinds: ArrayRef,
    settings: ArrayRef,
    insurers: ArrayRef,
    symbols: ArrayRef,
    branches: ArrayRef,
    institutions: ArrayRef,
    systems: ArrayRef,
    codes: ArrayRef,
    names: ArrayRef,
    /// Drugs that are named.
    is_named: Vec<bool>,
    numbers: ArrayRef,
    usages: ArrayRef,
    supplements: ArrayRef,
    statuses: ArrayRef,
}

impl Columns {
    pub(super) fn of(nation: &Nation) -> Self {
        let drugs = &nation.drugs;
        let coded = || drugs.coded.iter();
        Self {
            schema: schema(),
            kinds: texts(KINDS),
            settings: texts(SETTINGS),
            insurers: texts(&nation.insurers.numbers),
            symbols: texts([SYMBOL]),
            branches: texts(BRANCHES),
            institutions: texts(nation.places.codes()),
            systems: texts(coded().map(|drug| drug.system)),
            codes: texts(coded().map(|drug| &drug.code)),
            names: texts(coded().map(|drug| &drug.name)),
            is_named: coded().map(|drug| !drug.name.is_empty()).collect(),
            numbers: texts((0..=999).map(|number| number.to_string())),
            usages: texts(&drugs.usages),
            supplements: texts(SUPPLEMENTS),
            statuses: texts(["cancelled"]),
        }
    }

    /// The columns of a batch, in the order of the schema.
    pub(super) fn arrays(&self, batch: &Batch) -> io::Result<Vec<ArrayRef>> {
        let entries = batch.entries.as_slice();
        let lines = batch.lines.as_slice();
        // Documents have no dictionary yet: that of the batch is its documents themselves.
        let ordinals: Vec<u32> = (0..).take(entries.len()).collect();
        let own = |is_there: fn(&Entry) -> bool| {
            let entries = entries.iter().zip(&ordinals);
            spread(entries.map(|(entry, own)| (is_there(entry).then_some(*own), entry.lines)))
        };
        let ids = uuids(entries.iter().map(|entry| entry.document.id));
        let sources = uuids(entries.iter().map(|entry| entry.document.prescription.unwrap_or(0)));
        let numbers = numbers(entries);
        let nothing = Arc::new(StringArray::new_null(lines.len()));
        Ok(vec![
            dictionary::<UInt32Type>(own(|_| true), &ids)?,
            small(entries, |entry| Some(entry.document.kind), &self.kinds)?,
            small(entries, |entry| positive(entry.document.setting), &self.settings)?,
            dictionary::<UInt16Type>(
                of(entries, |entry| Some(entry.insured.insurer)),
                &self.insurers,
            )?,
            small(entries, |_| Some(0), &self.symbols)?,
            dictionary::<UInt32Type>(own(|_| true), &numbers)?,
            small(entries, |entry| positive(entry.insured.branch), &self.branches)?,
            nothing,
            Arc::new(of::<Date32Type>(entries, |entry| Some(entry.document.day))),
            dictionary::<UInt32Type>(
                of(entries, |entry| Some(entry.document.institution)),
                &self.institutions,
            )?,
            dictionary::<UInt32Type>(
                of(entries, |entry| entry.document.pharmacy),
                &self.institutions,
            )?,
            dictionary::<UInt32Type>(own(|entry| entry.document.prescription.is_some()), &sources)?,
            Arc::new(of::<Int32Type>(entries, |entry| entry.document.refill_uses.map(i32::from))),
            Arc::new(of::<Int32Type>(entries, |entry| entry.document.refill_use.map(i32::from))),
            Arc::new(each::<Int32Type>(lines, |line| Some(i32::from(line.rp)))),
            dictionary::<UInt16Type>(each(lines, |line| Some(line.drug)), &self.systems)?,
            dictionary::<UInt16Type>(each(lines, |line| Some(line.drug)), &self.codes)?,
            dictionary::<UInt16Type>(each(lines, |line| self.named(line.drug)), &self.names)?,
            dictionary::<UInt8Type>(each(lines, |line| Some(line.form)), &self.numbers)?,
            dictionary::<UInt16Type>(each(lines, |line| Some(line.quantity)), &self.numbers)?,
            dictionary::<UInt8Type>(each(lines, |line| Some(line.usage)), &self.usages)?,
            dictionary::<UInt8Type>(
                each(lines, |line| positive(line.supplement)),
                &self.supplements,
            )?,
            small(entries, |entry| entry.document.is_cancelled.then_some(0), &self.statuses)?,
        ])
    }

    /// The drug as the ordinal of its name, if it has one.
    fn named(&self, drug: u16) -> Option<u16> {
        let is_named = self.is_named.get(usize::from(drug)).copied().unwrap_or(false);
        is_named.then_some(drug)
    }
}

/// The columns with their types. Texts are dictionaries on their way into the file only: its own
/// schema names plain texts.
fn schema() -> SchemaRef {
    let text = |key| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
    let fields = COLUMNS.map(|name| {
        let kind = match name {
            "date" => DataType::Date32,
            "refill_uses" | "refill_use" | "rp" => DataType::Int32,
            "patient_id" => DataType::Utf8,
            "document" | "number" | "institution" | "pharmacy" | "prescription" => {
                text(DataType::UInt32)
            }
            "insurer" | "drug_system" | "drug_code" | "drug_name" | "quantity" => {
                text(DataType::UInt16)
            }
            _ => text(DataType::UInt8),
        };
        Field::new(name, kind, true)
    });
    Arc::new(Schema::new(fields.to_vec()))
}

fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(texts.into_iter().map(Some).collect::<StringArray>())
}

fn uuids(ids: impl Iterator<Item = u128>) -> ArrayRef {
    let mut column = StringBuilder::new();
    for id in ids {
        // Always text: digits and hyphens.
        column.append_value(str::from_utf8(&uuid_text(id)).unwrap_or_default());
    }
    Arc::new(column.finish())
}

fn numbers(entries: &[Entry]) -> ArrayRef {
    let mut column = StringBuilder::new();
    for entry in entries {
        // A builder takes whatever is written; `append_value` ends the text.
        let written = write!(column, "{:08}", entry.insured.number);
        debug_assert!(written.is_ok());
        column.append_value("");
    }
    Arc::new(column.finish())
}

fn positive(ordinal: u8) -> Option<u8> {
    (ordinal > 0).then_some(ordinal)
}

fn dictionary<K: ArrowDictionaryKeyType>(
    keys: PrimitiveArray<K>,
    values: &ArrayRef,
) -> io::Result<ArrayRef> {
    let column = DictionaryArray::try_new(keys, Arc::clone(values)).map_err(io::Error::other)?;
    Ok(Arc::new(column))
}

fn small(
    entries: &[Entry],
    value: fn(&Entry) -> Option<u8>,
    values: &ArrayRef,
) -> io::Result<ArrayRef> {
    dictionary::<UInt8Type>(of(entries, value), values)
}

/// A value of each document, once for each of its lines.
fn of<T: ArrowPrimitiveType>(
    entries: &[Entry],
    value: fn(&Entry) -> Option<T::Native>,
) -> PrimitiveArray<T> {
    spread(entries.iter().map(|entry| (value(entry), entry.lines)))
}

fn spread<T: ArrowPrimitiveType>(
    values: impl Iterator<Item = (Option<T::Native>, usize)>,
) -> PrimitiveArray<T> {
    let mut column = PrimitiveBuilder::<T>::new();
    for (value, times) in values {
        match value {
            Some(value) => column.append_value_n(value, times),
            None => column.append_nulls(times),
        }
    }
    column.finish()
}

fn each<T: ArrowPrimitiveType>(
    lines: &[Line],
    value: impl Fn(&Line) -> Option<T::Native>,
) -> PrimitiveArray<T> {
    let mut column = PrimitiveBuilder::<T>::with_capacity(lines.len());
    for line in lines {
        column.append_option(value(line));
    }
    column.finish()
}
