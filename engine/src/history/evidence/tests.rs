//! The bytes of a blob, and that damage never becomes evidence.

use super::*;
use crate::code::CodeSystem;
use crate::day::Day;
use crate::document::{Document, DocumentKind, DocumentLine};
use crate::history::dictionary::{CodeName, Dictionary, Directions};
use crate::history::packed::PackedIds;
use crate::period::{Form, Supply};

fn dictionary() -> Dictionary {
    let directions =
        |usage: String| Directions { form: Form::Oral, usage, supplements: String::new() };
    Dictionary::new(
        vec![CodeName {
            system: CodeSystem::Yj,
            code: "2171022F2029".to_owned(),
            name: String::new(),
        }],
        vec!["1312222222".to_owned(), "1344444444".to_owned()],
        vec!["14".to_owned(), "28".to_owned()],
        (0..200).map(|number| directions(number.to_string())).collect(),
    )
}

fn line(rp: u32, quantity: u32, directions: u32) -> DocumentLine {
    let supply = Supply::of(Form::Oral, "28", "", []);
    DocumentLine { rp, code: 0, supply, quantity, directions }
}

fn documents() -> Vec<Document> {
    let prescription = Document {
        id: "0198c0de-0b1f-7abc-8def-00ff10203040".to_owned(),
        kind: DocumentKind::Prescription,
        day: Day::from_number(20_000),
        institution: 1,
        pharmacy: 0,
        prescription: None,
        refill_uses: 3,
        refill_use: 0,
        cancelled: false,
        acknowledged: Vec::new(),
        lines: vec![line(1, 2, 0), line(1, 2, 0), line(2, 1, 150)],
    };
    let dispensing = Document {
        id: "12345".to_owned(),
        kind: DocumentKind::Dispensing,
        pharmacy: 2,
        prescription: Some(prescription.id.clone()),
        refill_uses: 0,
        lines: vec![line(9, 1, 29)],
        ..prescription.clone()
    };
    vec![prescription, dispensing]
}

fn encoded(documents: &mut [Document], bytes: &mut Vec<u8>) {
    let ids = PackedIds::of(documents);
    encode(&ids.documents(documents), &mut Vec::new(), bytes);
}

fn blob() -> Vec<u8> {
    let mut bytes = Vec::new();
    encoded(&mut documents(), &mut bytes);
    let blob = nth(&bytes, 0).unwrap().to_vec();
    assert_eq!(bytes.len(), (blob.len() + 1).next_multiple_of(EVIDENCE_UNIT_BYTES));
    blob
}

#[test]
fn the_bytes_of_a_blob_are_pinned() {
    // Compatibility-sensitive: a change here makes every published generation unreadable.
    let uuid = [
        0x01, 0x98, 0xc0, 0xde, 0x0b, 0x1f, 0x7a, 0xbc, 0x8d, 0xef, 0x00, 0xff, 0x10, 0x20, 0x30,
        0x40,
    ];
    let expected = [
        // A prescription: UUID, institution, more; the institution, three uses, nothing
        // acknowledged, three lines.
        &[0b1010_0001][..],
        &uuid,
        &[1, 3, 0, 0, 3],
        // RP one more, the first directions, a quantity.
        &[0b0000_0011, 2],
        // As before.
        &[0],
        // RP one more, the directions 150, a quantity.
        &[0b1111_1011, 0x96, 1, 1],
        // A dispensing: digits, both institutions, the first document of the blob; one line.
        &[0b0111_0010, 5, 0x12, 0x34, 0x50, 1, 2, 0, 1],
        // RP 9 and the directions 29.
        &[0b1111_0110, 9],
    ]
    .concat();
    assert_eq!(blob(), expected);
}

#[test]
fn a_blob_tells_what_it_was_given() {
    let (blob, dictionary) = (blob(), dictionary());
    let evidence = Evidence::decode(&blob, 4, &dictionary.bounds()).unwrap();
    let [prescription, dispensing] = evidence.documents() else { panic!("two documents") };
    assert_eq!(prescription.id.unpack().as_str(), documents()[0].id);
    assert_eq!(evidence.prescription_of(dispensing), Some(prescription.id));
    assert_eq!((prescription.refill_uses, dispensing.pharmacy), (3, 2));
    let lines = evidence.lines().iter().map(|line| (line.rp, line.quantity, line.directions));
    assert!(lines.eq([(1, 2, 0), (1, 2, 0), (2, 1, 150), (9, 1, 29)]));
    assert!(Evidence::decode(&blob, 3, &dictionary.bounds()).is_err(), "a row too few");
    assert!(Evidence::decode(&blob, 5, &dictionary.bounds()).is_err(), "a row too many");
}

#[test]
fn no_damage_panics_and_every_cut_is_an_error() {
    let (blob, dictionary) = (blob(), dictionary());
    for end in 0..blob.len() {
        assert!(Evidence::decode(&blob[..end], 4, &dictionary.bounds()).is_err(), "cut at {end}");
    }
    for position in 0..blob.len() {
        for value in 0..=u8::MAX {
            let mut damaged = blob.clone();
            damaged[position] = value;
            if let Ok(evidence) = Evidence::decode(&damaged, 4, &dictionary.bounds()) {
                assert!(
                    evidence.lines().iter().all(|line| line.directions < 200 && line.quantity <= 2)
                );
            }
        }
    }
}
