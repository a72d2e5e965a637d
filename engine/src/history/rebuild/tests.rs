//! Random documents come back from rows and evidence as they were given.

use std::path::Path;

use super::*;
use crate::code::CodeSystem;
use crate::day::Day;
use crate::document::{Acknowledged, DocumentKind};
use crate::format::section::{Section, SectionWriter};
use crate::history::dictionary::{CodeName, Dictionary, Directions};
use crate::history::writer::{EncodedPatients, HistoryWriter, WriteError};
use crate::manifest::{Manifest, SectionEntry, Sections};
use crate::patient::PatientKey;
use crate::period::Form;

const CODES: u32 = 50;
const INSTITUTIONS: u32 = 300;
const QUANTITIES: u32 = 200;
const DIRECTIONS: u32 = 400;

/// A small generator of the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }

    fn id(&mut self, number: usize) -> String {
        let word = || number.wrapping_mul(0x9e37_79b9);
        match self.below(5) {
            0 => format!(
                "{:08x}-{:04x}-7abc-8def-{number:012x}",
                word() & 0xffff_ffff,
                word() & 0xffff
            ),
            1 => format!("{:08X}-0000-7ABC-8DEF-{number:012X}", word() & 0xffff_ffff),
            2 => format!("{number:020}"),
            3 => format!("{number:040}"),
            _ => format!("処方-{number}"),
        }
    }

    fn line(&mut self, rp: u32) -> DocumentLine {
        // Few small ordinals and many large ones, so that every way to store them occurs.
        let range = if self.below(2) == 0 { 3 } else { DIRECTIONS };
        let quantities = if self.below(2) == 0 { 2 } else { QUANTITIES + 1 };
        let forms = [Form::Oral, Form::External, Form::Material];
        let form = forms[usize::try_from(self.below(3)).unwrap()];
        DocumentLine {
            rp,
            code: self.below(CODES),
            supply: Supply::of(form, &self.below(1100).to_string(), "", []),
            quantity: self.below(quantities),
            directions: self.below(range),
        }
    }

    fn acknowledged(&mut self) -> Vec<Acknowledged> {
        let count = self.below(8).saturating_sub(5);
        let one = |number| Acknowledged {
            finding: format!("{number:016x}"),
            reason: (self.below(2) == 0).then(|| "経過観察".to_owned()),
        };
        (0..count).map(one).collect()
    }

    fn documents(&mut self, count: u32, number: &mut usize) -> Vec<Document> {
        let mut documents: Vec<Document> = Vec::new();
        for _ in 0..count {
            *number += 1;
            let mut rp = if self.below(8) == 0 { 70_000 } else { 0 };
            let mut lines = Vec::new();
            for _ in 0..=self.below(6) {
                rp += self.below(5);
                lines.push(self.line(rp));
            }
            let prescription = match (self.below(3), documents.last()) {
                (0, Some(last)) => Some(last.id.clone()),
                (1, _) => Some(self.id(*number + 1_000_000)),
                _ => None,
            };
            documents.push(Document {
                id: self.id(*number),
                kind: DocumentKind::from_bits(u8::try_from(self.below(4)).unwrap()),
                day: Day::from_number(i32::try_from(20_000 + self.below(100)).unwrap()),
                institution: self.below(INSTITUTIONS + 1),
                pharmacy: self.below(INSTITUTIONS + 1),
                prescription,
                refill_uses: u8::try_from(self.below(3)).unwrap(),
                refill_use: u8::try_from(self.below(256)).unwrap() * u8::from(self.below(2) == 0),
                cancelled: self.below(5) == 0,
                acknowledged: self.acknowledged(),
                lines,
            });
        }
        documents.sort_by(|one, other| (one.day, &one.id).cmp(&(other.day, &other.id)));
        documents
    }
}

fn dictionary() -> Dictionary {
    let code = |number| CodeName {
        system: CodeSystem::Yj,
        code: format!("{number:012}"),
        name: String::new(),
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

fn written(directory: &Path, patients: &[(PatientKey, Vec<Document>)]) -> History {
    let mut encoded = EncodedPatients::default();
    for (key, documents) in patients {
        encoded.push(*key, documents.clone()).unwrap();
    }
    let mut writer = HistoryWriter::create(directory, 10).unwrap();
    writer.append(&encoded).unwrap();
    writer.finish(directory, dictionary()).unwrap();
    opened(directory)
}

fn opened(directory: &Path) -> History {
    let manifest = Manifest {
        generation: 1,
        event: 0,
        made_by: String::new(),
        made_at: String::new(),
        key_fingerprint: [0; 8],
        left_out: None,
        sections: SectionId::HISTORY
            .iter()
            .map(|id| SectionEntry::describe(directory, *id).unwrap())
            .collect(),
        sources: Vec::new(),
    };
    History::open(&Sections::new(directory, &manifest)).unwrap()
}

#[test]
fn documents_come_back_as_they_were_given() {
    let mut dice = Dice(7);
    let mut number = 0;
    let mut patients = Vec::new();
    for patient in 0..400_u128 {
        let count = if patient == 9 { 200 } else { 1 + dice.below(5) };
        // A few patients share a bucket.
        let key = PatientKey::from_number((patient / 3) << 112 | patient);
        patients.push((key, dice.documents(count, &mut number)));
    }
    let directory = tempfile::tempdir().unwrap();
    let history = written(directory.path(), &patients);
    for (key, documents) in &patients {
        let rows = history.patient(*key).unwrap().unwrap();
        assert_eq!(&history.documents(&rows).unwrap(), documents);
        for document in documents {
            assert_eq!(history.owner(&document.id).unwrap(), Some(*key));
        }
    }
    assert_eq!(history.owner("nobody's").unwrap(), None);
    history.verify().unwrap();
}

#[test]
fn a_document_that_leads_to_another_patient_is_found_by_verification() {
    let mut number = 0;
    let documents = Dice(3).documents(5, &mut number);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(SectionId::HistoryDocuments.file_name());
    let patients = [(PatientKey::from_number(1 << 120), documents)];
    written(directory.path(), &patients).verify().unwrap();
    let section = Section::open(&path, SectionId::HistoryDocuments).unwrap();
    let entries = section.slice(0..section.payload_bytes()).unwrap().to_vec();
    let rewritten = |entries: &[u8]| {
        std::fs::remove_file(&path).unwrap();
        SectionWriter::write_whole(directory.path(), SectionId::HistoryDocuments, entries).unwrap();
        opened(directory.path()).verify()
    };
    rewritten(&entries).unwrap();
    let mut other_bucket = entries.clone();
    other_bucket[0] ^= 1;
    let mut unordered = entries.clone();
    unordered.rotate_left(8);
    let mut beyond = entries.clone();
    beyond[3] |= 0x20;
    for (damaged, expected) in
        [(other_bucket, "sum of entries"), (unordered, "order of documents"), (beyond, "bucket")]
    {
        let refused = rewritten(&damaged).unwrap_err();
        assert!(
            matches!(refused, FormatError::Invalid { what, .. } if what == expected),
            "{refused}"
        );
    }
}

#[test]
fn a_document_without_lines_is_refused() {
    let mut number = 0;
    let mut documents = Dice(1).documents(1, &mut number);
    documents[0].lines.clear();
    let mut encoded = EncodedPatients::default();
    let refused = encoded.push(PatientKey::from_number(1), documents);
    assert!(matches!(refused, Err(WriteError::NoLines { .. })));
}
