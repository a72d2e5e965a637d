//! The official lists, where they are at hand: everything must come out or be named with a reason.
//!
//! The lists are not part of the project. They are looked for in the folder that the environment
//! variable `CHOFUKU_OFFICIAL_DATA` names; without them these tests say so and check nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use chofuku_formats::masters::{ReceiptFile, ReceiptMaster, read_receipt_file};

use super::*;

/// The folder of the official lists.
fn official_data() -> Option<PathBuf> {
    let folder = env::var_os("CHOFUKU_OFFICIAL_DATA").map(PathBuf::from);
    let found = folder.filter(|folder| folder.join("masters").is_dir());
    if found.is_none() {
        println!("not run: CHOFUKU_OFFICIAL_DATA names no folder of official lists");
    }
    found
}

/// The files of a folder whose name begins and ends so.
fn files(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(start) && name.ends_with(end)
    };
    entries.map(|entry| entry.unwrap().path()).filter(named).collect()
}

fn sources(data: &Path, price_lists: Vec<PathBuf>) -> Sources {
    let masters = data.join("masters");
    let mut receipt_masters = files(&masters.join("ssk_y"), "y_ALL", ".zip");
    receipt_masters.extend(files(&masters.join("ssk_y"), "y_2", ".csv"));
    Sources {
        price_lists,
        generic_names: files(&masters.join("ippanmei"), "ippanmei", ".xlsx"),
        receipt_masters,
        pairs: files(&data.join("pairs"), "", ".csv"),
        check_masters: Vec::new(),
        hot: files(&masters.join("hot9"), "hot", ".txt"),
        usages: files(&masters.join("usage"), "ep_usage_master", ".csv"),
        aliases: None,
    }
}

fn july(data: &Path) -> Vec<PathBuf> {
    files(&data.join("masters/mhlw_price"), "mhlw_price_20250716", ".csv")
}

fn august(data: &Path) -> Vec<PathBuf> {
    files(&data.join("masters/mhlw_price"), "tp20250814", ".xlsx")
}

#[test]
fn every_product_of_the_july_list_comes_out_with_substances_or_is_named() {
    let Some(data) = official_data() else { return };
    let built = build(&sources(&data, july(&data))).unwrap();
    println!("{}", built.report.counts);
    let counts = built.report.counts;
    assert_eq!(counts.price_products, 12_434);
    let named = built.report.unresolved.iter().filter(|item| item.kind == Kind::Product).count();
    assert_eq!(counts.price_products_resolved + named, 12_434);
    assert_eq!(named, 0);
    let with_substances: BTreeSet<&str> = built
        .drugs
        .iter()
        .filter(|row| !row.substances.is_empty())
        .map(|row| row.price.as_str())
        .collect();
    assert!(with_substances.len() >= 12_434);
    assert!(built.drugs.iter().all(|row| row.substances.is_empty() == (row.dummy == "1")));
    assert_eq!(built.revisions[1].revision, "2025-07-16");
}

#[test]
fn usages_of_both_schemes_are_put_into_words_and_products_get_their_hot_codes() {
    let Some(data) = official_data() else { return };
    let built = build(&sources(&data, july(&data))).unwrap();
    let codes: BTreeSet<&str> = built.usages.iter().map(|row| row.code.as_str()).collect();
    // 3,174 of the old scheme and 785 new ones of the scheme that began on 2025-11-01.
    assert_eq!(codes.len(), 3_959);
    let as_needed = built.usages.iter().find(|row| row.code == "1050110000000000").unwrap();
    assert!(as_needed.text.contains("疼痛時"), "{as_needed:?}");
    assert!(built.drugs.iter().any(|row| row.hot.len() == 9), "no product has a HOT code");
    let is_code = |code: &str| code.len() == 9 && code.bytes().all(|byte| byte.is_ascii_digit());
    let hot = built.drugs.iter().flat_map(|row| row.hot.split(';'));
    assert!(hot.filter(|code| !code.is_empty()).all(is_code));
}

#[test]
fn every_product_of_the_august_workbooks_comes_out() {
    let Some(data) = official_data() else { return };
    let built = build(&sources(&data, august(&data))).unwrap();
    let counts = built.report.counts;
    assert_eq!((counts.price_products, counts.price_products_resolved), (12_417, 12_417));
    assert_eq!((counts.generic_codes, counts.generic_codes_resolved), (1_368, 1_368));
    assert_eq!(built.revisions[1].revision, "2025-08-14");
}

#[test]
fn no_name_of_the_lists_is_left_to_chance() {
    let Some(data) = official_data() else { return };
    let price_lists = july(&data).into_iter().chain(august(&data)).collect();
    let built = build(&sources(&data, price_lists)).unwrap();
    let notices: Vec<String> = built
        .report
        .notices
        .iter()
        .filter(|item| item.kind == Kind::Ingredient)
        .map(ToString::to_string)
        .collect();
    assert_eq!(notices, Vec::<String>::new());
}

#[test]
fn a_moiety_of_several_codes_is_one_ingredient() {
    let Some(data) = official_data() else { return };
    let built = build(&sources(&data, july(&data))).unwrap();
    let mut by_prefix: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &built.drugs {
        if let Some(prefix) = row.price.get(..7) {
            by_prefix.entry(prefix).or_default().insert(&row.substances);
        }
    }
    for (prefix, substances) in [
        ("1141001", "アセトアミノフェン@oral"),
        ("1141007", "アセトアミノフェン@oral"),
        ("1141400", "アセトアミノフェン@injection"),
        ("3949003", "フェブキソスタット@oral"),
        ("2171022", "アムロジピン@oral"),
        ("2149114", "アムロジピン@oral;バルサルタン@oral"),
        ("1149019", "ロキソプロフェン@oral"),
        ("2649735", "ロキソプロフェン@external"),
        (
            "1180105",
            "アセトアミノフェン@oral;カフェイン@oral;クロルフェニラミン@oral;サリチルアミド@oral",
        ),
    ] {
        assert_eq!(by_prefix[prefix], BTreeSet::from([substances]), "{prefix}");
    }
}

#[test]
fn every_pair_with_codes_on_both_sides_becomes_a_rule() {
    let Some(data) = official_data() else { return };
    let built = build(&sources(&data, july(&data))).unwrap();
    let counts = built.report.counts;
    assert_eq!((counts.pairs, counts.pairs_coded, counts.pairs_coded_resolved), (411, 330, 330));
    let named: BTreeSet<&str> = built
        .report
        .unresolved
        .iter()
        .filter(|item| item.kind == Kind::Pair)
        .map(|item| item.item.as_str())
        .collect();
    assert_eq!(counts.pairs_resolved + named.len(), 411);
    let rule = |a: &str, b: &str| {
        let mut rules = built.contraindications.iter();
        rules.find(|rule| rule.a_ingredient == a && rule.b_ingredient == b).unwrap()
    };
    let brand = rule("イトラコナゾール", "タダラフィル");
    assert!(brand.b_only.split(';').any(|prefix| prefix == "2190030"));
    assert!(!brand.b_only.contains("2590016"));
    let washout = rule("セレギリン", "アミトリプチリン");
    assert_eq!((washout.washout_a.as_str(), washout.washout_b.as_str()), ("14", ""));
}

#[test]
fn every_receipt_code_comes_out_or_is_named() {
    let Some(data) = official_data() else { return };
    let built = build(&sources(&data, august(&data))).unwrap();
    let counts = built.report.counts;
    let named = built.report.unresolved.iter().filter(|item| item.kind == Kind::Receipt).count();
    assert_eq!(counts.receipt_codes_resolved + named, counts.receipt_codes);
    let codes: Vec<&str> = built
        .drugs
        .iter()
        .flat_map(|row| row.receipt.split(';'))
        .filter(|code| !code.is_empty())
        .collect();
    let different: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(codes.len(), different.len());
}

#[test]
fn the_same_files_give_the_same_tables_in_any_order() {
    let Some(data) = official_data() else { return };
    let mut sources = sources(&data, august(&data));
    let one = build(&sources).unwrap();
    sources.price_lists.reverse();
    sources.receipt_masters.reverse();
    let other = build(&sources).unwrap();
    assert_eq!(one, other);
}

#[test]
fn a_table_of_codes_that_was_made_from_the_pairs_folds_back_to_them() {
    let Some(data) = official_data() else { return };
    // Of the shape of the fund's table, and made from the pair list: it can say nothing new.
    let mut sources = sources(&data, august(&data));
    let before = build(&sources).unwrap();
    sources.check_masters = files(&data.join("ssk_cc"), "IY_HeiyoKinki", ".csv");
    let built = build(&sources).unwrap();
    let counts = built.report.counts.check;
    println!("{counts}");
    assert!(counts.code_pairs > 20_000 && counts.pairs > 200, "{counts}");
    // It was made with all differences of the receipt-code master, of which those here lack most of the
    // year behind the full file: 140 codes of it stand in no row of the master, and every pair that has
    // none of them is resolved. They are named, not dropped.
    assert_eq!((counts.code_pairs, counts.code_pairs_resolved), (22_218, 18_337), "{counts}");
    let unresolved = built.report.unresolved.iter();
    let lacking: BTreeSet<&str> = unresolved
        .filter(|item| (item.kind, &item.reason) == (Kind::CheckMaster, &Reason::UnknownCode))
        .map(|item| item.item.as_str())
        .collect();
    let masters = sources.receipt_masters.iter();
    let masters: Vec<ReceiptFile> = masters
        .map(|path| read_receipt_file(path, &mut chofuku_formats::Report::default()).unwrap())
        .collect();
    let master = ReceiptMaster::merge(masters, &mut chofuku_formats::Report::default());
    assert!(lacking.iter().all(|code| master.get(code).is_none()), "{lacking:?}");
    assert_eq!(lacking.len(), 140);
    assert!(counts.pairs_shared * 10 > counts.pairs * 9, "{counts}");
    let added = built.contraindications.len() - before.contraindications.len();
    assert_eq!(added, counts.rules_added);
    let theirs = |row: &&ContraindicationRow| row.insert.starts_with("支払基金");
    assert_eq!(built.contraindications.iter().filter(theirs).count(), added);
}
