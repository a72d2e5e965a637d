//! Random requests about a random world.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{
    Dice, IDENTITIES, Identity, days_before,
    history::named_drug,
    tables::{INSTITUTIONS, NAMES},
};
use crate::world::World;

/// A valid body of `POST /v1/check`.
pub(super) fn request(dice: &mut Dice, world: &World, patients: &[Identity], today: Date) -> Value {
    let patient = *if dice.chance(92) { dice.pick(patients) } else { dice.pick(&IDENTITIES) };
    let as_of = days_before(today, *dice.pick(&[0, 0, 0, 0, 1, -1, -4, 20]));
    let mut request = Map::new();
    let mut add = |field: &str, value: Value| request.insert(field.to_owned(), value);
    add("patient", identity(patient));
    add("as_of", json!(as_of.to_string()));
    add("actor", actor(dice));
    if let Some(own) = dice.pick(&[None, Some("exclude"), Some("include")]) {
        add("own_institution", json!(own));
    }
    match dice.below(8) {
        0 => {}
        1 => _ = add("consent", json!({"level": "none"})),
        2 | 3 => _ = add("consent", json!({"level": "oral", "recorded_by": "dr-017"})),
        _ => _ = add("consent", json!({"level": "full"})),
    }
    if dice.chance(40) {
        add("source_documents", sources(dice, world, patient));
    }
    match dice.below(4) {
        0 => {}
        1 => _ = add("policy", json!("official")),
        _ => _ = add("policy", json!("extended")),
    }
    let lines = (0..=dice.below(6)).map(|_| line(dice, world, patient));
    add("lines", lines.collect());
    Value::Object(request)
}

/// The same patient in the request's words; empty columns are left out, but for the symbol.
fn identity([insurer, symbol, number, branch, id]: Identity) -> Value {
    if !id.is_empty() {
        return json!({"id": id});
    }
    let mut identity = json!({"insurer": insurer, "symbol": symbol, "number": number});
    if let Some(fields) = identity.as_object_mut().filter(|_| !branch.is_empty()) {
        fields.insert("branch".to_owned(), json!(branch));
    }
    identity
}

/// Usually a code of the right kind; the wrong kind must not match.
fn actor(dice: &mut Dice) -> Value {
    let (code, _) = dice.pick(&INSTITUTIONS);
    let kind = match (code.starts_with("134"), dice.chance(90)) {
        (true, true) | (false, false) => "pharmacy",
        (true, false) | (false, true) => "medical_institution",
    };
    json!({"kind": kind, "code": code})
}

/// Documents of the patient, of others, and unknown ones.
fn sources(dice: &mut Dice, world: &World, patient: Identity) -> Value {
    let rows = world.history.iter();
    let own = rows.filter(|row| identity_of(row) == patient && row.kind != "in_house");
    let own: Vec<&str> = own.map(|row| row.document.as_str()).collect();
    let all: Vec<&str> = world.history.iter().map(|row| row.document.as_str()).collect();
    let mut documents: Vec<String> = Vec::new();
    for _ in 0..=dice.below(2) {
        let document = match dice.below(10) {
            0 => dice.text(&["paper-1", "nobody-knows"]),
            1 if !all.is_empty() => dice.text(&all),
            _ if !own.is_empty() => dice.text(&own),
            _ => "paper-2".to_owned(),
        };
        if !documents.contains(&document) {
            documents.push(document);
        }
    }
    json!(documents)
}

/// A new line, often of a drug that the patient's history holds.
fn line(dice: &mut Dice, world: &World, patient: Identity) -> Value {
    let past = world.history.iter().filter(|row| identity_of(row) == patient);
    let past: Vec<_> = past.collect();
    let (system, code) = if !past.is_empty() && dice.chance(30) {
        let row = dice.pick(&past);
        (row.drug_system.clone(), row.drug_code.clone())
    } else {
        named_drug(dice, world)
    };
    let mut drug = json!({"system": system, "code": code});
    if let Some(fields) = drug.as_object_mut().filter(|_| dice.chance(40)) {
        fields.insert("name".to_owned(), json!(dice.pick(&NAMES)));
    }
    let form = *dice.pick(&[1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 9, 6]);
    let rp = *dice.pick(&[1, 1, 2, 2, 3, 10]);
    let mut line = json!({"rp": rp, "drug": drug, "form": form, "quantity": "14"});
    if let Some(fields) = line.as_object_mut().filter(|_| dice.chance(30)) {
        fields.insert("usage".to_owned(), json!("1013044400000000"));
        fields.insert("usage_supplements".to_owned(), json!(["I1100000"]));
    }
    line
}

fn identity_of(row: &crate::world::HistoryRow) -> [&str; 5] {
    [&row.insurer, &row.symbol, &row.number, &row.branch, &row.patient_id]
}
