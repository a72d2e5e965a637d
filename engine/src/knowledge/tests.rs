//! Codes resolve alike by the table that opening builds and by the fsts that are stored.

use super::*;
use crate::format::section::SectionId;
use crate::manifest::{Manifest, Sections};
use tables::Tables;

fn knowledge(products: Vec<Product>) -> (tempfile::TempDir, Knowledge) {
    let directory = tempfile::tempdir().unwrap();
    let count = products.len();
    let ingredient = |number| Ingredient {
        id: format!("i{number:05}"),
        name_ja: String::new(),
        name_en: String::new(),
    };
    let tables = Tables {
        ingredients: (0..count).map(ingredient).collect(),
        routes: vec!["oral".to_owned()],
        substances: (0..count)
            .map(|position| Substance { ingredient: int::ordinal(position), route: 0 })
            .collect(),
        products,
        ..Tables::default()
    };
    writer::write(directory.path(), tables).unwrap();
    let manifest = Manifest {
        generation: 1,
        event: 0,
        made_by: String::new(),
        made_at: String::new(),
        key_fingerprint: [0; 8],
        left_out: None,
        sections: SectionId::KNOWLEDGE
            .iter()
            .map(|id| crate::manifest::SectionEntry::describe(directory.path(), *id).unwrap())
            .collect(),
        sources: Vec::new(),
    };
    let knowledge = Knowledge::open(&Sections::new(directory.path(), &manifest)).unwrap();
    (directory, knowledge)
}

/// What the fsts alone say of a code.
fn by_fst(knowledge: &Knowledge, table: Table, code: &str) -> Option<u32> {
    knowledge.entry_of_fst(table, code)
}

#[test]
fn every_code_resolves_as_its_fst_says() {
    let long = "9".repeat(40);
    let products = (0..600_u32).map(|number| Product {
        name: number.to_string(),
        codes: vec![
            (CodeSystem::Yj, format!("{:04}{:03}F{:04}", number / 7, number % 7, number)),
            (CodeSystem::Hot, format!("{number:07}")),
            (CodeSystem::Hot, format!("{number:09}0101")),
            (CodeSystem::Gtin, format!("0{number:013}")),
            (CodeSystem::Receipt, format!("{long}{number}")),
        ],
        substances: vec![number],
        ..Product::default()
    });
    let (_directory, knowledge) = knowledge(products.collect());
    let mut met = 0;
    for (system, map) in &knowledge.codes {
        let mut keys = map.keys().into_stream();
        while let Some(key) = keys.next() {
            let code = str::from_utf8(key).unwrap();
            for changed in [code.to_owned(), format!("{code}0"), code.replace('0', "3")] {
                for other in CodeSystem::ALL {
                    let table = Table::Codes(other);
                    let expected = by_fst(&knowledge, table, &changed);
                    assert_eq!(knowledge.entry(table, &changed), expected, "{other} {changed}");
                }
            }
            met += usize::from(knowledge.entry(Table::Codes(*system), code).is_some());
        }
    }
    assert_eq!(met, 5 * 600);
    let mut prefixes = knowledge.prefixes.keys().into_stream();
    let mut lengths = std::collections::BTreeSet::new();
    while let Some(key) = prefixes.next() {
        let prefix = str::from_utf8(key).unwrap();
        let found = knowledge.entry(Table::Prefixes, prefix);
        assert!(found.is_some() && found == by_fst(&knowledge, Table::Prefixes, prefix));
        lengths.insert(prefix.len());
    }
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [7, 9]);
}
