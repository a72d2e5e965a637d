//! Receipts of pharmacies (調剤): groups of drugs, each with the days on which it was dispensed.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use jiff::civil::Date;

use super::common::{Fields, Insured, Reader, State, clip, month};
use crate::csv_message::{EraNotation, day};
use crate::document::{Code, Document, Facility, Line};
use crate::notebook::DispensingForm;
use crate::report::Reason;

/// Records that are known and say nothing of drugs.
const OTHERS: [&str; 11] = ["UK", "MN", "KO", "JD", "MF", "CO", "TK", "KI", "ST", "RC", "HS"];

/// One group of drugs that are taken in one way: record SH and what follows it.
#[derive(Default)]
struct Group<'t> {
    at: u64,
    form: Option<Form>,
    usage_text: &'t str,
    lines: Vec<(u64, Line<'t>)>,
    supplies: Vec<Supply<'t>>,
}

/// One dispensing of a group: record CZ.
#[derive(Clone, Copy)]
struct Supply<'t> {
    day: Option<Day>,
    issued: Option<Day>,
    quantity: &'t str,
}

/// A receipt in the course of being read.
#[derive(Default)]
struct Receipt<'t> {
    month: Option<Date>,
    institution: Option<Facility<'t>>,
    insured: Insured<'t>,
    group: Option<Group<'t>>,
    rp: u32,
    /// With the issue day of the prescription, which tells prescriptions of one dispensing day apart.
    documents: Vec<(Option<Day>, Document<'t>)>,
}

/// Reads a file whose first record, apart from `UK`, is `YK`.
pub(super) struct Pharmacies<'t, 'f> {
    state: State<'t, 'f>,
    pharmacy: Facility<'t>,
    receipt: Option<Receipt<'t>>,
}

impl<'t, 'f> Reader<'t, 'f> for Pharmacies<'t, 'f> {
    fn state(&mut self) -> &mut State<'t, 'f> {
        &mut self.state
    }

    fn into_state(self) -> State<'t, 'f> {
        self.state
    }

    fn record(&mut self, fields: &Fields<'t>) {
        match fields.get(0) {
            "YK" => self.pharmacy(fields),
            "RE" => self.open_receipt(fields),
            "HO" => self.insurance(fields),
            "SN" => {
                if let Some(receipt) = &mut self.receipt {
                    receipt.insured.branch(fields);
                }
            }
            "SH" => self.open_group(fields),
            "CZ" => self.supply(fields),
            "IY" => self.item("IY", "医薬品コード", fields),
            "TO" => self.item("TO", "特定器材コード", fields),
            "GO" => {
                self.close_receipt();
                self.state.ended = true;
            }
            other if OTHERS.contains(&other) => {}
            other => self.state.unknown(other),
        }
    }

    fn close_receipt(&mut self) {
        self.close_group();
        let Some(receipt) = self.receipt.take() else { return };
        let patient = receipt.insured.patient();
        for (_, mut document) in receipt.documents {
            document.patient.clone_from(&patient);
            self.state.documents.push(document);
        }
    }
}

impl<'t, 'f> Pharmacies<'t, 'f> {
    pub(super) fn new(file: &'f str) -> Self {
        Self { state: State::new(file), pharmacy: Facility::default(), receipt: None }
    }

    fn pharmacy(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        self.state.ended = false;
        let code =
            self.state.facility("YK", "薬局コード", [fields.get(2), fields.get(3), fields.get(4)]);
        self.pharmacy = Facility { code, name: Cow::Borrowed(fields.get(5)) };
    }

    fn open_receipt(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        let month = month(fields.get(3));
        if month.is_none() {
            self.state.problem("RE", "調剤年月", Reason::Date { found: clip(fields.get(3)) });
        }
        let parts = [fields.get(9), fields.get(10), fields.get(11)];
        let code = self.state.facility("RE", "医療機関コード", parts);
        let name = Cow::Borrowed(fields.get(12));
        let is_there = !code.is_empty() || !name.is_empty();
        let institution = is_there.then_some(Facility { code, name });
        self.receipt = Some(Receipt { month, institution, ..Receipt::default() });
    }

    fn insurance(&mut self, fields: &Fields<'t>) {
        let Some(receipt) = &mut self.receipt else {
            self.state.problem("HO", "", Reason::NoParent { needed: "RE" });
            return;
        };
        if let Some(reason) = receipt.insured.insurance(fields) {
            self.state.problem("HO", "保険者番号", reason);
        }
    }

    /// Record SH.
    fn open_group(&mut self, fields: &Fields<'t>) {
        self.close_group();
        let form = DispensingForm::from_number(fields.get(2)).map(DispensingForm::form);
        if form.is_none() {
            self.state.problem("SH", "剤形コード", Reason::Value { found: clip(fields.get(2)) });
        }
        let (at, usage_text) = (self.state.at, fields.get(4));
        let Some(receipt) = &mut self.receipt else {
            self.state.loss("SH", Reason::NoParent { needed: "RE" });
            return;
        };
        receipt.rp = receipt.rp.saturating_add(1);
        receipt.group = Some(Group { at, form, usage_text, ..Group::default() });
    }

    /// Record CZ.
    fn supply(&mut self, fields: &Fields<'t>) {
        let [issued, dispensed, quantity] = [fields.get(2), fields.get(3), fields.get(5)];
        let days = [issued, dispensed].map(|text| day(text, EraNotation::Digit));
        for (text, day, field) in
            [(issued, days[0], "処方年月日"), (dispensed, days[1], "調剤年月日")]
        {
            if day.is_none() {
                self.state.problem("CZ", field, Reason::Date { found: clip(text) });
            }
        }
        let [issued, day] = days;
        let month = self.receipt.as_ref().and_then(|receipt| receipt.month);
        if let (Some(day), Some(month)) = (day, month)
            && !day.to_string().starts_with(&format!("{:04}-{:02}-", month.year(), month.month()))
        {
            let (found, used) = (day.to_string(), clip(dispensed));
            let found = format!("{found} outside of the month of the receipt");
            self.state.problem("CZ", "調剤年月日", Reason::Differs { found, used });
        }
        if quantity.is_empty() || !quantity.bytes().all(|byte| byte.is_ascii_digit()) {
            self.state.problem("CZ", "調剤数量", Reason::Value { found: clip(quantity) });
        }
        match self.group() {
            Some(group) => group.supplies.push(Supply { day, issued, quantity }),
            None => self.state.problem("CZ", "", Reason::NoParent { needed: "SH" }),
        }
    }

    /// Records IY and TO.
    fn item(&mut self, record: &'static str, field: &'static str, fields: &Fields<'t>) {
        let (code, dose) = (fields.get(2), fields.get(3));
        if code.len() != 9 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.state.problem(record, field, Reason::Code { expected: 9, found: clip(code) });
        }
        let drug = Code { system: CodeSystem::Receipt, code: Cow::Borrowed(code) };
        let at = self.state.at;
        let Some(group) = self.group() else {
            self.state.loss(record, Reason::NoParent { needed: "SH" });
            return;
        };
        let stated = group.form.unwrap_or(Form::Other);
        let is_material = record == "TO";
        let form = if is_material {
            Form::Material
        } else if stated == Form::Material {
            // A drug's record is a drug, whatever the form of its group.
            Form::Other
        } else {
            stated
        };
        let line = Line {
            rp: 0,
            drug: Some(drug).filter(|drug| !drug.code.is_empty()),
            name: Cow::Borrowed(""),
            form,
            quantity: Cow::Borrowed(""),
            usage: Cow::Borrowed(""),
            usage_text: Cow::Borrowed(group.usage_text),
            supplements: Vec::new(),
            dose: Cow::Borrowed(dose),
            unit: Cow::Borrowed(""),
        };
        group.lines.push((at, line));
    }

    fn group(&mut self) -> Option<&mut Group<'t>> {
        self.receipt.as_mut()?.group.as_mut()
    }

    /// Puts the drugs of a group into the documents of its days.
    fn close_group(&mut self) {
        let Some(receipt) = &mut self.receipt else { return };
        let Some(mut group) = receipt.group.take() else { return };
        let is_supplied = !group.supplies.is_empty();
        if !is_supplied {
            group.supplies.push(Supply { day: None, issued: None, quantity: "" });
        }
        for supply in &group.supplies {
            for (at, line) in &group.lines {
                let (rp, quantity) = (receipt.rp, Cow::Borrowed(supply.quantity));
                let line = Line { rp, quantity, ..line.clone() };
                let known = receipt.documents.iter_mut().find(|(issued, document)| {
                    (*issued, document.day) == (supply.issued, supply.day)
                });
                if let Some((_, document)) = known {
                    document.lines.push(line);
                    continue;
                }
                let document = Document {
                    place: *at,
                    id: None,
                    kind: DocumentKind::Dispensing,
                    patient: None,
                    day: supply.day,
                    institution: receipt.institution.clone(),
                    pharmacy: Some(self.pharmacy.clone()),
                    prescription: None,
                    refill_uses: 0,
                    refill_use: 0,
                    lines: vec![line],
                };
                receipt.documents.push((supply.issued, document));
            }
        }
        if !is_supplied {
            self.state.problem_at(group.at, "CZ", "", Reason::Missing);
        }
        if group.lines.is_empty() {
            self.state.loss_at(group.at, "IY", Reason::Missing);
        }
    }
}
