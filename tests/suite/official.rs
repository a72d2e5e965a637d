//! The official lists, where they are at hand: tables build, lint, compile, and every pair that has
//! codes on both sides is found in each direction.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chofuku_engine::{Day, generation};
use chofuku_loader::Compile;
use chofuku_loader::lint::{self, Severity};
use chofuku_loader::progress::Silent;
use chofuku_loader::tables::{self, Sources};
use chofuku_server::{Live, Policies, check_json};
use serde_json::{Value, json};

use crate::site::in_memory;

/// The folder of official lists, which are not part of the project.
fn lists() -> Option<PathBuf> {
    let folder = std::env::var_os("CHOFUKU_OFFICIAL_DATA").map(PathBuf::from);
    let found = folder.filter(|folder| folder.join("masters").is_dir());
    if found.is_none() {
        println!("not run: CHOFUKU_OFFICIAL_DATA names no folder of official lists");
    }
    found
}

fn sources(lists: &Path) -> Sources {
    let masters = lists.join("masters");
    let files = |folder: &str, wanted: fn(&str) -> bool| {
        let entries =
            fs::read_dir(masters.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let mut found: Vec<PathBuf> = entries.filter(|path| wanted(&name(path))).collect();
        found.sort();
        found
    };
    Sources {
        price_lists: files("mhlw_price", |_| true),
        generic_names: files("ippanmei", |name| name.ends_with("xlsx")),
        receipt_masters: files("ssk_y", |name| name.starts_with("y_") && name != "y_header.csv"),
        check_masters: Vec::new(),
        pairs: vec![lists.join("pairs/heiyo_kinki_pairs.csv")],
        hot: files("hot9", |name| name.starts_with("hot")),
        usages: files("usage", |name| name.starts_with("ep_usage_master")),
        aliases: None,
    }
}

/// One price code of each product, by its first seven characters.
fn products(tables: &Path) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_path(tables.join("drugs.csv")).unwrap();
    let mut products = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let code = row["price"].split(';').next().unwrap().to_owned();
        let covered = row["covered_to"].is_empty() || *row["covered_to"] >= *AS_OF;
        if code.len() == 12 && covered {
            products.entry(code[..7].to_owned()).or_insert(code);
        }
    }
    products
}

/// The pairs of the list, as codes of products that are taken by mouth where there is one.
fn pairs(lists: &Path, products: &BTreeMap<String, String>) -> Vec<(String, String, String)> {
    let mut reader = csv::Reader::from_path(lists.join("pairs/heiyo_kinki_pairs.csv")).unwrap();
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap);
    let coded: Vec<_> =
        rows.filter(|row| !row["yj7_a"].is_empty() && !row["yj7_b"].is_empty()).collect();
    let code = |side: &str| {
        let listed = side.split('|').map(|code| code.split_once(':').unwrap());
        let mut listed: Vec<(&str, &str)> = listed.collect();
        listed.sort_by_key(|(_, route)| *route != "内用");
        let found = listed.iter().find_map(|(prefix, _)| products.get(*prefix));
        found.unwrap_or_else(|| panic!("no product of {side}")).clone()
    };
    let name = |row: &BTreeMap<String, String>| {
        format!("{} × {}", row["ingredient_a_ja"], row["ingredient_b_ja"])
    };
    coded.iter().map(|row| (name(row), code(&row["yj7_a"]), code(&row["yj7_b"]))).collect()
}

/// The check day, within the coverage of the lists.
const AS_OF: &str = "2025-08-14";

const HEADER: &str = "document,kind,setting,insurer,symbol,number,branch,patient_id,date,\
                      institution,pharmacy,prescription,refill_uses,refill_use,rp,drug_system,\
                      drug_code,drug_name,form,quantity,usage,usage_supplements,status\n";

/// Each pair is two patients: one who takes a and is prescribed b, and the reverse.
fn history(pairs: &[(String, String, String)]) -> String {
    let mut text = HEADER.to_owned();
    for (number, (_, a, b)) in pairs.iter().enumerate() {
        for (side, code) in [("a", a), ("b", b)] {
            let line = format!(
                "{side}{number},prescription,,,,,,{side}{number},2025-08-10,1311234567,,,,,1,\
                 price,{code},,1,14,,,\n"
            );
            text.push_str(&line);
        }
    }
    text
}

#[test]
fn every_coded_pair_of_the_official_lists_is_found_in_both_directions() {
    let Some(lists) = lists() else { return };
    let directory = in_memory().unwrap();
    let (tables, data) = (directory.path().join("tables"), directory.path().join("data"));
    let built = tables::build(&sources(&lists)).unwrap();
    built.write(&tables).unwrap();
    let faults = lint::lint(&tables).unwrap();
    let errors: Vec<_> = faults.iter().filter(|fault| fault.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let pairs = pairs(&lists, &products(&tables));
    assert_eq!(pairs.len(), 330);
    let file = directory.path().join("history.csv");
    fs::write(&file, history(&pairs)).unwrap();
    let compile = Compile { tables, history: vec![file], data: data.clone(), ..Compile::default() };
    compile.run("2025-08-14T00:00:00Z", &Silent).unwrap();
    let (index, key) = generation::open_with_key(&data).unwrap();
    let live = Live::new(std::sync::Arc::new(index)).unwrap();
    let mut missed = Vec::new();
    for (number, (name, a, b)) in pairs.iter().enumerate() {
        for (taken, new) in [("a", b), ("b", a)] {
            let request = json!({
                "patient": {"id": format!("{taken}{number}")},
                "as_of": AS_OF,
                "own_institution": "include",
                "consent": {"level": "full"},
                "lines": [{"rp": 1, "drug": {"system": "price", "code": new}, "form": 1, "quantity": "7"}],
            });
            let (policies, today) = (Policies::default(), Day::from_number(0));
            let body = request.to_string();
            let answer = check_json(&live, &key, &policies, today, body.as_bytes()).unwrap();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            let findings = answer["findings"].as_array().unwrap();
            if !findings.iter().any(|finding| finding["kind"] == "contraindication") {
                missed.push(format!("{name}, {taken} taken: {a} {b}"));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}
