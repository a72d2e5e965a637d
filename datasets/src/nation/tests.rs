//! The nation is the same wherever it is made, in every format, and has the shape of the real one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use flate2::read::MultiGzDecoder;
use jiff::ToSpan;
use jiff::civil::date;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::file::{self, Runs};
use super::text::COLUMNS;
use super::{Format, Nation, Options, Totals};
use crate::demo;
use crate::row::HistoryRow;

const OPTIONS: Options =
    Options { patients: 20_000, seed: 7, today: date(2026, 11, 22), days: 107 };

fn nation(options: Options) -> Nation {
    Nation::new(options).unwrap()
}

/// The files of a small nation and what was told of them.
fn written(options: Options, format: Format, files: u32) -> (Vec<Vec<u8>>, Totals) {
    let dir = tempfile::tempdir().unwrap();
    // Small runs, so that a small nation has several in each file.
    let runs = Runs { group: 1_500, piece: 700 };
    let totals = file::write(&nation(options), dir.path(), format, files, runs, |_| {}).unwrap();
    let bytes = totals.files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    (bytes, totals)
}

fn rows_of_csv(bytes: &[u8]) -> Vec<HistoryRow> {
    csv::Reader::from_reader(bytes).deserialize().collect::<Result<_, _>>().unwrap()
}

/// The rows of a Parquet file in the words of CSV.
fn rows_of_parquet(path: &Path) -> Vec<HistoryRow> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let names: Vec<_> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, COLUMNS);
    let mut text = super::text::header();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = (0..COLUMNS.len()).map(|c| cell(&batch, c, row)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
    rows_of_csv(text.as_bytes())
}

fn cell(batch: &RecordBatch, column: usize, row: usize) -> String {
    let (name, array) = (COLUMNS[column], batch.column(column));
    if let Some(days) = array.as_primitive_opt::<Date32Type>() {
        assert_eq!(name, "date");
        let days = i64::from(days.value(row)).days();
        return date(1970, 1, 1).saturating_add(days).to_string();
    }
    let is_number = ["rp", "refill_uses", "refill_use"].contains(&name);
    assert_eq!(array.data_type(), if is_number { &DataType::Int32 } else { &DataType::Utf8 });
    if array.is_null(row) {
        return String::new();
    }
    if is_number {
        return array.as_primitive::<Int32Type>().value(row).to_string();
    }
    let text = array.as_string::<i32>().value(row);
    assert!(!text.is_empty(), "{name}: empty is null");
    text.to_owned()
}

#[test]
fn one_seed_gives_one_nation_whatever_the_number_of_threads() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    for format in [Format::Parquet, Format::Csv, Format::CsvGzip, Format::CsvZstd] {
        let (one, _) = pool(1).install(|| written(OPTIONS, format, 2));
        let (two, _) = pool(2).install(|| written(OPTIONS, format, 2));
        assert!(one == two, "{format:?}");
        let (other, _) = written(Options { seed: 8, ..OPTIONS }, format, 2);
        assert!(one != other, "{format:?}");
    }
}

#[test]
fn compressed_files_hold_the_same_text() {
    let (plain, _) = written(OPTIONS, Format::Csv, 1);
    let (gzip, _) = written(OPTIONS, Format::CsvGzip, 1);
    let mut text = vec![];
    MultiGzDecoder::new(gzip[0].as_slice()).read_to_end(&mut text).unwrap();
    assert!(text == plain[0]);
    let (zstd, _) = written(OPTIONS, Format::CsvZstd, 1);
    assert!(zstd::decode_all(zstd[0].as_slice()).unwrap() == plain[0]);
}

#[test]
fn csv_and_parquet_hold_the_same_rows() {
    let options = Options { patients: 3_000, ..OPTIONS };
    let (csv, of_csv) = written(options, Format::Csv, 2);
    let dir = tempfile::tempdir().unwrap();
    let nation = nation(options);
    let runs = Runs { group: 1_000, ..file::RUNS };
    let totals = file::write(&nation, dir.path(), Format::Parquet, 1, runs, |_| {}).unwrap();
    assert_eq!(totals.lines, of_csv.lines);
    assert_eq!(totals.documents, of_csv.documents);
    let rows = rows_of_parquet(&totals.files[0]);
    assert_eq!(u64::try_from(rows.len()).unwrap(), totals.lines);
    let all: Vec<_> = csv.iter().flat_map(|file| rows_of_csv(file)).collect();
    assert!(rows == all);
    let alone: Vec<_> = (0..3_000).flat_map(|ordinal| nation.rows(ordinal).unwrap()).collect();
    assert!(rows == alone, "a patient alone is the patient of the files");
}

#[test]
fn the_nation_has_the_shape_of_the_real_one() {
    let nation = nation(OPTIONS);
    let (mut documents, mut lines, mut most) = (0, 0, 0);
    let mut count = BTreeMap::<String, u32>::new();
    let window = OPTIONS.today.saturating_sub(100.days()).to_string();
    let mut outside = 0;
    for ordinal in 0..OPTIONS.patients {
        let rows = nation.rows(ordinal).unwrap();
        assert!(!rows.is_empty(), "patient {ordinal} has no past");
        let mut before = "";
        for row in &rows {
            assert!(row.date <= OPTIONS.today.to_string());
            outside += usize::from(row.date < window);
            if row.document != before {
                documents += 1;
                let mut add = |what: &str| *count.entry(what.to_owned()).or_default() += 1;
                add(&row.kind);
                add(&format!("{}{}", row.setting, row.status));
                add(if row.refill_use == "3" { "third use" } else { "" });
                add(if row.prescription.is_empty() { "" } else { "of a prescription" });
            }
            before = &row.document;
        }
        lines += rows.len();
        most = most.max(rows.len());
    }
    let patients = usize::try_from(OPTIONS.patients).unwrap();
    let of_100 = |count: usize| count * 100 / patients;
    assert!((840..910).contains(&of_100(lines - outside)), "{}", of_100(lines - outside));
    assert!((235..285).contains(&of_100(documents)), "{}", of_100(documents));
    assert!(outside > 0, "something lies outside of the window");
    assert!(most >= 250, "{most}");
    let percent =
        |what: &str| count.get(what).map_or(0, |n| *n * 100 / u32::try_from(documents).unwrap());
    assert!((65..85).contains(&percent("dispensing")), "{count:?}");
    assert!((12..25).contains(&percent("prescription")), "{count:?}");
    assert!((3..10).contains(&percent("in_house")), "{count:?}");
    for rare in ["third use", "cancelled", "outpatient", "discharge", "inpatient"] {
        assert!(count.get(rare).is_some_and(|n| *n > 0 && percent(rare) < 10), "{rare}: {count:?}");
    }
}

#[test]
fn the_worst_patients_go_to_29_pharmacies() {
    let nation = nation(OPTIONS);
    let worst: Vec<_> = nation.worst_patients().collect();
    assert_eq!(worst, [9_999, 19_999]);
    for ordinal in worst {
        let rows = nation.rows(ordinal).unwrap();
        let distinct =
            |of: fn(&HistoryRow) -> &String| rows.iter().map(of).collect::<BTreeSet<_>>();
        assert_eq!(distinct(|row| &row.document).len(), 81);
        assert_eq!(distinct(|row| &row.pharmacy).len(), 29);
        assert!((240..330).contains(&rows.len()), "{}", rows.len());
    }
}

#[test]
fn twins_share_a_number_and_nothing_else() {
    let nation = nation(OPTIONS);
    let mut seen = BTreeSet::new();
    for ordinal in 0..7_000 {
        let identity = nation.identity(ordinal);
        assert_eq!(identity.symbol, "架空");
        let fiction = if identity.insurer.len() == 8 { 2..4 } else { 0..2 };
        assert_eq!(&identity.insurer[fiction], "99", "{identity:?}");
        assert_eq!(identity.branch.is_empty(), identity.insurer.starts_with("39"), "{identity:?}");
        if ordinal % 7 == 6 {
            let twin = nation.identity(ordinal - 1);
            assert_eq!((&twin.insurer, &twin.number), (&identity.insurer, &identity.number));
            assert_eq!((twin.branch.as_str(), identity.branch.as_str()), ("01", "02"));
        }
        let row = &nation.rows(ordinal).unwrap()[0];
        assert_eq!((&row.insurer, &row.branch), (&identity.insurer, &identity.branch));
        assert!(seen.insert((identity.number, identity.branch)));
    }
    let last = nation.identity(125_000_000).number;
    assert!(last > nation.identity(124_999_000).number && last.len() == 9, "{last}");
}

#[test]
fn every_code_is_in_the_tables_but_for_the_wrong_ones() {
    let mut codes = BTreeSet::new();
    let mut reader = csv::Reader::from_reader(demo::DRUGS.as_bytes());
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        for system in ["yj", "receipt", "generic"] {
            codes.extend(row[system].split(';').map(|code| (system.to_owned(), code.to_owned())));
        }
    }
    let nation = nation(OPTIONS);
    let (mut used, mut wrong, mut dummies, mut lines) = (BTreeSet::new(), 0, 0, 0);
    for row in (0..OPTIONS.patients).flat_map(|ordinal| nation.rows(ordinal).unwrap()) {
        lines += 1;
        dummies += usize::from(row.drug_name == "院内製剤（架空）");
        let drug = (row.drug_system, row.drug_code);
        if codes.contains(&drug) {
            used.insert(drug);
        } else {
            assert_eq!((drug.0.as_str(), drug.1.len()), ("yj", 12), "{drug:?}");
            wrong += 1;
        }
    }
    assert!(wrong > 0 && wrong * 2_000 < lines, "{wrong} of {lines}");
    assert!(dummies > 0 && dummies * 200 < lines, "{dummies} of {lines}");
    assert!(used.len() > 800, "{} codes", used.len());
}

#[test]
fn institutions_are_well_formed_and_named_in_the_table() {
    let nation = nation(OPTIONS);
    let dir = tempfile::tempdir().unwrap();
    nation.write_tables(dir.path()).unwrap();
    let table = std::fs::read_to_string(dir.path().join("institutions.csv")).unwrap();
    let known: BTreeSet<_> =
        table.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(known.len(), table.lines().count() - 1, "no code stands twice");
    assert!(known.iter().all(|code| code.len() == 10 && code.bytes().all(|c| c.is_ascii_digit())));
    let prefectures: BTreeSet<_> = known.iter().map(|code| &code[..2]).collect();
    assert_eq!(
        (prefectures.len(), prefectures.first(), prefectures.last()),
        (47, Some(&"01"), Some(&"47"))
    );
    let mut at_home = 0;
    for row in (0..2_000).flat_map(|ordinal| nation.rows(ordinal).unwrap()) {
        assert!(known.contains(row.institution.as_str()), "{row:?}");
        assert!(["1", "3"].contains(&&row.institution[2..3]), "{row:?}");
        assert_eq!(row.pharmacy.is_empty(), row.kind != "dispensing", "{row:?}");
        if !row.pharmacy.is_empty() {
            assert!(known.contains(row.pharmacy.as_str()), "{row:?}");
            assert_eq!(&row.pharmacy[2..3], "4", "{row:?}");
            at_home += i32::from(row.pharmacy[..2] == row.institution[..2]) * 2 - 1;
        }
    }
    assert!(at_home > 0, "people stay in their prefecture");
    let whole = super::places::Places::of(80_000_000);
    let sort = |digit: &str| whole.codes().filter(|code| &code[2..3] == digit).count();
    let (medical, dental, pharmacies) = (sort("1"), sort("3"), sort("4"));
    assert!((176_000..184_000).contains(&(medical + dental)), "{medical} {dental}");
    assert!((58_000..62_000).contains(&pharmacies), "{pharmacies}");
}

#[test]
fn a_file_that_is_there_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let nation = nation(Options { patients: 10, ..OPTIONS });
    nation.write_history(dir.path(), Format::Csv, 1, |_| {}).unwrap();
    assert!(nation.write_history(dir.path(), Format::Csv, 1, |_| {}).is_err());
}

#[test]
fn a_span_of_no_days_is_refused() {
    assert!(Nation::new(Options { days: 0, ..OPTIONS }).is_err());
    assert!(Nation::new(Options { days: 40_000, ..OPTIONS }).is_err());
}
