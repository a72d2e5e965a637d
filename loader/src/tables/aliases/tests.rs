//! The alias table is held to what it says.

use super::*;

fn parse(rows: &str) -> Result<AliasTable, TablesError> {
    AliasTable::parse(
        "a.csv".to_owned(),
        &format!("name,ingredient,components,name_en,note\n{rows}"),
    )
}

#[test]
fn the_built_in_table_is_consistent() {
    let table = AliasTable::built_in().unwrap();
    assert_eq!(table.get("アムロジピンベシル酸塩").unwrap()[0].id, "アムロジピン");
    assert_eq!(table.english("アムロジピン"), "amlodipine");
}

#[test]
fn different_moieties_are_not_joined_by_the_built_in_table() {
    let table = AliasTable::built_in().unwrap();
    let id =
        |name: &str| table.get(&key(name)).map_or_else(|| key(name), |found| found[0].id.clone());
    for (one, other) in [
        ("エリスロマイシン", "クラリスロマイシン"),
        ("塩化カリウム", "塩化ナトリウム"),
        ("グルコン酸カリウム", "塩化カリウム"),
        ("メチルテストステロン", "テストステロンエナント酸エステル"),
        ("インスリンリスプロ（遺伝子組換え）", "インスリンアスパルト（遺伝子組換え）"),
        ("レボフロキサシン", "オフロキサシン"),
        ("エソメプラゾールマグネシウム", "オメプラゾール"),
        ("テノホビル　アラフェナミドフマル酸塩", "テノホビル　ジソプロキシルフマル酸塩"),
        ("硝酸イソソルビド", "イソソルビド"),
        ("バラシクロビル塩酸塩", "アシクロビル"),
        ("コデインリン酸塩", "ジヒドロコデインリン酸塩"),
        ("エポエチン　アルファ（遺伝子組換え）", "エポエチン　ベータ（遺伝子組換え）"),
    ] {
        assert_ne!(id(one), id(other), "{one} and {other}");
    }
}

#[test]
fn a_row_must_say_exactly_one_thing() {
    for rows in [",A,,,\n", "X,,,,\n", "X,A,B;C,,\n", "X,,B,,\n", "X,,B;C,name,\n"] {
        assert!(matches!(parse(rows), Err(TablesError::AliasShape { line: 2, .. })), "{rows:?}");
    }
}

#[test]
fn a_name_has_one_meaning() {
    let found = parse("X塩,A,,,\nＸ　塩,B,,,\n");
    assert!(matches!(found, Err(TablesError::AliasConflict { line: 3, first: 2, .. })));
    let found = parse("X塩,A,,alpha,\nY塩,A,,beta,\n");
    assert!(matches!(found, Err(TablesError::AliasConflict { line: 3, first: 2, .. })));
}

#[test]
fn an_alias_must_lead_to_an_ingredient_that_stands_for_itself() {
    let found = parse("X塩,X,,,\nX,Y,,,\n");
    assert!(matches!(found, Err(TablesError::AliasChain { line: 2, .. })));
    assert!(parse("X塩,X,,,\nX,X,,x,\n").is_ok());
}

#[test]
fn a_missing_column_is_an_error() {
    let found = AliasTable::parse("a.csv".to_owned(), "name,ingredient,note\nX,A,\n");
    assert!(matches!(found, Err(TablesError::AliasFormat { .. })));
}
