//! Damaged inputs: nothing panics, and nothing that was not damaged itself turns into another drug,
//! pair or day.

use std::{collections::BTreeSet, env, path::Path};

use chofuku_formats::{
    Report,
    inserts::{ClassTable, Drugs, Insert, Product, Resolved, read, resolve},
    masters::{HotMaster, UsageMaster, read_check_master, read_interactions_extract},
};

const INSERT: &str = include_str!("../fixtures/insert.xml");
/// How many random inputs each format gets, unless the environment asks for more.
const INPUTS: usize = 20_000;

fn inputs() -> usize {
    let asked = env::var("CHOFUKU_FUZZ_INPUTS").ok().and_then(|count| count.parse().ok());
    asked.unwrap_or(INPUTS).max(INPUTS)
}

/// Everything that the fixture names, and what it only cautions against.
fn drugs() -> Drugs {
    let names = [
        ("コウノム", "1124701F1011", "甲ノーム錠"),
        ("オツゾール", "2129901F1019", "オツゾ錠"),
        ("ヨウ化ヘイ", "2129902F1013", "ヨウヘイ錠"),
        ("ボギリン", "1179901F1016", "ボギール錠"),
        ("ヘイナビル", "6290901M1010", "ヘイナカプセル"),
        ("テイマイシン", "6149901F1010", "テイマイ錠"),
        ("キロール", "3999901F1011", "キロ錠"),
    ];
    let product = |(id, code, name): (&str, &str, &str)| Product {
        codes: vec![code.to_owned()],
        names: vec![name.to_owned()],
        substances: vec![(id.to_owned(), "oral".to_owned())],
    };
    let ids = names.map(|(id, ..)| (id.to_owned(), id.to_owned()));
    Drugs::new(ids, names.map(product).to_vec())
}

fn rules(insert: &Insert, drugs: &Drugs) -> Resolved {
    resolve(&insert.statements, &ClassTable::default(), drugs)
}

type Stated = BTreeSet<(String, String, Option<u32>, Option<u32>)>;

fn stated(resolved: &Resolved) -> Stated {
    let rule = resolved.rules.iter().map(|rule| {
        (rule.a.ingredient.clone(), rule.b.ingredient.clone(), rule.washout_a, rule.washout_b)
    });
    rule.collect()
}

/// Damages a few places: bytes replaced, cut out, put in, doubled.
fn damage(random: &mut fastrand::Rng, text: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..random.usize(1..=4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.usize(..bytes.len());
        let length = random.usize(1..=24).min(bytes.len() - at);
        match random.u8(..5) {
            0 => bytes[at] = random.u8(..),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let copy = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => {
                let signs =
                    ["<", ">", "&", "（", "）", "、", "\n", "\"", ",", "\u{0}", "等", "日以内"];
                let sign = signs[random.usize(..signs.len())];
                bytes.splice(at..at, sign.bytes());
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn the_fixture_states_what_it_states() {
    let drugs = drugs();
    let (insert, _) = read("i.xml", INSERT.as_bytes()).unwrap();
    let found = stated(&rules(&insert, &drugs));
    let expected = ["オツゾール", "ヨウ化ヘイ", "ボギリン", "ヘイナビル", "テイマイシン"]
        .map(|b| ("コウノム".to_owned(), b.to_owned(), None, Some(14)));
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn damaged_inserts_state_no_other_pair() {
    let drugs = drugs();
    let known: BTreeSet<String> =
        ["オツゾール", "ヨウ化ヘイ", "ボギリン", "ヘイナビル", "テイマイシン"]
            .map(str::to_owned)
            .into();
    let (whole, _) = read("i.xml", INSERT.as_bytes()).unwrap();
    let texts: BTreeSet<String> =
        whole.statements.into_iter().flat_map(|row| [row.cell, row.measures]).collect();
    let mut random = fastrand::Rng::with_seed(1);
    let mut read_at_all = 0;
    for _ in 0..inputs() {
        let bytes = damage(&mut random, INSERT.as_bytes());
        let Ok((insert, _)) = read("i.xml", &bytes) else { continue };
        read_at_all += 1;
        for rule in rules(&insert, &drugs).rules {
            assert_eq!(rule.a.ingredient, "コウノム");
            assert!(known.contains(&rule.b.ingredient), "{rule:?}");
            // An interval that the fixture does not state comes from text that was damaged.
            if (rule.washout_a, rule.washout_b) != (None, Some(14)) {
                let whole = texts.contains(&rule.measures.concat());
                assert!(!whole || !texts.contains(&rule.sources[0].cell), "{rule:?}");
            }
        }
    }
    assert!(read_at_all > inputs() / 20, "{read_at_all}");
}

/// The places of text between two tags, with the element of the table or head in which it stands.
fn texts() -> Vec<(std::ops::Range<usize>, &'static str)> {
    let elements = [
        "PackageInsertNo",
        "YearMonth",
        "YJCode",
        "ApprovalBrandName",
        "GenericName",
        "DrugName",
        "ClinSymptomsAndMeasures",
        "MechanismAndRiskFactors",
        "ContraIndications",
        "Instructions",
    ];
    let mut found = Vec::new();
    for (at, _) in INSERT.match_indices('>') {
        let from = at + 1;
        let Some(length) = INSERT[from..].find('<').filter(|length| *length > 0) else { continue };
        if INSERT[from..from + length].trim().is_empty() {
            continue;
        }
        let open = |name: &&&str| {
            let before = &INSERT[..from];
            let opened = [format!("<{name}>"), format!("<{name} ")]
                .iter()
                .filter_map(|tag| before.rfind(tag.as_str()))
                .max();
            opened.is_some_and(|at| at > before.rfind(&format!("</{name}>")).unwrap_or(0))
        };
        found.push((from..from + length, *elements.iter().find(open).unwrap_or(&"")));
    }
    found
}

#[test]
fn a_damaged_field_changes_nothing_but_what_it_says() {
    let drugs = drugs();
    let (insert, _) = read("i.xml", INSERT.as_bytes()).unwrap();
    let original = stated(&rules(&insert, &drugs));
    let mut random = fastrand::Rng::with_seed(2);
    let fields = texts();
    assert!(fields.len() > 30, "{}", fields.len());
    for (place, element) in fields {
        let text = INSERT[place.clone()].as_bytes();
        let noise: Vec<u8> = text
            .iter()
            .map(|byte| if *byte == b'<' || random.u8(..3) > 0 { *byte } else { random.u8(128..) })
            .collect();
        let long = "甲".repeat(10_000).into_bytes();
        for value in [Vec::new(), [text, text].concat(), long, noise] {
            let head = &INSERT.as_bytes()[..place.start];
            let bytes = [head, &value, &INSERT.as_bytes()[place.end..]].concat();
            let Ok((insert, report)) = read("i.xml", &bytes) else { continue };
            let found = rules(&insert, &drugs);
            let (now, told) =
                (stated(&found), !found.unresolved.is_empty() || !report.problems.is_empty());
            let pairs = |stated: &Stated| -> BTreeSet<(String, String)> {
                stated.iter().map(|(a, b, ..)| (a.clone(), b.clone())).collect()
            };
            let (pairs_now, pairs_then) = (pairs(&now), pairs(&original));
            assert!(pairs_now.is_subset(&pairs_then), "{element}");
            assert!(pairs_now == pairs_then || told || element == "DrugName", "{element}");
            assert!(
                now == original
                    || told
                    || ["DrugName", "ClinSymptomsAndMeasures"].contains(&element)
            );
        }
    }
}

const CHECK: &str = include_str!("../fixtures/check_master.csv");

/// The lines of a damaged text that the undamaged one does not have, counted from 1.
fn damaged_lines(text: &str, original: &str) -> BTreeSet<u64> {
    let known: BTreeSet<&str> = original.lines().collect();
    let lines = (1_u64..).zip(text.split('\n'));
    lines
        .filter(|(_, line)| !known.contains(line.strip_suffix('\r').unwrap_or(line)))
        .map(|(number, _)| number)
        .collect()
}

#[test]
fn damaged_pairs_of_codes_are_no_other_pairs() {
    let read = |bytes: &[u8]| read_check_master("c.csv", bytes, &mut Report::default());
    let original = read(CHECK.as_bytes()).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..inputs() {
        let bytes = damage(&mut random, CHECK.as_bytes());
        let Ok(master) = read(&bytes) else { continue };
        let damaged = damaged_lines(&chofuku_formats::decode(&bytes).text, CHECK);
        for pair in master.pairs {
            let known = original.pairs.iter().any(|one| one.a == pair.a && one.b == pair.b);
            // A row of which the striking-off was damaged counts again, and its line is damaged.
            let lines = [pair.a_b, pair.b_a];
            assert!(known || lines.iter().flatten().any(|line| damaged.contains(line)), "{pair:?}");
        }
    }
}

const USAGE: &str = include_str!("../fixtures/usage_master.csv");

#[test]
fn damaged_usages_are_no_other_usages() {
    let read = |bytes: &[u8]| {
        let mut master = UsageMaster::default();
        let done = master.read(Path::new("u.csv"), bytes, &mut Report::default());
        done.map(|()| master)
    };
    let original = read(USAGE.as_bytes()).unwrap();
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..inputs() {
        let bytes = damage(&mut random, USAGE.as_bytes());
        let Ok(master) = read(&bytes) else { continue };
        let damaged = damaged_lines(&chofuku_formats::decode(&bytes).text, USAGE);
        // Under a damaged heading a column is missing, and the file is refused, or the heading has
        // moved to another line.
        for row in master.rows().filter(|row| !damaged.contains(&row.line)) {
            let known = original.find(&row.code).unwrap();
            assert_eq!((&row.name, row.from, row.to), (&known.name, known.from, known.to));
            assert_eq!((row.timing, row.times_a_day), (known.timing, known.times_a_day));
        }
    }
}

const HOT: &str = include_str!("../fixtures/hot_master.csv");

#[test]
fn damaged_hot_codes_are_no_other_products() {
    let read = |bytes: &[u8]| {
        let mut report = Report::default();
        let master = HotMaster::read(Path::new("h.csv"), bytes, &mut report);
        master.map(|master| (master, report))
    };
    let (original, _) = read(HOT.as_bytes()).unwrap();
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..inputs() {
        let bytes = damage(&mut random, HOT.as_bytes());
        // A column that a damaged heading moved holds codes of another form, which is reported.
        let Ok((master, report)) = read(&bytes) else { continue };
        let damaged = damaged_lines(&chofuku_formats::decode(&bytes).text, HOT);
        if !report.problems.is_empty() {
            continue;
        }
        for row in master.rows.iter().filter(|row| !damaged.contains(&row.line)) {
            let known = original.rows.iter().find(|known| known.code == row.code).unwrap();
            assert_eq!((&row.yj, &row.price_code), (&known.yj, &known.price_code));
            assert_eq!(row.receipt_codes, known.receipt_codes);
        }
    }
}

const EXTRACT: &str = include_str!("../fixtures/interactions_extract.csv");

#[test]
fn damaged_extracts_state_no_other_pair() {
    let drugs = drugs();
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..inputs() {
        let bytes = damage(&mut random, EXTRACT.as_bytes());
        let Ok(extract) = read_interactions_extract("e.csv", &bytes, &mut Report::default()) else {
            continue;
        };
        let damaged = damaged_lines(&chofuku_formats::decode(&bytes).text, EXTRACT);
        let found = resolve(&extract.statements, &ClassTable::default(), &drugs);
        for rule in found.rules {
            let line = rule.sources[0].place;
            let known =
                ["オツゾール", "ボギリン", "ヘイナビル"].contains(&rule.b.ingredient.as_str());
            assert!(known || damaged.contains(&line), "{rule:?}");
            assert_eq!(rule.a.ingredient, "コウノム");
        }
    }
}
