//! Messages to a table and on to a generation, as an operator does it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::kill::Site;

/// An invented owner's two dispensings of one pharmacy.
const NOTEBOOK: &str = "JAHISTC08,1\r\n\
    1,見本　花子,2,19800101,,,,,,,\r\n\
    5,20261103,1\r\n\
    11,見本薬局,13,4,7654321,,,,1\r\n\
    201,1,アムロジピン錠,1,錠,4,2171022F2029,1\r\n\
    301,1,【１日１回朝食後服用】,14,日分,1,1,,1\r\n\
    5,20261117,1\r\n\
    11,見本薬局,13,4,7654321,,,,1\r\n\
    201,1,アムロジピン錠,1,錠,4,2171022F2029,1\r\n\
    301,1,【１日１回朝食後服用】,14,日分,1,1,,1\r\n";

fn convert(message: &Path, out: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
    command.arg("convert").arg(message).arg("--out").arg(out).args(words);
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn a_notebook_becomes_a_table_and_a_generation() {
    let site = Site::new();
    let message = site.path("notebook.txt");
    fs::write(&message, NOTEBOOK).unwrap();
    let table = site.path("converted").join("history.csv");
    let done = convert(&message, &table, &["--patient-id", "p-1"]);
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    let text = told(&done);
    assert!(text.contains("2 documents, 2 lines") && text.contains("chofuku compile"), "{text}");
    assert!(!text.contains("p-1") && !text.contains("花子"), "{text}");
    assert!(table.with_file_name("deviations.csv").is_file());
    // A directory of tables may hold the list of deviations.
    site.compile_to_the_end(&site.path("converted"));
    assert_eq!(site.records(), 2);
    let again = convert(&message, &table, &["--patient-id", "p-1"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("is there already"), "{}", told(&again));
}

#[test]
fn what_is_incomplete_or_contradicted_is_said_and_never_clear() {
    let site = Site::new();
    let message = site.path("notebook.txt");
    fs::write(&message, NOTEBOOK).unwrap();
    let table = site.path("incomplete").join("history.csv");
    let done = convert(&message, &table, &["--json"]);
    assert_eq!(done.status.code(), Some(3), "{}", told(&done));
    let value: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((value["incomplete"].as_u64(), value["lines"].as_u64()), (Some(2), Some(2)));
    assert!(told(&done).contains("a compile refuses"), "{}", told(&done));
    let table = site.path("contradicted").join("history.csv");
    let done = convert(&message, &table, &["--patient-id", "p-1", "--pharmacy", "1349999999"]);
    assert_eq!(done.status.code(), Some(1), "{}", told(&done));
    assert!(told(&done).contains("notebook.txt") && told(&done).contains("pharmacy"));
    assert!(!table.exists());
    let both = convert(&message, &table, &["--patient-id", "p-1", "--number", "3456"]);
    assert_eq!(both.status.code(), Some(2), "{}", told(&both));
}
