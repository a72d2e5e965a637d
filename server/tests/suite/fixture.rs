//! A small index: five products, two rules, and patients who are named by what they hold.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chofuku_engine::code::{CodeSystem, check_digit};
use chofuku_engine::document::{Document, DocumentKind, DocumentLine};
use chofuku_engine::format::section::{BLOCK_BYTES, SectionId};
use chofuku_engine::generation;
use chofuku_engine::history::dictionary::{CodeName, Dictionary, Directions};
use chofuku_engine::history::writer::{EncodedPatients, HistoryWriter};
use chofuku_engine::knowledge::rule::{Rule, Side, StatedBy};
use chofuku_engine::knowledge::tables::{Ingredient, Product, Substance, Tables};
use chofuku_engine::knowledge::writer;
use chofuku_engine::manifest::{HISTORY, MANIFEST, Manifest, Source};
use chofuku_engine::patient::{Identity, IdentityKey};
use chofuku_engine::period::{Form, Supply};
use chofuku_engine::{Day, Index};

pub(crate) const SECRET: [u8; 32] = [7; 32];

pub(crate) fn key() -> IdentityKey {
    IdentityKey::new(&SECRET)
}

pub(crate) fn today() -> Day {
    "2026-11-22".parse().unwrap()
}

/// A YJ code of eleven characters and their check digit.
pub(crate) fn yj(body: &str) -> String {
    format!("{body}{}", check_digit(body).unwrap())
}

pub(crate) fn amlodipine() -> String {
    yj("2171022F202")
}

pub(crate) fn itraconazole() -> String {
    yj("6290004M102")
}

pub(crate) fn triazolam() -> String {
    yj("1124007F202")
}

/// The index, with its files gone: it lives in its mappings.
pub(crate) fn index() -> Arc<Index> {
    index_of(3)
}

/// The index as that generation.
pub(crate) fn index_of(generation: u64) -> Arc<Index> {
    let root = tempfile::tempdir().unwrap();
    let directory = published(root.path(), generation);
    Arc::new(generation::open_directory(&directory).unwrap())
}

/// The index of a generation that no history was compiled into.
pub(crate) fn index_without_history() -> Arc<Index> {
    let root = tempfile::tempdir().unwrap();
    let directory = published(root.path(), 3);
    let mut manifest = Manifest::read(&directory).unwrap();
    manifest.sources.clear();
    fs::write(directory.join(MANIFEST), manifest.encode().unwrap()).unwrap();
    Arc::new(generation::open_directory(&directory).unwrap())
}

/// The index with a byte of its patients' rows changed.
pub(crate) fn damaged_index() -> Arc<Index> {
    let root = tempfile::tempdir().unwrap();
    let directory = published(root.path(), 3);
    let path = directory.join(SectionId::HistoryRows.file_name());
    let mut bytes = fs::read(&path).unwrap();
    // The payload begins behind the header block.
    bytes[BLOCK_BYTES + 8] ^= 1;
    fs::write(&path, bytes).unwrap();
    Arc::new(generation::open_directory(&directory).unwrap())
}

fn published(root: &Path, generation: u64) -> std::path::PathBuf {
    let directory = root.join(Manifest::directory_name(generation));
    fs::create_dir(&directory).unwrap();
    writer::write(&directory, tables()).unwrap();
    write_history(&directory);
    let manifest = Manifest {
        generation,
        event: 0,
        made_by: "the tests".to_owned(),
        made_at: "2026-11-22T00:00:00Z".to_owned(),
        key_fingerprint: key().fingerprint(),
        left_out: None,
        sections: Manifest::describe_sections(&directory, &[]).unwrap(),
        sources: vec![Source {
            table: HISTORY.to_owned(),
            name: "history.csv".to_owned(),
            rows: 0,
            rejected: 0,
            blake3: [0; 32],
        }],
    };
    fs::write(directory.join(MANIFEST), manifest.encode().unwrap()).unwrap();
    directory
}

fn tables() -> Tables {
    let ingredient = |id: &str, name: &str| Ingredient {
        id: id.to_owned(),
        name_ja: name.to_owned(),
        name_en: id.to_owned(),
    };
    let product = |name: &str, code: String, substances: &[u32]| Product {
        name: name.to_owned(),
        codes: vec![(CodeSystem::Yj, code)],
        substances: substances.to_vec(),
        ..Product::default()
    };
    let oral = |ingredient| Substance { ingredient, route: 1 };
    Tables {
        ingredients: vec![
            ingredient("amlodipine", "アムロジピン"),
            ingredient("itraconazole", "イトラコナゾール"),
            ingredient("loxoprofen", "ロキソプロフェン"),
            ingredient("triazolam", "トリアゾラム"),
        ],
        routes: vec!["external".to_owned(), "oral".to_owned()],
        substances: vec![oral(0), oral(1), Substance { ingredient: 2, route: 0 }, oral(2), oral(3)],
        products: vec![
            product("ノルバスク錠５ｍｇ", amlodipine(), &[0]),
            product("イトリゾールカプセル５０", itraconazole(), &[1]),
            product("ハルシオン０．２５ｍｇ錠", triazolam(), &[4]),
            product("ロキソニンテープ１００ｍｇ", yj("2649735S202"), &[2]),
            Product {
                covered_to: Some(0),
                ..product("ロキソニン錠６０ｍｇ", yj("1149019F156"), &[3])
            },
        ],
        rules: vec![rule(StatedBy::A, ""), rule(StatedBy::B, "")],
        institutions: vec![("1312222222".to_owned(), "みどり医院".to_owned())],
        drugs_revision: "2025-08-14".to_owned(),
        rules_revision: "2026-06".to_owned(),
        ..Tables::default()
    }
}

/// Itraconazole against triazolam.
fn rule(stated_by: StatedBy, condition: &str) -> Rule {
    Rule {
        a: Side { ingredient: 1, ..Side::default() },
        b: Side { ingredient: 3, ..Side::default() },
        insert: "6290004M1029".to_owned(),
        revised: "2024-04".to_owned(),
        section: String::new(),
        stated_by,
        condition: condition.to_owned(),
        measures: "作用が増強する".to_owned(),
        mechanism: String::new(),
        washout_a: 14,
        washout_b: 0,
        valid_from: None,
        valid_to: None,
    }
}

/// The dictionary while it grows. Ordinals of quantities and institutions are one too high, as documents
/// have them.
#[derive(Default)]
struct Words {
    codes: Vec<CodeName>,
    quantities: Vec<String>,
}

/// How every drug here is taken.
const USAGE: &str = "1011000400000000";

impl Words {
    fn code(&mut self, code: String) -> u32 {
        let name = CodeName { system: CodeSystem::Yj, code, name: String::new() };
        self.codes.push(name);
        u32::try_from(self.codes.len() - 1).unwrap()
    }

    fn quantity(&mut self, text: &str) -> u32 {
        self.quantities.push(text.to_owned());
        u32::try_from(self.quantities.len()).unwrap()
    }

    /// A dispensing of one drug.
    fn dispensed(&mut self, id: &str, day: &str, code: String, quantity: &str) -> Document {
        let line = DocumentLine {
            rp: 1,
            code: self.code(code),
            supply: Supply::of(Form::Oral, quantity, USAGE, []),
            quantity: self.quantity(quantity),
            directions: 0,
        };
        Document {
            id: id.to_owned(),
            kind: DocumentKind::Dispensing,
            day: day.parse().unwrap(),
            institution: 1,
            pharmacy: 2,
            prescription: None,
            refill_uses: 0,
            refill_use: 0,
            cancelled: false,
            acknowledged: Vec::new(),
            lines: vec![line],
        }
    }
}

fn write_history(directory: &Path) {
    let mut words = Words::default();
    let drug = amlodipine();
    let one = words.dispensed("doc-one", "2026-11-20", drug.clone(), "14");
    let five = (1..=5).map(|number| {
        let quantity = if number == 3 { "abc" } else { "28" };
        words.dispensed(&format!("doc-{number}"), "2026-11-10", drug.clone(), quantity)
    });
    let five = five.collect();
    let itraconazole = words.dispensed("doc-i", "2026-11-20", itraconazole(), "7");
    let ended = words.dispensed("doc-e", "2026-11-01", self::itraconazole(), "14");
    let unresolved = words.dispensed("doc-u", "2026-11-20", "9999999X9999".to_owned(), "14");
    let long = words.dispensed("doc-l", "2026-08-01", drug, "180");
    let insured =
        Identity::Insured { insurer: "06130012", symbol: "12", number: "3456", branch: "01" };
    let insured_document = Document { id: "doc-insured".to_owned(), ..one.clone() };
    let mut patients = [
        (Identity::Opaque("one"), vec![one]),
        (Identity::Opaque("five"), five),
        (Identity::Opaque("itraconazole"), vec![itraconazole]),
        (Identity::Opaque("ended"), vec![ended]),
        (Identity::Opaque("unresolved"), vec![unresolved]),
        (Identity::Opaque("long"), vec![long]),
        (insured, vec![insured_document]),
    ]
    .map(|(identity, documents)| (key().patient(identity).unwrap(), documents));
    patients.sort_by_key(|(key, _)| *key);
    let mut encoded = EncodedPatients::default();
    for (key, documents) in patients {
        encoded.push(key, documents).unwrap();
    }
    let institutions = vec!["1312222222".to_owned(), "1344444444".to_owned()];
    let directions =
        Directions { form: Form::Oral, usage: USAGE.to_owned(), supplements: String::new() };
    let dictionary = Dictionary::new(words.codes, institutions, words.quantities, vec![directions]);
    let mut writer = HistoryWriter::create(directory, 7).unwrap();
    writer.append(&encoded).unwrap();
    writer.finish(directory, dictionary).unwrap();
}
