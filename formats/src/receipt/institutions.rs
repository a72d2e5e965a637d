//! Receipts of institutions (医科, 歯科): records to documents.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use jiff::civil::Date;

use super::common::{Fields, Insured, Reader, State, clip, month};
use crate::document::{Code, Document, Facility, Line};
use crate::report::Reason;

/// The column of the first day in an `IY` record.
const FIRST_DAY: usize = 13;
/// Records that are known and say nothing of drugs.
const OTHERS: [&str; 18] = [
    "UK", "KO", "KH", "SY", "SI", "CO", "SJ", "JD", "MF", "TI", "TR", "TS", "GR", "ES", "RC", "MD",
    "HS", "SS",
];
const TIMES: &str = "回数";
const DAYS: &str = "算定日";

/// The drugs of one RP, with where each stands.
#[derive(Default)]
struct Rp<'t> {
    lines: Vec<Item<'t>>,
}

struct Item<'t> {
    at: u64,
    line: Line<'t>,
    times: &'t str,
    /// Day of the month and its number, as written.
    days: Vec<(i8, &'t str)>,
}

/// A receipt in the course of being read.
struct Receipt<'t> {
    month: Option<Date>,
    kind: DocumentKind,
    insured: Insured<'t>,
    number: u32,
    form: Form,
    rp: Rp<'t>,
    documents: Vec<Document<'t>>,
}

/// Reads a file whose first record, apart from `UK`, is `IR`.
pub(super) struct Institutions<'t, 'f> {
    state: State<'t, 'f>,
    institution: Facility<'t>,
    receipt: Option<Receipt<'t>>,
}

impl<'t, 'f> Reader<'t, 'f> for Institutions<'t, 'f> {
    fn state(&mut self) -> &mut State<'t, 'f> {
        &mut self.state
    }

    fn into_state(self) -> State<'t, 'f> {
        self.state
    }

    fn record(&mut self, fields: &Fields<'t>) {
        match fields.get(0) {
            "IR" => self.institution(fields),
            "RE" => self.open_receipt(fields),
            "HO" => self.insurance(fields),
            "SN" => {
                if let Some(receipt) = &mut self.receipt {
                    receipt.insured.branch(fields);
                }
            }
            "IY" => self.item("IY", fields),
            "TO" => self.item("TO", fields),
            "GO" => {
                self.close_receipt();
                self.state.ended = true;
            }
            other if OTHERS.contains(&other) => {
                // A procedure of its own begins an RP too; a comment does not.
                let begins = matches!(other, "SI" | "SS") && !fields.get(1).is_empty();
                if begins && self.receipt.is_some() {
                    self.close_rp();
                    self.identify("", fields.get(1));
                }
            }
            other => self.state.unknown(other),
        }
    }

    fn close_receipt(&mut self) {
        self.close_rp();
        let Some(receipt) = self.receipt.take() else { return };
        let patient = receipt.insured.patient();
        for mut document in receipt.documents {
            document.patient.clone_from(&patient);
            self.state.documents.push(document);
        }
    }
}

impl<'t, 'f> Institutions<'t, 'f> {
    pub(super) fn new(file: &'f str) -> Self {
        Self { state: State::new(file), institution: Facility::default(), receipt: None }
    }

    fn institution(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        self.state.ended = false;
        let parts = [fields.get(2), fields.get(3), fields.get(4)];
        let code = self.state.facility("IR", "医療機関コード", parts);
        self.institution = Facility { code, name: Cow::Borrowed(fields.get(6)) };
    }

    fn open_receipt(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        let month = month(fields.get(3));
        if month.is_none() {
            self.state.problem("RE", "診療年月", Reason::Date { found: clip(fields.get(3)) });
        }
        let of_stay = fields.get(2).bytes().last().map(|digit| (digit.is_ascii_digit(), digit % 2));
        let kind = match of_stay {
            Some((true, 1)) => {
                let taken = "a stay in hospital, discharge included";
                let reason = Reason::ReadAs { found: clip(fields.get(2)), taken };
                self.state.problem("RE", "レセプト種別", reason);
                DocumentKind::Inpatient
            }
            Some((true, _)) => DocumentKind::InHouse,
            Some((false, _)) | None => {
                self.state.problem(
                    "RE",
                    "レセプト種別",
                    Reason::Value { found: clip(fields.get(2)) },
                );
                DocumentKind::InHouse
            }
        };
        self.receipt = Some(Receipt {
            month,
            kind,
            insured: Insured::default(),
            number: 0,
            form: Form::Other,
            rp: Rp::default(),
            documents: Vec::new(),
        });
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

    /// Takes an identification; an empty one goes on with the RP above.
    /// `of` is the record of a drug or material; empty for a procedure.
    fn identify(&mut self, of: &'static str, identification: &str) {
        let form = match identification {
            "21" => Form::Oral,
            "22" => Form::AsNeeded,
            "23" => Form::External,
            "31" | "32" | "33" => Form::Injection,
            other => {
                // 13 to 99: drugs in treatments, tests and stays, of no form of a prescription.
                let known = other.len() == 2 && other.bytes().all(|byte| byte.is_ascii_digit());
                if !of.is_empty() && !identification.is_empty() && !known {
                    self.state.problem(of, "診療識別", Reason::Value { found: clip(other) });
                }
                Form::Other
            }
        };
        if let Some(receipt) = &mut self.receipt {
            receipt.form = form;
            receipt.number = receipt.number.saturating_add(1);
        }
    }

    /// Records IY and TO.
    fn item(&mut self, record: &'static str, fields: &Fields<'t>) {
        let material = record == "TO";
        if self.receipt.is_none() {
            self.state.loss(record, Reason::NoParent { needed: "RE" });
            return;
        }
        let identification = fields.get(1);
        if !identification.is_empty() {
            self.close_rp();
            self.identify(record, identification);
        } else if self.receipt.as_ref().is_some_and(|receipt| receipt.number == 0) {
            self.state.problem(record, "診療識別", Reason::Missing);
            self.identify(record, "");
        }
        let code = fields.get(3);
        let digits = code.len() == 9 && code.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            self.state.problem(
                record,
                "医薬品コード",
                Reason::Code { expected: 9, found: clip(code) },
            );
        }
        let drug = Code { system: CodeSystem::Receipt, code: Cow::Borrowed(code) };
        let mut days = Vec::new();
        for (day, position) in (1_i8..=31).zip(FIRST_DAY..) {
            let number = fields.get(position);
            if !material && !number.is_empty() {
                days.push((day, number));
            }
        }
        if !material && fields.count() > FIRST_DAY + 31 {
            let (expected, found) = (FIRST_DAY + 31, fields.count());
            self.state.loss(record, Reason::Fields { expected, found });
        }
        let at = self.state.at;
        let Some(receipt) = &mut self.receipt else { return };
        let line = Line {
            rp: receipt.number,
            drug: Some(drug).filter(|drug| !drug.code.is_empty()),
            name: Cow::Borrowed(""),
            form: if material { Form::Material } else { receipt.form },
            quantity: Cow::Borrowed(fields.get(6)),
            usage: Cow::Borrowed(""),
            usage_text: Cow::Borrowed(""),
            supplements: Vec::new(),
            dose: Cow::Borrowed(fields.get(4)),
            unit: Cow::Borrowed(""),
        };
        receipt.rp.lines.push(Item { at, line, times: fields.get(6), days });
    }

    /// Puts the drugs of an RP into the documents of their days.
    fn close_rp(&mut self) {
        let Some(receipt) = &mut self.receipt else { return };
        let items = std::mem::take(&mut receipt.rp).lines;
        let (month, of_rp) = (receipt.month, shared(&items));
        for item in items {
            let mut problems = Vec::new();
            let shared = item.days.is_empty() && item.times.is_empty();
            let days = match &of_rp {
                Some(days) if shared && !days.is_empty() => {
                    if item.line.form != Form::Material {
                        let found = days.iter().map(|(day, _)| day.to_string());
                        let found = found.collect::<Vec<_>>().join(",");
                        let reason = Reason::ReadAs { found, taken: "the days of the whole RP" };
                        problems.push((DAYS, reason));
                    }
                    days.clone()
                }
                _ => item.days.clone(),
            };
            let sum = days.iter().try_fold(0_u32, |sum, (_, n)| sum.checked_add(n.parse().ok()?));
            if !shared && !days.is_empty() && sum != item.times.parse().ok() {
                let found = clip(item.times);
                let used = sum.map_or_else(|| "the day columns".to_owned(), |sum| sum.to_string());
                problems.push((TIMES, Reason::Differs { found, used }));
            }
            let mut supplies: Vec<(Option<Day>, Cow<'t, str>)> = Vec::new();
            for (day, number) in &days {
                let date =
                    month.and_then(|month| Date::new(month.year(), month.month(), *day).ok());
                if date.is_none() {
                    problems.push((DAYS, Reason::Date { found: day.to_string() }));
                }
                supplies.push((date.map(Day::from), Cow::Borrowed(*number)));
            }
            if supplies.is_empty() {
                if item.line.form != Form::Material {
                    problems.push((DAYS, Reason::Missing));
                }
                if item.times.is_empty() {
                    problems.push((TIMES, Reason::Missing));
                }
                supplies.push((None, item.line.quantity.clone()));
            }
            for (day, quantity) in supplies {
                let line = Line { quantity, ..item.line.clone() };
                self.put(day, line, item.at);
            }
            for (field, reason) in problems {
                let record = if item.line.form == Form::Material { "TO" } else { "IY" };
                self.state.problem_at(item.at, record, field, reason);
            }
        }
    }

    fn put(&mut self, day: Option<Day>, line: Line<'t>, at: u64) {
        let institution = Some(self.institution.clone());
        let Some(receipt) = &mut self.receipt else { return };
        if let Some(document) = receipt.documents.iter_mut().find(|one| one.day == day) {
            document.lines.push(line);
            return;
        }
        receipt.documents.push(Document {
            place: at,
            id: None,
            kind: receipt.kind,
            patient: None,
            day,
            institution,
            pharmacy: None,
            prescription: None,
            refill_uses: 0,
            refill_use: 0,
            lines: vec![line],
        });
    }
}

/// The days of the one record of an RP that states them; `None` where several do.
fn shared<'t>(items: &[Item<'t>]) -> Option<Vec<(i8, &'t str)>> {
    let mut stating = items.iter().filter(|item| !item.days.is_empty());
    let days = stating.next()?.days.clone();
    stating.next().is_none().then_some(days)
}
