//! The closures of the fuzz targets, over mutations of the fixtures: no panic, on any input.
//!
//! `CHOFUKU_FUZZ_INPUTS` raises the number of inputs for each reader.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chofuku_formats::detect::detect;
use chofuku_formats::eprescription::{encode, read, write};
use chofuku_formats::{decode_message, dispensing_result, notebook};
use fastrand::Rng;

use super::{DISPENSING_RESULT, NOTEBOOK, PRESCRIPTION, SPLIT};

const INPUTS: usize = 20_000;
const PIECES: [&[u8]; 14] = [
    b",",
    b"\n",
    b"\r\n",
    b"101,1,1,,7\n",
    b"201,1,1,1,2,620003930,a,1,1,b\n",
    b"5,20261103,1\n",
    b"51,5081102\n",
    b"301,1,a,1,b,1,1,,1\n",
    b"SJ1\n",
    b"JAHISTC08,1\n",
    b"\x1a",
    b"\xef\xbb\xbf",
    b"911,1,2,1\n",
    b"\x81",
];

fn inputs() -> usize {
    std::env::var("CHOFUKU_FUZZ_INPUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(INPUTS)
}

fn mutate(rng: &mut Rng, seed: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..rng.usize(1..8) {
        let at = rng.usize(..=bytes.len());
        let end = (at + rng.usize(..40)).min(bytes.len());
        match rng.u8(..6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = rng.usize(..=bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => {
                let piece = PIECES[rng.usize(..PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = rng.u8(..);
                }
            }
        }
    }
    bytes
}

fn run(seeds: &[&str], target: impl Fn(&[u8]) -> bool) {
    let seeds: Vec<Vec<u8>> =
        seeds.iter().flat_map(|seed| [seed.as_bytes().to_vec(), encode(seed).bytes]).collect();
    let mut rng = Rng::with_seed(1);
    let count = inputs();
    let mut read = 0;
    for _ in 0..count {
        let seed = rng.usize(..seeds.len());
        let input = mutate(&mut rng, &seeds[seed]);
        read += usize::from(target(&input));
    }
    // Most mutations leave the header whole: a run that reads next to nothing tests nothing.
    assert!(read > count / 2, "{read} of {count} were read");
}

#[test]
fn eprescription_takes_any_input() {
    run(&[PRESCRIPTION, SPLIT], |bytes| {
        let _format = detect(bytes);
        let decoded = decode_message(bytes);
        let Ok(found) = read("fuzz", &decoded) else { return false };
        for document in &found.documents {
            // What is written of it is read as the same drugs.
            if let Ok(written) = write("fuzz", document) {
                let decoded = decode_message(written.text.into_bytes());
                let again = read("fuzz", &decoded).expect("what is written is read");
                let drugs = |document: &chofuku_formats::document::Document<'_>| {
                    let lines = document.lines.iter();
                    lines
                        .map(|line| (line.rp, line.drug.clone().map(|drug| drug.code.into_owned())))
                        .collect::<Vec<_>>()
                };
                let found = again.documents.first().map(drugs).unwrap_or_default();
                assert_eq!(found, drugs(document));
            }
        }
        true
    });
}

#[test]
fn notebook_takes_any_input() {
    run(&[NOTEBOOK], |bytes| {
        let middle = bytes.len() / 2;
        let (one, other) = bytes.split_at(middle);
        let [one, other, bytes] = [one, other, bytes].map(decode_message);
        let _joined = notebook::read_parts(&[("1", &one), ("2", &other), ("3", &bytes)]);
        notebook::read("fuzz", &bytes).is_ok()
    });
}

#[test]
fn dispensing_result_takes_any_input() {
    run(&[DISPENSING_RESULT], |bytes| {
        dispensing_result::read_as_notebook("fuzz", &decode_message(bytes)).is_ok()
    });
}

#[test]
fn every_reader_has_a_fuzz_target_that_the_manifest_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let mut targets = BTreeMap::new();
    for file in fs::read_dir(folder.join("fuzz_targets")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let path_line = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&path_line), "the manifest does not name {name}");
        targets.insert(name, fs::read_to_string(path).unwrap());
    }
    assert_eq!(manifest.matches("fuzz_targets/").count(), targets.len());
    for (target, reader) in [
        ("eprescription", "eprescription::{read, write}"),
        ("notebook", "notebook::{read, read_parts}"),
        ("dispensing_result", "read_as_notebook"),
        ("online_eligibility", "online_eligibility::read"),
        ("fhir", "fhir::read"),
        ("receipt", "receipt::read"),
        ("inserts", "inserts::"),
        ("check_master", "read_check_master"),
        ("check_master", "read_interactions_extract"),
        ("usage", "UsageMaster"),
        ("hot", "HotMaster"),
    ] {
        let source = targets.get(target).expect("the target is there");
        assert!(source.contains(reader), "{target} does not read with {reader}");
    }
}
