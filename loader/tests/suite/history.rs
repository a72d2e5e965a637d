//! Histories of every format and size: the same rows give the same sections.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int32Array, RecordBatch, StringArray};
use chofuku_engine::generation::{self, PATIENT_KEY};
use chofuku_loader::{Compile, CompileError};
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use crate::site::{GOOD, HEADER, Site, with};

/// Several documents of several patients, with rows of one document apart.
pub(crate) fn rows(documents: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for rp in 1..=3 {
        for document in 0..documents {
            // Another order in every row group, some with leading zeros.
            let institution =
                |step: usize| format!("{:010}", document * step % 53 * 97_000_001 + 12);
            let (kind, pharmacy) = match document % 3 {
                0 => (",prescription,", String::new()),
                1 => (",prescription,", institution(11)),
                _ => (",dispensing,", institution(5)),
            };
            let row = GOOD
                .replace(",1311234567,,", &format!(",{},{pharmacy},", institution(7)))
                .replace(",prescription,", kind)
                .replace("rx-1,", &format!("rx-{document},"))
                .replace(",3456,", &format!(",{},", document % 97 + 1))
                .replace("2026-11-01", &format!("2026-11-{:02}", document % 20 + 1))
                .replace(",1,yj", &format!(",{rp},yj"))
                .replace(",,1,14,", &format!(",,1,{},", document % 30 + rp));
            let status = if document % 11 == 5 { "cancelled" } else { "" };
            rows.push(row + status);
        }
    }
    rows
}

pub(crate) fn as_csv(rows: &[String]) -> Vec<u8> {
    format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes()
}

/// The rows as Parquet, in row groups of a few; days and numbers as such and empty cells missing if
/// `typed`.
fn as_parquet(rows: &[String], typed: bool) -> Vec<u8> {
    parquet_of(rows, typed, WriterProperties::builder().set_max_row_group_row_count(Some(70)))
}

/// The rows as Parquet, written so.
pub(crate) fn parquet_of(
    rows: &[String],
    typed: bool,
    properties: WriterPropertiesBuilder,
) -> Vec<u8> {
    let names: Vec<&str> = HEADER.split(',').collect();
    let table: Vec<Vec<&str>> = rows.iter().map(|row| row.split(',').collect()).collect();
    let columns = names.iter().enumerate().map(|(column, name)| {
        let is_there = |cell: &&str| !typed || !cell.is_empty();
        let cells = table.iter().map(|row| Some(row[column]).filter(is_there));
        let array: ArrayRef = match *name {
            "date" if typed => Arc::new(cells.map(day_number).collect::<Date32Array>()),
            "rp" | "refill_uses" if typed => {
                Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<Int32Array>())
            }
            _ => Arc::new(cells.collect::<StringArray>()),
        };
        (*name, array, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    written(&batch, properties)
}

/// A batch as a Parquet file.
pub(crate) fn written(batch: &RecordBatch, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let mut bytes = Vec::new();
    let properties = Some(properties.build());
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), properties).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn day_number(cell: Option<&str>) -> Option<i32> {
    cell.map(|text| text.parse::<chofuku_engine::Day>().unwrap().number())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compiles files, under one key wherever it is done, and returns the fingerprints of the sections.
pub(crate) fn sections(files: &[(&str, Vec<u8>)], memory: Option<u64>) -> Vec<(String, [u8; 32])> {
    let site = Site::new();
    fs::create_dir(site.path("data")).unwrap();
    fs::write(site.path("data").join(PATIENT_KEY), "5a".repeat(32)).unwrap();
    let history = write(&site, files);
    let compiled = site.run(Compile { history, memory, ..Compile::default() }).unwrap();
    generation::verify(&site.path("data")).unwrap();
    let sections = compiled.manifest.sections.iter();
    sections.map(|section| (section.name.clone(), section.blake3)).collect()
}

pub(crate) fn write(site: &Site, files: &[(&str, Vec<u8>)]) -> Vec<PathBuf> {
    let write = |(name, bytes): &(&str, Vec<u8>)| {
        let path = site.path(name);
        File::create_new(&path).unwrap().write_all(bytes).unwrap();
        path
    };
    files.iter().map(write).collect()
}

#[test]
fn every_format_gives_the_same_sections() {
    let rows = rows(300);
    let csv = as_csv(&rows);
    let expected = sections(&[("a.csv", csv.clone())], None);
    for (name, bytes) in [
        ("a.csv.gz", gzip(&csv)),
        ("a.csv.zst", zstd::encode_all(csv.as_slice(), 1).unwrap()),
        ("text.parquet", as_parquet(&rows, false)),
        ("typed.parquet", as_parquet(&rows, true)),
        ("misnamed.csv", as_parquet(&rows, true)),
        ("crlf.csv", String::from_utf8(csv).unwrap().replace('\n', "\r\n").into_bytes()),
    ] {
        assert_eq!(sections(&[(name, bytes)], None), expected, "{name}");
    }
}

#[test]
fn files_of_several_formats_and_orders_give_the_same_sections() {
    let rows = rows(300);
    let expected = sections(&[("a.csv", as_csv(&rows))], None);
    let (one, other) = rows.split_at(333);
    let files = [("b.parquet", as_parquet(other, true)), ("a.csv.gz", gzip(&as_csv(one)))];
    assert_eq!(sections(&files, None), expected);
}

#[test]
fn a_history_beyond_memory_and_beyond_a_chunk_gives_the_same_sections() {
    let rows = rows(30_000);
    let csv = as_csv(&rows);
    assert!(csv.len() > 8 << 20, "more than two chunks");
    let expected = sections(&[("a.csv", csv.clone())], None);
    assert_eq!(sections(&[("a.csv", csv)], Some(0)), expected);
}

#[test]
fn a_directory_stands_for_its_history_files() {
    let site = Site::new();
    let directory = site.path("history");
    fs::create_dir(&directory).unwrap();
    assert!(site.compile(vec![directory.clone()]).is_err(), "an empty directory");
    fs::write(directory.join("README"), "not a history").unwrap();
    let rows = rows(4);
    fs::write(directory.join("1.csv"), as_csv(&rows[..6])).unwrap();
    fs::write(directory.join("2.parquet"), as_parquet(&rows[6..], true)).unwrap();
    let compiled = site.compile(vec![directory]).unwrap();
    let names: Vec<&str> = compiled.manifest.sources.iter().map(|s| s.name.as_str()).collect();
    assert!(names.ends_with(&["1.csv", "2.parquet"]), "{names:?}");
    let index = generation::open(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().records(), 12);
}

#[test]
fn a_directory_with_anything_unknown_in_it_is_refused() {
    let site = Site::new();
    let directory = site.path("history");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("1.csv"), as_csv(&rows(4))).unwrap();
    for name in ["README.txt", ".hidden", ".history.csv.part"] {
        fs::write(directory.join(name), "not a history").unwrap();
    }
    fs::create_dir(directory.join(".snapshot")).unwrap();
    site.compile(vec![directory.clone()]).unwrap();
    let names = ["2.bz2", "2.tsv", "2.zip", "2.parq", "2.dat", "2.xlsx", "2.csv.gz.part", "2"];
    for name in names {
        let unknown = directory.join(name);
        fs::write(&unknown, as_csv(&rows(1))).unwrap();
        let error = site.compile(vec![directory.clone()]).unwrap_err();
        let reason = std::error::Error::source(&error).unwrap().to_string();
        assert!(reason.contains(&format!("not be read: {name};")), "{reason}");
        fs::remove_file(unknown).unwrap();
    }
    for name in ["2026", "2026.csv"] {
        let unknown = directory.join(name);
        fs::create_dir(&unknown).unwrap();
        let error = site.compile(vec![directory.clone()]).unwrap_err();
        let reason = std::error::Error::source(&error).unwrap().to_string();
        assert!(reason.contains(&format!("not be read: {name};")), "{reason}");
        fs::remove_dir(unknown).unwrap();
    }
    assert_eq!(site.generation(), Some(1));
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let site = Site::new();
    let directory = site.path("history");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("1.csv"), as_csv(&rows(4))).unwrap();
    let pipe = directory.join("2.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = site.compile(vec![directory]).unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("2.csv"), "{reason}");
    let error = site.compile(vec![pipe]).unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(error.to_string().contains("2.csv") && reason.contains("no regular file"), "{reason}");
    assert_eq!(site.generation(), None);
}

#[test]
fn a_file_that_ends_early_publishes_nothing() {
    let csv = as_csv(&rows(300));
    let parquet = as_parquet(&rows(300), true);
    let zst = zstd::encode_all(csv.as_slice(), 1).unwrap();
    for (name, bytes) in [("a.csv.gz", gzip(&csv)), ("a.csv.zst", zst), ("a.parquet", parquet)] {
        for end in [5, bytes.len() / 2, bytes.len() - 1] {
            let site = Site::new();
            let history = write(&site, &[(name, bytes[..end].to_vec())]);
            let error = site.compile(history).unwrap_err();
            assert!(error.to_string().contains(name), "{name} {end}: {error}");
            assert_eq!(site.generation(), None);
        }
    }
}

#[test]
fn bad_rows_of_parquet_are_told_with_their_number() {
    let site = Site::new();
    let rows: Vec<String> = [GOOD.to_owned(), String::from_utf8(with("form", "8")).unwrap()].into();
    let error = site.compile(write(&site, &[("a.parquet", as_parquet(&rows, true))])).unwrap_err();
    assert!(error.to_string().contains("a.parquet:2: form"), "{error}");
    let renamed = as_parquet(&rows[..1], false);
    let batch = {
        let column: ArrayRef = Arc::new(StringArray::from(vec!["rx-1"]));
        RecordBatch::try_from_iter([("document", column)]).unwrap()
    };
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert_ne!(bytes, renamed);
    let error = site.compile(write(&site, &[("b.parquet", bytes)])).unwrap_err();
    assert!(error.to_string().contains("22 rows were refused"), "{error}");
    assert!(site.rejects().contains("column kind is missing"));
}

#[test]
fn an_id_of_two_patients_is_refused_in_the_later_row() {
    let site = Site::new();
    let rows = rows(40);
    let other = GOOD.replace("rx-1,", "rx-7,").replace(",3456,", ",9999,");
    let files = [("1.csv", as_csv(&rows)), ("2.csv", as_csv(&[other.clone(), other]))];
    let history = write(&site, &files);
    let CompileError::Rejected { rejects, .. } = site.compile(history.clone()).unwrap_err() else {
        panic!("not refused as rows");
    };
    let places: Vec<_> = rejects.iter().map(|problem| problem.line).collect();
    assert_eq!(places, [2, 3]);
    assert!(rejects.iter().all(|problem| problem.file.ends_with("2.csv")));
    assert!(rejects[0].reason.contains("\"rx-7\": another patient"), "{}", rejects[0]);
    let compiled = site.compile_allowing(2, history).unwrap();
    let index = generation::open(&site.path("data")).unwrap();
    assert_eq!(index.history().dictionary().documents(), 39, "neither patient has it");
    let rows: Vec<u64> = compiled.manifest.sources.iter().map(|source| source.rows).collect();
    assert!(rows.ends_with(&[120, 0]), "{rows:?}");
}

#[test]
fn reading_that_stopped_never_publishes_what_was_read() {
    let site = Site::new();
    let bad = String::from_utf8(with("form", "8")).unwrap();
    let mut rows = vec![bad; 150_000];
    rows.push(GOOD.replace("rx-1,", "rx-2,"));
    let history = write(&site, &[("1.csv", as_csv(&rows))]);
    let error = site.compile_allowing(usize::MAX, history).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("100000 are allowed"), "{error}");
    assert!(site.rejects().contains("reading stopped"));
    assert_eq!(site.generation(), None);
}

#[test]
fn what_a_failed_compile_staged_is_gone_at_once() {
    let site = Site::new();
    let other = GOOD.replace(",3456,", ",9999,");
    let history = write(&site, &[("1.csv", as_csv(&[GOOD.to_owned(), other]))]);
    site.compile(history).unwrap_err();
    let left: Vec<_> = fs::read_dir(site.path("data")).unwrap().collect();
    let names = left.into_iter().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.contains("gen-")), "{names:?}");
}

#[test]
fn generations_that_nobody_can_use_are_removed() {
    let site = Site::new();
    for _ in 0..3 {
        site.compile(Vec::new()).unwrap();
    }
    let number = |n: u32| site.path("data").join(format!("gen-{n:06}"));
    assert!(!number(1).exists() && number(2).exists() && number(3).exists());
    // Never in force: its compile was killed before `CURRENT` was replaced.
    fs::create_dir(number(4)).unwrap();
    assert_eq!(site.compile(Vec::new()).unwrap().manifest.generation, 4);
    assert_eq!(site.generation(), Some(4));
    // Without a pointer nothing is known to be old.
    fs::remove_file(site.path("data").join(generation::CURRENT)).unwrap();
    site.compile(Vec::new()).unwrap();
    assert!(number(3).exists() && number(4).exists() && number(5).exists());
}
