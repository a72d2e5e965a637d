//! Receipts of pharmacies (調剤): groups of drugs, each with the days on which it was dispensed.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use jiff::civil::Date;

use super::Receipts;
use super::records::{Fields, clip, institution_code, month};
use crate::csv_message::{EraNotation, day};
use crate::document::{Code, Document, Facility, Line, Patient};
use crate::notebook::DispensingForm;
use crate::report::{FileRead, Reason, Report};
use crate::text::Decoded;

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
    patient: Option<Patient<'t>>,
    branch: &'t str,
    group: Option<Group<'t>>,
    rp: u32,
    /// With the issue day of the prescription, which tells prescriptions of one dispensing day apart.
    documents: Vec<(Option<Day>, Document<'t>)>,
}

struct Reader<'t, 'f> {
    file: &'f str,
    at: u64,
    report: Report,
    pharmacy: Facility<'t>,
    receipt: Option<Receipt<'t>>,
    documents: Vec<Document<'t>>,
    ended: bool,
}

/// Reads a file whose first record, apart from `UK`, is `YK`.
pub(super) fn read<'t>(file: &str, decoded: &'t Decoded) -> Receipts<'t> {
    let mut reader = Reader {
        file,
        at: 0,
        report: Report::default(),
        pharmacy: Facility::default(),
        receipt: None,
        documents: Vec::new(),
        ended: false,
    };
    if decoded.replaced {
        reader.problem("", "", Reason::Undecodable { encoding: decoded.encoding });
    }
    let mut rows = 0;
    for (at, line) in (1_u64..).zip(decoded.text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        reader.at = at;
        rows += 1;
        reader.record(&Fields::of(line));
    }
    reader.close_receipt();
    if !reader.ended {
        reader.problem("GO", "", Reason::Missing);
    }
    let encoding = Some(decoded.encoding);
    reader.report.files.push(FileRead { file: file.to_owned(), encoding, rows });
    Receipts { documents: reader.documents, report: reader.report }
}

impl<'t> Reader<'t, '_> {
    fn problem(&mut self, record: &'static str, field: &'static str, reason: Reason) {
        self.report.problem_in(self.file, self.at, record, field, reason);
    }

    fn record(&mut self, fields: &Fields<'t>) {
        match fields.get(0) {
            "YK" => self.pharmacy(fields),
            "RE" => self.open_receipt(fields),
            "HO" => self.insurance(fields),
            "SN" => {
                if fields.get(1) == "1"
                    && let Some(receipt) = &mut self.receipt
                {
                    receipt.branch = fields.get(6);
                }
            }
            "SH" => self.open_group(fields),
            "CZ" => self.supply(fields),
            "IY" => self.item("IY", "医薬品コード", fields),
            "TO" => self.item("TO", "特定器材コード", fields),
            "GO" => {
                self.close_receipt();
                self.ended = true;
            }
            other if OTHERS.contains(&other) => {}
            _ => self.problem("", "", Reason::UnknownRecord),
        }
    }

    fn pharmacy(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        self.ended = false;
        let code = self.facility("YK", "薬局コード", [fields.get(2), fields.get(3), fields.get(4)]);
        self.pharmacy = Facility { code, name: Cow::Borrowed(fields.get(5)) };
    }

    fn facility(
        &mut self,
        record: &'static str,
        field: &'static str,
        parts: [&'t str; 3],
    ) -> Cow<'t, str> {
        institution_code(parts).map_or_else(
            |found| {
                self.problem(record, field, Reason::Code { expected: 10, found: clip(&found) });
                Cow::Borrowed("")
            },
            Cow::Owned,
        )
    }

    fn open_receipt(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        let month = month(fields.get(3));
        if month.is_none() {
            self.problem("RE", "調剤年月", Reason::Date { found: clip(fields.get(3)) });
        }
        let parts = [fields.get(9), fields.get(10), fields.get(11)];
        let code = self.facility("RE", "医療機関コード", parts);
        let name = Cow::Borrowed(fields.get(12));
        let is_there = !code.is_empty() || !name.is_empty();
        let institution = is_there.then_some(Facility { code, name });
        self.receipt = Some(Receipt { month, institution, ..Receipt::default() });
    }

    fn insurance(&mut self, fields: &Fields<'t>) {
        let Some(receipt) = &mut self.receipt else {
            self.problem("HO", "", Reason::NoParent { needed: "RE" });
            return;
        };
        let [insurer, symbol, number] = [1, 2, 3].map(|at| Cow::Borrowed(fields.get(at)));
        let patient = Patient { insurer, symbol, number, branch: Cow::Borrowed("") };
        let before = receipt.patient.replace(patient);
        if before.is_some() && before != receipt.patient {
            receipt.patient = None;
            let found = "two HO records".to_owned();
            self.problem("HO", "保険者番号", Reason::Ambiguous { found });
        }
    }

    /// Record SH.
    fn open_group(&mut self, fields: &Fields<'t>) {
        self.close_group();
        let form = DispensingForm::from_number(fields.get(2)).map(DispensingForm::form);
        if form.is_none() {
            self.problem("SH", "剤形コード", Reason::Value { found: clip(fields.get(2)) });
        }
        let (at, usage_text) = (self.at, fields.get(4));
        let Some(receipt) = &mut self.receipt else {
            self.problem("SH", "", Reason::NoParent { needed: "RE" });
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
                self.problem("CZ", field, Reason::Date { found: clip(text) });
            }
        }
        let [issued, day] = days;
        let month = self.receipt.as_ref().and_then(|receipt| receipt.month);
        if let (Some(day), Some(month)) = (day, month)
            && !day.to_string().starts_with(&format!("{:04}-{:02}-", month.year(), month.month()))
        {
            let (found, used) = (day.to_string(), clip(dispensed));
            let found = format!("{found} outside of the month of the receipt");
            self.problem("CZ", "調剤年月日", Reason::Differs { found, used });
        }
        if quantity.is_empty() || !quantity.bytes().all(|byte| byte.is_ascii_digit()) {
            self.problem("CZ", "調剤数量", Reason::Value { found: clip(quantity) });
        }
        match self.group() {
            Some(group) => group.supplies.push(Supply { day, issued, quantity }),
            None => self.problem("CZ", "", Reason::NoParent { needed: "SH" }),
        }
    }

    /// Records IY and TO.
    fn item(&mut self, record: &'static str, field: &'static str, fields: &Fields<'t>) {
        let (code, dose) = (fields.get(2), fields.get(3));
        if code.len() != 9 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.problem(record, field, Reason::Code { expected: 9, found: clip(code) });
        }
        let drug = Code { system: CodeSystem::Receipt, code: Cow::Borrowed(code) };
        let at = self.at;
        let Some(group) = self.group() else {
            self.problem(record, "", Reason::NoParent { needed: "SH" });
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
        let mut missing = Vec::new();
        if group.supplies.is_empty() {
            missing.push("CZ");
            group.supplies.push(Supply { day: None, issued: None, quantity: "" });
        }
        if group.lines.is_empty() {
            missing.push("IY");
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
        for record in missing {
            self.report.problem_in(self.file, group.at, record, "", Reason::Missing);
        }
    }

    fn close_receipt(&mut self) {
        self.close_group();
        let Some(receipt) = self.receipt.take() else { return };
        let patient = receipt.patient.map(|patient| {
            let branch = Cow::Borrowed(receipt.branch);
            Patient { branch, ..patient }
        });
        for (_, mut document) in receipt.documents {
            document.patient.clone_from(&patient);
            self.documents.push(document);
        }
    }
}
