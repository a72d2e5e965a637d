//! The list of pitfalls names tests that are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = include_str!("../pitfalls.md");

/// The functions that follow `#[test]` in the sources below a folder.
fn tests(folder: PathBuf) -> BTreeSet<String> {
    let mut open = vec![folder];
    let mut found = BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn "));
            found.extend(names.filter_map(|(_, name)| Some(name.split_once('(')?.0.to_owned())));
        }
    }
    found
}

#[test]
fn every_pitfall_names_a_test_that_is_there() {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loader = formats.join("../loader");
    let mut known = BTreeSet::new();
    for folder in [formats, loader.as_path()] {
        known.append(&mut tests(folder.join("src")));
        known.append(&mut tests(folder.join("tests")));
    }
    let rows = LIST.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| pitfall"));
    let mut pitfalls = 0;
    for row in rows {
        let (_, named) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        for test in named.split(", ").map(|test| test.trim_matches('`')) {
            assert!(known.contains(test), "{row}: no test {test}");
        }
        pitfalls += 1;
    }
    assert!(pitfalls > 50, "{pitfalls}");
}
