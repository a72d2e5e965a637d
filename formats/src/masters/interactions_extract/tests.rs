//! Contraindications out of a table that holds cautions too.

use super::*;
use crate::inserts::Ending;

const HEAD: &str = "package_insert_no,yj_code,section_type,partner_group_ja,partner_name_ja,symptoms_measures_ja,mechanism_ja\n";

fn read(rows: &str) -> (InteractionsExtract, Report) {
    let mut report = Report::default();
    let text = format!("{HEAD}{rows}");
    (read_interactions_extract("e.csv", text.as_bytes(), &mut report).unwrap(), report)
}

#[test]
fn only_contraindications_become_statements() {
    let (extract, report) = read(
        "1_1_01,1124701F1011,併用禁忌,,オツゾール,投与中止後14日以内は投与しないこと。,不明\n\
         1_1_01,1124701F1011,併用注意,,キロール,注意,不明\n",
    );
    let [statement] = extract.statements.as_slice() else { panic!("one") };
    assert_eq!(statement.partners[0].name, "オツゾール");
    assert_eq!(
        (statement.insert.as_str(), statement.section, statement.place),
        ("1_1_01", "10.1", 2)
    );
    assert_eq!((statement.mechanism.as_str(), statement.cell.as_str()), ("不明", "オツゾール"));
    assert_eq!(statement.washouts[0].days, Some((14, Ending::Partner)));
    assert_eq!(extract.cautions, 1);
    assert!(report.problems.is_empty());
}

#[test]
fn the_products_of_one_insert_are_one_statement() {
    let (extract, _) = read(
        "1_1_01,1124701F1011,併用禁忌,MAO阻害剤,ボギリン塩酸塩,甲,乙\n\
         1_1_01,1124701S1010,併用禁忌,MAO阻害剤,ボギリン塩酸塩,甲,乙\n\
         1_1_01,,併用禁忌,MAO阻害剤,ラサボギン（ラサ）,甲,乙\n",
    );
    assert_eq!(extract.statements.len(), 2);
    assert_eq!(extract.statements[0].own_codes, ["1124701F1011", "1124701S1010"]);
    assert_eq!(extract.statements[0].cell, "MAO阻害剤\nボギリン塩酸塩");
    let class = &extract.statements[1].partners[0];
    assert_eq!((class.name.as_str(), class.class), ("MAO阻害剤", true));
    assert_eq!((class.members[0].name.as_str(), class.members[0].brands.len()), ("ラサボギン", 1));
    assert!(extract.statements[1].own_codes.is_empty());
}

#[test]
fn a_group_alone_is_the_partner_and_one_that_is_no_class_stays_in_the_cell() {
    let (extract, _) = read(
        "1_1_01,,併用禁忌,三環系抗うつ剤,,甲,乙\n\
         1_1_01,,併用禁忌,オツゾール,オツゾ,甲,乙\n",
    );
    assert_eq!(extract.statements[0].partners[0].name, "三環系抗うつ剤");
    assert_eq!(extract.statements[1].partners[0].name, "オツゾ");
    assert_eq!(extract.statements[1].cell, "オツゾール\nオツゾ");
}

#[test]
fn quoted_line_ends_wrong_sections_and_rows_without_a_name() {
    let (extract, report) = read(
        "1_1_01,,併用禁忌,,\"甲\n乙\",,\n\
         1_1_01,,禁忌,,丙,,\n\
         1_1_01,,併用禁忌,,,,\n\
         ,,併用禁忌,,丁,,\n",
    );
    let names: Vec<usize> = extract.statements.iter().map(|one| one.partners.len()).collect();
    assert_eq!(names, [2, 1]);
    let found: Vec<(u64, &str)> =
        report.problems.iter().map(|problem| (problem.line, problem.field)).collect();
    assert_eq!(found, [(4, "section_type"), (5, "partner_name_ja"), (6, "package_insert_no")]);
}

#[test]
fn a_missing_column_is_named() {
    let text = HEAD.replace("section_type", "section");
    let read = read_interactions_extract("e.csv", text.as_bytes(), &mut Report::default());
    assert!(matches!(read, Err(MasterError::MissingColumn { column: "section_type", .. })));
}
