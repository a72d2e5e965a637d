//! Damage: every byte flipped and every truncation of a small generation. Opening or verifying says
//! so, nothing panics, and no check answers from damaged bytes. Of long runs of zeros, most of which
//! fill blocks, one byte in 61 and the last are flipped.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use chofuku_engine::format::section::{Section, SectionId};
use chofuku_engine::generation;
use chofuku_engine::{Day, error::OpenError};
use chofuku_server::{Live, Policies, check_json};
use chofuku_tests::random;
use rayon::prelude::*;
use serde_json::Value;

use crate::site::{Site, in_memory};

/// Read block by block while checks run, so opening does not read them.
const LAZY: [SectionId; 4] = [
    SectionId::HistoryRows,
    SectionId::HistoryEvidence,
    SectionId::HistoryHolders,
    SectionId::HistoryDocuments,
];
/// Flipping every byte of these through a whole open would take an hour; they are mostly one
/// repeated number, and opening reads them whole, which is asserted apart.
const TABLES: [SectionId; 2] = [SectionId::HistoryBuckets, SectionId::HistoryEvidenceBuckets];

/// A compiled world and a copy of its data directory that may be broken.
struct Victim {
    _site: Site,
    _copy: tempfile::TempDir,
    data: PathBuf,
    requests: Vec<Value>,
    answers: Vec<Vec<u8>>,
}

impl Victim {
    fn new() -> Self {
        let (world, requests) = random::world(7);
        let site = Site::of(&world);
        let copy = in_memory().unwrap();
        let data = copy.path().join("data");
        copy_directory(&site.data(), &data);
        let mut victim = Self { _site: site, _copy: copy, data, requests, answers: Vec::new() };
        victim.answers = victim.check().into_iter().map(Result::unwrap).collect();
        victim
    }

    fn generation(&self) -> PathBuf {
        self.data.join("gen-000001")
    }

    /// The answers to all requests, or why there is none.
    fn check(&self) -> Vec<Result<Vec<u8>, String>> {
        let (index, key) = match generation::open_with_key(&self.data) {
            Ok(open) => open,
            Err(error) => return vec![Err(error.to_string())],
        };
        let live = Live::new(std::sync::Arc::new(index)).unwrap();
        let (policies, today) = (Policies::default(), Day::from_number(20_000));
        let answer = |request: &Value| {
            let body = request.to_string();
            let answer = check_json(&live, &key, &policies, today, body.as_bytes());
            answer.map_err(|error| error.to_string())
        };
        self.requests.iter().map(answer).collect()
    }
}

/// Breaks one byte of a file while `judge` looks.
fn flipped<T>(path: &Path, at: u64, judge: impl FnOnce() -> T) -> T {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    let judged = judge();
    file.write_all_at(&byte, at).unwrap();
    judged
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            let mut writable = fs::metadata(&target).unwrap().permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut writable, 0o600);
            fs::set_permissions(&target, writable).unwrap();
        }
    }
}

fn sections() -> Vec<SectionId> {
    SectionId::all().collect()
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

/// The bytes of a file that are flipped: every one that is beside something but zeros, and some of the
/// zeros elsewhere.
fn places(path: &Path) -> Vec<u64> {
    const BESIDE: usize = 16;
    let bytes = fs::read(path).unwrap();
    let says_something = |at: usize| {
        let around = at.saturating_sub(BESIDE)..(at + BESIDE).min(bytes.len());
        bytes[around].iter().any(|byte| *byte != 0)
    };
    let is_some = |at: usize| at.is_multiple_of(61) || at + 1 == bytes.len();
    let flipped = (0..bytes.len()).filter(|at| is_some(*at) || says_something(*at));
    flipped.map(|at| u64::try_from(at).unwrap()).collect()
}

#[test]
fn every_flipped_byte_of_what_opening_reads_is_found_by_opening() {
    let eager = sections().into_iter().filter(|id| !LAZY.contains(id) && !TABLES.contains(id));
    let mut files: Vec<String> = eager.map(|id| format!("gen-000001/{}", id.file_name())).collect();
    files.extend(["gen-000001/MANIFEST", "CURRENT", "patient.key"].map(str::to_owned));
    files.into_par_iter().for_each(|file| {
        let victim = Victim::new();
        let path = victim.data.join(&file);
        for at in places(&path) {
            let opened = || generation::open_with_key(&victim.data).is_ok();
            assert!(!flipped(&path, at, opened), "{file}, byte {at}: opened");
        }
        assert!(generation::open_with_key(&victim.data).is_ok(), "{file}: restored");
    });
}

#[test]
fn every_flipped_byte_of_a_bucket_table_is_found_by_its_section() {
    TABLES.into_par_iter().for_each(|id| {
        let victim = Victim::new();
        let path = victim.generation().join(id.file_name());
        for at in places(&path) {
            let sound = || Section::open(&path, id).is_ok_and(|section| section.verify().is_ok());
            assert!(!flipped(&path, at, sound), "{}, byte {at}", id.file_name());
        }
        for at in (0..length(&path)).step_by(4093) {
            let opened = || generation::open(&victim.data).is_ok();
            assert!(!flipped(&path, at, opened), "{}, byte {at}", id.file_name());
        }
    });
}

#[test]
fn every_flipped_byte_of_what_checks_read_gives_no_answer() {
    LAZY.into_par_iter().for_each(|id| {
        let victim = Victim::new();
        let path = victim.generation().join(id.file_name());
        for at in places(&path) {
            let (answers, sound) =
                flipped(&path, at, || (victim.check(), generation::verify(&victim.data).is_ok()));
            assert!(!sound, "{}, byte {at}: verified", id.file_name());
            for (answer, good) in answers.iter().zip(&victim.answers) {
                // A check that needs none of the damaged block may answer, as it always did.
                let same = answer.as_ref().map_or(true, |answer| answer == good);
                assert!(same, "{}, byte {at}: another answer", id.file_name());
            }
            if id == SectionId::HistoryRows && at >= 4096 {
                assert!(answers.iter().any(Result::is_err), "byte {at}: no check noticed");
            }
        }
    });
}

#[test]
fn every_truncation_is_found_by_opening() {
    sections().into_par_iter().for_each(|id| {
        let victim = Victim::new();
        let path = victim.generation().join(id.file_name());
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for end in (0..length(&path)).rev() {
            file.set_len(end).unwrap();
            assert!(Section::open(&path, id).is_err(), "{}, cut to {end}", id.file_name());
        }
    });
}

#[test]
fn every_truncation_of_the_manifest_and_the_pointers_is_found() {
    let victim = Victim::new();
    for file in ["gen-000001/MANIFEST", "CURRENT", "patient.key"] {
        let path = victim.data.join(file);
        let bytes = fs::read(&path).unwrap();
        for end in 0..bytes.len() {
            fs::write(&path, &bytes[..end]).unwrap();
            let opened = generation::open_with_key(&victim.data);
            // The line feed behind the key's digits carries nothing.
            let harmless = file == "patient.key" && end + 1 == bytes.len();
            assert_eq!(opened.is_ok(), harmless, "{file}, cut to {end}");
        }
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn a_missing_file_is_named() {
    for id in sections() {
        let victim = Victim::new();
        let path = victim.generation().join(id.file_name());
        fs::remove_file(&path).unwrap();
        let error = generation::open(&victim.data).unwrap_err();
        assert!(matches!(&error, OpenError::Io { path: named, .. } if *named == path), "{error}");
    }
}

#[test]
fn a_section_of_another_generation_is_refused() {
    let (victim, other) = (Victim::new(), Site::of(&random::world(8).0));
    for id in sections() {
        let path = victim.generation().join(id.file_name());
        let bytes = fs::read(&path).unwrap();
        let theirs = fs::read(other.data().join("gen-000001").join(id.file_name())).unwrap();
        if theirs != bytes {
            fs::write(&path, theirs).unwrap();
            assert!(generation::open(&victim.data).is_err(), "{}", id.file_name());
            fs::write(&path, bytes).unwrap();
        }
    }
}
