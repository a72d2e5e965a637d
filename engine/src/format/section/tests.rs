use std::fs;

use super::*;

fn written(payload: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    SectionWriter::write_whole(directory.path(), SectionId::Names, payload).unwrap();
    let path = directory.path().join(SectionId::Names.file_name());
    (directory, path)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let section = Section::open(path, SectionId::Names).map_err(|error| error.to_string())?;
    let all = section.slice(0..section.payload_bytes()).map_err(|error| error.to_string())?;
    let all = all.to_vec();
    let checked = section.into_checked().map_err(|error| error.to_string())?;
    assert_eq!(checked.as_ref(), all);
    Ok(all)
}

#[test]
fn payloads_of_every_size_come_back() {
    for size in [0, 1, 4095, 4096, 4097, 3 * 4096 + 5] {
        let payload: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let (_directory, path) = written(&payload);
        assert_eq!(read(&path).unwrap(), payload, "{size} bytes");
    }
}

#[test]
fn every_flipped_byte_is_found() {
    let (_directory, path) = written(&[7; 5000]);
    let good = fs::read(&path).unwrap();
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 0x10;
        fs::write(&path, &bad).unwrap();
        let section = Section::open(&path, SectionId::Names);
        let found = section.map_or(true, |section| section.verify().is_err());
        assert!(found, "byte {position} was flipped and nobody said so");
    }
}

#[test]
fn every_truncation_and_extension_is_found() {
    let (_directory, path) = written(&[7; 5000]);
    let good = fs::read(&path).unwrap();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        assert!(Section::open(&path, SectionId::Names).is_err(), "cut to {length}");
    }
    fs::write(&path, [&good[..], &[0]].concat()).unwrap();
    assert!(Section::open(&path, SectionId::Names).is_err());
}

#[test]
fn a_damaged_block_gives_no_bytes_and_the_others_do() {
    let (_directory, path) = written(&[7; 3 * BLOCK_BYTES]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[2 * BLOCK_BYTES] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let section = Section::open(&path, SectionId::Names).unwrap();
    assert!(section.slice(0..BLOCK_BYTES).is_ok());
    assert!(section.slice(BLOCK_BYTES - 1..BLOCK_BYTES + 1).is_err());
    assert!(section.slice(2 * BLOCK_BYTES..3 * BLOCK_BYTES).is_ok());
    assert!(section.slice(0..3 * BLOCK_BYTES + 1).is_err());
}

#[test]
fn another_section_in_its_place_is_refused() {
    let (directory, path) = written(b"names");
    fs::rename(&path, directory.path().join(SectionId::Prefixes.file_name())).unwrap();
    let path = directory.path().join(SectionId::Prefixes.file_name());
    assert!(Section::open(&path, SectionId::Prefixes).is_err());
}

#[test]
fn populating_finds_what_is_damaged_and_leaves_nothing_unchecked() {
    let blocks = BLOCKS_A_STRETCH + 3;
    let (_directory, path) = written(&vec![7; blocks * BLOCK_BYTES]);
    let section = Section::open(&path, SectionId::Names).unwrap();
    section.populate().unwrap();
    let checked: u32 =
        section.checked.iter().map(|word| word.load(Ordering::Relaxed).count_ones()).sum();
    assert_eq!(usize::try_from(checked).unwrap(), blocks);
    for block in [0, BLOCKS_A_STRETCH, blocks - 1] {
        let mut bytes = fs::read(&path).unwrap();
        bytes[BLOCK_BYTES * (block + 1) + 9] ^= 1;
        let other = path.with_extension("damaged");
        fs::write(&other, bytes).unwrap();
        let section = Section::open(&other, SectionId::Names).unwrap();
        assert!(section.populate().is_err(), "block {block}");
    }
}
