//! Bytes a line, section by section, of a synthetic history as a nation would have it.
//!
//! `cargo run --release -p chofuku-benches --example layout [patients] [external]` writes the sections
//! straight through the engine's writer into a temporary directory and prints their sizes. A patient
//! has 2.5 documents and 8.75 lines on average; ids are UUIDs. Prescriptions and the dispensings that
//! name them take turns; with `external` every document is a dispensing and names a prescription that
//! the history does not hold, which is the dearest case.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fs;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{Document, DocumentKind, DocumentLine};
use chofuku_engine::format::section::SectionId;
use chofuku_engine::history::dictionary::{CodeName, Dictionary, Directions};
use chofuku_engine::history::writer::{EncodedPatients, HistoryWriter};
use chofuku_engine::patient::PatientKey;
use chofuku_engine::period::{Form, Supply};

const CODES: u32 = 15_000;
const INSTITUTIONS: u32 = 240_000;
const DIRECTIONS: u32 = 2_000;
const QUANTITIES: u32 = 500;
/// Patients that are encoded before they are appended.
const RUN: u64 = 4096;

/// A small generator of the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).unwrap_or(0)
    }

    /// An ordinal of a table in which the first entries are by far the most frequent.
    fn frequent(&mut self, bound: u32) -> u32 {
        let [one, other, third] = [self.below(1024), self.below(1024), self.below(1024)];
        let share = u64::from(one) * u64::from(other) * u64::from(third);
        u32::try_from((u64::from(bound) * share) >> 30).unwrap_or(0)
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0xfff,
            low & 0xffff_ffff_ffff
        )
    }

    fn documents(&mut self, external: bool) -> Vec<Document> {
        let mut documents: Vec<Document> = Vec::new();
        for position in 0..2 + self.below(2) {
            let mut document = self.document();
            if external {
                document.prescription = Some(self.uuid());
            } else if position % 2 == 0 {
                document.kind = DocumentKind::Prescription;
                document.pharmacy = 0;
            } else {
                document.prescription = documents.last().map(|last| last.id.clone());
            }
            documents.push(document);
        }
        documents
    }

    fn document(&mut self) -> Document {
        let mut rp = 1;
        let mut quantity = 1 + self.frequent(QUANTITIES);
        let mut directions = self.frequent(DIRECTIONS);
        let lines = (0..=self.below(6)).map(|position| {
            // Two lines of an RP share quantity and directions.
            if position > 0 && self.below(2) == 0 {
                rp += 1;
                directions = self.frequent(DIRECTIONS);
                quantity =
                    if self.below(2) == 0 { quantity } else { 1 + self.frequent(QUANTITIES) };
            }
            let supply = Supply::of(Form::Oral, "28", "", []);
            DocumentLine { rp, code: self.frequent(CODES), supply, quantity, directions }
        });
        let lines = lines.collect();
        Document {
            id: self.uuid(),
            kind: DocumentKind::Dispensing,
            day: Day::from_number(20_000 + i32::try_from(self.below(100)).unwrap_or(0)),
            institution: 1 + self.frequent(INSTITUTIONS),
            pharmacy: 1 + self.frequent(INSTITUTIONS),
            prescription: None,
            refill_uses: 0,
            refill_use: 0,
            cancelled: false,
            acknowledged: Vec::new(),
            lines,
        }
    }
}

fn dictionary() -> Dictionary {
    let code = |number| CodeName {
        system: CodeSystem::Yj,
        code: format!("{number:012}"),
        name: format!("製品の名称{number:06}錠"),
    };
    let directions = |number| Directions {
        form: Form::Oral,
        usage: format!("{number:016}"),
        supplements: String::new(),
    };
    Dictionary::new(
        (0..CODES).map(code).collect(),
        (0..INSTITUTIONS).map(|number| format!("{number:010}")).collect(),
        (0..QUANTITIES).map(|number| number.to_string()).collect(),
        (0..DIRECTIONS).map(directions).collect(),
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let patients: u64 = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    let external = std::env::args().nth(2).is_some_and(|word| word == "external");
    let directory = tempfile::tempdir()?;
    let mut dice = Dice(1);
    let mut writer = HistoryWriter::create(directory.path(), patients)?;
    let distance = u128::MAX / u128::from(patients);
    let mut encoded = EncodedPatients::default();
    for patient in 0..patients {
        // Keys spread evenly, with random low bits.
        let key = distance * u128::from(patient) + u128::from(dice.next());
        let documents = dice.documents(external);
        encoded.push(PatientKey::from_number(key), documents)?;
        if (patient + 1) % RUN == 0 || patient + 1 == patients {
            writer.append(&std::mem::take(&mut encoded))?;
        }
    }
    let dictionary = writer.finish(directory.path(), dictionary())?;
    let lines = dictionary.records();
    println!("{patients} patients, {} documents, {lines} lines", dictionary.documents());
    let mut all = 0;
    for id in SectionId::HISTORY {
        let bytes = fs::metadata(directory.path().join(id.file_name()))?.len();
        all += bytes;
        println!("{:28} {:12} bytes {}", id.file_name(), bytes, a_line(bytes, lines));
    }
    println!("{:28} {:12} bytes {}", "all", all, a_line(all, lines));
    Ok(())
}

/// Bytes a line, with two decimals.
fn a_line(bytes: u64, lines: u64) -> String {
    let hundredths = bytes * 100 / lines.max(1);
    format!("{:4}.{:02} a line", hundredths / 100, hundredths % 100)
}
