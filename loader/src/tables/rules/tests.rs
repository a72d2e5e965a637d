//! What a side of a pair means, on a small price list.

use super::super::tests::{Fixture, PRICES};
use crate::canonical::ContraindicationRow;

const HEAD: &str =
    "ingredient_a_ja,ingredient_b_ja,source,verified,condition,source_date,yj7_a,yj7_b\n";

fn rules(pairs: &str) -> (Vec<ContraindicationRow>, Vec<String>) {
    let built = Fixture::new()
        .file("prices.csv", PRICES)
        .file("pairs.csv", &format!("{HEAD}{pairs}"))
        .build();
    let unresolved = built.report.unresolved.iter().map(ToString::to_string).collect();
    (built.contraindications, unresolved)
}

#[test]
fn a_rule_about_all_products_of_an_ingredient_has_no_only() {
    let (rules, _) =
        rules("甲,乙,src (10.1),yes,,2024-04,1111001:内用|1111002:内用,2222001:内用\n");
    let rule = &rules[0];
    assert_eq!(
        (rule.a_ingredient.as_str(), rule.a_routes.as_str(), rule.a_only.as_str()),
        ("甲", "oral", "")
    );
    assert_eq!(
        (rule.section.as_str(), rule.revised.as_str(), rule.stated_by.as_str()),
        ("10.1", "2024-04", "a")
    );
}

#[test]
fn a_rule_about_a_brand_keeps_the_combinations() {
    let (rules, _) = rules("甲,乙,src,yes,,,1111001:内用,2222001:内用\n");
    assert_eq!(rules[0].a_only, "1111001;1111101");
}

#[test]
fn another_route_is_another_matter() {
    let (rules, _) = rules("甲,乙,src,yes,,,1111400:注射,2222001:内用\n");
    assert_eq!((rules[0].a_routes.as_str(), rules[0].a_only.as_str()), ("injection", ""));
}

#[test]
fn a_combination_gives_one_rule_on_the_component_that_is_meant() {
    let rows = "甲・丙,乙,src,yes,,,1111101:内用,2222001:内用\n";
    let (first, _) = rules(rows);
    assert_eq!(
        (first.len(), first[0].a_ingredient.as_str(), first[0].a_only.as_str()),
        (1, "甲", "1111101")
    );
    let known = format!("{rows}丙,乙,src,yes,,,3333001:内用,2222001:内用\n");
    let (known, _) = rules(&known);
    assert_eq!((known[1].a_ingredient.as_str(), known[1].a_only.as_str()), ("丙", "1111101"));
    let (called, _) = rules("丙,乙,src,yes,,,1111101:内用,2222001:内用\n");
    assert_eq!((called[0].a_ingredient.as_str(), called[0].a_only.as_str()), ("丙", "1111101"));
}

#[test]
fn a_side_without_codes_is_found_by_its_name_or_named() {
    let (rules, unresolved) =
        rules("甲塩酸塩,乙,src,no,,2012頃,,2222001:内用\n甲,無,src,yes,,,1111001:内用,\n");
    assert_eq!(rules.len(), 1);
    assert_eq!((rules[0].a_ingredient.as_str(), rules[0].a_routes.as_str()), ("甲", ""));
    assert_eq!(
        (rules[0].insert.as_str(), rules[0].revised.as_str()),
        ("src [2012頃] [unverified]", "")
    );
    assert_eq!(unresolved, ["pair 甲 × 無: side b: no product contains 無"]);
}

#[test]
fn a_pair_that_the_list_has_both_ways_is_stated_by_both() {
    let (rules, _) = rules(
        "甲,乙,src,yes,,,1111400:注射,2222001:内用\n乙,甲,src2,yes,,,2222001:内用,1111400:注射\n",
    );
    assert!(rules.iter().all(|rule| rule.stated_by == "both"));
}

#[test]
fn an_unknown_code_of_a_side_is_named_while_the_others_are_used() {
    let (rules, unresolved) = rules("甲,乙,src,yes,,,1111400:注射|9999999:外用,2222001:内用\n");
    assert_eq!(rules.len(), 1);
    assert_eq!(unresolved, ["pair 甲 × 乙: side a: no product begins with 9999999"]);
}
