//! A small table of the fund beside a small pair list.

use super::super::tests::{Fixture, PRICES};
use super::super::{Built, Reason};

const LIST: &str =
    "ingredient_a_ja,ingredient_b_ja,source,verified,condition,source_date,yj7_a,yj7_b\n";
const HEAD: &str = "左,右,3,4,5,6,7,8,変更区分,参照範囲\r\n";

/// Receipt codes of some products of the price list.
fn receipts() -> String {
    let row = |code: &str, name: &str, price: &str| {
        let mut fields = vec![""; 42];
        (fields[0], fields[1], fields[2], fields[4]) = ("0", "Y", code, name);
        (fields[31], fields[34]) = (price, name);
        fields.join(",") + "\n"
    };
    [
        row("611000001", "コウ錠１ｍｇ", "1111001F1020"),
        row("611000002", "甲塩酸塩２ｍｇ錠", "1111001F2018"),
        row("611000003", "コウ注", "1111400A1023"),
        row("611000004", "コウヘイ配合錠", "1111101F1021"),
        row("622000001", "オツ錠", "2222001F1025"),
        row("633000001", "ヘイ錠", "3333001F1020"),
    ]
    .concat()
}

fn built(pairs: &[(&str, &str, &str)], list: &str) -> Built {
    let rows = pairs.iter().map(|(a, b, change)| format!("{a},{b},,,,,,,{change},\r\n"));
    let rows = rows.collect::<Vec<_>>().concat();
    let fixture = Fixture::new()
        .file("prices.csv", PRICES)
        .file("receipts.csv", &receipts())
        .file("check_IY_HeiyoKinki.csv", &format!("{HEAD}{rows}"));
    let fixture =
        if list.is_empty() { fixture } else { fixture.file("pairs.csv", &format!("{LIST}{list}")) };
    fixture.build()
}

/// Each rule as its sides, routes, limits and who states it.
fn rules(built: &Built) -> Vec<String> {
    let rules = built.contraindications.iter();
    rules
        .map(|rule| {
            format!(
                "{}@{}[{}] × {}@{}[{}] {}",
                rule.a_ingredient,
                rule.a_routes,
                rule.a_only,
                rule.b_ingredient,
                rule.b_routes,
                rule.b_only,
                rule.stated_by
            )
        })
        .collect()
}

#[test]
fn pairs_of_codes_are_one_rule_of_their_ingredients_that_names_its_source() {
    let built = built(
        &[
            ("611000001", "622000001", "0"),
            ("622000001", "611000001", "0"),
            ("611000002", "622000001", "0"),
            ("611000003", "622000001", "9"),
        ],
        "",
    );
    assert_eq!(rules(&built), ["乙@oral[] × 甲@oral[] both"]);
    let rule = &built.contraindications[0];
    assert!(rule.insert.starts_with("支払基金") && rule.insert.contains("HeiyoKinki"), "{rule:?}");
    assert_eq!((rule.section.as_str(), rule.revised.as_str()), ("", ""));
    let counts = built.report.counts.check;
    assert_eq!((counts.deleted, counts.code_pairs, counts.code_pairs_resolved), (1, 2, 2));
    assert_eq!((counts.pairs, counts.rules_added, counts.pairs_of_lists), (1, 1, 0));
    // Of three codes with 甲 by mouth, among them a combination, two are named.
    let partly = Reason::PartlyNamed { named: 2, all: 3 };
    assert!(built.report.notices.iter().any(|notice| notice.reason == partly), "{built:?}");
}

#[test]
fn a_pair_of_a_list_is_not_said_twice_and_what_each_lacks_is_counted() {
    let list = "甲,乙,src,yes,,,1111001:内用|1111002:内用,2222001:内用\n\
                甲,丙,src,yes,,,1111001:内用|1111002:内用,3333001:内用\n";
    let built = built(&[("622000001", "611000001", "0"), ("633000001", "622000001", "0")], list);
    assert_eq!(
        rules(&built),
        ["丙@oral[] × 乙@oral[] a", "甲@oral[] × 丙@oral[] a", "甲@oral[] × 乙@oral[] a"]
    );
    let counts = built.report.counts.check;
    assert_eq!((counts.pairs, counts.pairs_of_lists, counts.pairs_shared), (2, 2, 1));
    assert_eq!(counts.rules_added, 1);
}

#[test]
fn a_list_that_says_less_does_not_hide_what_the_fund_says() {
    // Of the list, the brand alone; of the fund, another product too.
    let list = "甲,乙,src,yes,,,1111001:内用,2222001:内用\n";
    let built = built(&[("611000001", "622000001", "0")], list);
    assert_eq!(built.report.counts.check.rules_added, 1);
    assert!(rules(&built).contains(&"乙@oral[] × 甲@oral[] b".to_owned()), "{built:?}");
}

#[test]
fn a_combination_is_explained_by_its_component_or_stays_limited_to_itself() {
    let alone = [("611000001", "622000001", "0"), ("611000004", "622000001", "0")];
    assert_eq!(rules(&built(&alone, "")), ["乙@oral[] × 甲@oral[] b"]);
    let only = rules(&built(&alone[1..], ""));
    assert_eq!(only, ["丙@oral[1111101] × 乙@oral[] a"]);
}

#[test]
fn codes_and_pairs_that_give_no_rule_are_named() {
    let built = built(
        &[
            ("611000001", "699999999", "0"),
            ("611000001", "611000003", "0"),
            ("611000001", "622000001", "0"),
        ],
        "",
    );
    assert_eq!(rules(&built).len(), 1);
    let unresolved: Vec<String> = built.report.unresolved.iter().map(ToString::to_string).collect();
    assert!(unresolved.iter().any(|item| item.contains("699999999")), "{unresolved:?}");
    assert!(unresolved.iter().any(|item| item.contains("611000001 × 611000003")), "{unresolved:?}");
    assert_eq!(built.report.counts.check.code_pairs_resolved, 1);
}
