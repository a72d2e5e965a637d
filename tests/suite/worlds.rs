//! The random worlds are valid, repeatable, and nasty enough to be worth comparing answers on.

use std::collections::{BTreeMap, BTreeSet};

use chofuku_tests::{World, check, history, random};
use serde_json::{Value, json};

/// How often something was seen.
#[derive(Debug, Default)]
struct Counts(BTreeMap<String, u32>);

impl Counts {
    fn see(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    /// Sees a field of each entry of a list.
    fn see_each(&mut self, list: &Value, field: &str) {
        for entry in list.as_array().into_iter().flatten() {
            self.see(format!("{field} {}", text(&entry[field])));
        }
    }

    fn see_answer(&mut self, answer: &Value) {
        self.see(format!("outcome {}", text(&answer["outcome"])));
        self.see(format!("complete {}", answer["complete"]));
        self.see_each(&answer["not_checked"], "reason");
        for warning in answer["warnings"].as_array().into_iter().flatten() {
            self.see(format!("warning {}", text(&warning["kind"])));
        }
        for (disposition, _) in answer["considered"].as_object().into_iter().flatten() {
            self.see(format!("considered {disposition}"));
        }
        if answer["blind_spots"].as_array().is_some_and(|spots| !spots.is_empty()) {
            self.see("blind spots");
        }
        for finding in answer["findings"].as_array().into_iter().flatten() {
            self.see_finding(finding);
        }
    }

    fn see_finding(&mut self, finding: &Value) {
        let kind = text(&finding["kind"]);
        self.see(format!("{kind} of scope {}", text(&finding["scope"])));
        self.see(format!("level {}", text(&finding["level"])));
        self.see(format!("wash-out {}", finding["washout"]));
        self.see(format!("double registration {}", finding["possible_double_registration"]));
        self.see_each(&finding["rules"], "stated_by");
        if finding["rules"].as_array().is_some_and(|rules| rules.len() > 1) {
            self.see("several rules");
        }
        if finding["evidence"].as_array().is_some_and(|evidence| evidence.len() > 2) {
            self.see("much evidence");
        }
        if finding["ingredients"].as_array().is_some_and(|ingredients| ingredients.len() > 1) {
            self.see("several ingredients");
        }
        let several_routes = |side: &str| finding.pointer(side).map_or("", text).contains(';');
        if several_routes("/partner/route") || several_routes("/ingredient/route") {
            self.see("several routes");
        }
        for field in ["resolution", "days_from", "basis"] {
            self.see_each(&finding["evidence"], field);
        }
        for evidence in finding["evidence"].as_array().into_iter().flatten() {
            self.see(format!("refill exempt {}", evidence["refill_exempt"]));
        }
    }
}

/// What must have been seen so many times over all seeds.
const WANTED: [(u32, &[&str]); 3] = [
    (100, &["outcome findings", "outcome incomplete", "outcome clear", "complete true"]),
    (
        20,
        &[
            "reason material",
            "reason dummy_code",
            "reason unknown_code",
            "reason not_covered",
            "reason no_substance",
            "warning check_digit",
            "warning resolution",
            "warning name_mismatch",
            "warning quantity_missing",
            "warning quantity_zero",
            "warning quantity_not_whole",
            "warning quantity_over_999",
            "warning past_unresolved",
            "considered cancelled",
            "considered superseded",
            "considered own_chain",
            "considered inpatient",
            "considered material",
            "considered not_covered",
            "considered future",
            "considered outside_window",
            "considered ended",
            "considered own_institution",
            "considered unresolved",
            "considered active",
            "duplicate of scope history",
            "duplicate of scope prescription",
            "contraindication of scope history",
            "contraindication of scope prescription",
            "level product",
            "level ingredient",
            "wash-out true",
            "wash-out false",
            "blind spots",
            "double registration true",
            "stated_by line",
            "stated_by partner",
            "stated_by both",
            "several rules",
            "several ingredients",
            "several routes",
            "much evidence",
            "refill exempt true",
        ],
    ),
    (
        10,
        &[
            "resolution exact",
            "resolution first9",
            "resolution yj7",
            "days_from days",
            "days_from interval",
            "days_from default_as_needed",
            "days_from default_external",
            "days_from default_drops",
            "days_from default_injection",
            "days_from default_other",
            "days_from default_quantity_missing",
            "days_from default_quantity_zero",
            "days_from default_quantity_not_whole",
            "days_from default_quantity_over_999",
            "basis dispensed",
            "basis prescribed",
            "basis in_house",
        ],
    ),
];

const SEEDS: u64 = 300;

#[test]
fn the_worlds_hold_everything_that_an_answer_can_say() {
    let mut counts = Counts::default();
    for seed in 0..SEEDS {
        let (world, requests) = random::world(seed);
        for request in &requests {
            counts.see_answer(&check(&world, request));
        }
    }
    let seen = |what: &str| counts.0.get(what).copied().unwrap_or(0);
    let all = WANTED.iter().flat_map(|(least, list)| list.iter().map(move |what| (*least, *what)));
    let rare: Vec<_> = all.filter(|(least, what)| seen(what) < *least).collect();
    assert!(rare.is_empty(), "too rare: {rare:?} in {counts:#?}");
}

#[test]
fn one_seed_is_one_world() {
    for seed in 0..20 {
        assert_eq!(random::world(seed), random::world(seed), "seed {seed}");
        assert_ne!(random::world(seed).0, random::world(seed + 1).0, "seed {seed}");
    }
}

#[test]
fn a_world_survives_being_written_and_read() {
    for seed in 0..20 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (world, _) = random::world(seed);
        world.write(folder.path()).expect("the tables can be written");
        let read = World::read(folder.path()).expect("the tables can be read");
        assert_eq!(read, world, "seed {seed}");
    }
}

#[test]
fn the_rows_of_a_document_agree() {
    for seed in 0..SEEDS {
        let (world, _) = random::world(seed);
        let mut heads = BTreeMap::new();
        for row in &world.history {
            let mut head = row.clone();
            for cell in [
                &mut head.rp,
                &mut head.drug_system,
                &mut head.drug_code,
                &mut head.drug_name,
                &mut head.form,
                &mut head.quantity,
                &mut head.usage,
                &mut head.usage_supplements,
            ] {
                cell.clear();
            }
            let first = heads.entry(row.document.clone()).or_insert_with(|| head.clone());
            assert_eq!(*first, head, "seed {seed}, document {}", row.document);
        }
    }
}

/// S29: consent decides what is told, never what there is.
#[test]
fn consent_changes_no_outcome_and_no_kind() {
    for seed in 0..SEEDS {
        let (world, requests) = random::world(seed);
        for request in requests {
            let told: Vec<Value> = ["none", "oral", "full"]
                .map(|level| {
                    let mut request = request.clone();
                    request["consent"] = json!({"level": level, "recorded_by": "dr-017"});
                    check(&world, &request)
                })
                .to_vec();
            let kinds = |answer: &Value| -> BTreeSet<String> {
                let findings = answer["findings"].as_array().expect("a list").iter();
                let kind = |f: &Value| format!("{} {} {}", f["kind"], f["scope"], f["line"]);
                findings.map(kind).collect()
            };
            for answer in &told {
                assert_eq!(answer["outcome"], told[0]["outcome"], "seed {seed}");
                assert_eq!(kinds(answer), kinds(&told[0]), "seed {seed}");
                assert_eq!(answer["not_checked"], told[0]["not_checked"], "seed {seed}");
            }
            assert_eq!(told[1]["findings"], told[2]["findings"], "seed {seed}");
        }
    }
}

/// The history call and the counts of a check are two views of one judgement.
#[test]
fn the_history_has_the_dispositions_that_a_check_counts() {
    for seed in 0..SEEDS {
        let (world, requests) = random::world(seed);
        for mut request in requests {
            request["consent"] = json!({"level": "full"});
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            let answer = history(&world, &request);
            for record in answer["records"].as_array().expect("a list") {
                *counts.entry("records".to_owned()).or_default() += 1;
                *counts.entry(text(&record["disposition"]).to_owned()).or_default() += 1;
            }
            counts.entry("records".to_owned()).or_default();
            assert_eq!(json!(counts), check(&world, &request)["considered"], "seed {seed}");
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
