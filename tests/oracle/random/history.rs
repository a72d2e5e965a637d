//! Random histories: documents of every kind, their rows scattered over the file.

use jiff::civil::Date;

use super::{
    Dice, Identity, days_before,
    tables::{INSTITUTIONS, NAMES, long_code},
};
use crate::world::{Drug, HistoryRow, World, split};

/// Days before the check day: every edge of the default period, the window and the validity.
const AGES: [i64; 28] = [
    -30, -1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14, 15, 20, 27, 28, 30, 60, 89, 99, 100, 101,
    101, 105, 130,
];
const QUANTITIES: [&str; 20] = [
    "7", "14", "14", "28", "30", "60", "90", "120", "999", "014", "14.0", "", "0", "0.0", "0.5",
    "1000", "abc", "１４", "-3", "1",
];
const USAGES: [&str; 5] =
    ["", "1011000400000000", "1013044400000000", "1050110000000000", "2A71000000000000"];
const SUPPLEMENTS: [&str; 9] = [
    "",
    "",
    "",
    "I1100000",
    "W0101010",
    "W1000000",
    "W0000000;I1100000",
    "V1400000;W1111111",
    "V1400000",
];
const DUMMIES: [(&str, &str); 4] = [
    ("receipt", "666660000"),
    ("receipt", "777770000"),
    ("yj", "2000000X0000"),
    ("hot", "666660000"),
];
const SYSTEMS: [&str; 6] = ["receipt", "price", "yj", "hot", "generic", "gtin"];

/// Gives every patient some documents, then scatters the rows.
pub(super) fn fill(dice: &mut Dice, world: &mut World, patients: &[Identity], today: Date) {
    for (place, patient) in patients.iter().enumerate() {
        let mut rows: Vec<HistoryRow> = Vec::new();
        for number in 0..dice.below(12) {
            let id = format!("{}{}", dice.pick(&["d", "D", "rx-", "d1", "_"]), number * 7);
            let document = if dice.chance(12) { twin(dice, &rows) } else { Vec::new() };
            let mut document = if document.is_empty() {
                new_document(dice, world, patient, &rows, today)
            } else {
                document
            };
            for row in &mut document {
                row.document = format!("{id}-{place}");
            }
            rows.extend(document);
        }
        world.history.extend(rows);
    }
    dice.shuffle(&mut world.history);
}

/// A drug as a document or a request names it: system and code.
pub(super) fn named_drug(dice: &mut Dice, world: &World) -> (String, String) {
    let (dummy_system, dummy_code) = *dice.pick(&DUMMIES);
    match dice.below(100) {
        0..3 => (dummy_system.to_owned(), dummy_code.to_owned()),
        3..6 => (dice.text(&SYSTEMS), dice.text(&["999999999", "9999999F9999", "11"])),
        6..20 => (dice.text(&["yj", "yj", "price", "generic"]), long_code(dice)),
        choice => {
            let product = dice.pick(&world.drugs).clone();
            let (system, code) = code_of(dice, &product);
            // The right code under another system's name, now and then.
            let system = if choice < 23 { dice.text(&SYSTEMS) } else { system };
            (system, code)
        }
    }
}

/// One of the codes of a product.
fn code_of(dice: &mut Dice, drug: &Drug) -> (String, String) {
    let cells = [
        ("yj", &drug.yj),
        ("yj", &drug.yj),
        ("price", &drug.price),
        ("receipt", &drug.receipt),
        ("generic", &drug.generic),
        ("hot", &drug.hot),
        ("gtin", &drug.gtin),
    ];
    let cells = cells.iter().flat_map(|(system, cell)| split(cell).map(move |code| (system, code)));
    let codes: Vec<_> = cells.collect();
    let (system, code) = dice.pick(&codes);
    ((**system).to_owned(), (*code).to_owned())
}

/// A prescription once more, as after a lost answer; sometimes not quite.
fn twin(dice: &mut Dice, rows: &[HistoryRow]) -> Vec<HistoryRow> {
    let prescriptions: Vec<&HistoryRow> =
        rows.iter().filter(|row| row.kind == "prescription").collect();
    if prescriptions.is_empty() {
        return Vec::new();
    }
    let id = dice.pick(&prescriptions).document.clone();
    let mut copy: Vec<_> = rows.iter().filter(|row| row.document == id).cloned().collect();
    copy.reverse();
    if let Some(row) = copy.first_mut().filter(|_| dice.chance(30)) {
        row.quantity = dice.text(&QUANTITIES);
    }
    copy
}

fn new_document(
    dice: &mut Dice,
    world: &World,
    patient: &Identity,
    rows: &[HistoryRow],
    today: Date,
) -> Vec<HistoryRow> {
    let age = *dice.pick(&AGES);
    let head = head(dice, world, patient, rows, days_before(today, age));
    let prescribed: Vec<_> = rows.iter().filter(|row| row.document == head.prescription).collect();
    if !prescribed.is_empty() && dice.chance(60) {
        // Dispensed as prescribed, but perhaps for other days.
        let lines = prescribed.into_iter().map(|row| {
            let quantity = quantity(dice, age);
            let lines = line(dice, world, &head, age);
            HistoryRow {
                drug_system: row.drug_system.clone(),
                drug_code: row.drug_code.clone(),
                rp: row.rp.clone(),
                form: row.form.clone(),
                quantity,
                ..lines
            }
        });
        return lines.collect();
    }
    (0..*dice.pick(&[1, 1, 2, 2, 3, 4])).map(|_| line(dice, world, &head, age)).collect()
}

/// What all lines of a document have in common.
fn head(
    dice: &mut Dice,
    world: &World,
    patient: &Identity,
    rows: &[HistoryRow],
    date: Date,
) -> HistoryRow {
    let [insurer, symbol, number, branch, patient_id] = patient.map(str::to_owned);
    let (institution, _) = *dice.pick(&INSTITUTIONS[..3]);
    let (pharmacy, _) = *dice.pick(&INSTITUTIONS[3..]);
    let blank = HistoryRow {
        insurer,
        symbol,
        number,
        branch,
        patient_id,
        date: date.to_string(),
        institution: institution.to_owned(),
        status: dice.maybe(12, "cancelled"),
        ..HistoryRow::default()
    };
    match dice.below(20) {
        0..8 => HistoryRow {
            kind: "prescription".to_owned(),
            prescription: misplaced(dice, world, rows),
            refill_uses: dice.text(&["", "", "1", "2", "3"]),
            ..blank
        },
        8..16 => HistoryRow {
            kind: "dispensing".to_owned(),
            pharmacy: pharmacy.to_owned(),
            institution: if dice.chance(85) { blank.institution } else { String::new() },
            prescription: prescription(dice, world, rows),
            refill_uses: dice.text(&["", "", "", "3"]),
            refill_use: dice.text(&["", "", "1", "2"]),
            ..blank
        },
        _ => HistoryRow {
            kind: "in_house".to_owned(),
            setting: dice.text(&["outpatient", "discharge", "inpatient"]),
            prescription: misplaced(dice, world, rows),
            ..blank
        },
    }
}

/// What a document that dispenses nothing may name all the same.
fn misplaced(dice: &mut Dice, world: &World, rows: &[HistoryRow]) -> String {
    if dice.chance(20) { prescription(dice, world, rows) } else { String::new() }
}

/// What a dispensing result names: nothing, a paper, its own patient's or another's prescription.
fn prescription(dice: &mut Dice, world: &World, rows: &[HistoryRow]) -> String {
    let rows = if dice.chance(8) { world.history.as_slice() } else { rows };
    let known: Vec<_> = rows.iter().filter(|row| row.kind == "prescription").collect();
    match dice.below(10) {
        0..3 => String::new(),
        3 => dice.text(&["paper-1", "paper-2"]),
        _ if known.is_empty() => String::new(),
        _ => dice.pick(&known).document.clone(),
    }
}

fn line(dice: &mut Dice, world: &World, head: &HistoryRow, age: i64) -> HistoryRow {
    let (drug_system, drug_code) = named_drug(dice, world);
    // What is old is told only when it is a long supply, and days are days on form 1 alone.
    let long = is_old(age) && dice.chance(70);
    let forms = ["1", "1", "1", "1", "1", "1", "1", "2", "3", "4", "5", "6", "9"];
    HistoryRow {
        rp: dice.text(&["1", "1", "2", "2", "3", "10"]),
        drug_system,
        drug_code,
        drug_name: if dice.chance(40) { dice.text(&NAMES) } else { String::new() },
        form: if long { "1".to_owned() } else { dice.text(&forms) },
        quantity: quantity(dice, age),
        usage: if long { String::new() } else { dice.text(&USAGES) },
        usage_supplements: dice.text(&SUPPLEMENTS),
        ..head.clone()
    }
}

/// Often so many days that the period ends about the check day.
fn quantity(dice: &mut Dice, age: i64) -> String {
    let edge = age + *dice.pick(&[-5, -1, 0, 1, 2]);
    let percent = if is_old(age) { 80 } else { 45 };
    if edge > 0 && dice.chance(percent) { edge.to_string() } else { dice.text(&QUANTITIES) }
}

/// Near the edge of the window, or beyond it.
fn is_old(age: i64) -> bool {
    age >= 89
}
