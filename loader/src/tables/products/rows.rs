//! One price code as rows of `drugs.csv`.

use std::collections::BTreeSet;

use chofuku_formats::masters::{Category, PriceEntry, ReceiptRow};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::Substance;
use crate::canonical::DrugRow;

/// Codes for what has no code (ダミーコード), which a national prescription may carry.
const DUMMY_RECEIPT_CODES: [&str; 2] = ["666660000", "777770000"];
const DUMMY_CODE: &str = "2000000X0000";
const DUMMY_NAME: &str = "ダミーコード";

/// Whether a price code stands for a unified name (統一名収載) rather than for one brand.
pub(super) fn is_unified(code: &str) -> bool {
    code.get(9..11) == Some("01")
}

/// The last day on which a receipt code may be used.
pub(super) fn end_of_use(row: &ReceiptRow) -> Option<Date> {
    [row.abolished_on(), row.usable_until()].into_iter().flatten().min()
}

/// The products of one price code.
pub(super) fn products(
    code: &str,
    entry: Option<&PriceEntry>,
    receipts: &[&ReceiptRow],
    substances: &[Substance],
    generic: &BTreeSet<String>,
) -> Vec<DrugRow> {
    let unified = is_unified(code);
    let is_brand = |row: &&&ReceiptRow| unified && row.unified_code().is_some();
    let own: Vec<&ReceiptRow> = receipts.iter().filter(|row| !is_brand(row)).copied().collect();
    let base = DrugRow {
        yj: if unified { String::new() } else { code.to_owned() },
        price: code.to_owned(),
        generic: join(generic.iter().map(String::as_str)),
        substances: join_substances(substances),
        ..DrugRow::default()
    };
    let mut rows = Vec::new();
    if entry.is_some() || !own.is_empty() {
        rows.push(product(&base, entry, &own));
    }
    rows.extend(receipts.iter().filter(is_brand).map(|row| brand(&base, entry, row)));
    rows
}

/// Rows for the codes that name no drug, so that a line with one is told apart from an error.
pub(super) fn dummies() -> Vec<DrugRow> {
    let dummy = |code: &str| DrugRow {
        name: DUMMY_NAME.to_owned(),
        receipt: code.to_owned(),
        dummy: "1".to_owned(),
        ..DrugRow::default()
    };
    let price = DrugRow {
        yj: DUMMY_CODE.to_owned(),
        price: DUMMY_CODE.to_owned(),
        receipt: String::new(),
        ..dummy("")
    };
    DUMMY_RECEIPT_CODES.iter().map(|code| dummy(code)).chain([price]).collect()
}

/// What the price list names, or one brand of its own price code, with all its receipt codes.
fn product(base: &DrugRow, entry: Option<&PriceEntry>, receipts: &[&ReceiptRow]) -> DrugRow {
    let first = receipts.first();
    let name = entry.map(|entry| entry.name.as_str()).filter(|name| !name.is_empty());
    let name = name.or(first.map(|row| base_name(row))).unwrap_or_default();
    // A product is covered while any of its receipt codes is, unless the price list says otherwise.
    let ends: Option<Vec<Date>> = receipts.iter().map(|row| end_of_use(row)).collect();
    let starts: Option<Vec<Date>> = receipts.iter().map(|row| row.listed_on()).collect();
    let covered_to = match entry {
        Some(entry) => entry.covered_to,
        None => ends.and_then(|ends| ends.into_iter().max()),
    };
    DrugRow {
        receipt: join(receipts.iter().map(|row| row.code())),
        name: text(name),
        aliases: aliases(name, receipts),
        kana: first.map(|row| kana(row)).unwrap_or_default(),
        covered_from: day(starts.and_then(|starts| starts.into_iter().min())),
        covered_to: day(covered_to),
        ..base.clone()
    }
}

/// A brand under a unified name: its own receipt code, name and dates.
fn brand(base: &DrugRow, entry: Option<&PriceEntry>, row: &ReceiptRow) -> DrugRow {
    let name = base_name(row);
    let listed = entry.and_then(|entry| entry.covered_to);
    DrugRow {
        receipt: row.code().to_owned(),
        name: text(name),
        aliases: aliases(name, &[row]),
        kana: kana(row),
        covered_from: day(row.listed_on()),
        covered_to: day([end_of_use(row), listed].into_iter().flatten().min()),
        ..base.clone()
    }
}

fn base_name(row: &ReceiptRow) -> &str {
    Some(row.base_name()).filter(|name| !name.is_empty()).unwrap_or(row.name())
}

/// The other names of the receipt-code master: with the strength, and of each of its codes.
fn aliases(name: &str, receipts: &[&ReceiptRow]) -> String {
    let names: BTreeSet<String> = receipts
        .iter()
        .flat_map(|row| [row.base_name(), row.name()])
        .filter(|alias| !alias.is_empty() && *alias != name)
        .map(text)
        .collect();
    join(names.iter().map(String::as_str))
}

/// The reading in full-width katakana.
fn kana(row: &ReceiptRow) -> String {
    text(&row.kana().nfkc().collect::<String>())
}

fn join_substances(substances: &[Substance]) -> String {
    let substances: BTreeSet<String> = substances
        .iter()
        .map(|Substance { ingredient, route }| format!("{}@{}", ingredient.id, route_name(*route)))
        .collect();
    join(substances.iter().map(String::as_str))
}

/// The route as the tables write it.
pub(in super::super) fn route_name(category: Category) -> &'static str {
    match category {
        Category::Oral => "oral",
        Category::Injection => "injection",
        Category::External => "external",
        Category::Dental => "dental",
    }
}

fn join<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.collect::<Vec<_>>().join(";")
}

/// A name without the character that separates names.
fn text(name: &str) -> String {
    name.replace(';', "；")
}

fn day(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}
