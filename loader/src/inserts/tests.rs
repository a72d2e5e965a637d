//! Invented inserts and tables in a folder, through to the files for review.

use tempfile::TempDir;

use super::*;

const INGREDIENTS: &str =
    "id,name_ja,name_en\nコウノム,コウノム,\nオツゾール,オツゾール,\nボギリン,ボギリン,\n";
const DRUGS: &str = "yj,price,receipt,generic,hot,gtin,name,aliases,kana,substances,covered_from,covered_to,dummy\n\
    1124701F1011,,,,,,甲ノーム錠10mg,,,コウノム@oral,,,0\n\
    2129901F1019,2129901F1019,,,,,オツゾ錠100mg,オツゾ錠,,オツゾール@oral,,,0\n\
    1179901F1016,,,,,,ボギール錠2.5mg,,,ボギリン@oral,,,0\n\
    ,,666660000,,,,ダミー,,,,,,1\n";

fn insert(number: &str, yj: &str, revised: &str, cell: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><PackIns><PackageInsertNo>{number}</PackageInsertNo>\
         <DateOfPreparationOrRevision><PreparationOrRevision id=\"今回\"><YearMonth>{revised}</YearMonth>\
         </PreparationOrRevision></DateOfPreparationOrRevision><ApprovalEtc><DetailBrandName id=\"B\">\
         <BrandCode><YJCode>{yj}</YJCode></BrandCode></DetailBrandName></ApprovalEtc>\
         <ContraIndications><Detail>丙剤を投与中の患者</Detail></ContraIndications>\
         <Interactions><ContraIndicatedCombinations><ContraIndicatedCombination><ContraIndication>\
         <Drug><DrugName><Detail>{cell}</Detail></DrugName><ClinSymptomsAndMeasures><Detail>投与中止後14日以内は\
         投与しないこと。</Detail></ClinSymptomsAndMeasures></Drug></ContraIndication>\
         </ContraIndicatedCombination></ContraIndicatedCombinations></Interactions></PackIns>"
    )
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn inserts_become_rows_for_review_and_nothing_is_lost() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("inserts")).unwrap();
    fs::write(at("ingredients.csv"), INGREDIENTS).unwrap();
    fs::write(at("drugs.csv"), DRUGS).unwrap();
    fs::write(at("classes.csv"), "class,member\nMAO阻害剤,ボギリン\n").unwrap();
    let one = insert("1124701F1011_1_01", "1124701F1011", "2026-01", "オツゾール、丁ジュース");
    fs::write(at("inserts").join("a.xml"), &one).unwrap();
    fs::write(at("inserts").join("copy.xml"), &one).unwrap();
    let back = insert("2129901F1019_1_02", "2129901F1019", "2025-05", "コウノム");
    fs::write(at("inserts").join("b.xml"), back).unwrap();
    fs::write(at("inserts").join("old.sgml"), "<!DOCTYPE PACKINS><PACKINS></PACKINS>").unwrap();
    fs::write(
        at("extract.csv"),
        "package_insert_no,yj_code,section_type,partner_group_ja,partner_name_ja,symptoms_measures_ja,mechanism_ja\n\
         1124701F1011_1_01,1124701F1011,併用禁忌,,MAO阻害剤,,\n",
    )
    .unwrap();
    let found = review(&InsertSources {
        tables: folder.path().to_owned(),
        inserts: vec![at("inserts")],
        extracts: vec![at("extract.csv")],
        classes: Some(at("classes.csv")),
    })
    .unwrap();
    assert_eq!((found.statements, found.walked.documents, found.walked.duplicates), (3, 3, 1));
    found.write(&at("out")).unwrap();

    let rules = rows(&at("out").join("rules.csv"));
    let column = |name: &str| rules[0].iter().position(|column| column == name).unwrap();
    let get = |row: usize, name: &str| rules[row][column(name)].as_str();
    assert_eq!(rules.len(), 3);
    let sides = |row| (get(row, "a_ingredient"), get(row, "b_ingredient"), get(row, "stated_by"));
    assert_eq!(sides(1), ("オツゾール", "コウノム", "both"));
    assert_eq!(sides(2), ("コウノム", "ボギリン", "a"));
    assert_eq!(get(1, "insert"), "1124701F1011_1_01;2129901F1019_1_02");
    assert_eq!((get(1, "revised"), get(1, "section")), ("2026-01", "10.1"));
    assert_eq!((get(1, "washout_a"), get(1, "washout_b")), ("14", "14"));
    assert!(get(1, "sources").contains("2129901F1019_1_02 (2025-05) 10.1 #1"));
    assert!(get(2, "notes").contains("MAO阻害剤"));

    let unresolved = rows(&at("out").join("unresolved.csv"));
    let told: Vec<(&str, &str)> =
        unresolved[1..].iter().map(|row| (row[0].as_str(), row[6].as_str())).collect();
    assert_eq!(
        told,
        [("name", "丁ジュース"), ("passage", "丙剤"), ("passage", "丙剤"), ("file", ""),]
    );
}

#[test]
fn a_folder_without_tables_says_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let sources = InsertSources { tables: folder.path().to_owned(), ..InsertSources::default() };
    let error = review(&sources).unwrap_err();
    assert!(matches!(error, InsertsError::Read { path, .. } if path.ends_with("ingredients.csv")));
}
