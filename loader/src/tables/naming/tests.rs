//! One moiety, one id; different moieties never meet.

use super::*;

fn naming(rows: &str) -> Naming {
    let text = format!("name,ingredient,components,name_en,note\n{rows}");
    Naming::new(AliasTable::parse("aliases.csv".to_owned(), &text).unwrap())
}

fn ids(naming: &Naming, name: &str) -> Vec<String> {
    naming.resolve(name).0.into_iter().map(|ingredient| ingredient.id).collect()
}

#[test]
fn a_hydrate_is_what_it_is_a_hydrate_of() {
    let naming = naming("");
    for (name, id) in [
        ("ボセンタン水和物", "ボセンタン"),
        ("塩化マンガン四水和物", "塩化マンガン"),
        ("リン酸二水素ナトリウム一水和物", "リン酸二水素ナトリウム"),
        ("ペメトレキセドナトリウムヘミペンタ水和物", "ペメトレキセドナトリウム"),
        ("抱水クロラール", "抱水クロラール"),
        ("水和物", "水和物"),
    ] {
        assert_eq!(ids(&naming, name), [id], "{name}");
    }
}

#[test]
fn salts_are_joined_by_the_table_alone() {
    let naming = naming("アムロジピンベシル酸塩,アムロジピン,,amlodipine,besilate\n");
    assert_eq!(ids(&naming, "アムロジピンベシル酸塩"), ["アムロジピン"]);
    assert_eq!(ids(&naming, "トラマドール塩酸塩"), ["トラマドール塩酸塩"]);
    assert_eq!(naming.resolve("トラマドール塩酸塩").1, Found::Itself);
}

#[test]
fn a_hydrate_of_an_alias_is_joined() {
    let naming = naming("ロキソプロフェンナトリウム,ロキソプロフェン,,loxoprofen,sodium salt\n");
    assert_eq!(ids(&naming, "ロキソプロフェンナトリウム水和物"), ["ロキソプロフェン"]);
}

#[test]
fn width_and_spaces_make_no_other_ingredient() {
    let naming = naming("");
    let found = naming.resolve("Ｌ－カルボシステイン　").0;
    assert_eq!(found[0].id, "L-カルボシステイン");
    let found = naming.resolve("テノホビル　アラフェナミド").0;
    assert_eq!(
        (found[0].id.as_str(), found[0].name.as_str()),
        ("テノホビルアラフェナミド", "テノホビル アラフェナミド")
    );
}

#[test]
fn an_unknown_combination_is_split_and_meets_its_single_products() {
    let naming = naming("アムロジピンベシル酸塩,アムロジピン,,amlodipine,besilate\n");
    let (found, how) = naming.resolve("バルサルタン・アムロジピンベシル酸塩配合剤");
    let found: Vec<&str> = found.iter().map(|ingredient| ingredient.id.as_str()).collect();
    assert_eq!(
        (found.as_slice(), how),
        (["バルサルタン", "アムロジピン"].as_slice(), Found::Split)
    );
}

#[test]
fn separators_of_the_tables_cannot_come_into_an_id() {
    assert_eq!(key("ア；イ＠ウ"), "アイウ");
}

#[test]
fn what_looks_like_a_salt_without_an_alias_is_pointed_out() {
    let naming = naming("");
    let mut report = Report::default();
    for name in [
        "トラマドール塩酸塩",
        "バルサルタン",
        "アダリムマブ（遺伝子組換え）［アダリムマブ後続１］",
        "ピマリシン",
    ] {
        look_over(name, naming.resolve(name).1, &mut report);
    }
    let items: Vec<&str> = report.notices.iter().map(|item| item.item.as_str()).collect();
    assert_eq!(items, ["トラマドール塩酸塩", "アダリムマブ(遺伝子組換え)[アダリムマブ後続1]"]);
}
