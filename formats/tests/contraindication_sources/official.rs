//! The official examples, where they are at hand.

use std::{env, fs, path::PathBuf};

use chofuku_formats::{
    Report,
    inserts::{Ending, read},
    masters::{
        Timing, UsageMaster, read_check_master, read_hot, read_interactions_extract,
        read_usage_master,
    },
};
use jiff::civil::date;

/// A file of the official data; `None` where the data is not there.
fn official(path: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os("CHOFUKU_OFFICIAL_DATA") else {
        println!("did not run: CHOFUKU_OFFICIAL_DATA is not set");
        return None;
    };
    Some(PathBuf::from(folder).join(path))
}

#[test]
fn the_insert_in_the_shape_of_the_schema() {
    let Some(path) = official("examples/pmda-xml/synthetic_itraconazole_schema_shape.xml") else {
        return;
    };
    let (insert, report) = read("insert.xml", &fs::read(path).unwrap()).unwrap();
    assert_eq!((insert.number.as_str(), insert.revised.as_str()), ("6290004M1029_9_99", "2026-01"));
    assert_eq!(insert.generic_names, ["イトラコナゾール"]);
    let names: Vec<Vec<&str>> = insert
        .statements
        .iter()
        .map(|row| row.partners.iter().map(|partner| partner.name.as_str()).collect())
        .collect();
    assert_eq!(
        names,
        [
            vec!["ピモジド", "キニジン", "ベプリジル"],
            vec!["トリアゾラム"],
            vec!["シルデナフィル", "タダラフィル"],
            vec!["ベネトクラクス"],
        ]
    );
    let brands: Vec<Vec<&str>> = insert
        .statements
        .iter()
        .map(|row| row.partners.iter().flat_map(|partner| &partner.brands))
        .map(|brands| brands.map(String::as_str).collect())
        .collect();
    assert_eq!(
        brands,
        [
            vec!["ベプリコール"],
            vec!["ハルシオン"],
            vec!["レバチオ", "アドシルカ"],
            vec!["ベネクレクスタ"],
        ]
    );
    let venetoclax = &insert.statements[3].partners[0];
    assert!(venetoclax.conditions[0].ends_with("マントル細胞リンパ腫の用量漸増期"));
    // 同上 reaches back over rows that say the same.
    assert_eq!(insert.statements[3].mechanism, insert.statements[0].mechanism);
    // The codes of the example are invented, and their check digits may be wrong; nothing else is.
    assert!(report.problems.iter().all(|problem| problem.field == "YJCode"), "{report:?}");
}

#[test]
fn the_other_examples_of_inserts_are_no_inserts() {
    let Some(folder) = official("examples/pmda-xml") else { return };
    let no_inserts = [
        "real_html_fragments.html",
        "real_tramcet_text_2026.json",
        "sgml2sql_sgml_interaction_columns.json",
    ];
    // The fourth is the one above.
    assert_eq!(fs::read_dir(&folder).unwrap().count(), no_inserts.len() + 1);
    for name in no_inserts {
        let path = folder.join(name);
        // Fragments of pages and extracted text: neither has a PackIns element.
        assert!(read(name, &fs::read(path).unwrap()).is_err(), "{name}");
    }
}

#[test]
fn the_columns_of_the_extract_are_those_that_are_read() {
    let Some(path) = official("examples/pmda-xml/sgml2sql_sgml_interaction_columns.json") else {
        return;
    };
    let rows: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let columns: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(columns.len(), 7);
    let text = format!("{}\n", columns.join(","));
    let mut report = Report::default();
    let extract = read_interactions_extract("e.csv", text.as_bytes(), &mut report).unwrap();
    assert_eq!((extract.statements.len(), extract.cautions, report.problems.len()), (0, 0, 0));
    let without = text.replace("partner_name_ja,", "").replace(",partner_name_ja", "");
    assert!(read_interactions_extract("e.csv", without.as_bytes(), &mut report).is_err());
}

#[test]
fn the_table_in_the_shape_of_the_check_master() {
    let Some(path) = official("ssk_cc/IY_HeiyoKinki_DERIVED_not_official.csv") else { return };
    let mut report = Report::default();
    let master = read_check_master("check.csv", &fs::read(path).unwrap(), &mut report).unwrap();
    // 44,436 directed rows, each of them there both ways.
    assert_eq!(report.files[0].rows, 44_436);
    assert_eq!((master.pairs.len(), master.deleted), (22_218, 0));
    assert!(master.pairs.iter().all(|pair| pair.a_b.is_some() && pair.b_a.is_some()));
    assert!(report.problems.is_empty());
}

#[test]
fn the_usage_master_in_both_editions() {
    let Some(folder) = official("masters/usage") else { return };
    let mut report = Report::default();
    let mut master = UsageMaster::default();
    for (name, count) in [
        ("ep_usage_master_until_20251031.csv", 3_174),
        ("ep_usage_master_from_20251101.csv", 1_803),
    ] {
        let path = folder.join(name);
        let bytes = fs::read(&path).unwrap();
        master.read(&path, &bytes, &mut report).unwrap();
        assert_eq!(report.files.last().unwrap().rows, count);
    }
    // 1,018 codes are in both.
    assert_eq!(master.len(), 3_174 + 1_803 - 1_018);
    assert!(report.problems.is_empty(), "{:?}", report.problems.first());
    let row = master.get("1013044400000000", date(2026, 1, 1)).unwrap();
    assert_eq!((row.timing, row.times_a_day), (Some(Timing::Meals), Some(3)));
    let timing = |code: &str| master.find(code).unwrap().timing;
    assert_eq!(timing("1050110000000000"), Some(Timing::AsNeeded));
    // Dropped on 2025-11-01, and still usable for a while.
    assert!(master.get("1011000900000000", date(2026, 7, 31)).is_some());
    assert!(master.get("1011000900000000", date(2026, 8, 1)).is_none());
    assert!(master.get("1011000600000000", date(2025, 10, 31)).is_none());

    let workbook =
        read_usage_master(&folder.join("medicine_usages_sample.xlsx"), &mut report).unwrap();
    assert_eq!(workbook.len(), master.len());
    for (ours, theirs) in workbook.rows().zip(master.rows()) {
        assert_eq!(ours.code, theirs.code);
        assert_eq!((ours.from, ours.to), (theirs.from, theirs.to), "{}", ours.code);
        assert_eq!(ours.times_a_day, theirs.times_a_day, "{}", ours.code);
        assert_eq!(ours.standard_number, theirs.standard_number, "{}", ours.code);
    }
}

#[test]
fn the_sample_of_the_hot_master() {
    let Some(path) = official("masters/hot9/hot_code_sample_sjis.txt") else { return };
    let mut report = Report::default();
    let master = read_hot(&path, &mut report).unwrap();
    let rows: Vec<[&str; 4]> = master
        .rows
        .iter()
        .map(|row| [&row.code, &row.price_code, &row.yj, &row.receipt_codes[0]].map(String::as_str))
        .collect();
    assert_eq!(
        rows,
        [
            ["100303101", "1112700X1011", "1112700X1038", "661110021"],
            ["100305501", "7134700X1016", "7134700X1024", "667130002"],
            ["100306201", "1115400X1019", "1115400X1027", "641110021"],
        ]
    );
    assert!(report.problems.is_empty());
}

#[test]
fn wash_outs_of_quoted_inserts() {
    let Some(path) = official("examples/pmda-xml/real_tramcet_text_2026.json") else { return };
    let json: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let lines = json["lines"].as_array().unwrap();
    let text = |line: &serde_json::Value| line[1].as_str().unwrap().to_owned();
    let measures = lines.iter().map(text).find(|text| text.contains("2～3日間")).unwrap();
    let insert = format!(
        "<PackIns><Interactions><ContraIndicatedCombinations><Drug><DrugName><Detail>MAO阻害剤\
         </Detail></DrugName><ClinSymptomsAndMeasures><Detail>{measures}</Detail>\
         </ClinSymptomsAndMeasures></Drug></ContraIndicatedCombinations></Interactions></PackIns>"
    );
    let (insert, _) = read("insert.xml", insert.as_bytes()).unwrap();
    let days: Vec<_> = insert.statements[0].washouts.iter().map(|washout| washout.days).collect();
    assert_eq!(days, [Some((14, Ending::Partner)), None]);
}
