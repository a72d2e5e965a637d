//! The short way in which cases are written, and what it leaves out.
//!
//! A drug is the name of a product of the tables (its YJ code is meant, else its first code), or
//! `system:code`. A patient is one insured identity unless a word names an opaque one. Documents
//! are dispensing results of 14 days unless they say otherwise; the asker is another institution.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Call;
use crate::{
    Policy, World,
    world::{HistoryRow, split},
};

/// A document of the past.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Document {
    id: String,
    kind: String,
    setting: String,
    patient: Value,
    date: String,
    institution: String,
    pharmacy: Option<String>,
    prescription: String,
    refill_uses: String,
    refill_use: String,
    cancelled: bool,
    lines: Vec<Line>,
    /// This many documents like it, `-1`, `-2` … behind their ids.
    copies: u32,
    /// The copies are spread over this many pharmacies.
    pharmacies: u32,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            id: String::new(),
            kind: "dispensing".to_owned(),
            setting: String::new(),
            patient: Value::Null,
            date: String::new(),
            institution: INSTITUTION.to_owned(),
            pharmacy: None,
            prescription: String::new(),
            refill_uses: String::new(),
            refill_use: String::new(),
            cancelled: false,
            lines: Vec::new(),
            copies: 0,
            pharmacies: 0,
        }
    }
}

/// A line of a document or of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Line {
    rp: Option<usize>,
    drug: String,
    name: Option<String>,
    form: u32,
    quantity: String,
    usage: Option<String>,
    usage_supplements: Vec<String>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            rp: None,
            drug: String::new(),
            name: None,
            form: 1,
            quantity: "14".to_owned(),
            usage: None,
            usage_supplements: Vec::new(),
        }
    }
}

/// A check as a case writes it; fields of the request that need no shorthand are passed on.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    name: String,
    #[serde(default)]
    call: Call,
    as_of: String,
    #[serde(default)]
    patient: Value,
    #[serde(default)]
    consent: Option<String>,
    #[serde(default)]
    policy: Value,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    same_as: Option<String>,
    expect: Value,
    #[serde(flatten)]
    others: Map<String, Value>,
}

const INSTITUTION: &str = "1312222222";
const PHARMACY: &str = "1344444444";
const ASKER: &str = "1311111111";

impl Document {
    pub(super) fn rows(&self, world: &World) -> Vec<HistoryRow> {
        if self.copies == 0 {
            let lines = self.lines.iter().enumerate();
            return lines.map(|(index, line)| self.row(world, index, line)).collect();
        }
        let copies = (1..=self.copies).flat_map(|copy| {
            let pharmacy = format!("13488{:05}", copy % self.pharmacies.max(1));
            let id = format!("{}-{copy}", self.id);
            let copy = Self { id, pharmacy: Some(pharmacy), copies: 0, ..self.clone() };
            copy.rows(world)
        });
        copies.collect()
    }

    fn row(&self, world: &World, index: usize, line: &Line) -> HistoryRow {
        let (drug_system, drug_code) = code(world, &line.drug);
        let patient = patient(&self.patient);
        let identity =
            |field: &str| patient.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let usual = if self.kind == "dispensing" { PHARMACY } else { "" };
        HistoryRow {
            document: self.id.clone(),
            kind: self.kind.clone(),
            setting: self.setting.clone(),
            insurer: identity("insurer"),
            symbol: identity("symbol"),
            number: identity("number"),
            branch: identity("branch"),
            patient_id: identity("id"),
            date: self.date.clone(),
            institution: self.institution.clone(),
            pharmacy: self.pharmacy.clone().unwrap_or_else(|| usual.to_owned()),
            prescription: self.prescription.clone(),
            refill_uses: self.refill_uses.clone(),
            refill_use: self.refill_use.clone(),
            rp: line.rp.unwrap_or(index + 1).to_string(),
            drug_system,
            drug_code,
            drug_name: line.name.clone().unwrap_or_default(),
            form: line.form.to_string(),
            quantity: line.quantity.clone(),
            usage: line.usage.clone().unwrap_or_default(),
            usage_supplements: line.usage_supplements.join(";"),
            status: if self.cancelled { "cancelled".to_owned() } else { String::new() },
        }
    }
}

impl Check {
    pub(super) fn whole(&self, world: &World) -> super::Check {
        let policy = self.policy();
        let lines = self.lines.iter().enumerate().map(|(index, line)| line.requested(world, index));
        let mut request = Map::new();
        request.insert("patient".to_owned(), patient(&self.patient));
        request.insert("as_of".to_owned(), json!(self.as_of));
        let asker = json!({"kind": "medical_institution", "code": ASKER});
        request.insert("actor".to_owned(), asker);
        request.insert("consent".to_owned(), self.consent());
        if self.call == Call::Check {
            request.insert("lines".to_owned(), lines.collect());
        }
        if policy.name != "official" {
            request.insert("policy".to_owned(), json!(policy.name));
        }
        request.extend(self.others.clone());
        super::Check {
            name: self.name.clone(),
            call: self.call,
            request: Value::Object(request),
            policy,
            expected: self.expect.clone(),
            same_as: self.same_as.clone(),
        }
    }

    /// A name, or the fields in which a site's own policy differs from the official one.
    fn policy(&self) -> Policy {
        match self.policy.as_str() {
            Some("extended") => Policy::extended(),
            Some("official") => Policy::official(),
            _ if self.policy.is_null() => Policy::official(),
            _ => {
                let policy = Policy::deserialize(&self.policy);
                let policy = policy.expect("a policy is a known name or known fields");
                Policy { name: "site".to_owned(), ..policy }
            }
        }
    }

    fn consent(&self) -> Value {
        match self.consent.as_deref().unwrap_or("full") {
            "oral" => json!({"level": "oral", "recorded_by": "dr-017"}),
            level => json!({"level": level}),
        }
    }
}

impl Line {
    fn requested(&self, world: &World, index: usize) -> Value {
        let (system, code) = code(world, &self.drug);
        let mut drug = json!({"system": system, "code": code});
        if let (Some(fields), Some(name)) = (drug.as_object_mut(), &self.name) {
            fields.insert("name".to_owned(), json!(name));
        }
        let rp = self.rp.unwrap_or(index + 1);
        let mut line =
            json!({"rp": rp, "drug": drug, "form": self.form, "quantity": self.quantity});
        if let (Some(fields), Some(usage)) = (line.as_object_mut(), &self.usage) {
            fields.insert("usage".to_owned(), json!(usage));
            fields.insert("usage_supplements".to_owned(), json!(self.usage_supplements));
        }
        line
    }
}

/// A row of any of the tables with every cell empty.
pub(super) fn blank_row() -> Map<String, Value> {
    let blank = [
        serde_json::to_value(crate::world::Drug::default()),
        serde_json::to_value(crate::world::Rule::default()),
    ];
    blank.into_iter().flatten().filter_map(|row| row.as_object().cloned()).flatten().collect()
}

/// `system:code`, or the name of a product.
fn code(world: &World, drug: &str) -> (String, String) {
    if let Some((system, code)) = drug.split_once(':') {
        return (system.to_owned(), code.to_owned());
    }
    let product = world.drugs.iter().find(|product| product.name == drug);
    let product = product.ok_or(drug).expect("a case names products of its tables");
    let codes = [("yj", &product.yj), ("receipt", &product.receipt), ("price", &product.price)];
    let first = codes.iter().find_map(|(system, cell)| Some((system, split(cell).next()?)));
    let (system, code) = first.ok_or(drug).expect("the product has a code");
    ((*system).to_owned(), code.to_owned())
}

/// One insured identity, an opaque id, or what is written.
fn patient(written: &Value) -> Value {
    if written.is_null() {
        return json!({"insurer": "06130012", "symbol": "12", "number": "3456", "branch": "01"});
    }
    written.as_str().map_or_else(|| written.clone(), |id| json!({"id": id}))
}
