//! Sides with codes and without.

use std::fs;

use tempfile::TempDir;

use super::*;

const HEAD: &str = "ingredient_a_ja,ingredient_a_en,ingredient_b_ja,source,verified,condition,source_date,yj7_a,yj7_b";

fn read(rows: &str) -> (Result<Vec<Pair>, MasterError>, Report) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pairs.csv");
    fs::write(&path, format!("{HEAD}\n{rows}")).unwrap();
    let mut report = Report::default();
    (read_pairs(&path, &mut report), report)
}

#[test]
fn codes_come_with_their_category() {
    let (pairs, report) =
        read("甲,alpha,乙,src (10.1),yes,within 24 h,2024-04-05,1124402:注射|1124017:内用,\n");
    let pair = &pairs.unwrap()[0];
    let oral = PricedPrefix { prefix: "1124017".to_owned(), category: Category::Oral };
    let injection = PricedPrefix { prefix: "1124402".to_owned(), category: Category::Injection };
    assert_eq!(pair.a.prefixes, [oral, injection]);
    assert!(pair.b.prefixes.is_empty());
    assert_eq!((pair.line, pair.verified, pair.a.name_en.as_str()), (2, Some(true), "alpha"));
    assert!(report.problems.is_empty());
}

#[test]
fn a_code_without_a_category_has_that_of_its_fifth_character() {
    let (pairs, _) = read("甲,,乙,src,no,,,1124402,\n");
    assert_eq!(pairs.unwrap()[0].a.prefixes[0].category, Category::Injection);
}

#[test]
fn a_code_of_another_form_and_a_side_that_names_nothing_are_reported() {
    let (pairs, report) = read("甲,,乙,src,no,,,112440:注射,\n,,乙,src,no,,,,\n");
    assert_eq!(pairs.unwrap().len(), 1);
    let fields: Vec<&str> = report.problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["yj7_a", "ingredient_a_ja"]);
}

#[test]
fn a_missing_column_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pairs.csv");
    fs::write(&path, "ingredient_a_ja,ingredient_b_ja,source,yj7_a,yj7_b\n").unwrap();
    let found = read_pairs(&path, &mut Report::default());
    assert!(matches!(found, Err(MasterError::MissingColumn { column: "condition", .. })));
}
