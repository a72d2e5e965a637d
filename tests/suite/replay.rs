//! A replay finds what the oracle finds when each document is asked about with nothing but what
//! stood before it.

use std::collections::BTreeMap;

use chofuku_engine::check::OwnInstitution;
use chofuku_engine::check::replay::Setting;
use chofuku_engine::policy::Policy;
use chofuku_engine::replay::{Group, Replay, Replayed};
use chofuku_engine::{Day, Index};
use chofuku_tests::{HistoryRow, World, check, random};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::site::Site;

const WORLDS: u64 = 80;

/// How often what was found: kind, ingredients, partner.
type Found = BTreeMap<(String, Vec<String>, String), u64>;

/// The rows of each document that is checked, in the order of basis day and id.
fn documents(world: &World) -> Vec<Vec<HistoryRow>> {
    let mut documents: BTreeMap<(&str, &str), Vec<HistoryRow>> = BTreeMap::new();
    for row in &world.history {
        documents.entry((&row.date, &row.document)).or_default().push(row.clone());
    }
    let checked = |rows: &Vec<HistoryRow>| {
        rows.iter().all(|row| row.status.is_empty() && row.setting != "inpatient")
    };
    let mut documents: Vec<_> = documents.into_values().filter(checked).collect();
    for rows in &mut documents {
        rows.sort_by_key(|row| row.rp.parse::<u32>().unwrap());
    }
    documents
}

/// The world before a document was registered.
fn before(world: &World, document: &HistoryRow) -> World {
    let order = |row: &HistoryRow| (row.date.clone(), row.document.clone());
    let rows = world.history.iter().filter(|row| order(row) < order(document));
    let mut history: Vec<HistoryRow> = rows.cloned().collect();
    for row in history.iter_mut().filter(|row| row.kind == "dispensing") {
        // That a prescription is a refill is known to its dispensing results, wherever it stands.
        let named = world.history.iter().find(|named| {
            row.kind == "dispensing"
                && named.document == row.prescription
                && named.kind == "prescription"
                && identity(named) == identity(row)
        });
        let uses = |text: &str| text.parse::<u32>().unwrap_or(0);
        if let Some(named) = named.filter(|named| uses(&named.refill_uses) > uses(&row.refill_uses))
        {
            row.refill_uses.clone_from(&named.refill_uses);
        }
    }
    World { history, ..world.clone() }
}

fn identity(row: &HistoryRow) -> Value {
    if !row.patient_id.is_empty() {
        return json!({"id": row.patient_id});
    }
    let mut identity = json!({"insurer": row.insurer, "symbol": row.symbol, "number": row.number});
    if !row.branch.is_empty() {
        identity["branch"] = json!(row.branch);
    }
    identity
}

fn request(rows: &[HistoryRow], policy: &str, own: OwnInstitution) -> Value {
    let first = &rows[0];
    let (kind, code) = match first.kind.as_str() {
        "dispensing" => ("pharmacy", &first.pharmacy),
        _ => ("medical_institution", &first.institution),
    };
    let lines = rows.iter().map(|row| {
        json!({
            "rp": row.rp.parse::<u32>().unwrap(),
            "form": row.form.parse::<u8>().unwrap(),
            "drug": {"system": row.drug_system, "code": row.drug_code},
        })
    });
    let mut sources = vec![first.document.as_str()];
    if first.kind == "dispensing" && !first.prescription.is_empty() {
        sources.push(&first.prescription);
    }
    json!({
        "patient": identity(first),
        "as_of": first.date,
        "actor": {"kind": kind, "code": code},
        "own_institution": if own == OwnInstitution::Include { "include" } else { "exclude" },
        "consent": {"level": "full"},
        "source_documents": sources,
        "policy": policy,
        "lines": lines.collect::<Value>(),
    })
}

fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().into_iter().flatten().map(|entry| entry["id"].as_str().unwrap());
    let mut ids: Vec<String> = ids.map(str::to_owned).collect();
    ids.dedup();
    ids
}

/// What the oracle finds, and in how many checks of how many lines.
fn expected(world: &World, policy: &str, own: OwnInstitution) -> (Found, u64, u64) {
    let documents = documents(world);
    let mut found = Found::new();
    let mut lines = 0;
    for rows in &documents {
        lines += u64::try_from(rows.len()).unwrap();
        let answer = check(&before(world, &rows[0]), &request(rows, policy, own));
        for finding in answer["findings"].as_array().unwrap() {
            let kind = finding["kind"].as_str().unwrap().to_owned();
            let (ingredients, partner) = match finding.get("ingredients") {
                Some(ingredients) => (ids(ingredients), String::new()),
                None => (
                    vec![finding["ingredient"]["id"].as_str().unwrap().to_owned()],
                    finding["partner"]["id"].as_str().unwrap().to_owned(),
                ),
            };
            *found.entry((kind, ingredients, partner)).or_default() += 1;
        }
    }
    (found, u64::try_from(documents.len()).unwrap(), lines)
}

fn setting<'a>(index: &'a Index, policy: &'a Policy, own: OwnInstitution) -> Setting<'a> {
    Setting { index, policy, own_institution: own }
}

fn named(replayed: &Replayed, groups: &std::collections::HashMap<Group, u64>) -> Found {
    let label = |number: &u32| replayed.labels[usize::try_from(*number).unwrap()].clone();
    let mut found = Found::new();
    for (group, count) in groups {
        let mut ingredients: Vec<String> = group.ingredients.iter().map(label).collect();
        ingredients.dedup();
        let partner = group.partner.as_ref().map(label).unwrap_or_default();
        *found.entry((group.kind.name().to_owned(), ingredients, partner)).or_default() += count;
    }
    found
}

fn all_days() -> std::ops::RangeInclusive<Day> {
    Day::from_number(0)..=Day::from_number(65_535)
}

#[test]
fn a_replay_finds_what_the_oracle_finds_document_by_document() {
    let totals: Vec<(u64, u64)> = (0..WORLDS)
        .into_par_iter()
        .map(|seed| {
            let (world, _) = random::world(seed);
            let site = Site::of(&world);
            let own = if seed % 2 == 0 { OwnInstitution::Exclude } else { OwnInstitution::Include };
            let official = setting(&site.index, &Policy::OFFICIAL, own);
            let extended = Policy::built_in("extended").unwrap();
            let extended = setting(&site.index, extended, own);
            let run = Replay { base: official, other: Some(extended), days: all_days() };
            let replayed = run.run(|_| ()).unwrap();
            let (found, checks, lines) = expected(&world, "official", own);
            assert_eq!((replayed.checks, replayed.lines), (checks, lines), "seed {seed}");
            assert_eq!(named(&replayed, &replayed.base.groups), found, "seed {seed}");
            let (found, ..) = expected(&world, "extended", own);
            assert_eq!(named(&replayed, &replayed.other.groups), found, "seed {seed}");
            (replayed.base.duplicates, replayed.other.contraindications)
        })
        .collect();
    let duplicates: u64 = totals.iter().map(|total| total.0).sum();
    let contraindications: u64 = totals.iter().map(|total| total.1).sum();
    assert!(duplicates > 100 && contraindications > 100, "{duplicates}, {contraindications}");
}

#[test]
fn what_appears_and_vanishes_is_the_difference_of_two_runs() {
    let mut changed = 0;
    for seed in 0..20 {
        let (world, _) = random::world(seed);
        let site = Site::of(&world);
        let own = OwnInstitution::Include;
        let official = setting(&site.index, &Policy::OFFICIAL, own);
        let extended = Policy::built_in("extended").unwrap();
        let extended = setting(&site.index, extended, own);
        let run = Replay { base: official, other: Some(extended), days: all_days() };
        let replayed = run.run(|_| ()).unwrap();
        changed += replayed.changed_checks;
        let mut sums = replayed.base.groups.clone();
        for (group, count) in &replayed.appeared {
            *sums.entry(group.clone()).or_default() += count;
        }
        for (group, count) in &replayed.vanished {
            *sums.get_mut(group).unwrap() -= count;
        }
        sums.retain(|_, count| *count > 0);
        assert_eq!(sums, replayed.other.groups, "seed {seed}");
        let same = Replay { base: official, other: Some(official), days: all_days() };
        let same = same.run(|_| ()).unwrap();
        assert_eq!((same.changed_checks, same.appeared.len(), same.vanished.len()), (0, 0, 0));
    }
    assert!(changed > 0);
}

#[test]
fn other_tables_are_tried_on_the_same_history() {
    let (mut world, _) = random::world(3);
    let site = Site::of(&world);
    world.contraindications.clear();
    let tables = tempfile::tempdir().unwrap();
    world.write(tables.path()).unwrap();
    let trial = chofuku_loader::trial::with_tables(&site.data(), tables.path()).unwrap();
    let own = OwnInstitution::Include;
    let base = setting(&site.index, &Policy::OFFICIAL, own);
    let other = setting(&trial, &Policy::OFFICIAL, own);
    let run = Replay { base, other: Some(other), days: all_days() };
    let replayed = run.run(|_| ()).unwrap();
    assert_eq!(replayed.other.contraindications, 0);
    assert_eq!(replayed.other.duplicates, replayed.base.duplicates);
    let vanished: u64 = replayed.vanished.values().sum();
    assert_eq!(vanished, replayed.base.contraindications);
    assert!(replayed.appeared.is_empty());
}

#[test]
fn days_bound_which_documents_are_checked() {
    let (world, _) = random::world(5);
    let site = Site::of(&world);
    let base = setting(&site.index, &Policy::OFFICIAL, OwnInstitution::Exclude);
    let count = |days| {
        let run = Replay { base, other: None, days };
        run.run(|_| ()).unwrap().checks
    };
    let all = documents(&world);
    let last: Day = all.last().unwrap()[0].date.parse().unwrap();
    let of_last = all.iter().filter(|rows| rows[0].date.parse::<Day>().unwrap() == last).count();
    assert_eq!(count(all_days()), u64::try_from(all.len()).unwrap());
    assert_eq!(count(last..=last), u64::try_from(of_last).unwrap());
}
