//! Records to documents.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use jiff::civil::Date;

use super::{ReceiptError, Receipts, pharmacy};
use crate::document::{Code, Document, Facility, Line, Patient};
use crate::report::{FileRead, Reason, Report};
use crate::text::Decoded;

/// The column of the first day in an `IY` record.
const FIRST_DAY: usize = 13;
/// How much of a wrong text a report repeats, in characters.
const FOUND_MAX: usize = 60;
/// The year before the first of each era, by its digit: 1 明治 to 5 令和.
const ERAS: [(char, i16); 5] = [('1', 1867), ('2', 1911), ('3', 1925), ('4', 1988), ('5', 2018)];
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
    patient: Option<Patient<'t>>,
    branch: &'t str,
    number: u32,
    form: Form,
    rp: Rp<'t>,
    documents: Vec<Document<'t>>,
}

struct Reader<'t, 'f> {
    file: &'f str,
    at: u64,
    report: Report,
    institution: Facility<'t>,
    receipt: Option<Receipt<'t>>,
    documents: Vec<Document<'t>>,
    ended: bool,
}

/// Fields by position; what is not there is empty.
pub(super) struct Fields<'t> {
    fields: Vec<&'t str>,
}

impl<'t> Fields<'t> {
    pub(super) fn of(line: &'t str) -> Self {
        Self { fields: line.split(',').collect() }
    }

    pub(super) fn get(&self, position: usize) -> &'t str {
        self.fields.get(position).copied().unwrap_or_default().trim()
    }
}

pub(super) fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Receipts<'t>, ReceiptError> {
    let mut reader = Reader {
        file,
        at: 0,
        report: Report::default(),
        institution: Facility::default(),
        receipt: None,
        documents: Vec::new(),
        ended: false,
    };
    if decoded.replaced {
        reader.problem("", Reason::Undecodable { encoding: decoded.encoding });
    }
    let mut begun = false;
    let mut rows = 0;
    for (at, line) in (1_u64..).zip(decoded.text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let fields = Fields::of(line);
        reader.at = at;
        let record = fields.get(0);
        if !begun && record != "UK" {
            begun = true;
            if record == "YK" {
                return Ok(pharmacy::read(file, decoded));
            }
            if record != "IR" {
                let found = clip(record);
                return Err(ReceiptError::NotReceipts { file: file.to_owned(), found });
            }
        }
        if record == "IR" && fields.get(3) == "4" {
            return Err(ReceiptError::Pharmacy { file: file.to_owned() });
        }
        rows += 1;
        reader.record(record, &fields);
    }
    if !begun {
        let found = String::new();
        return Err(ReceiptError::NotReceipts { file: file.to_owned(), found });
    }
    reader.close_receipt();
    if !reader.ended {
        reader.problem("GO", Reason::Missing);
    }
    let encoding = Some(decoded.encoding);
    reader.report.files.push(FileRead { file: file.to_owned(), encoding, rows });
    Ok(Receipts { documents: reader.documents, report: reader.report })
}

/// The ten digits of an institution from prefecture, point table and number; else what was found.
pub(super) fn institution_code(parts: [&str; 3]) -> Result<String, String> {
    let code = parts.concat();
    let lengths = parts.map(str::len);
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if lengths == [2, 1, 7] && digits { Ok(code) } else { Err(code) }
}

pub(super) fn clip(text: &str) -> String {
    text.chars().take(FOUND_MAX).collect()
}

impl<'t> Reader<'t, '_> {
    fn problem(&mut self, field: &'static str, reason: Reason) {
        self.report.problem(self.file, self.at, field, reason);
    }

    fn record(&mut self, record: &str, fields: &Fields<'t>) {
        match record {
            "IR" => self.institution(fields),
            "RE" => self.open_receipt(fields),
            "HO" => self.insurance(fields),
            "SN" if fields.get(1) == "1" => {
                if let Some(receipt) = &mut self.receipt {
                    receipt.branch = fields.get(6);
                }
            }
            "SN" => {}
            "IY" => self.item(fields, false),
            "TO" => self.item(fields, true),
            "GO" => {
                self.close_receipt();
                self.ended = true;
            }
            other if OTHERS.contains(&other) => {
                // A procedure of its own begins an RP too; a comment does not.
                let begins = matches!(other, "SI" | "SS") && !fields.get(1).is_empty();
                if begins && self.receipt.is_some() {
                    self.close_rp();
                    self.identify(fields.get(1), false);
                }
            }
            _ => self.problem("", Reason::UnknownRecord),
        }
    }

    fn institution(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        self.ended = false;
        let code = institution_code([fields.get(2), fields.get(3), fields.get(4)]);
        let code = code.map_or_else(
            |found| {
                let reason = Reason::Code { expected: 10, found: clip(&found) };
                self.problem("医療機関コード", reason);
                Cow::Borrowed("")
            },
            Cow::Owned,
        );
        self.institution = Facility { code, name: Cow::Borrowed(fields.get(6)) };
    }

    fn open_receipt(&mut self, fields: &Fields<'t>) {
        self.close_receipt();
        let month = month(fields.get(3));
        if month.is_none() {
            self.problem("診療年月", Reason::Date { found: clip(fields.get(3)) });
        }
        let of_stay = fields.get(2).bytes().last().map(|digit| (digit.is_ascii_digit(), digit % 2));
        let kind = match of_stay {
            Some((true, 1)) => {
                let taken = "a stay in hospital, discharge included";
                let reason = Reason::ReadAs { found: clip(fields.get(2)), taken };
                self.problem("レセプト種別", reason);
                DocumentKind::Inpatient
            }
            Some((true, _)) => DocumentKind::InHouse,
            Some((false, _)) | None => {
                self.problem("レセプト種別", Reason::Value { found: clip(fields.get(2)) });
                DocumentKind::InHouse
            }
        };
        self.receipt = Some(Receipt {
            month,
            kind,
            patient: None,
            branch: "",
            number: 0,
            form: Form::Other,
            rp: Rp::default(),
            documents: Vec::new(),
        });
    }

    fn insurance(&mut self, fields: &Fields<'t>) {
        let Some(receipt) = &mut self.receipt else {
            self.problem("", Reason::NoParent { needed: "RE" });
            return;
        };
        let [insurer, symbol, number] = [1, 2, 3].map(|at| Cow::Borrowed(fields.get(at)));
        let patient = Patient { insurer, symbol, number, branch: Cow::Borrowed("") };
        let before = receipt.patient.replace(patient);
        if before.is_some() && before != receipt.patient {
            self.problem("保険者番号", Reason::Ambiguous { found: "two HO records".to_owned() });
            if let Some(receipt) = &mut self.receipt {
                receipt.patient = None;
            }
        }
    }

    /// Takes an identification; an empty one goes on with the RP above.
    fn identify(&mut self, identification: &str, of_drug: bool) {
        let form = match identification {
            "21" => Form::Oral,
            "22" => Form::AsNeeded,
            "23" => Form::External,
            "31" | "32" | "33" => Form::Injection,
            other => {
                // 13 to 99: drugs in treatments, tests and stays, of no form of a prescription.
                let known = other.len() == 2 && other.bytes().all(|byte| byte.is_ascii_digit());
                if of_drug && !known {
                    self.problem("診療識別", Reason::Value { found: clip(other) });
                }
                Form::Other
            }
        };
        if let Some(receipt) = &mut self.receipt {
            receipt.form = form;
            receipt.number = receipt.number.saturating_add(1);
        }
    }

    fn item(&mut self, fields: &Fields<'t>, material: bool) {
        if self.receipt.is_none() {
            self.problem("", Reason::NoParent { needed: "RE" });
            return;
        }
        let identification = fields.get(1);
        if !identification.is_empty() {
            self.close_rp();
            self.identify(identification, true);
        } else if self.receipt.as_ref().is_some_and(|receipt| receipt.number == 0) {
            self.problem("診療識別", Reason::Missing);
            self.identify("", false);
        }
        let code = fields.get(3);
        let digits = code.len() == 9 && code.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            self.problem("医薬品コード", Reason::Code { expected: 9, found: clip(code) });
        }
        let drug = Code { system: CodeSystem::Receipt, code: Cow::Borrowed(code) };
        let mut days = Vec::new();
        for (day, position) in (1_i8..=31).zip(FIRST_DAY..) {
            let number = fields.get(position);
            if !material && !number.is_empty() {
                days.push((day, number));
            }
        }
        if !material && fields.fields.len() > FIRST_DAY + 31 {
            let (expected, found) = (FIRST_DAY + 31, fields.fields.len());
            self.problem("", Reason::Fields { expected, found });
        }
        let at = self.at;
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
                self.report.problem(self.file, item.at, field, reason);
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

    fn close_receipt(&mut self) {
        self.close_rp();
        let Some(receipt) = self.receipt.take() else { return };
        let patient = receipt.patient.map(|patient| {
            let branch = Cow::Borrowed(receipt.branch);
            Patient { branch, ..patient }
        });
        for mut document in receipt.documents {
            document.patient.clone_from(&patient);
            self.documents.push(document);
        }
    }
}

/// The days of the one record of an RP that states them; `None` where several do.
fn shared<'t>(items: &[Item<'t>]) -> Option<Vec<(i8, &'t str)>> {
    let mut stating = items.iter().filter(|item| !item.days.is_empty());
    let days = stating.next()?.days.clone();
    stating.next().is_none().then_some(days)
}

/// The first of a month: `202609`, or `50809` with the digit of an era.
pub(super) fn month(text: &str) -> Option<Date> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month) = match text.len() {
        6 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        5 => {
            let era = text.chars().next()?;
            let (_, before) = ERAS.into_iter().find(|(digit, _)| *digit == era)?;
            (before + text.get(1..3)?.parse::<i16>().ok()?, text.get(3..)?)
        }
        _ => return None,
    };
    Date::new(year, month.parse().ok()?, 1).ok()
}
