//! Every field of every fixture emptied, doubled, made very long and mis-encoded, and every
//! truncation: no panic, and no other drug, day or quantity that neither came from the field itself
//! nor was reported.

use chofuku_formats::document::Document;
use chofuku_formats::{Problem, decode, fhir, online_eligibility, receipt};
use fastrand::Rng;

const LONG: usize = 10_000;

/// What must not change silently: day, code and quantity of each line, sorted.
type Facts = Vec<(String, String, String)>;

/// Facts and problems of one reading; `None` where the input was refused.
type Reading = Option<Read>;
type Read = (Facts, Vec<Problem>);

fn facts<'a, 't: 'a>(documents: impl IntoIterator<Item = &'a Document<'t>>) -> Facts {
    let mut facts = Facts::new();
    for document in documents {
        let day = document.day.map_or_else(String::new, |day| day.to_string());
        for line in &document.lines {
            let drug = line.drug.as_ref().map(|drug| format!("{} {}", drug.system, drug.code));
            facts.push((day.clone(), drug.unwrap_or_default(), line.quantity.to_string()));
        }
    }
    facts.sort();
    facts
}

/// A text with other characters between two places.
fn replace(text: &str, (start, end): (usize, usize), with: &str) -> String {
    format!("{}{with}{}", &text[..start], &text[end..])
}

fn of_fhir(bytes: &[u8]) -> Reading {
    let decoded = decode(bytes);
    let message = fhir::read("f", &decoded).ok()?;
    Some((facts(&message.documents), message.report.problems))
}

fn of_xml(bytes: &[u8]) -> Reading {
    let decoded = decode(bytes);
    let history = online_eligibility::read("f", &decoded).ok()?;
    let documents = history.entries.iter().map(|entry| &entry.document);
    Some((facts(documents), history.report.problems))
}

fn of_receipts(bytes: &[u8]) -> Reading {
    let decoded = decode(bytes);
    let receipts = receipt::read("f", &decoded).ok()?;
    Some((facts(&receipts.documents), receipts.report.problems))
}

/// Whether what changed is accounted for.
fn accounted(before: Option<&Read>, after: Option<&Read>, field: &str, allowed: &[&str]) -> bool {
    let (Some((before, known)), Some((after, problems))) = (before, after) else {
        return after.is_none();
    };
    let reported = problems.iter().any(|one| !known.contains(one));
    let changed: Vec<_> = after.iter().filter(|fact| !before.contains(fact)).collect();
    let of_field = |fact: &&(String, String, String)| {
        let (_, drug, quantity) = fact;
        let code = drug.split(' ').next_back().unwrap_or_default();
        (!field.is_empty() && (code == field.trim() || quantity == field.trim()))
            || allowed.contains(&code)
    };
    let lost = after.len() < before.len();
    reported || (!lost && changed.iter().all(of_field))
}

fn every_field(
    text: &str,
    fields: &[(usize, usize)],
    read: impl Fn(&[u8]) -> Reading,
    allowed: &[&str],
) {
    let before = read(text.as_bytes());
    assert!(before.is_some());
    let mut rng = Rng::with_seed(7);
    for &(start, end) in fields {
        let value = &text[start..end];
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let long = if digits { "9" } else { "x" }.repeat(LONG);
        for with in [String::new(), format!("{value}{value}"), long] {
            let mutated = replace(text, (start, end), &with);
            let after = read(mutated.as_bytes());
            assert!(
                accounted(before.as_ref(), after.as_ref(), &with, allowed),
                "{value:?} at {start} as {:?}: {after:?}",
                with.chars().take(40).collect::<String>()
            );
        }
        let mut bytes = text.as_bytes().to_vec();
        for byte in &mut bytes[start..end] {
            *byte = rng.u8(0x80..);
        }
        let after = read(&bytes);
        let written = decode(&bytes[start..end]);
        assert!(
            accounted(before.as_ref(), after.as_ref(), &written.text, allowed),
            "{value:?} at {start} mis-encoded: {after:?}"
        );
    }
}

fn every_truncation(text: &str, read: impl Fn(&[u8]) -> Reading) {
    let before = read(text.as_bytes());
    for end in 0..text.trim_end().len() {
        let after = read(&text.as_bytes()[..end]);
        assert!(accounted(before.as_ref(), after.as_ref(), "", &[]), "cut at {end}: {after:?}");
    }
}

/// The insides of the strings that are values, and the numbers, of JSON.
fn json_values(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut values = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            let end = at + 1 + text[at + 1..].find('"').unwrap();
            if !text[end + 1..].starts_with(':') {
                values.push((at + 1, end));
            }
            at = end + 1;
        } else if bytes[at].is_ascii_digit() {
            let length = text[at..].find(|c: char| !c.is_ascii_digit() && c != '.').unwrap();
            values.push((at, at + length));
            at += length;
        } else {
            at += 1;
        }
    }
    values
}

/// The texts of the elements that have no element in them.
fn xml_values(text: &str) -> Vec<(usize, usize)> {
    let closes = text.match_indices("</").map(|(at, _)| at);
    let starts = closes.filter_map(|close| {
        let open = text[..close].rfind('>')? + 1;
        let is_leaf = !text[..close].ends_with('>') && !text[open..close].trim().is_empty();
        is_leaf.then_some((open, close))
    });
    starts.collect()
}

fn csv_values(text: &str) -> Vec<(usize, usize)> {
    let mut values = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices([',', '\r']) {
        if at > start {
            values.push((start, at));
        }
        start = if text[at..].starts_with('\r') { at + 2 } else { at + 1 };
    }
    values
}

#[test]
fn no_field_of_fhir_changes_another_silently() {
    let fields = json_values(crate::fhir::DOCUMENT);
    assert!(fields.len() > 150, "{}", fields.len());
    // The other code that the document states for the drug whose YJ code is damaged.
    every_field(crate::fhir::DOCUMENT, &fields, of_fhir, &["103831601"]);
}

#[test]
fn no_field_of_the_xml_changes_another_silently() {
    let fields = xml_values(crate::online_eligibility::FIXTURE);
    assert!(fields.len() > 60, "{}", fields.len());
    every_field(crate::online_eligibility::FIXTURE, &fields, of_xml, &[]);
}

#[test]
fn no_field_of_a_receipt_changes_another_silently() {
    let text = crate::receipt::FIXTURE;
    let fields = csv_values(text);
    assert!(fields.len() > 70, "{}", fields.len());
    every_field(text, &fields, of_receipts, &[]);
}

#[test]
fn no_truncation_is_silent() {
    every_truncation(crate::fhir::DOCUMENT, of_fhir);
    every_truncation(crate::online_eligibility::FIXTURE, of_xml);
    every_truncation(crate::receipt::FIXTURE, of_receipts);
}
