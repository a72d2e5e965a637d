//! Every field of every fixture damaged in every way: whatever differs then comes from the damaged
//! field itself, or is reported.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chofuku_formats::document::Document;
use chofuku_formats::eprescription::encode;
use chofuku_formats::{Decoded, Report, decode_message, eprescription, notebook};
use fastrand::Rng;

use super::{NOTEBOOK, PRESCRIPTION, SPLIT, lasting};

const RANDOM_BYTES: usize = 20_000;

/// What may differ between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Day,
    Patient,
    Institution,
    Pharmacy,
    Id,
    Refill,
    Lines,
    Drug,
    Form,
    Quantity,
    Usage,
    Supplements,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Prescription,
    Notebook,
}

/// One input and what is read of it.
struct Fixture {
    format: Format,
    text: String,
    documents: Vec<Document<'static>>,
    faults: RefCell<BTreeSet<String>>,
}

impl Fixture {
    fn all() -> Vec<Self> {
        // The eye clinic without a code is a deviation; here every deviation must be a new one.
        let notebook = NOTEBOOK.replace("51,見本眼科,,,,1", "51,見本眼科,27,3,5554443,1");
        let fixtures = [
            (Format::Prescription, PRESCRIPTION.to_owned()),
            (Format::Prescription, SPLIT.to_owned()),
            (Format::Notebook, notebook),
        ];
        fixtures
            .map(|(format, text)| {
                let (documents, report) = parse(format, lasting(&text)).unwrap();
                assert_eq!(report.problems, []);
                Self { format, text, documents, faults: RefCell::default() }
            })
            .into()
    }

    /// Reads a damaged input, of which one field was damaged.
    fn check(&self, bytes: &[u8], record: &str, field: usize, what: &str) {
        let decoded = decode_message(bytes);
        let Some((documents, report)) = parse(self.format, &decoded) else { return };
        if !report.problems.is_empty() {
            return;
        }
        let allowed = allowed(self.format, record, field);
        let differing = differences(&self.documents, &documents);
        let silent: Vec<_> = differing.difference(&allowed).collect();
        if !silent.is_empty() {
            let fault = format!("{what} of {record}.{field} changed {silent:?} silently");
            self.faults.borrow_mut().insert(fault);
        }
    }

    /// Fails with every silent change that was found.
    fn assert_none(&self) {
        let faults = self.faults.borrow();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

fn parse(format: Format, decoded: &Decoded) -> Option<(Vec<Document<'_>>, Report)> {
    match format {
        Format::Prescription => {
            let found = eprescription::read("f", decoded).ok()?;
            Some((found.documents, found.report))
        }
        Format::Notebook => {
            let found = notebook::read("f", decoded).ok()?;
            Some((found.documents, found.report))
        }
    }
}

/// What a field says itself.
fn allowed(format: Format, record: &str, field: usize) -> BTreeSet<Part> {
    let is_prescription = matches!(format, Format::Prescription);
    let part = match (is_prescription, record, field) {
        (true, "1", 1..=4) | (false, "51", 1..) => Part::Institution,
        (false, "11", 1..) => Part::Pharmacy,
        (true, "22" | "23", 1..) => Part::Patient,
        (true, "51", 1) | (false, "5", 1) => Part::Day,
        (true, "64", _) => Part::Refill,
        (true, "82", _) => Part::Id,
        // A material that calls itself a drug is one that no table knows.
        (true, "101", 2) | (true, "201", 3) | (false, "301", 5) => Part::Form,
        (true, "101", 4) | (true, "102", 2) | (false, "301", 3) => Part::Quantity,
        (true, "111", 2..=3) | (false, "301", 6..=7) => Part::Usage,
        (true, "181" | "281", _) => Part::Supplements,
        (true, "201", 4..=5) | (false, "201", 5..=6) => Part::Drug,
        // Into another RP.
        (_, "201", 1) => {
            return BTreeSet::from([Part::Form, Part::Quantity, Part::Usage, Part::Supplements]);
        }
        _ => return BTreeSet::new(),
    };
    BTreeSet::from([part])
}

fn differences(before: &[Document<'_>], after: &[Document<'_>]) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    if before.len() != after.len() {
        parts.insert(Part::Lines);
    }
    for (one, other) in before.iter().zip(after) {
        let mut note = |part, differs: bool| {
            if differs {
                parts.insert(part);
            }
        };
        note(Part::Day, one.day != other.day);
        note(Part::Patient, one.patient != other.patient);
        let code = |facility: &Option<chofuku_formats::document::Facility<'_>>| {
            facility.as_ref().map(|facility| facility.code.to_string())
        };
        note(Part::Institution, code(&one.institution) != code(&other.institution));
        note(Part::Pharmacy, code(&one.pharmacy) != code(&other.pharmacy));
        note(Part::Id, one.id != other.id);
        note(Part::Refill, one.refill_uses != other.refill_uses);
        note(Part::Lines, one.lines.len() != other.lines.len());
        for (one, other) in one.lines.iter().zip(&other.lines) {
            note(Part::Drug, one.drug != other.drug);
            note(Part::Form, one.form != other.form);
            note(Part::Quantity, one.quantity != other.quantity);
            note(Part::Usage, one.usage != other.usage);
            note(Part::Supplements, one.supplements != other.supplements);
        }
    }
    parts
}

/// A text with one field of one line replaced.
fn replaced(text: &str, line: usize, field: usize, value: &str) -> String {
    let lines = text.lines().enumerate().map(|(at, content)| {
        if at != line {
            return content.to_owned();
        }
        let mut fields: Vec<&str> = content.split(',').collect();
        fields[field] = value;
        fields.join(",")
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn a_damaged_field_changes_itself_or_is_reported() {
    let long = "9".repeat(10_000);
    let wide = "長".repeat(10_000);
    for fixture in Fixture::all() {
        for (line, content) in fixture.text.lines().enumerate() {
            let fields: Vec<&str> = content.split(',').collect();
            for (field, value) in fields.iter().enumerate() {
                let values = [
                    ("emptying", String::new()),
                    ("doubling", format!("{value}{value}")),
                    ("a second", format!("{value},{value}")),
                    ("a comma in front", format!(",{value}")),
                    ("a comma behind", format!("{value},")),
                    ("a comma", format!("x,{value}")),
                    ("digits", long.clone()),
                    ("kanji", wide.clone()),
                    ("a blank", format!(" {value} ")),
                    ("a full-width blank", format!("　{value}")),
                    ("a word", "abc".to_owned()),
                    ("a digit", "7".to_owned()),
                    ("two", "2".to_owned()),
                ];
                for (what, mutant) in values {
                    let text = replaced(&fixture.text, line, field, &mutant);
                    let what = format!("{what} in line {}", line + 1);
                    fixture.check(text.as_bytes(), fields[0], field, &what);
                    fixture.check(&encode(&text).bytes, fields[0], field, &what);
                }
            }
        }
        fixture.assert_none();
    }
}

#[test]
fn a_field_that_is_left_out_moves_nothing_silently() {
    for fixture in Fixture::all() {
        for (line, content) in fixture.text.lines().enumerate() {
            let count = content.split(',').count();
            for field in 1..count {
                let mut fields: Vec<&str> = content.split(',').collect();
                fields.remove(field);
                let shorter = fields.join(",");
                let lines = fixture.text.lines().enumerate();
                let lines = lines.map(|(at, whole)| if at == line { &shorter } else { whole });
                let text = lines.collect::<Vec<_>>().join("\n");
                let what = format!("leaving out in line {}", line + 1);
                fixture.check(text.as_bytes(), fields[0], field, &what);
            }
        }
        fixture.assert_none();
    }
}

#[test]
fn a_line_that_is_left_out_or_doubled_takes_no_drug_to_another_rp() {
    for fixture in Fixture::all() {
        let lines: Vec<&str> = fixture.text.lines().collect();
        for line in 1..lines.len() {
            let record = lines[line].split(',').next().unwrap();
            let mut doubled = lines.clone();
            doubled.insert(line, lines[line]);
            let text = doubled.join("\n");
            // The drugs of a notebook are not numbered: one that is there twice was given twice.
            if !(matches!(fixture.format, Format::Notebook) && record == "201") {
                fixture.check(text.as_bytes(), record, 0, "doubling a line");
            }
            let mut fewer = lines.clone();
            fewer.remove(line);
            let decoded = decode_message(fewer.join("\n").into_bytes());
            let Some((documents, report)) = parse(fixture.format, &decoded) else {
                continue;
            };
            if report.problems.is_empty() {
                let same = differences(&fixture.documents, &documents);
                let own: BTreeSet<Part> =
                    (1..8).flat_map(|field| allowed(fixture.format, record, field)).collect();
                let silent: Vec<_> = same.difference(&own).collect();
                let is_last_drug = record == "201";
                assert!(
                    silent.is_empty() || is_last_drug && silent == [&Part::Lines],
                    "without line {} ({record}): {silent:?}",
                    line + 1
                );
            }
        }
        fixture.assert_none();
    }
}

#[test]
fn a_truncated_input_keeps_what_it_had() {
    for fixture in Fixture::all() {
        for bytes in [fixture.text.clone().into_bytes(), encode(&fixture.text).bytes] {
            for end in 0..bytes.len() {
                let Some(cut) = bytes.get(..end) else { continue };
                let decoded = decode_message(cut);
                let Some((documents, report)) = parse(fixture.format, &decoded) else { continue };
                if !report.problems.is_empty() {
                    continue;
                }
                // What is cut within its last field differs in that field.
                let last = cut.split(|byte| *byte == b'\n').next_back().unwrap_or_default();
                let record = last.split(|byte| *byte == b',').next().unwrap_or_default();
                let record = String::from_utf8_lossy(record).into_owned();
                let field = last.split(|byte| *byte == b',').count() - 1;
                let mut allowed = allowed(fixture.format, &record, field);
                // Records that are not there any more, among them those about a drug (281), and a
                // notebook's usage code, the last field but one, which writers leave out.
                allowed.extend([Part::Lines, Part::Supplements]);
                if matches!(fixture.format, Format::Notebook) && record == "301" {
                    allowed.insert(Part::Usage);
                }
                let differing = differences(&fixture.documents, &documents);
                let silent: Vec<_> = differing.difference(&allowed).collect();
                assert!(silent.is_empty(), "cut at {end} in {record}.{field}: {silent:?}");
            }
        }
    }
}

#[test]
fn random_bytes_change_their_own_field_or_are_reported() {
    let mut rng = Rng::with_seed(7);
    for fixture in Fixture::all() {
        for bytes in [fixture.text.clone().into_bytes(), encode(&fixture.text).bytes] {
            for _ in 0..RANDOM_BYTES {
                let at = rng.usize(..bytes.len());
                let mut mutant = bytes.clone();
                mutant[at] = match rng.u8(..4) {
                    0 => rng.u8(..),
                    1 => rng.u8(0x80..),
                    2 => b"0123456789,\n\r"[rng.usize(..13)],
                    _ => rng.u8(0x20..0x7f),
                };
                let before = &bytes[..at];
                let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let line = &bytes[start..];
                let record = line.split(|byte| matches!(byte, b',' | b'\n')).next().unwrap();
                let record = String::from_utf8_lossy(record).into_owned();
                let field = before[start..].split(|byte| *byte == b',').count() - 1;
                let what = format!("byte {at} as {:#x}", mutant[at]);
                fixture.check(&mutant, &record, field, &what);
            }
        }
        fixture.assert_none();
    }
}
