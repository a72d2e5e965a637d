use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;

use super::{Options, rows, write};
use crate::{demo, formulary::Formulary, regimen, row::HistoryRow};

const OPTIONS: Options = Options { seed: 42, patients: 300, today: date(2026, 11, 22) };

fn csv_of(options: &Options) -> Vec<u8> {
    let mut bytes = vec![];
    let count = write(&mut bytes, options).unwrap();
    assert_eq!(usize::try_from(count).unwrap(), rows(options).unwrap().len());
    bytes
}

/// FNV-1a, 64 bits: enough to notice a change.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn columns_are_the_canonical_ones() {
    let text = String::from_utf8(csv_of(&OPTIONS)).unwrap();
    assert_eq!(
        text.lines().next().unwrap(),
        "document,kind,setting,insurer,symbol,number,branch,patient_id,date,institution,pharmacy,\
         prescription,refill_uses,refill_use,rp,drug_system,drug_code,drug_name,form,quantity,usage,\
         usage_supplements,status"
    );
}

#[test]
fn one_seed_gives_one_history_for_ever() {
    let bytes = csv_of(&OPTIONS);
    assert_eq!(bytes, csv_of(&OPTIONS));
    assert_ne!(bytes, csv_of(&Options { seed: 43, ..OPTIONS }));
    // A new value here means that recorded demonstrations and benchmarks no longer compare.
    assert_eq!(fingerprint(&bytes), 0x48d2_9c7e_55a5_1e57);
}

#[test]
fn a_patient_does_not_depend_on_how_many_follow() {
    let few = rows(&Options { patients: 20, ..OPTIONS }).unwrap();
    let many = rows(&OPTIONS).unwrap();
    assert_eq!(few[..], many[..few.len()]);
}

#[test]
fn every_code_is_in_the_drug_table() {
    let mut codes = BTreeSet::new();
    let mut reader = csv::Reader::from_reader(demo::DRUGS.as_bytes());
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        for system in ["yj", "receipt", "generic"] {
            codes.extend(row[system].split(';').map(|code| (system.to_owned(), code.to_owned())));
        }
    }
    for row in rows(&OPTIONS).unwrap() {
        assert!(!row.drug_code.is_empty());
        assert!(codes.contains(&(row.drug_system.clone(), row.drug_code.clone())), "{row:?}");
    }
}

#[test]
fn every_regimen_names_products() {
    let formulary = Formulary::load().unwrap();
    let bundles = regimen::ACUTE.iter().chain(&regimen::PAEDIATRIC).copied();
    let all = bundles
        .chain([&regimen::CHRONIC[..], &regimen::DENTAL, &regimen::OCCASIONAL, &regimen::WARD])
        .flatten();
    for regimen in all {
        let products = formulary.interchangeable(regimen.group);
        assert!(!products.brands.is_empty() || !products.generics.is_empty(), "{regimen:?}");
        assert_eq!(regimen.usage.len(), 16);
    }
}

#[test]
fn no_document_is_younger_than_today_or_beyond_reach() {
    for row in rows(&OPTIONS).unwrap() {
        assert!(row.date.as_str() <= "2026-11-22", "{row:?}");
        assert!(row.date.as_str() > "2026-04-01", "{row:?}");
    }
}

#[test]
fn documents_are_whole_and_belong_to_one_patient() {
    let all = rows(&OPTIONS).unwrap();
    let mut frames = BTreeMap::new();
    let mut lines = BTreeSet::new();
    for row in &all {
        let frame = HistoryRow {
            rp: String::new(),
            drug_system: String::new(),
            drug_code: String::new(),
            drug_name: String::new(),
            form: String::new(),
            quantity: String::new(),
            usage: String::new(),
            ..row.clone()
        };
        assert_eq!(*frames.entry(&row.document).or_insert_with(|| frame.clone()), frame);
        assert!(lines.insert((&row.document, &row.rp)), "{row:?}");
    }
    for frame in frames.values().filter(|frame| !frame.prescription.is_empty()) {
        let source = &frames[&frame.prescription];
        assert_eq!(source.kind, "prescription");
        assert_eq!((&source.number, &source.branch), (&frame.number, &frame.branch));
        assert!(source.date <= frame.date);
        assert_eq!(source.refill_uses, frame.refill_uses);
    }
}

#[test]
fn the_shapes_of_real_histories_occur() {
    let all = rows(&OPTIONS).unwrap();
    let generated: Vec<_> = all.iter().filter(|row| row.document.starts_with("demo-")).collect();
    let some = |what: &str, test: &dyn Fn(&HistoryRow) -> bool| {
        assert!(generated.iter().any(|row| test(row)), "{what}");
    };
    some("cancelled prescription", &|r| r.kind == "prescription" && r.status == "cancelled");
    some("cancelled result", &|r| r.kind == "dispensing" && r.status == "cancelled");
    some("third use of a refill", &|r| r.refill_uses == "3" && r.refill_use == "3");
    some("inpatient", &|r| r.setting == "inpatient");
    some("discharge", &|r| r.setting == "discharge");
    some("outpatient", &|r| r.setting == "outpatient");
    some("as needed", &|r| r.form == "2" && r.usage.starts_with("105"));
    some("external", &|r| r.form == "3");
    some("generic name", &|r| r.drug_system == "generic");
    some("dummy code", &|r| r.drug_code == "666660000");
    some("90 days", &|r| r.quantity == "90");
    some("second branch", &|r| r.branch == "02");
    some("no branch", &|r| r.branch.is_empty() && r.insurer.starts_with("39"));
    let dates: BTreeMap<_, _> = generated.iter().map(|row| (&row.document, &row.date)).collect();
    some("dispensed days later", &|r| dates.get(&r.prescription).is_some_and(|d| **d < r.date));
    some("generic dispensed", &|r| r.kind == "dispensing" && r.drug_name.contains('「'));
    let given: BTreeSet<_> = generated.iter().map(|row| (&row.number, &row.branch)).collect();
    let twins = given.iter().filter(|(n, b)| *b == "02" && given.contains(&(n, &"01".to_owned())));
    assert!(twins.count() > 0, "twins of one number");
}

#[test]
fn identities_are_fictitious() {
    for row in rows(&OPTIONS).unwrap() {
        let prefecture =
            if row.insurer.len() == 8 { &row.insurer[2..4] } else { &row.insurer[..2] };
        assert_eq!(prefecture, "99", "{row:?}");
        assert_eq!(row.symbol, "架空");
    }
}
