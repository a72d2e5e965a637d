//! Columns of Parquet as dictionaries, in part and not at all: nobody can tell from what is published,
//! nor from what is refused.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use chofuku_loader::CompileError;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use crate::history::{as_csv, gzip, parquet_of, rows, sections, write, written};
use crate::site::{GOOD, HEADER, Site};

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
}

/// Rows as every kind of file; each kind with the line of its first row.
fn files(rows: &[String]) -> Vec<(&'static str, Vec<u8>, u64)> {
    let csv = as_csv(rows);
    let quoted = String::from_utf8(csv.clone()).unwrap().replace(",yj,", ",\"yj\",").into_bytes();
    // Dictionaries that are full after a few values: the pages behind them are plain.
    let ending = properties().set_dictionary_page_size_limit(60).set_data_page_row_count_limit(50);
    let ending = ending.set_write_batch_size(25);
    vec![
        ("plain.csv", csv.clone(), 2),
        ("quoted.csv", quoted, 2),
        ("plain.csv.gz", gzip(&csv), 2),
        ("dictionaries.parquet", parquet_of(rows, false, properties()), 1),
        ("numbers.parquet", parquet_of(rows, true, properties()), 1),
        ("ending.parquet", parquet_of(rows, false, ending), 1),
        ("none.parquet", parquet_of(rows, true, properties().set_dictionary_enabled(false)), 1),
    ]
}

#[test]
fn dictionaries_change_no_section() {
    // More rows than are read at a time.
    let rows = rows(4_000);
    let mut expected = None;
    for (name, bytes, _) in files(&rows) {
        let found = sections(&[(name, bytes)], None);
        assert_eq!(&found, expected.get_or_insert_with(|| found.clone()), "{name}");
    }
}

#[test]
fn every_file_refuses_the_same_rows_for_the_same_reasons() {
    let bad = [
        ("rx-1,", ","),
        (",prescription,", ",receipt,"),
        (",prescription,,", ",prescription,ward,"),
        (",prescription,,", ",in_house,,"),
        (",1311234567,", ",131123456,"),
        (",1311234567,", ",,"),
        (",prescription,", ",dispensing,"),
        (",06130012,", ",,"),
        (",3456,", ",,"),
        (",01,,", ",,,"),
        (",01,,", ",01,p-1,"),
        ("2026-11-01", "1969-12-31"),
        (",1,yj", ",0,yj"),
        (",1,yj", ",,yj"),
        (",1,yj", ",10000,yj"),
        (",yj,", ",atc,"),
        (",2171022F2029,", ",,"),
        (",,1,14,", ",,7,14,"),
        (",,,,1,yj", ",,100,,1,yj"),
        (",,,,1,yj", ",,,100,1,yj"),
        (",14,,,", ",14,,,gone"),
    ];
    // Each among good ones and again, once what it shares with them has been learnt; as it was long
    // ago, and right behind itself.
    let good = |n: usize| GOOD.replace("rx-1,", &format!("rx-{n},"));
    let mut rows = Vec::new();
    for round in 0..3 {
        for (n, (from, to)) in bad.iter().enumerate() {
            let n = 1_000 * round + 10 * n;
            rows.push(good(n));
            for n in n + 1..n + 3 {
                let row = if to.starts_with(',') && *from == "rx-1," {
                    GOOD.replacen(from, to, 1)
                } else {
                    good(n).replacen(from, to, 1)
                };
                rows.push(row);
            }
        }
    }
    let mut expected = None;
    for (name, bytes, first) in files(&rows) {
        let site = Site::new();
        let error = site.compile(write(&site, &[(name, bytes)])).unwrap_err();
        let CompileError::Rejected { rejects, .. } = error else { panic!("{name}: {error}") };
        let told = rejects.into_iter().map(|it| (it.line - first, it.column, it.reason));
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 3 * 2 * bad.len(), "{name}");
        assert_eq!(&told, expected.get_or_insert_with(|| told.clone()), "{name}");
    }
}

#[test]
fn a_dictionary_of_numbers_is_read_as_its_numbers() {
    let cells: Vec<Vec<&str>> = [GOOD; 2].iter().map(|row| row.split(',').collect()).collect();
    let columns = HEADER.split(',').enumerate().map(|(column, name)| {
        let array: ArrayRef = if name == "refill_uses" {
            let numbers = Arc::new(Int32Array::from(vec![3]));
            let keys = Int32Array::from(vec![Some(0), Some(0)]);
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, numbers).unwrap())
        } else {
            Arc::new(cells.iter().map(|row| Some(row[column])).collect::<StringArray>())
        };
        (name, array)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let refills = GOOD.replace(",,,,1,yj", ",,3,,1,yj");
    let expected = sections(&[("a.csv", as_csv(&[refills.clone(), refills]))], None);
    assert_eq!(sections(&[("a.parquet", written(&batch, properties()))], None), expected);
}
