//! Random tables: shared codes, salts, compounds, dummies, narrow coverage, crooked rules.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Dice, days_before, with_check_digit};
use crate::world::{Drug, Ingredient, Institution, Rule, World, split};

/// Ids whose order by bytes is not their order by eye.
const INGREDIENTS: [&str; 6] = ["a", "B", "a-2", "a10", "c", "い"];
const ROUTES: [&str; 5] = ["oral", "oral", "oral", "external", "injection"];
/// Seven characters each; two products of one stem are usually, not always, one drug.
const STEMS: [&str; 4] = ["2171022", "2171023", "1124007", "11A4007"];
const FORMS: [&str; 3] = ["F1", "F2", "M1"];
/// Names that are alike after normalisation, or nearly.
pub(super) const NAMES: [&str; 8] = [
    "見本錠５ｍｇ",
    "見本錠5mg",
    "見本錠 5 MG",
    "見本錠「甲」",
    "ミホンジョウ",
    "ﾐﾎﾝｼﾞｮｳ",
    "見本散（甲）１０％",
    "別の薬",
];
/// The first three are medical institutions, the others pharmacies; two have no name.
pub(super) const INSTITUTIONS: [(&str, &str); 6] = [
    ("1311111111", "甲医院"),
    ("1312222222", "乙病院"),
    ("1313333333", ""),
    ("1344444444", "丙薬局"),
    ("1345555555", "丁薬局"),
    ("1346666666", ""),
];

/// Everything but the history.
pub(super) fn tables(dice: &mut Dice, today: Date) -> World {
    let mut meanings = BTreeMap::new();
    let drugs = (0..3 + dice.below(6)).map(|_| drug(dice, today, &mut meanings)).collect();
    let mut world = World { drugs, ..World::default() };
    for (index, id) in INGREDIENTS.iter().enumerate() {
        let name_ja = format!("成分{index}");
        let name_en = format!("ingredient {index}");
        world.ingredients.push(Ingredient { id: (*id).to_owned(), name_ja, name_en });
    }
    for (code, name) in INSTITUTIONS.iter().filter(|(_, name)| !name.is_empty()) {
        let (code, name) = ((*code).to_owned(), (*name).to_owned());
        world.institutions.push(Institution { code, name });
    }
    let rules = dice.below(9);
    world.contraindications = (0..rules).map(|row| rule(dice, &world, row, today)).collect();
    world
}

/// A random code of twelve characters over the stems; its check digit is usually right.
pub(super) fn long_code(dice: &mut Dice) -> String {
    let (stem, form, tail) = (dice.pick(&STEMS), dice.pick(&FORMS), dice.below(4));
    let code = with_check_digit(&format!("{stem}{form}{tail:02}"));
    if dice.chance(90) { code } else { format!("{stem}{form}{tail:02}{}", dice.below(10)) }
}

fn drug(dice: &mut Dice, today: Date, meanings: &mut BTreeMap<String, String>) -> Drug {
    let code = long_code(dice);
    let (seven, nine) = (prefix(&code, 7), prefix(&code, 9));
    // Most products of a stem are salts of one thing; some are not, and stand-ins then disagree.
    let usual = meanings.entry(seven).or_insert_with(|| substances(dice)).clone();
    let substances = if dice.chance(80) { usual } else { substances(dice) };
    let price = match dice.below(4) {
        0 => String::new(),
        1 => with_check_digit(&format!("{nine}0{}", dice.below(2))),
        _ => code.clone(),
    };
    let mut yj = dice.maybe(85, &code);
    if dice.chance(8) {
        yj = format!("{yj};{}", long_code(dice));
    }
    let (covered_from, covered_to) = validity(dice, today);
    let mut drug = Drug {
        yj,
        price,
        receipt: dice.text(&["", "611111111", "622222222", "622222222;633333333", "644444444"]),
        generic: dice.maybe(50, &format!("{nine}ZZZ")),
        hot: dice.text(&["", "", "", "1003031", "100303101", "1003031010101"]),
        gtin: dice.text(&["", "", "", "14987000000014"]),
        name: dice.text(&NAMES),
        aliases: dice.text(&["", "", "見本錠", "見本錠;ミホン"]),
        kana: dice.text(&["", "", "ミホンジョウ"]),
        substances,
        covered_from,
        covered_to,
        dummy: String::new(),
    };
    match dice.below(20) {
        0 => drug.substances.clear(),
        1 => "1".clone_into(&mut drug.dummy),
        2 => (drug.dummy, drug.substances) = ("1".to_owned(), String::new()),
        _ => {}
    }
    let codes = [&drug.yj, &drug.price, &drug.receipt, &drug.generic, &drug.hot, &drug.gtin];
    if codes.iter().all(|cell| split(cell).next().is_none()) {
        drug.yj = code;
    }
    drug.yj = split(&drug.yj).collect::<Vec<_>>().join(";");
    drug
}

/// One to three different substances, in any order.
fn substances(dice: &mut Dice) -> String {
    let count = *dice.pick(&[1, 1, 1, 2, 2, 3]);
    let mut substances: Vec<String> = Vec::new();
    while substances.len() < count {
        let substance = format!("{}@{}", dice.pick(&INGREDIENTS), dice.pick(&ROUTES));
        if !substances.contains(&substance) {
            substances.push(substance);
        }
    }
    substances.join(";")
}

fn rule(dice: &mut Dice, world: &World, row: u32, today: Date) -> Rule {
    let (a, b) = (ingredient(dice, world), ingredient(dice, world));
    let (valid_from, valid_to) = validity(dice, today);
    Rule {
        b_ingredient: if dice.chance(15) { a.clone() } else { b },
        a_ingredient: a,
        a_routes: dice.text(&["", "oral", "oral", "oral;external", "external"]),
        a_only: prefixes(dice, 20),
        a_except: prefixes(dice, 15),
        b_routes: dice.text(&["", "", "oral", "injection;oral"]),
        b_only: prefixes(dice, 10),
        b_except: prefixes(dice, 10),
        insert: format!("insert-{row}"),
        revised: dice.text(&["", "2025-06", "2024-01"]),
        section: dice.text(&["", "10.1", "2.2"]),
        stated_by: dice.text(&["a", "b", "both"]),
        condition: dice.text(&["", "", "用量漸増期", "a, \"b\""]),
        measures: dice.text(&["", "併用しないこと。", "一行目\n二行目"]),
        mechanism: dice.text(&["", "不明"]),
        washout_a: dice.text(&["", "1", "7", "14", "21"]),
        washout_b: dice.text(&["", "", "2", "5"]),
        valid_from,
        valid_to,
    }
}

/// An ingredient that some product holds, usually.
fn ingredient(dice: &mut Dice, world: &World) -> String {
    let held = world.drugs.iter().flat_map(|drug| split(&drug.substances));
    let held: Vec<&str> = held.filter_map(|part| part.split('@').next()).collect();
    if held.is_empty() || dice.chance(10) { dice.text(&INGREDIENTS) } else { dice.text(&held) }
}

fn prefixes(dice: &mut Dice, percent: u32) -> String {
    if !dice.chance(percent) {
        return String::new();
    }
    let code = long_code(dice);
    let length = *dice.pick(&[4, 7, 9, 12]);
    let one = prefix(&code, length);
    if dice.chance(30) { format!("{one};{}", dice.pick(&STEMS)) } else { one }
}

/// First and last day of a validity: usually open, else near today and never the wrong way round.
fn validity(dice: &mut Dice, today: Date) -> (String, String) {
    let edges = [-10, -1, 0, 1, 2, 5, 13, 14, 30, 100, 101];
    let one = days_before(today, *dice.pick(&edges));
    let other = days_before(today, *dice.pick(&edges));
    match dice.below(10) {
        0 => (one.to_string(), String::new()),
        1 | 2 => (String::new(), one.to_string()),
        3 => (one.min(other).to_string(), one.max(other).to_string()),
        _ => (String::new(), String::new()),
    }
}

fn prefix(code: &str, length: usize) -> String {
    code.chars().take(length).collect()
}
