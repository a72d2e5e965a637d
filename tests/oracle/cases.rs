//! The golden cases: data files that the oracle, the engine and the server must all agree with.
//!
//! A file of `cases/` holds a list `[[case]]`. All share the tables in `cases/tables`. A case has a
//! `past` (documents) and `check`s, each a request and what is expected of its answer: objects name
//! the fields that matter, lists are complete, a number where the answer has a list is its length,
//! and `<null>` and `<absent>` mean what they say. Whatever a case leaves out is filled in by
//! [`shorthand`](self).

mod expect;
mod shorthand;

use std::{fs, path::PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Policy, World};

/// One situation, and the checks made in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows, as a sentence.
    pub title: String,
    /// The rules it is about (S1 …), or the number of a disposition (D1 …).
    pub rules: Vec<String>,
    /// Its numbers in the list of cases of the specification, if it stands there.
    #[serde(default)]
    pub numbers: Vec<u32>,
    #[serde(default)]
    past: Vec<shorthand::Document>,
    /// Rows of the contraindication table for this case alone, after those of the shared one.
    #[serde(default)]
    rules_added: Vec<Map<String, Value>>,
    /// Rows of the drug table for this case alone.
    #[serde(default)]
    drugs_added: Vec<Map<String, Value>>,
    #[serde(rename = "check", default)]
    written: Vec<shorthand::Check>,
}

/// Which call a check makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `POST /v1/check`.
    #[default]
    Check,
    /// `POST /v1/history`.
    History,
}

/// A request, and what is expected of its answer.
#[derive(Debug)]
pub struct Check {
    /// Which check of its case this is.
    pub name: String,
    /// The call to make.
    pub call: Call,
    /// The body of the request. It names the policy when that is `official` or `extended`, and
    /// `site` otherwise.
    pub request: Value,
    /// The policy to check under.
    pub policy: Policy,
    /// What the answer must hold.
    pub expected: Value,
    /// Another check of the case whose answer must be the same.
    pub same_as: Option<String>,
}

impl Case {
    /// The tables, with the case's history.
    pub fn world(&self) -> World {
        let mut world = World::read(&folder().join("tables")).expect("the shared tables are whole");
        let added = |rows: &[Map<String, Value>]| Value::Array(rows.iter().map(text).collect());
        world.drugs.extend(
            Vec::deserialize(added(&self.drugs_added)).expect("added drugs have known columns"),
        );
        world.contraindications.extend(
            Vec::deserialize(added(&self.rules_added)).expect("added rules have known columns"),
        );
        world.history = self.past.iter().flat_map(|document| document.rows(&world)).collect();
        world
    }

    /// The checks, in their order.
    pub fn checks(&self) -> Vec<Check> {
        let world = self.world();
        self.written.iter().map(|check| check.whole(&world)).collect()
    }

    /// Makes every check and holds the answers against what is expected.
    pub fn run(&self, mut answer: impl FnMut(&Check) -> Value) -> Result<(), String> {
        let mut answers: Vec<(String, Value)> = Vec::new();
        for check in self.checks() {
            let told = answer(&check);
            let at = |problem: String| format!("{}, {}: {problem}", self.title, check.name);
            check.expect(&told).map_err(at)?;
            if let Some(other) = &check.same_as {
                let earlier = answers.iter().find(|(name, _)| name == other);
                let (_, earlier) = earlier.ok_or_else(|| at(format!("no check {other}")))?;
                if told != *earlier {
                    return Err(at(format!("differs from {other}:\n{told}\n{earlier}")));
                }
            }
            answers.push((check.name, told));
        }
        Ok(())
    }
}

impl Check {
    /// Holds an answer against what is expected; says where they differ.
    pub fn expect(&self, answer: &Value) -> Result<(), String> {
        expect::matches(&self.expected, Some(answer), "answer")
    }
}

/// All cases, file by file.
pub fn all() -> Vec<Case> {
    let entries = fs::read_dir(folder()).expect("the cases are there");
    let files = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files.iter().flat_map(read).collect()
}

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

fn read(path: &PathBuf) -> Vec<Case> {
    let text = fs::read_to_string(path).expect("a file of cases can be read");
    let file: Result<File, toml::de::Error> = toml::from_str(&text);
    file.map_err(|error| format!("{}: {error}", path.display()))
        .expect("a file of cases parses")
        .case
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// A table row with every column that the case leaves out, empty.
fn text(row: &Map<String, Value>) -> Value {
    let mut whole = shorthand::blank_row();
    let columns = whole.len();
    whole.extend(row.clone());
    assert_eq!(whole.len(), columns, "an added row has a column that no table has: {row:?}");
    Value::Object(whole)
}
