//! The demo tables and stories: they compile, they are clean, and each story ends as it says.

use std::fs;

use chofuku_datasets::{demo, demo_history, story};
use chofuku_engine::{Day, generation};
use chofuku_loader::lint::{self, Severity};
use chofuku_loader::progress::Silent;
use chofuku_loader::{Compile, Compiled};
use chofuku_server::{Live, Policies, check_json};
use chofuku_tests::{World, check, comparable};
use jiff::civil::date;
use serde_json::Value;

use crate::site::in_memory;

#[test]
fn the_demo_tables_have_no_fault_that_matters() {
    let directory = in_memory().unwrap();
    demo::write_tables(directory.path()).unwrap();
    let faults = lint::lint(directory.path()).unwrap();
    let serious: Vec<_> = faults.iter().filter(|fault| fault.severity != Severity::Note).collect();
    assert!(serious.is_empty(), "{serious:#?}");
}

#[test]
fn lint_of_a_generation_is_lint_of_its_tables_without_lines() {
    let directory = in_memory().unwrap();
    let (tables, data) = (directory.path().join("tables"), directory.path().join("data"));
    demo::write_tables(&tables).unwrap();
    let said = |faults: Vec<lint::Fault>| {
        let mut said: Vec<_> = faults
            .into_iter()
            .map(|fault| (fault.severity, fault.kind, fault.file, fault.message))
            .collect();
        said.sort();
        said
    };
    let read = lint::lint(&tables).unwrap();
    assert!(read.iter().all(|fault| fault.line > 0), "every fault of the demo has a row");
    let compile = Compile { tables, data: data.clone(), ..Compile::default() };
    compile.run("2026-11-22T00:00:00Z", &Silent).unwrap();
    let (index, _) = generation::open_with_key(&data).unwrap();
    let compiled = lint::compiled(index.knowledge().tables());
    assert!(compiled.len() > 50 && compiled.iter().all(|fault| fault.line == 0));
    assert_eq!(said(compiled), said(read));
}

#[test]
fn every_story_ends_as_it_says_and_as_the_oracle_says() {
    let today = date(2026, 11, 22);
    let directory = in_memory().unwrap();
    let (tables, data) = (directory.path().join("tables"), directory.path().join("data"));
    fs::create_dir(&tables).unwrap();
    demo::write_tables(&tables).unwrap();
    let history = tables.join("history.csv");
    let options = demo_history::Options { seed: 1, patients: 100, today };
    demo_history::write(fs::File::create(&history).unwrap(), &options).unwrap();
    let world = World::read(&tables).unwrap();
    let compile =
        Compile { tables, history: vec![history], data: data.clone(), ..Compile::default() };
    let Compiled { warnings, .. } = compile.run("2026-11-22T00:00:00Z", &Silent).unwrap();
    assert_eq!(warnings, []);
    let (index, key) = generation::open_with_key(&data).unwrap();
    let live = Live::new(std::sync::Arc::new(index)).unwrap();
    for story in story::stories(today) {
        for policy in ["official", "extended"] {
            let request = story.request_under(policy);
            let (policies, day) = (Policies::default(), Day::from(today));
            let body = request.to_string();
            let answer = check_json(&live, &key, &policies, day, body.as_bytes()).unwrap();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            if policy == "official" {
                assert_eq!(answer["outcome"], story.expected.outcome, "{}", story.name);
                let of = |kind: &str| {
                    let findings = answer["findings"].as_array().unwrap();
                    findings.iter().filter(|finding| finding["kind"] == kind).count()
                };
                assert_eq!(of("duplicate"), story.expected.duplicates, "{}", story.name);
                let contraindications = story.expected.contraindications;
                assert_eq!(of("contraindication"), contraindications, "{}", story.name);
            }
            assert_eq!(comparable(answer), check(&world, &request), "{} {policy}", story.name);
        }
    }
}
