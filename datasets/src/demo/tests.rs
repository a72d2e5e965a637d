use std::collections::{BTreeMap, BTreeSet};

use super::{CONTRAINDICATIONS, DRUGS, INGREDIENTS, INSTITUTIONS, REVISIONS, TABLES, write_tables};

type Row = BTreeMap<String, String>;

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn parts(cell: &str) -> Vec<&str> {
    cell.split(';').filter(|part| !part.is_empty()).collect()
}

fn header(text: &str) -> &str {
    text.lines().next().unwrap()
}

/// The digit that a price-list or YJ code ends with, from its first eleven characters.
fn check_digit(code: &str) -> u32 {
    let value = |c: u8| match c {
        b'0'..=b'9' => u32::from(c - b'0'),
        b'A'..=b'I' => u32::from(c - b'A') + 1,
        b'J'..=b'R' => u32::from(c - b'J') + 1,
        b'S'..=b'Z' => u32::from(c - b'S') + 2,
        other => panic!("{other}"),
    };
    let weights = (2..=7).cycle();
    let sum: u32 =
        code.as_bytes()[..11].iter().rev().zip(weights).map(|(c, weight)| value(*c) * weight).sum();
    let digit = 11 - sum % 11;
    if digit >= 10 { 0 } else { digit }
}

#[test]
fn columns_are_the_canonical_ones() {
    assert_eq!(header(INGREDIENTS), "id,name_ja,name_en");
    assert_eq!(
        header(DRUGS),
        "yj,price,receipt,generic,hot,gtin,name,aliases,kana,substances,covered_from,covered_to,\
         dummy"
    );
    assert_eq!(
        header(CONTRAINDICATIONS),
        "a_ingredient,a_routes,a_only,a_except,b_ingredient,b_routes,b_only,b_except,insert,\
         revised,section,stated_by,condition,measures,mechanism,washout_a,washout_b,valid_from,\
         valid_to"
    );
    assert_eq!(header(INSTITUTIONS), "code,name");
    assert_eq!(header(REVISIONS), "table,revision,source");
}

#[test]
fn ingredients_are_unique_and_named_in_both_languages() {
    let rows = rows(INGREDIENTS);
    let ids: BTreeSet<_> = rows.iter().map(|row| &row["id"]).collect();
    assert_eq!(ids.len(), rows.len());
    assert!(rows.iter().all(|row| !row["name_ja"].is_empty() && !row["name_en"].is_empty()));
    assert!(ids.iter().all(|id| !id.contains([' ', '　', '@', ';', ','])));
}

#[test]
fn drugs_are_many_and_each_has_codes_and_known_substances() {
    let ingredients: BTreeSet<_> =
        rows(INGREDIENTS).into_iter().map(|row| row["id"].clone()).collect();
    let drugs = rows(DRUGS);
    let real: Vec<_> = drugs.iter().filter(|row| row["dummy"] != "1").collect();
    assert!(real.len() >= 300, "{}", real.len());
    let mut used = BTreeSet::new();
    for drug in real {
        let name = &drug["name"];
        assert!(!drug["price"].is_empty() && !drug["receipt"].is_empty(), "{name}");
        assert!(!drug["substances"].is_empty() && !drug["kana"].is_empty(), "{name}");
        for substance in parts(&drug["substances"]) {
            let (ingredient, route) = substance.split_once('@').unwrap();
            assert!(ingredients.contains(ingredient), "{name}: {ingredient}");
            assert!(["oral", "injection", "external", "dental"].contains(&route), "{name}");
            used.insert(ingredient.to_owned());
        }
        for day in ["covered_from", "covered_to"] {
            let day = &drug[day];
            assert!(day.is_empty() || day.parse::<jiff::civil::Date>().is_ok(), "{name}: {day}");
        }
    }
    assert_eq!(used, ingredients, "an ingredient without a product");
}

#[test]
fn codes_are_well_formed_and_mean_one_set_of_substances() {
    let mut meanings: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for drug in rows(DRUGS) {
        let substances: BTreeSet<_> =
            parts(&drug["substances"]).into_iter().map(str::to_owned).collect();
        for system in ["yj", "price", "receipt", "generic"] {
            for code in parts(&drug[system]) {
                let length = if system == "receipt" { 9 } else { 12 };
                assert_eq!(code.len(), length, "{code}");
                if ["yj", "price"].contains(&system) {
                    assert_eq!(code[11..], check_digit(code).to_string(), "{code}");
                }
                let key = (system.to_owned(), code.to_owned());
                let known = meanings.entry(key).or_insert_with(|| substances.clone());
                assert_eq!(*known, substances, "{system} {code}");
            }
        }
    }
}

#[test]
fn a_receipt_or_yj_code_names_one_product() {
    let mut seen = BTreeSet::new();
    for drug in rows(DRUGS) {
        for code in parts(&drug["receipt"]).into_iter().chain(parts(&drug["yj"])) {
            assert!(seen.insert(code.to_owned()), "{code}");
        }
    }
}

#[test]
fn the_national_dummy_codes_are_marked() {
    let dummies: BTreeSet<_> = rows(DRUGS)
        .into_iter()
        .filter(|row| row["dummy"] == "1")
        .map(|row| {
            assert!(row["substances"].is_empty());
            format!("{}{}", row["receipt"], row["generic"])
        })
        .collect();
    let expected = ["2000000X0000", "666660000", "777770000"];
    assert_eq!(dummies.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// Whether a product is on side `side` (`a` or `b`) of the pair.
fn is_on(side: &str, pair: &Row, drug: &Row) -> bool {
    let prefixed = |prefixes: &str| {
        let codes = [&drug["yj"], &drug["price"]];
        parts(prefixes).iter().any(|prefix| codes.iter().any(|code| code.starts_with(prefix)))
    };
    let routes = &pair[&format!("{side}_routes")];
    let only = &pair[&format!("{side}_only")];
    let substance = parts(&drug["substances"]).into_iter().any(|substance| {
        let (ingredient, route) = substance.split_once('@').unwrap();
        ingredient == pair[&format!("{side}_ingredient")]
            && (routes.is_empty() || parts(routes).contains(&route))
    });
    substance && (only.is_empty() || prefixed(only)) && !prefixed(&pair[&format!("{side}_except")])
}

#[test]
fn pairs_are_many_and_have_products_on_both_sides() {
    let drugs = rows(DRUGS);
    let pairs = rows(CONTRAINDICATIONS);
    let distinct: BTreeSet<_> = pairs
        .iter()
        .map(|pair| BTreeSet::from([pair["a_ingredient"].clone(), pair["b_ingredient"].clone()]))
        .collect();
    assert!(distinct.len() >= 150, "{}", distinct.len());
    for pair in &pairs {
        for side in ["a", "b"] {
            assert!(drugs.iter().any(|drug| is_on(side, pair, drug)), "{side} of {pair:?}");
        }
        assert_ne!(pair["a_ingredient"], pair["b_ingredient"]);
    }
}

/// A prefix or a route that no product answers to would be a mistyped one.
#[test]
fn every_route_and_prefix_of_a_pair_reaches_a_product() {
    let drugs = rows(DRUGS);
    for pair in rows(CONTRAINDICATIONS) {
        for side in ["a", "b"] {
            for column in ["routes", "only"] {
                let cell = format!("{side}_{column}");
                for value in parts(&pair[&cell]) {
                    let mut alone = pair.clone();
                    alone.insert(cell.clone(), value.to_owned());
                    assert!(
                        drugs.iter().any(|drug| is_on(side, &alone, drug)),
                        "{value}: {pair:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_pair_says_where_it_is_stated() {
    for pair in rows(CONTRAINDICATIONS) {
        assert!(!pair["insert"].is_empty(), "{pair:?}");
        assert!(["a", "b", "both"].contains(&pair["stated_by"].as_str()), "{pair:?}");
        for days in ["washout_a", "washout_b"] {
            assert!(pair[days].is_empty() || pair[days].parse::<u32>().is_ok_and(|d| d > 0));
        }
        let revised = &pair["revised"];
        assert!([0, 7, 10].contains(&revised.len()), "{revised}");
    }
}

#[test]
fn wash_out_of_mao_inhibitors_runs_from_their_side() {
    let pairs = rows(CONTRAINDICATIONS);
    let pair = |a: &str, b: &str| {
        let found = pairs.iter().find(|p| p["a_ingredient"] == a && p["b_ingredient"] == b);
        found.map(|p| (p["washout_a"].as_str(), p["washout_b"].as_str())).unwrap()
    };
    assert_eq!(pair("セレギリン", "パロキセチン"), ("14", ""));
    assert_eq!(pair("スマトリプタン", "セレギリン"), ("", "14"));
    assert_eq!(pair("トラマドール", "ナルメフェン"), ("", "7"));
}

#[test]
fn institutions_are_fictitious_and_well_formed() {
    let rows = rows(INSTITUTIONS);
    let codes: BTreeSet<_> = rows.iter().map(|row| &row["code"]).collect();
    assert_eq!(codes.len(), rows.len());
    for row in &rows {
        let code = row["code"].as_bytes();
        assert!(row["name"].starts_with("架空"), "{row:?}");
        assert!(code.len() == 10 && code.iter().all(u8::is_ascii_digit), "{row:?}");
        assert!([b'1', b'3', b'4'].contains(&code[2]), "{row:?}");
    }
    assert!(rows.iter().filter(|row| row["code"].as_bytes()[2] == b'4').count() >= 29);
}

#[test]
fn tables_are_written_as_embedded() {
    let dir = tempfile::tempdir().unwrap();
    let nested = dir.path().join("a/tables");
    write_tables(&nested).unwrap();
    for (name, text) in TABLES {
        assert_eq!(std::fs::read_to_string(nested.join(name)).unwrap(), text);
    }
}
