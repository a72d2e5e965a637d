//! The rule in `DuckDB`: the tables of the `SQLite` peer as CSV, and a script that asks all checks.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::types::ValueRef;
use serde_json::Value;

use crate::child;
use crate::peers::past::patient_number;
use crate::peers::sqlite::Sqlite;
use crate::workload::Check;

const SCRIPT: &str = include_str!("../../peers/duckdb_checks.py");
/// What is taken over from `SQLite`, under which name. Flags are written as 0 and 1.
const TABLES: [(&str, &str); 6] = [
    (
        "record",
        "SELECT patient, seq, live, refill, day, end_literal, code, always, document, rp, quantity,
         usage, institution, pharmacy FROM record",
    ),
    ("code", "SELECT * FROM code"),
    ("written", "SELECT id, text FROM text"),
    ("cover", "SELECT * FROM cover"),
    ("shares", "SELECT * FROM shares"),
    ("meets", "SELECT line, record, mine, theirs, first, last FROM meets"),
];

/// What the script measured.
#[derive(Debug)]
pub struct Answered {
    /// The version of `DuckDB`.
    pub version: String,
    /// The time for all checks, on one thread.
    pub seconds: f64,
    /// Duplicate and contraindication pairs by check.
    pub counts: Vec<(u64, u64)>,
}

/// Whether that Python has the package.
pub fn is_there(python: &Path) -> bool {
    child::run(python, &["-c".as_ref(), "import duckdb".as_ref()]).is_ok()
}

/// Asks all checks under the official policy.
///
/// # Errors
///
/// When a table cannot be written or the script fails.
pub fn ask(
    python: &Path,
    folder: &Path,
    sqlite: &Sqlite,
    checks: &[Check],
    today: i64,
) -> Result<Answered> {
    fs::create_dir_all(folder)?;
    for (name, query) in TABLES {
        dump(sqlite, query, &folder.join(format!("{name}.csv")))?;
    }
    write_checks(folder, checks)?;
    let script = folder.join("duckdb_checks.py");
    fs::write(&script, SCRIPT)?;
    let today = today.to_string();
    let arguments: [&OsStr; 3] = [script.as_ref(), folder.as_ref(), today.as_ref()];
    let ran = child::run(python, &arguments)?;
    let printed: Value = serde_json::from_str(&ran.output)?;
    let seconds = printed.get("seconds").and_then(Value::as_f64).context("no seconds")?;
    let version = printed.get("version").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut counts = vec![(0, 0); checks.len()];
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path(folder.join("counts.csv"))?;
    for row in reader.deserialize() {
        let (check, duplicates, contraindications): (usize, u64, u64) = row?;
        *counts.get_mut(check).context("no such check")? = (duplicates, contraindications);
    }
    Ok(Answered { version, seconds, counts })
}

fn dump(sqlite: &Sqlite, query: &str, path: &Path) -> Result<()> {
    let mut statement = sqlite.connection().prepare(query)?;
    let columns = statement.column_count();
    let mut writer = csv::Writer::from_path(path)?;
    let mut rows = statement.query([])?;
    let mut cells = csv::ByteRecord::new();
    while let Some(row) = rows.next()? {
        cells.clear();
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Integer(number) => cells.push_field(number.to_string().as_bytes()),
                ValueRef::Text(text) => cells.push_field(text),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => cells.push_field(b""),
            }
        }
        writer.write_byte_record(&cells)?;
    }
    writer.flush()?;
    Ok(())
}

fn write_checks(folder: &Path, checks: &[Check]) -> Result<()> {
    let mut asked = csv::Writer::from_path(folder.join("asked.csv"))?;
    let mut lines = csv::Writer::from_path(folder.join("line.csv"))?;
    for (number, check) in checks.iter().enumerate() {
        asked.serialize((number, patient_number(&check.patient)))?;
        for (position, line) in check.lines.iter().enumerate().filter(|(_, line)| line.form != 6) {
            lines.serialize((number, position, &line.system, &line.code))?;
        }
    }
    asked.flush()?;
    lines.flush()?;
    Ok(())
}
