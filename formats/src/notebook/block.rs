//! One dispensing of a notebook while its records come.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;

use super::form::DispensingForm;
use crate::csv_message::{
    CodeKind, Notes, Record, Rps, Width, code_kind, has_shape, is_drug_code, length_of, quantity,
    rp_number, shown, usage_code,
};
use crate::document::{Code, Document, Facility, Line};
use crate::report::Reason;

/// What is known of a dispensing so far.
#[derive(Debug, Default)]
pub(super) struct Block<'t> {
    pub(super) place: u64,
    pub(super) day: Option<Day>,
    pub(super) pharmacy: Option<Facility<'t>>,
    pub(super) institution: Option<Facility<'t>>,
    pub(super) refill_use: u8,
    rps: Rps<Usage<'t>>,
    drugs: Vec<Drug<'t>>,
}

/// One RP: record 301.
#[derive(Debug, Default)]
struct Usage<'t> {
    /// Whether a drug has it.
    is_used: bool,
    /// Which of several parts its record stands in.
    part: usize,
    /// The line of its record; 0 before it came.
    line: u64,
    form: Option<Form>,
    quantity: &'t str,
    code: &'t str,
    text: &'t str,
}

#[derive(Debug)]
struct Drug<'t> {
    /// Which of several parts it stands in.
    part: usize,
    line: u64,
    usage: Option<usize>,
    item: Line<'t>,
}

impl<'t> Block<'t> {
    pub(super) fn new(place: u64, day: Option<Day>) -> Self {
        Self { place, day, ..Self::default() }
    }

    /// The dispensing of the same day with other facilities.
    pub(super) fn beside(
        place: u64,
        day: Option<Day>,
        pharmacy: Option<Facility<'t>>,
        institution: Option<Facility<'t>>,
    ) -> Self {
        Self { pharmacy, institution, ..Self::new(place, day) }
    }

    pub(super) const fn has_lines(&self) -> bool {
        !self.drugs.is_empty()
    }

    /// Record 201.
    pub(super) fn drug(&mut self, record: &Record<'t>, part: usize, notes: &mut Notes<'_>) {
        let width = record.width(7, 11, notes);
        let number = rp_number(record, notes);
        let kind = kind(record);
        if kind.is_none() {
            let found = shown(record.code(5, "薬品コード種別", notes));
            let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
            notes.note(record.line, 201, "薬品コード種別", reason);
        }
        let drug = kind.and_then(|kind| drug_code(record, kind, notes));
        // Without a code kind, nothing tells that the columns before it are where they belong.
        let holds_together = kind.is_some() && width != Width::Long;
        let (dose, unit) = if holds_together {
            (quantity(record, 3, "用量", notes), record.text(4, "単位名", notes))
        } else {
            ("", "")
        };
        let item = Line {
            rp: number.unwrap_or(0),
            drug,
            name: record.text(2, "薬品名称", notes).into(),
            form: Form::Other,
            quantity: Cow::Borrowed(""),
            usage: Cow::Borrowed(""),
            usage_text: Cow::Borrowed(""),
            supplements: Vec::new(),
            dose: dose.into(),
            unit: unit.into(),
        };
        let usage = number.map(|number| self.place_of(number));
        if let Some(usage) = usage.and_then(|place| self.rps.get_mut(place)) {
            usage.is_used = true;
        }
        self.drugs.push(Drug { part, line: record.line, usage, item });
    }

    /// Record 301.
    pub(super) fn usage(&mut self, record: &Record<'t>, part: usize, notes: &mut Notes<'_>) {
        let width = record.width(6, 9, notes);
        let Some(number) = rp_number(record, notes) else { return };
        let place = self.place_of(number);
        let first = self.rps.get(place).map_or(0, |usage| usage.line);
        let place = if first == 0 { place } else { self.rps.push(number, Usage::default()) };
        if first != 0 {
            notes.note(record.line, 301, "RP番号", Reason::Repeated { first });
        }
        let text = record.text(2, "用法名称", notes);
        // Behind a usage with a comma, no field is known to be the quantity or the form.
        let is_used = first == 0 && self.rps.get(place).is_some_and(|usage| usage.is_used);
        let usage = if width == Width::Long {
            Usage { is_used, part, line: record.line, text, ..Usage::default() }
        } else {
            let (form, quantity) = supply(record, notes);
            let code = usage(record, notes);
            Usage { is_used, part, line: record.line, form, quantity, code, text }
        };
        if let Some(slot) = self.rps.get_mut(place) {
            *slot = usage;
        }
    }

    /// The place of the latest usage of that number, which is made if there is none.
    fn place_of(&mut self, number: u32) -> usize {
        self.rps.place(number, Usage::default)
    }

    /// The document; `note` takes what deviates, by part and line.
    pub(super) fn finish(self, mut note: impl FnMut(usize, u64, u16, Reason)) -> Document<'t> {
        let mut lines = Vec::with_capacity(self.drugs.len());
        for drug in self.drugs {
            let usage = drug.usage.and_then(|place| self.rps.get(place));
            let mut item = drug.item;
            match usage {
                Some(usage) if usage.line != 0 => {
                    item.form = usage.form.unwrap_or(Form::Other);
                    item.quantity = usage.quantity.into();
                    item.usage = usage.code.into();
                    item.usage_text = usage.text.into();
                }
                Some(_) => {
                    let reason = Reason::NoParent { needed: "301" };
                    note(drug.part, drug.line, 201, reason);
                }
                None => {}
            }
            if item.form == Form::Material && item.drug.as_ref().is_some_and(is_drug_code) {
                item.form = Form::Other;
                let taken = "a drug of unknown form, since it has a drug's code";
                let reason = Reason::ReadAs { found: "材料".to_owned(), taken };
                note(drug.part, drug.line, 201, reason);
            }
            lines.push(item);
        }
        for usage in self.rps.iter().filter(|usage| !usage.is_used) {
            note(usage.part, usage.line, 201, Reason::Missing);
        }
        if lines.is_empty() {
            note(0, self.place, 201, Reason::Missing);
        }
        Document {
            place: self.place,
            id: None,
            kind: DocumentKind::Dispensing,
            patient: None,
            day: self.day,
            institution: self.institution,
            pharmacy: self.pharmacy,
            prescription: None,
            refill_uses: 0,
            refill_use: self.refill_use,
            lines,
        }
    }
}

/// The code kinds of notebooks, which have no generic-name codes in this place.
fn kind(record: &Record<'_>) -> Option<CodeKind> {
    if record.raw(5) == "7" { None } else { code_kind(record.raw(5)) }
}

fn drug_code<'t>(record: &Record<'t>, kind: CodeKind, notes: &mut Notes<'_>) -> Option<Code<'t>> {
    let code = record.code(6, "薬品コード", notes);
    let mut note = |reason| notes.note(record.line, 201, "薬品コード", reason);
    let CodeKind::System(system) = kind else {
        if !code.is_empty() {
            note(Reason::Value { found: shown(code) });
        }
        return None;
    };
    if code.is_empty() {
        note(Reason::Empty);
        return None;
    }
    if !has_shape(system, code) {
        note(Reason::Code { expected: length_of(system), found: shown(code) });
    }
    Some(Code { system, code: code.into() })
}

/// Form and quantity of a record 301: days only where the unit says days.
fn supply<'t>(record: &Record<'t>, notes: &mut Notes<'_>) -> (Option<Form>, &'t str) {
    let number = record.ascii(5).and_then(DispensingForm::from_number);
    if number.is_none() {
        let found = shown(record.code(5, "剤形コード", notes));
        let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
        notes.note(record.line, 301, "剤形コード", reason);
    }
    let quantity = quantity(record, 3, "調剤数量", notes);
    let form = number.map(DispensingForm::form);
    if form != Some(Form::Oral) {
        return (form, quantity);
    }
    let unit = record.code(4, "調剤単位", notes);
    match unit {
        "日分" | "日" | "日間" => (form, quantity),
        "回分" | "回" => {
            let taken = "doses, which are never days: form 2 (頓服)";
            let reason = Reason::ReadAs { found: shown(unit), taken };
            notes.note(record.line, 301, "調剤単位", reason);
            (Some(Form::AsNeeded), quantity)
        }
        _ => {
            let reason = Reason::ReadAs { found: shown(unit), taken: "no number of days" };
            notes.note(record.line, 301, "調剤単位", reason);
            (form, "")
        }
    }
}

fn usage<'t>(record: &Record<'t>, notes: &mut Notes<'_>) -> &'t str {
    let code = usage_code(record, 7, notes);
    let kind = record.raw(6);
    let is_none = matches!(kind, "" | "1");
    let agrees = if is_none { code.is_empty() } else { matches!(kind, "2" | "3") };
    if !agrees {
        let found = shown(record.code(6, "用法コード種別", notes));
        notes.note(record.line, 301, "用法コード種別", Reason::Value { found });
    }
    if kind == "1" { "" } else { code }
}
