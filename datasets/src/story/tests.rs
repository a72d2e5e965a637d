use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::{Story, example_request, stories};
use crate::demo;

const TODAY: Date = date(2026, 11, 22);

#[test]
fn names_are_unique_and_documents_too() {
    let all = stories(TODAY);
    let names: BTreeSet<_> = all.iter().map(|story| story.name).collect();
    assert_eq!(names.len(), all.len());
    let documents: Vec<_> = all.iter().flat_map(|story| &story.documents).collect();
    let ids: BTreeSet<_> = documents.iter().map(|document| &document.id).collect();
    assert_eq!(ids.len(), documents.len());
}

#[test]
fn every_story_is_told_in_japanese() {
    for story in stories(TODAY) {
        assert!(super::japanese::shows(story.name).is_some(), "{}", story.name);
        assert_ne!(story.shows_ja(), story.shows);
    }
}

#[test]
fn drugs_have_the_code_and_the_name_of_the_table() {
    let mut names: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(demo::DRUGS.as_bytes());
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        for system in ["yj", "receipt", "generic"] {
            for code in row[system].split(';').filter(|code| !code.is_empty()) {
                let known = names.entry((system.to_owned(), code.to_owned())).or_default();
                known.insert(row["name"].clone());
                known.extend(row["aliases"].split(';').map(str::to_owned));
            }
        }
    }
    let known = |system: &str, code: &str, name: &str| {
        let known = &names[&(system.to_owned(), code.to_owned())];
        assert!(code == "666660000" || known.contains(name), "{system} {code} {name} {known:?}");
    };
    for story in stories(TODAY) {
        for row in story.rows() {
            known(&row.drug_system, &row.drug_code, &row.drug_name);
        }
        for line in story.request["lines"].as_array().unwrap() {
            let text = |key: &str| line["drug"][key].as_str().unwrap();
            known(text("system"), text("code"), text("name"));
        }
    }
}

#[test]
fn institutions_are_in_the_table() {
    let known = |code: &str| demo::INSTITUTIONS.contains(&format!("\n{code},"));
    for story in stories(TODAY) {
        assert!(known(story.request["actor"]["code"].as_str().unwrap()), "{}", story.name);
        for row in story.rows() {
            assert!(known(&row.institution), "{row:?}");
            assert!(row.pharmacy.is_empty() || known(&row.pharmacy), "{row:?}");
        }
    }
}

#[test]
fn requests_have_the_shape_of_the_interface() {
    for Story { request, name, .. } in stories(TODAY) {
        let keys: Vec<_> = request.as_object().unwrap().keys().map(String::as_str).collect();
        let expected =
            ["actor", "as_of", "consent", "lines", "own_institution", "patient", "policy"];
        assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(expected), "{name}");
        assert_eq!(request["as_of"], "2026-11-22");
    }
}

#[test]
fn the_example_is_told_under_recorded_oral_consent() {
    let request = example_request(TODAY);
    assert_eq!(request["consent"]["level"], "oral");
    assert!(!request["consent"]["recorded_by"].as_str().unwrap().is_empty());
    assert_eq!(request["lines"].as_array().unwrap().len(), 3);
    let text = request.to_string();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), request);
}

#[test]
fn eighty_one_results_come_from_twenty_nine_pharmacies() {
    let all = stories(TODAY);
    let story = all.iter().find(|story| story.name == "many-pharmacies").unwrap();
    let rows: Vec<_> = story.rows().filter(|row| row.kind == "dispensing").collect();
    let pharmacies: BTreeSet<_> = rows.iter().map(|row| &row.pharmacy).collect();
    assert_eq!((rows.len(), pharmacies.len()), (81, 29));
    assert_eq!(story.expected.records, 81);
}

#[test]
fn another_policy_changes_nothing_else() {
    let story = &stories(TODAY)[0];
    let mut request = story.request_under("extended");
    assert_eq!(request["policy"], "extended");
    request["policy"] = "official".into();
    assert_eq!(request, story.request);
}
