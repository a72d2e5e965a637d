//! Statements against a small table of invented drugs.

use super::*;
use crate::inserts::{Drugs, Member, Product, Washout, join, names::parse_text};

fn drugs() -> Drugs {
    let ingredients = [
        "コウノム",
        "オツゾール",
        "ボギリン",
        "ラサボギン",
        "ヘイナビル",
        "タダフィル",
        "テイマイシン",
        "リトビル",
    ];
    let product = |codes: &[&str], names: &[&str], substances: &[(&str, &str)]| Product {
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        substances: substances
            .iter()
            .map(|(ingredient, route)| ((*ingredient).to_owned(), (*route).to_owned()))
            .collect(),
    };
    let products = vec![
        product(&["1124701F1011"], &["甲ノーム錠10mg"], &[("コウノム", "oral")]),
        product(&["2129901F1019"], &["オツゾ錠100mg"], &[("オツゾール", "oral")]),
        product(
            &["2129902F1013"],
            &["コオツ配合錠"],
            &[("オツゾール", "oral"), ("リトビル", "oral")],
        ),
        product(&["1179901F1016"], &["ボギール錠2.5mg"], &[("ボギリン", "oral")]),
        product(&["1179902F1010"], &["ラサ錠1mg"], &[("ラサボギン", "oral")]),
        product(&["6290901M1010"], &["ヘイナカプセル"], &[("ヘイナビル", "oral")]),
        product(&["2190901F1018"], &["アドフィル錠20mg"], &[("タダフィル", "oral")]),
        product(&["2590902F1014"], &["シアフィル錠5mg"], &[("タダフィル", "oral")]),
        product(&["6149901F1010"], &["テイマイ錠"], &[("テイマイシン", "oral")]),
        product(&["6149901A4011"], &["テイマイ点滴静注用"], &[("テイマイシン", "injection")]),
        product(&["6250901F1018"], &["リト錠"], &[("リトビル", "oral")]),
    ];
    Drugs::new(ingredients.map(|name| (name.to_owned(), name.to_owned())), products)
}

fn statement(own: &str, cell: &str) -> Statement {
    Statement {
        file: "i.xml".to_owned(),
        place: 1,
        insert: format!("{own}_1_01"),
        revised: "2026-01".to_owned(),
        section: "10.1",
        own_codes: vec![own.to_owned()],
        cell: cell.to_owned(),
        partners: parse_text(cell),
        measures: "甲".to_owned(),
        ..Statement::default()
    }
}

fn classes() -> ClassTable {
    let mut table = ClassTable::default();
    for name in ["ボギリン", "ラサボギン", "コウノム"] {
        let (name, source) = (name.to_owned(), "文書A".to_owned());
        table.add("MAO阻害剤", Member { name, source });
    }
    table
}

fn resolved(statements: &[Statement]) -> Resolved {
    resolve(statements, &classes(), &drugs())
}

/// A side as `ingredient@routes+only`.
fn show(side: &Side) -> String {
    let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
    let (routes, only) = (join(&side.routes), join(&side.only));
    let mut text = side.ingredient.clone();
    for (mark, part) in [("@", routes), ("+", only)] {
        if !part.is_empty() {
            text = format!("{text}{mark}{part}");
        }
    }
    text
}

fn sides(found: &Resolved) -> Vec<(String, String)> {
    found.rules.iter().map(|rule| (show(&rule.a), show(&rule.b))).collect()
}

fn pairs(cell: &str) -> Vec<(String, String)> {
    sides(&resolved(&[statement("1124701F1011", cell)]))
}

fn partners(cell: &str) -> Vec<String> {
    pairs(cell).into_iter().map(|(_, b)| b).collect()
}

fn whys(found: &Resolved) -> Vec<(&str, &Why)> {
    found.unresolved.iter().map(|one| (one.name.as_str(), &one.why)).collect()
}

#[test]
fn names_salts_and_brands_find_their_ingredient() {
    let pair = |b: &str| vec![("コウノム".to_owned(), b.to_owned())];
    assert_eq!(pairs("オツゾール"), pair("オツゾール"));
    assert_eq!(pairs("ボギリン塩酸塩水和物"), pair("ボギリン"));
    assert_eq!(pairs("ボギリン製剤"), pair("ボギリン"));
    assert_eq!(pairs("ボギール"), pair("ボギリン"));
    assert_eq!(pairs("Ｘ（オツゾ）"), pair("オツゾール"));
}

#[test]
fn an_unknown_name_is_reported_and_guesses_nothing() {
    // A beginning of a brand is no brand, and one of a kanji name is not the whole.
    let carbonate = Product {
        codes: vec!["2344901X1013".to_owned()],
        names: vec!["丁酸水素ナトリウム".to_owned(), "ヘイナカプセル".to_owned()],
        substances: vec![("丁酸水素ナトリウム".to_owned(), "oral".to_owned())],
    };
    let drugs = Drugs::new([], vec![carbonate]);
    assert!(drugs.brand("丁酸").is_empty() && drugs.brand("ヘイ").is_empty());
    assert_eq!(drugs.brand("ヘイナ").len(), 1);
    for (cell, name) in [
        ("ボギ", "ボギ"),
        ("グレープフルーツジュース", "グレープフルーツジュース"),
        ("塩酸塩", "塩酸塩"),
    ] {
        let found = resolved(&[statement("1124701F1011", cell)]);
        assert!(found.rules.is_empty(), "{cell}");
        assert_eq!(found.unresolved.len(), 1, "{cell}");
        assert_eq!(found.unresolved[0].name, name);
        assert_eq!(found.unresolved[0].source.cell, cell);
    }
}

#[test]
fn a_class_is_its_listed_members_and_the_table_only_where_the_list_is_open() {
    assert_eq!(partners("MAO阻害剤（ボギリン）"), ["ボギリン"]);
    assert_eq!(partners("MAO阻害剤（ボギリン等）"), ["ボギリン", "ラサボギン"]);
    assert_eq!(partners("MAO阻害剤"), ["ボギリン", "ラサボギン"]);
    let found = resolved(&[statement("1124701F1011", "MAO阻害剤")]);
    // The insert's own drug is in the class, too.
    assert_eq!(
        whys(&found),
        [("MAO阻害剤 > コウノム", &Why::Same { ingredient: "コウノム".to_owned() })]
    );
    let member =
        Note::ClassMember { class: "MAO阻害剤".to_owned(), source_text: "文書A".to_owned() };
    assert_eq!(found.rules[0].notes, [member]);
    assert_eq!(found.rules[0].sources[0].partner, "MAO阻害剤 > ボギリン");
}

#[test]
fn a_class_that_nobody_takes_apart_is_reported() {
    let found = resolved(&[statement("1124701F1011", "三環系抗うつ剤、丙系薬（オツゾール等）")]);
    assert_eq!(sides(&found), [("コウノム".to_owned(), "オツゾール".to_owned())]);
    assert_eq!(whys(&found), [("三環系抗うつ剤", &Why::UnknownClass), ("丙系薬", &Why::OpenClass)]);
}

#[test]
fn a_brand_that_may_limit_is_pointed_out_and_does_not_narrow() {
    let found = resolved(&[statement("1124701F1011", "タダフィル〔アドフィル〕")]);
    assert_eq!(sides(&found), [("コウノム".to_owned(), "タダフィル".to_owned())]);
    let others = vec!["2590902".to_owned()];
    assert_eq!(
        found.rules[0].notes,
        [Note::BrandMayLimit { brand: "アドフィル".to_owned(), others }]
    );
    let found = resolved(&[statement("1124701F1011", "ボギリン〔ボギール〕")]);
    assert!(found.rules[0].notes.is_empty());
}

#[test]
fn a_brand_of_another_ingredient_is_reported() {
    let found = resolved(&[statement("1124701F1011", "オツゾール〔ボギール〕")]);
    let ingredients = vec!["ボギリン".to_owned()];
    let why = Why::BrandDisagrees { brand: "ボギール".to_owned(), ingredients };
    assert_eq!(whys(&found), [("オツゾール", &why)]);
    assert_eq!(sides(&found), [("コウノム".to_owned(), "オツゾール".to_owned())]);
}

#[test]
fn routes_limit_and_except() {
    assert_eq!(partners("テイマイシン（注射剤）"), ["テイマイシン@injection"]);
    assert_eq!(partners("テイマイシン（注射剤を除く）"), ["テイマイシン@oral"]);
    assert_eq!(partners("テイマイシン（外用剤を除く）"), ["テイマイシン"]);
    assert_eq!(partners("MAO阻害剤（ボギリン、ラサボギン）（ラサボギンを除く）"), ["ボギリン"]);
}

#[test]
fn an_exception_that_cannot_be_applied_is_shown() {
    let found = resolved(&[statement("1124701F1011", "オツゾール（少量の含嗽剤を除く）")]);
    assert_eq!(found.rules[0].conditions, ["少量の含嗽剤を除く"]);
    assert_eq!(found.rules[0].notes, [Note::Excepted { words: "少量の含嗽剤".to_owned() }]);
    assert_eq!(whys(&found), [("少量の含嗽剤", &Why::ExceptionNotApplied)]);
}

#[test]
fn conditions_and_intervals_are_carried() {
    let mut one = statement("1124701F1011", "オツゾール（用量漸増期）");
    one.context = vec!["〈甲病〉".to_owned(), "本剤は代謝される。".to_owned()];
    let washout = |days| Washout { days, text: "文".to_owned() };
    one.washouts =
        vec![washout(Some((14, Ending::Partner))), washout(Some((1, Ending::Both))), washout(None)];
    let found = resolved(&[one]);
    let rule = &found.rules[0];
    assert_eq!(rule.conditions, ["用量漸増期", "〈甲病〉"]);
    assert_eq!((rule.washout_a, rule.washout_b), (Some(1), Some(14)));
    assert_eq!(rule.notes, [Note::Interval { text: "文".to_owned() }]);
    assert_eq!((rule.measures.as_slice(), rule.mechanism.len()), (&["甲".to_owned()][..], 0));
}

#[test]
fn the_own_side_speaks_for_its_own_products() {
    // One of two products of the ingredient: only its own code.
    let found = resolved(&[statement("2190901F1018", "オツゾール")]);
    assert_eq!(sides(&found), [("タダフィル+2190901".to_owned(), "オツゾール".to_owned())]);
    // One of two routes.
    let found = resolved(&[statement("6149901A4011", "オツゾール")]);
    assert_eq!(sides(&found), [("テイマイシン@injection".to_owned(), "オツゾール".to_owned())]);
    // The drug alone speaks for its combinations.
    let found = resolved(&[statement("2129901F1019", "ボギリン")]);
    assert_eq!(sides(&found), [("オツゾール".to_owned(), "ボギリン".to_owned())]);
}

#[test]
fn a_combination_stands_on_the_component_that_the_statement_is_about() {
    let combination = statement("2129902F1013", "ボギリン");
    let found = resolved(&[statement("6250901F1018", "ボギリン"), combination.clone()]);
    assert_eq!(
        sides(&found),
        [
            ("リトビル".to_owned(), "ボギリン".to_owned()),
            ("リトビル+2129902".to_owned(), "ボギリン".to_owned()),
        ]
    );
    let chosen = Note::ComponentChosen { ingredient: "リトビル".to_owned() };
    assert_eq!(found.rules[1].notes, [chosen]);
    // As a partner it means the products that hold both.
    assert_eq!(partners("オツゾール・リトビル"), ["オツゾール+2129902"]);
    let found = resolved(&[statement("1124701F1011", "オツゾール・ボギリン")]);
    assert!(matches!(found.unresolved[0].why, Why::NoProduct { .. }));
}

#[test]
fn an_own_drug_is_found_by_number_or_name_if_it_has_no_code() {
    let mut one = statement("1124701F1011", "オツゾール");
    one.own_codes.clear();
    let found = resolved(&[one.clone()]);
    assert_eq!(found.rules[0].notes, [Note::OwnBy { by: "1124701F1011_1_01".to_owned() }]);
    one.insert = String::new();
    one.own_names = vec!["コウノム塩酸塩".to_owned()];
    let found = resolved(&[one.clone()]);
    assert_eq!(sides(&found), [("コウノム".to_owned(), "オツゾール".to_owned())]);
    one.own_names = vec!["丙".to_owned()];
    let found = resolved(&[one]);
    assert!(found.rules.is_empty());
    assert_eq!(whys(&found), [("丙", &Why::OwnUnknown)]);
}

#[test]
fn both_inserts_make_one_row_with_both_sources() {
    let mut there = statement("1124701F1011", "オツゾール（用量漸増期）");
    there.washouts = vec![Washout { days: Some((14, Ending::Partner)), text: String::new() }];
    let mut back = statement("2129901F1019", "コウノム");
    back.revised = "2025-05".to_owned();
    back.measures = "乙".to_owned();
    let generic = Statement { file: "g.xml".to_owned(), ..there.clone() };
    let rules = join(resolved(&[there, back, generic]).rules);
    let [rule] = rules.as_slice() else { panic!("one row") };
    assert_eq!((show(&rule.a), show(&rule.b)), ("オツゾール".to_owned(), "コウノム".to_owned()));
    assert_eq!(rule.stated_by, StatedBy::Both);
    let sources: Vec<(&str, &str)> =
        rule.sources.iter().map(|source| (source.file.as_str(), source.revised.as_str())).collect();
    assert_eq!(sources, [("i.xml", "2025-05"), ("g.xml", "2026-01"), ("i.xml", "2026-01")]);
    assert_eq!(rule.conditions, ["用量漸増期"]);
    assert_eq!(rule.measures, ["乙", "甲"]);
    // 14 days after the partner of コウノム, which is side a of the joined row.
    assert_eq!((rule.washout_a, rule.washout_b), (Some(14), None));
}

#[test]
fn one_insert_is_a_or_b_and_rows_of_other_products_stay_apart() {
    let rules = join(resolved(&[statement("1124701F1011", "オツゾール")]).rules);
    assert_eq!((rules[0].stated_by, show(&rules[0].a)), (StatedBy::B, "オツゾール".to_owned()));
    let rules = join(
        resolved(&[statement("1124701F1011", "タダフィル"), statement("2190901F1018", "コウノム")])
            .rules,
    );
    let stated: Vec<StatedBy> = rules.iter().map(|rule| rule.stated_by).collect();
    assert_eq!(stated, [StatedBy::A, StatedBy::B]);
}
