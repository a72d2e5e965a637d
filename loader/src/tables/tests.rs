//! Small self-written lists, joined.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::*;

pub(super) const PRICES: &str = "\
区分,薬価基準収載医薬品コード,成分名,規格,品名,メーカー名,経過措置による使用期限
内用薬,1111001F1020,甲塩酸塩,１ｍｇ１錠,コウ錠１ｍｇ,甲社,
内用薬,1111001F2018,甲塩酸塩,２ｍｇ１錠,甲塩酸塩２ｍｇ錠,,
内用薬,1111002F1027,甲塩酸塩水和物,１ｍｇ１錠,ベツ錠１ｍｇ,甲社,R8.3.31まで
注射薬,1111400A1023,甲塩酸塩,１ｍｇ１管,コウ注,甲社,
内用薬,1111101F1021,甲塩酸塩・丙,１錠,コウヘイ配合錠,甲社,
内用薬,2222001F1025,乙,１ｍｇ１錠,オツ錠,乙社,
内用薬,3333001F1020,丙,１ｍｇ１錠,ヘイ錠,丙社,
";
const ALIASES: &str = "\
name,ingredient,components,name_en,note
甲塩酸塩,甲,,alpha,hydrochloride
4444001,丁,,delta,a product on no current price list
";

/// A folder of sources, told by their names.
pub(super) struct Fixture {
    folder: TempDir,
    sources: Sources,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let fixture = Self { folder: TempDir::new().unwrap(), sources: Sources::default() };
        fixture.file("aliases.csv", ALIASES)
    }

    pub(super) fn file(mut self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        let sources = &mut self.sources;
        match name.split(['.', '_']).next() {
            Some("prices") => sources.price_lists.push(path),
            Some("generics") => sources.generic_names.push(path),
            Some("receipts") => sources.receipt_masters.push(path),
            Some("pairs") => sources.pairs.push(path),
            Some("check") => sources.check_masters.push(path),
            _ => sources.aliases = Some(path),
        }
        self
    }

    pub(super) fn build(self) -> Built {
        build(&self.sources).unwrap()
    }
}

/// A row of the receipt-code master with the fields that matter.
fn receipt(change: &str, code: &str, name: &str, price: &str, others: &[(usize, &str)]) -> String {
    let mut fields = vec![String::new(); 42];
    let stated = [(0, change), (1, "Y"), (2, code), (4, name), (31, price), (34, name)];
    for (position, text) in stated.iter().chain(others) {
        fields[*position] = (*text).to_owned();
    }
    fields.join(",") + "\n"
}

fn find(built: &Built, test: impl Fn(&DrugRow) -> bool) -> Vec<&DrugRow> {
    built.drugs.iter().filter(|row| test(row)).collect()
}

#[test]
fn salts_and_hydrates_of_several_codes_are_one_ingredient() {
    let built = Fixture::new().file("prices_20250814.csv", PRICES).build();
    let ids: Vec<&str> = built.ingredients.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["丙", "乙", "甲"]);
    assert_eq!(built.ingredients[2].name_en, "alpha");
    let combination = find(&built, |row| row.price == "1111101F1021");
    assert_eq!(combination[0].substances, "丙@oral;甲@oral");
    assert_eq!(built.revisions[0].revision, "2025-08-14");
    assert_eq!(find(&built, |row| row.price == "1111002F1027")[0].covered_to, "2026-03-31");
}

#[test]
fn a_code_of_one_brand_is_its_yj_code_and_a_unified_one_is_not() {
    let receipts = [
        receipt("0", "610000001", "甲塩酸塩２ｍｇ錠", "1111001F2018", &[(22, "0")]),
        receipt(
            "0",
            "610000002",
            "コウ錠２ｍｇ「甲」",
            "1111001F2018",
            &[(6, "ｺｳｼﾞｮｳ"), (22, "610000001"), (33, "20250331")],
        ),
        receipt("0", "610000003", "コウ錠１ｍｇ", "1111001F1020", &[(22, "0")]),
    ]
    .concat();
    let built = Fixture::new().file("prices.csv", PRICES).file("receipts.csv", &receipts).build();
    let unified = find(&built, |row| row.price == "1111001F2018");
    assert_eq!(unified.len(), 2);
    assert_eq!(
        (unified[0].receipt.as_str(), unified[0].name.as_str()),
        ("610000001", "甲塩酸塩２ｍｇ錠")
    );
    assert_eq!(
        (unified[1].name.as_str(), unified[1].kana.as_str()),
        ("コウ錠２ｍｇ「甲」", "コウジョウ")
    );
    assert_eq!((unified[1].yj.as_str(), unified[1].covered_to.as_str()), ("", "2025-03-31"));
    let single = find(&built, |row| row.receipt == "610000003");
    assert_eq!(single[0].yj, "1111001F1020");
}

#[test]
fn generic_codes_go_to_products_that_begin_alike_and_exceptions_to_those_listed() {
    let names = "区分,一般名コード,一般名処方の標準的な記載,成分名\n内用薬,1111001F1ZZZ,【般】甲錠,甲\n\
        内用薬,1111002FAZZZ,【般】甲錠（別）,甲\n内用薬,8888001F1ZZZ,【般】無,無\n";
    let exceptions = "区分,一般名コード,一般名処方の標準的な記載,成分名,薬価基準収載医薬品コード\n\
        内用薬,1111002FAZZZ,【般】甲錠（別）,甲,1111002F1027\n,,,,1111001F1020\n";
    let built = Fixture::new()
        .file("prices.csv", PRICES)
        .file("generics.csv", names)
        .file("generics_exceptions.csv", exceptions)
        .build();
    let generic =
        |price: &str| find(&built, |row| row.price == price)[0].generic.as_str().to_owned();
    assert_eq!(generic("1111001F1020"), "1111001F1ZZZ;1111002FAZZZ");
    assert_eq!(generic("1111002F1027"), "1111002FAZZZ");
    assert_eq!(generic("1111001F2018"), "");
    let unresolved = &built.report.unresolved;
    assert_eq!((unresolved.len(), &unresolved[0].reason), (1, &Reason::NoProduct));
}

#[test]
fn a_product_on_no_price_list_takes_the_substances_of_its_likes() {
    let receipts = [
        receipt("0", "610000004", "旧コウ錠", "1111001F9020", &[(27, "1"), (30, "20240331")]),
        receipt("0", "610000005", "旧テイ錠", "4444001F1020", &[(27, "1")]),
        receipt("0", "610000006", "不明錠", "5555001F1020", &[(27, "1")]),
        receipt("0", "630010001", "薬剤料減点", "", &[(27, "3")]),
    ]
    .concat();
    let built = Fixture::new().file("prices.csv", PRICES).file("receipts.csv", &receipts).build();
    let old = find(&built, |row| row.receipt == "610000004");
    assert_eq!((old[0].substances.as_str(), old[0].covered_to.as_str()), ("甲@oral", "2024-03-31"));
    assert_eq!(find(&built, |row| row.receipt == "610000005")[0].substances, "丁@oral");
    let reasons: Vec<String> = built.report.unresolved.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "receipt 610000006 不明錠: no product of a price list begins with 5555001, and no alias \
             names it",
            "receipt 630010001 薬剤料減点: it has no price code",
        ]
    );
    let counts = built.report.counts;
    assert_eq!((counts.receipt_codes, counts.receipt_codes_resolved), (4, 2));
}

#[test]
fn products_whose_likes_disagree_are_not_guessed() {
    let prices = format!("{PRICES}内用薬,1111002F3020,戊,１錠,ボ錠,,\n");
    let receipts = receipt("0", "610000007", "旧ベツ錠", "1111002F5020", &[(27, "1")]);
    let built = Fixture::new().file("prices.csv", &prices).file("receipts.csv", &receipts).build();
    assert!(find(&built, |row| row.receipt == "610000007").is_empty());
    let reason = &built.report.unresolved[0].reason;
    assert_eq!(reason, &Reason::PrefixDisagrees { prefix: "1111002".to_owned() });
}

#[test]
fn a_price_line_without_an_ingredient_is_resolved_by_code_or_named() {
    let prices = format!(
        "{PRICES}内用薬,1111001F1038,,１錠,コウ錠「乙」,,\n内用薬,7777001F1020,,１錠,謎錠,,\n"
    );
    let built = Fixture::new().file("prices.csv", &prices).build();
    assert_eq!(find(&built, |row| row.price == "1111001F1038")[0].substances, "甲@oral");
    assert_eq!(built.report.unresolved[0].reason, Reason::NoIngredient);
    let counts = built.report.counts;
    assert_eq!((counts.price_products, counts.price_products_resolved), (9, 8));
}

#[test]
fn the_newest_price_list_wins_and_the_order_of_files_does_not_matter() {
    let newer = "区分,薬価基準収載医薬品コード,成分名,品名,経過措置による使用期限\n\
        内用薬,1111001F1020,甲塩酸塩,新コウ錠,R8.3.31まで\n";
    let one = Fixture::new().file("prices_20250814.csv", newer).file("prices_20250716.csv", PRICES);
    let other =
        Fixture::new().file("prices_20250716.csv", PRICES).file("prices_20250814.csv", newer);
    let (one, other) = (one.build(), other.build());
    assert_eq!(one.drugs, other.drugs);
    let row = find(&one, |row| row.price == "1111001F1020")[0];
    assert_eq!((row.name.as_str(), row.covered_to.as_str()), ("新コウ錠", "2026-03-31"));
}

#[test]
fn dummy_codes_are_products_without_substances() {
    let built = Fixture::new().file("prices.csv", PRICES).build();
    let dummies = find(&built, |row| row.dummy == "1");
    let codes: Vec<(&str, &str)> =
        dummies.iter().map(|row| (row.receipt.as_str(), row.yj.as_str())).collect();
    assert_eq!(codes, [("666660000", ""), ("777770000", ""), ("", "2000000X0000")]);
    assert!(dummies.iter().all(|row| row.substances.is_empty()));
}

#[test]
fn every_table_is_written_with_its_header_even_if_it_is_empty() {
    let folder = TempDir::new().unwrap();
    Fixture::new().file("prices.csv", PRICES).build().write(folder.path()).unwrap();
    let first = |name: &str| {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(first("ingredients.csv"), "id,name_ja,name_en");
    assert!(first("drugs.csv").starts_with("yj,price,receipt,generic,hot,gtin,name,aliases,kana"));
    assert!(first("contraindications.csv").starts_with("a_ingredient,a_routes,a_only,a_except"));
    assert_eq!(first("revisions.csv"), "table,revision,source");
    assert_eq!(first("unresolved.csv"), "kind,item,name,reason");
    assert_eq!(first("institutions.csv"), "code,name");
}

#[test]
fn institutions_that_are_there_stay() {
    let folder = TempDir::new().unwrap();
    let institutions = folder.path().join("institutions.csv");
    fs::write(&institutions, "code,name\n1310000001,甲医院\n").unwrap();
    Fixture::new().file("prices.csv", PRICES).build().write(folder.path()).unwrap();
    assert!(fs::read_to_string(&institutions).unwrap().contains("甲医院"));
}

#[test]
fn a_missing_column_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("prices.csv");
    fs::write(&path, "区分,薬価基準収載医薬品コード,品名\n").unwrap();
    let found = build(&Sources { price_lists: vec![path], ..Sources::default() }).unwrap_err();
    let cause = std::error::Error::source(&found).map(ToString::to_string).unwrap_or_default();
    assert!(cause.ends_with("no column 成分名"), "{cause}");
}

#[test]
fn a_missing_file_is_an_error() {
    let sources =
        Sources { pairs: vec![Path::new("/nowhere/pairs.csv").into()], ..Sources::default() };
    assert!(matches!(build(&sources), Err(TablesError::Master(_))));
}
