//! An invented insert with every pitfall of the format, and what is no insert.

use super::*;
use crate::{Reason, text::Encoding};

const INSERT: &str = include_str!("../../tests/fixtures/insert.xml");

fn insert() -> (Insert, Report) {
    read("insert.xml", INSERT.as_bytes()).unwrap()
}

/// A minimal insert whose table has one row.
fn with_name(name: &str) -> Insert {
    let text = format!(
        "<PackIns><PackageInsertNo>1</PackageInsertNo><Interactions><ContraIndicatedCombinations>\
         <ContraIndicatedCombination><ContraIndication><Drug><DrugName><Detail><Lang>{name}</Lang>\
         </Detail></DrugName></Drug></ContraIndication></ContraIndicatedCombination>\
         </ContraIndicatedCombinations></Interactions></PackIns>"
    );
    read("i.xml", text.as_bytes()).unwrap().0
}

fn names(partners: &[Partner]) -> Vec<&str> {
    partners.iter().map(|partner| partner.name.as_str()).collect()
}

#[test]
fn who_states_it_and_since_when() {
    let (insert, report) = insert();
    assert_eq!(insert.number, "1124701F1011_1_07");
    assert_eq!(insert.revised, "2026-01");
    assert_eq!(insert.classification, ["871124"]);
    assert_eq!(insert.generic_names, ["コウノム塩酸塩"]);
    let brands: Vec<(&str, &str)> =
        insert.brands.iter().map(|brand| (brand.name.as_str(), brand.yj.as_str())).collect();
    assert_eq!(brands, [("甲ノーム錠10mg", "1124701F1011"), ("甲ノーム内用液", "1124701S1010")]);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.files[0].rows, 2);
    assert_eq!(report.files[0].encoding, Some(Encoding::Utf8));
}

#[test]
fn the_revision_is_the_current_one_in_either_order() {
    let (first, second) = INSERT.split_once("<PreparationOrRevision id=\"前回\">").unwrap();
    let previous =
        "<PreparationOrRevision id=\"前回\"><YearMonth>2024-01</YearMonth></PreparationOrRevision>";
    let text = first.replacen(
        "<PreparationOrRevision id=\"今回\">",
        &format!("{previous}<PreparationOrRevision id=\"今回\">"),
        1,
    );
    let text = format!("{text}<PreparationOrRevision id=\"前回\">{second}");
    let (insert, _) = read("i.xml", text.as_bytes()).unwrap();
    assert_eq!(insert.revised, "2026-01");
}

#[test]
fn a_revision_that_is_not_the_current_one_is_not_taken() {
    let text = INSERT.replace("id=\"今回\"", "id=\"前々回\"");
    let (insert, report) = read("i.xml", text.as_bytes()).unwrap();
    assert_eq!(insert.revised, "");
    let problem = &report.problems[0];
    assert_eq!(
        (problem.field, &problem.reason),
        ("YearMonth", &Reason::Value { found: "2025-07".to_owned() })
    );
}

#[test]
fn rows_carry_names_texts_and_their_own_drug() {
    let (insert, _) = insert();
    let [first, second] = insert.statements.as_slice() else { panic!("two rows") };
    assert_eq!(first.cell, "オツゾール\nヨウ化ヘイ（131I）\nボギリン塩酸塩\nボギール");
    assert_eq!(names(&first.partners), ["オツゾール", "ヨウ化ヘイ", "ボギリン塩酸塩"]);
    assert_eq!(first.partners[1].also, ["131I"]);
    assert_eq!(first.partners[2].brands, ["ボギール"]);
    assert_eq!(first.mechanism, "Cmaxが2倍より高い（p<0.05）。");
    assert_eq!((first.place, first.section), (1, "10.1"));
    assert_eq!(first.own_codes, ["1124701F1011", "1124701S1010"]);
    assert_eq!(first.own_names, ["コウノム塩酸塩"]);
    assert_eq!((first.insert.as_str(), first.revised.as_str()), ("1124701F1011_1_07", "2026-01"));

    assert_eq!(names(&second.partners), ["ヘイナビル", "テイマイシン"]);
    assert_eq!(second.partners[0].brands, ["ヘイナ"]);
    assert_eq!(second.partners[1].conditions, ["用量漸増期、及び注射剤"]);
    // 同上 is the text above, a reference the name of the product, and the English text is left out.
    assert_eq!(second.measures, first.measures);
    assert_eq!(second.mechanism, "甲ノーム内用液の代謝が阻害される。");
    assert_eq!(
        second.context,
        ["注）甲病の患者に限る", "〈効能共通〉", "注）丁剤とは併用しないこと。"]
    );
}

#[test]
fn intervals_are_read_from_the_measures() {
    let (insert, _) = insert();
    let [washout] = insert.statements[0].washouts.as_slice() else { panic!("one") };
    assert_eq!(washout.days, Some((14, Ending::Partner)));
    assert_eq!(washout.text, "これらの薬剤の投与中止後14日以内は投与しないこと");
}

#[test]
fn cautions_are_not_read() {
    let (insert, _) = insert();
    assert_eq!(insert.statements.len(), 2);
    assert!(insert.statements.iter().all(|statement| !statement.cell.contains("キロール")));
}

#[test]
fn section_2_is_kept_and_held_against_the_table() {
    let (insert, _) = insert();
    let passages: Vec<(&str, Vec<&str>, Vec<&str>)> = insert
        .passages
        .iter()
        .map(|passage| {
            let texts = |list: &'static str| list;
            let names = passage.names.iter().map(String::as_str).collect();
            let missing = passage.missing.iter().map(String::as_str).collect();
            (texts(passage.section), names, missing)
        })
        .collect();
    assert_eq!(
        passages,
        [
            ("2", vec!["オツゾール", "ヘイナビル"], vec![]),
            ("2", vec!["テイマイシン"], vec![]),
            ("2", vec!["ボギリン塩酸塩"], vec![]),
            ("10.1", vec!["注）丁剤"], vec!["注）丁剤"]),
        ]
    );
    let review: Vec<bool> = insert.passages.iter().map(Passage::to_review).collect();
    assert_eq!(review, [false, false, false, true]);
    assert_eq!(insert.passages[2].washouts[0].days, Some((14, Ending::Partner)));
}

#[test]
fn a_pair_that_only_section_2_has_is_for_review_and_no_statement() {
    let text = INSERT.replace("：オツゾール、ヘイナビル", "：オツゾール、ツムナビル、リベナビル");
    let (insert, _) = read("i.xml", text.as_bytes()).unwrap();
    assert_eq!(insert.passages[0].missing, ["ツムナビル", "リベナビル"]);
    assert!(insert.passages[0].to_review());
    assert_eq!(insert.statements.len(), 2);
}

#[test]
fn lines_are_broken_only_where_the_document_says() {
    assert_eq!(names(&with_name("甲<?enter?>乙").statements[0].partners), ["甲", "乙"]);
    assert_eq!(names(&with_name("甲\n   乙").statements[0].partners), ["甲 乙"]);
    assert_eq!(names(&with_name("<![CDATA[甲<乙]]>").statements[0].partners), ["甲<乙"]);
}

#[test]
fn an_empty_cell_and_a_row_of_dittos_are_reported() {
    let (insert, report) = read(
        "i.xml",
        INSERT.replace("これらの薬剤の投与中止後14日以内は投与しないこと。", "同上").as_bytes(),
    )
    .unwrap();
    assert_eq!(insert.statements[0].measures, "同上");
    assert_eq!(report.problems[0].field, "ClinSymptomsAndMeasures");
    let empty = with_name("");
    assert_eq!((empty.statements.len(), empty.statements[0].partners.len()), (1, 0));
}

#[test]
fn an_insert_without_a_table_has_no_statements() {
    let from = INSERT.find("<ContraIndicatedCombinations ").unwrap();
    let end = "</ContraIndicatedCombinations>";
    let to = INSERT.find(end).unwrap() + end.len();
    let text = format!("{}{}", &INSERT[..from], &INSERT[to..]);
    let (insert, report) = read("i.xml", text.as_bytes()).unwrap();
    assert!(insert.statements.is_empty());
    // With no table, everything that section 2 names is missing from it.
    assert!(insert.passages.iter().all(Passage::to_review));
    assert!(report.problems.is_empty());
}

#[test]
fn a_wrong_code_is_reported_and_kept_as_written() {
    let text = INSERT.replace("1124701F1011</YJCode>", "1124701F1012</YJCode>");
    let (insert, report) = read("i.xml", text.as_bytes()).unwrap();
    assert_eq!(insert.brands[0].yj, "1124701F1012");
    let found = "1124701F1012".to_owned();
    assert_eq!(report.problems[0].reason, Reason::Code { expected: 12, found });
}

#[test]
fn entities_are_not_expanded() {
    let insert = with_name("甲&amp;乙&undefined;&#x4e19;");
    assert_eq!(insert.statements[0].cell, "甲&乙&undefined;丙");
}

#[test]
fn shift_jis_is_read_by_its_bytes() {
    let text = INSERT.replace("encoding=\"utf-8\"", "encoding=\"Shift_JIS\"");
    let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(&text);
    let (found, report) = read("i.xml", &bytes).unwrap();
    assert_eq!(found.statements[0].partners, insert().0.statements[0].partners);
    assert_eq!(report.files[0].encoding, Some(Encoding::Cp932));
}

#[test]
fn what_is_no_insert_is_refused_and_named() {
    let error = |text: &str| read("f", text.as_bytes()).unwrap_err();
    let file = || "f".to_owned();
    assert_eq!(
        error("<!DOCTYPE PACKINS SYSTEM \"packins.dtd\"><PACKINS></PACKINS>"),
        InsertError::Sgml { file: file() }
    );
    assert_eq!(error("<packins><a></packins>"), InsertError::Sgml { file: file() });
    assert_eq!(error("<html/>"), InsertError::OtherRoot { file: file(), root: "html".to_owned() });
    for text in ["", "no xml", "<PackIns>", "<PackIns><a></b></PackIns>"] {
        assert!(matches!(error(text), InsertError::Damaged { .. }), "{text}");
    }
    let deep = format!("<PackIns>{}", "<a>".repeat(100_000));
    assert!(matches!(error(&deep), InsertError::Damaged { line: 1, .. }));
}

#[test]
fn a_cut_insert_is_refused_wherever_it_is_cut() {
    let whole = INSERT.trim_end();
    for length in (0..whole.len()).filter(|length| whole.is_char_boundary(*length)) {
        assert!(read("i.xml", &whole.as_bytes()[..length]).is_err(), "{length}");
    }
}
