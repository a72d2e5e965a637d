//! The RPs of a prescription and the drugs in them, in whatever order their records come.

use std::borrow::Cow;

use chofuku_engine::period::Form;

use crate::csv_message::{
    CodeKind, Notes, Record, Rps, Width, code_kind, decimal, has_shape, is_drug_code, length_of,
    names_a_drug, quantity, rp_number, shown, usage_code,
};
use crate::document::{Code, Line};
use crate::report::Reason;

const SUPPLEMENT_LENGTH: usize = 8;
/// How far back the drug of a record 281 is looked for; it stands right before it.
const DRUGS_BACK: usize = 99;
/// The fields of a whole record 201.
const DRUG_FIELDS: usize = 10;

/// The RPs and drugs so far.
#[derive(Debug)]
pub(super) struct Groups<'t> {
    /// The symbol's layout leaves out 情報区分 and knows every code kind.
    is_symbol: bool,
    rps: Rps<Group<'t>>,
    drugs: Vec<Drug<'t>>,
    /// One for each drug, without what its RP says.
    lines: Vec<Line<'t>>,
}

/// One RP.
#[derive(Debug, Default)]
struct Group<'t> {
    /// The line of the first record that named it.
    named: u64,
    /// How many drugs it has.
    drugs: u32,
    /// The line of its record 101; 0 before it came.
    line: u64,
    form: Option<Form>,
    quantity: &'t str,
    /// 今回調剤数量 and its line.
    part: Option<(u64, &'t str)>,
    /// The line of its record 111; 0 before it came.
    usage_line: u64,
    usage: &'t str,
    usage_text: &'t str,
    supplements: Vec<&'t str>,
}

/// What is known of a line beside itself.
#[derive(Debug)]
struct Drug<'t> {
    line: u64,
    group: Option<usize>,
    /// RP内連番, as written.
    sequence: &'t str,
    information: Information,
}

/// 情報区分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Information {
    /// 1, 3 (not insured).
    Drug,
    /// 2.
    Material,
    /// Empty or unknown.
    Unstated,
}

impl<'t> Groups<'t> {
    pub(super) const fn new(is_symbol: bool) -> Self {
        Self { is_symbol, rps: Rps::new(), drugs: Vec::new(), lines: Vec::new() }
    }

    /// Begins anew, in the space of the prescription before.
    pub(super) fn restart(&mut self, is_symbol: bool) {
        self.is_symbol = is_symbol;
        self.rps.clear();
        self.drugs.clear();
        self.lines.clear();
    }

    /// Record 101. A second one of the same number begins another group.
    pub(super) fn group(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let width = record.width(5, 5, notes);
        let Some(number) = rp_number(record, notes) else { return };
        let place = self.place(number, record.line);
        let first = self.rps.get(place).map_or(0, |group| group.line);
        let place = if first == 0 { place } else { self.push(number, record.line) };
        if first != 0 {
            notes.note(record.line, 101, "RP番号", Reason::Repeated { first });
        }
        let form = form(record, notes);
        // Behind a form name with a comma, no field is known to be the quantity.
        let quantity = match width {
            Width::Long => "",
            Width::Short | Width::Whole => quantity(record, 4, "調剤数量", notes),
        };
        if let Some(group) = self.rps.get_mut(place) {
            group.line = record.line;
            group.form = form;
            group.quantity = quantity;
        }
    }

    /// Record 102, of a split prescription.
    pub(super) fn part(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        record.width(3, 4, notes);
        let Some(number) = rp_number(record, notes) else { return };
        let part = quantity(record, 2, "今回調剤数量", notes);
        let part = if decimal(part).is_some() { part } else { "" };
        let place = self.place(number, record.line);
        let Some(group) = self.rps.get_mut(place) else { return };
        if let Some((first, _)) = group.part {
            notes.note(record.line, 102, "RP番号", Reason::Repeated { first });
            return;
        }
        group.part = Some((record.line, part));
    }

    /// Record 111.
    pub(super) fn usage(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        record.width(5, 6, notes);
        let Some(number) = rp_number(record, notes) else { return };
        let place = self.place(number, record.line);
        let Some(group) = self.rps.get_mut(place) else { return };
        if group.usage_line != 0 {
            let reason = Reason::Repeated { first: group.usage_line };
            notes.note(record.line, 111, "RP番号", reason);
            return;
        }
        group.usage_line = record.line;
        // A decoded symbol: no code, and the name in its place.
        if record.count() == 4 && record.ascii(3).is_none() {
            let name = record.text(3, "用法名称", notes);
            let reason = Reason::ReadAs { found: shown(name), taken: "用法名称" };
            notes.note(record.line, 111, "用法コード", reason);
            group.usage_text = name;
            return;
        }
        let code = usage_code(record, 3, notes);
        let kind = record.raw(2);
        let is_none = kind == "1";
        let agrees = if is_none { code.is_empty() } else { matches!(kind, "2" | "3") };
        if !agrees {
            let found = shown(record.code(2, "用法コード種別", notes));
            let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
            notes.note(record.line, 111, "用法コード種別", reason);
        } else if !is_none && record.is_empty(3) {
            notes.note(record.line, 111, "用法コード", Reason::Empty);
        }
        group.usage = if is_none { "" } else { code };
        group.usage_text = record.text(4, "用法名称", notes);
        if !record.is_empty(5) && record.ascii(5).and_then(decimal).is_none() {
            let found = shown(record.code(5, "1日回数", notes));
            notes.note(record.line, 111, "1日回数", Reason::Value { found });
        }
    }

    /// Record 181.
    pub(super) fn supplement(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let width = record.width(5, 7, notes);
        let Some(number) = rp_number(record, notes) else { return };
        let place = self.place(number, record.line);
        let Some(group) = self.rps.get_mut(place) else { return };
        group.supplements.extend(supplement_code(record, width, 5, notes));
    }

    /// Record 281: a supplement code of a single drug, or something else about it.
    pub(super) fn drug_supplement(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let is_usage = record.raw(4) == "7";
        let width = record.width(5, 7, notes);
        let code = if is_usage { supplement_code(record, width, 6, notes) } else { None };
        if let Some(line) = self.detailed(record, notes) {
            line.supplements.extend(code.map(Cow::Borrowed));
        }
    }

    /// Records 211 to 241, which say nothing that is used; but if their drug is not there, it was
    /// lost.
    pub(super) fn detail(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        self.detailed(record, notes);
    }

    /// The line that a record is about.
    fn detailed(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) -> Option<&mut Line<'t>> {
        let number = rp_number(record, notes)?;
        let mut lines = self.drugs.iter().zip(&mut self.lines).rev().take(DRUGS_BACK);
        let line = lines.find(|(drug, line)| line.rp == number && drug.sequence == record.raw(2));
        if line.is_none() {
            notes.loss(record.line, record.number, "", Reason::NoParent { needed: "201" });
        }
        line.map(|(_, line)| line)
    }

    /// Record 201.
    pub(super) fn drug(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let width = record.width(DRUG_FIELDS, DRUG_FIELDS, notes);
        let number = rp_number(record, notes);
        let group = number.map(|number| self.place(number, record.line));
        // Filled where it stands: a line is large, and moving it costs as much as reading it.
        self.lines.push(empty_line());
        let Some(item) = self.lines.last_mut() else { return };
        item.rp = number.unwrap_or(0);
        let information = match compact_code(record) {
            Some(drug) if width != Width::Whole => {
                compact(item, drug, record, notes);
                Information::Unstated
            }
            _ => whole(item, self.is_symbol, record, width, notes),
        };
        if let Some(group) = group.and_then(|place| self.rps.get_mut(place)) {
            group.drugs += 1;
            group.note_sequence(record, notes);
        }
        let (line, sequence) = (record.line, record.raw(2));
        self.drugs.push(Drug { line, group, sequence, information });
    }

    /// The place of the latest group of that number, which is made if there is none.
    fn place(&mut self, number: u32, line: u64) -> usize {
        self.rps.place(number, || Group { named: line, ..Group::default() })
    }

    fn push(&mut self, number: u32, line: u64) -> usize {
        self.rps.push(number, Group { named: line, ..Group::default() })
    }

    /// Puts the drugs into their RPs. The lines move out into a vector of their number: kept documents
    /// need fresh memory, and space that nothing uses costs as much of it.
    pub(super) fn finish(&mut self, is_split: bool, notes: &mut Notes<'_>) -> Vec<Line<'t>> {
        for group in self.rps.iter_mut() {
            group.note_missing(notes);
            group.settle_quantity(is_split, notes);
        }
        for (drug, line) in self.drugs.iter().zip(&mut self.lines) {
            let group = drug.group.and_then(|place| self.rps.get(place));
            drug.complete(line, group, notes);
        }
        let mut lines = Vec::with_capacity(self.lines.len());
        lines.append(&mut self.lines);
        lines
    }
}

/// A record 201 with its columns where they belong, or one that cannot be relied on.
fn whole<'t>(
    item: &mut Line<'t>,
    is_symbol: bool,
    record: &Record<'t>,
    width: Width,
    notes: &mut Notes<'_>,
) -> Information {
    let kind = code_kind(record.raw(4));
    let code = record.code(5, "薬品コード", notes);
    let fits = match kind {
        Some(CodeKind::None) => code.is_empty(),
        Some(CodeKind::System(system)) => has_shape(system, code),
        None => false,
    };
    let holds_together = width == Width::Whole || fits;
    item.drug = drug_code(record, kind, code, fits, notes).filter(|_| holds_together);
    if !holds_together {
        return Information::Unstated;
    }
    item.name = record.text(6, "薬品名称", notes).into();
    if width != Width::Long {
        item.dose = quantity(record, 7, "用量", notes).into();
        item.unit = record.text(9, "単位名", notes).into();
    }
    information(is_symbol, record, notes)
}

fn information(is_symbol: bool, record: &Record<'_>, notes: &mut Notes<'_>) -> Information {
    if !is_symbol && !matches!(record.raw(4), "2" | "4" | "7") {
        // The electronic prescription allows receipt, YJ and generic-name codes only.
        if code_kind(record.raw(4)).is_some() {
            let found = shown(record.code(4, "薬品コード種別", notes));
            notes.note(record.line, 201, "薬品コード種別", Reason::Value { found });
        }
    }
    match record.raw(3) {
        "1" | "3" => Information::Drug,
        "2" => Information::Material,
        "" if is_symbol => Information::Unstated,
        "" => {
            notes.note(record.line, 201, "情報区分", Reason::Empty);
            Information::Unstated
        }
        _ => {
            let found = shown(record.code(3, "情報区分", notes));
            notes.note(record.line, 201, "情報区分", Reason::Value { found });
            Information::Unstated
        }
    }
}

impl Group<'_> {
    /// Drugs are numbered within their RP from 1: a gap is a lost drug.
    fn note_sequence(&self, record: &Record<'_>, notes: &mut Notes<'_>) {
        let sequence = record.ascii(2).and_then(|text| text.parse::<u32>().ok());
        if sequence != Some(self.drugs) {
            let found = shown(record.code(2, "RP内連番", notes));
            let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
            if sequence > Some(self.drugs) {
                notes.loss(record.line, 201, "RP内連番", reason);
            } else {
                notes.note(record.line, 201, "RP内連番", reason);
            }
        }
    }

    /// An RP is a record 101, a record 111 and drugs.
    fn note_missing(&self, notes: &mut Notes<'_>) {
        if self.line == 0 && self.drugs == 0 {
            notes.note(self.named, 101, "", Reason::Missing);
        }
        if self.usage_line == 0 {
            notes.note(self.named, 111, "", Reason::Missing);
        }
        if self.drugs == 0 {
            notes.loss(self.named, 201, "", Reason::Missing);
        }
    }

    /// Of a split prescription, the quantity that is handed out now; never the total.
    fn settle_quantity(&mut self, is_split: bool, notes: &mut Notes<'_>) {
        match self.part.take() {
            Some((line, part)) => {
                if decimal(self.quantity).is_some_and(|total| decimal(part) > Some(total)) {
                    let reason = Reason::Contradiction { first: self.line, found: shown(part) };
                    notes.note(line, 102, "今回調剤数量", reason);
                } else {
                    self.quantity = part;
                }
            }
            None if is_split => {
                notes.note(self.line, 102, "", Reason::Missing);
                self.quantity = "";
            }
            None => {}
        }
    }
}

impl<'t> Drug<'t> {
    /// Fills what the RP says, or what follows from both.
    fn complete(&self, item: &mut Line<'t>, group: Option<&Group<'t>>, notes: &mut Notes<'_>) {
        if group.is_some_and(|group| group.line == 0) {
            notes.note(self.line, 201, "", Reason::NoParent { needed: "101" });
        }
        let stated = group.and_then(|group| group.form).unwrap_or(Form::Other);
        item.form = form_of(stated, self.information, item.drug.as_ref(), |field, found, taken| {
            let reason = Reason::ReadAs { found: found.to_owned(), taken };
            notes.note(self.line, 201, field, reason);
        });
        if let Some(group) = group {
            item.quantity = group.quantity.into();
            item.usage = group.usage.into();
            item.usage_text = group.usage_text.into();
            if !group.supplements.is_empty() {
                let of_drug = std::mem::take(&mut item.supplements);
                let of_group = group.supplements.iter().copied().map(Cow::Borrowed);
                item.supplements = of_group.chain(of_drug).collect();
            }
        }
    }
}

/// The form of a line: a material only where nothing says that it is a drug.
pub(super) fn form_of(
    stated: Form,
    information: Information,
    drug: Option<&Code<'_>>,
    note: impl FnOnce(&'static str, &str, &'static str),
) -> Form {
    let has_drug_code = || drug.is_some_and(is_drug_code);
    match (information, stated) {
        (Information::Material, Form::Material) => Form::Material,
        (Information::Drug, Form::Material) => {
            note("剤形区分", "6", "a drug of unknown form, since 情報区分 says drug");
            Form::Other
        }
        (Information::Unstated, Form::Material) if has_drug_code() => {
            note("剤形区分", "6", "a drug of unknown form, since it has a drug's code");
            Form::Other
        }
        (Information::Material, form) if has_drug_code() => {
            note("情報区分", "2", "a drug, since it has a drug's code");
            form
        }
        (Information::Material, _) => Form::Material,
        (Information::Drug | Information::Unstated, form) => form,
    }
}

fn form(record: &Record<'_>, notes: &mut Notes<'_>) -> Option<Form> {
    let form = match record.raw(2).as_bytes() {
        &[digit] if digit.is_ascii_digit() => Form::from_number(digit - b'0'),
        _ => None,
    };
    if form.is_none() {
        let found = shown(record.code(2, "剤形区分", notes));
        let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
        notes.note(record.line, 101, "剤形区分", reason);
    }
    form
}

/// The supplement code of a field, unless there is none or the columns may have moved.
fn supplement_code<'t>(
    record: &Record<'t>,
    width: Width,
    index: usize,
    notes: &mut Notes<'_>,
) -> Option<&'t str> {
    if width == Width::Long || record.is_empty(index) {
        return None;
    }
    let code = record.code(index, "補足用法コード", notes);
    if code.len() == SUPPLEMENT_LENGTH && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some(code);
    }
    let reason = Reason::Code { expected: SUPPLEMENT_LENGTH, found: shown(code) };
    notes.note(record.line, record.number, "補足用法コード", reason);
    None
}

/// The code of a whole record, as written even where it is none of its kind.
fn drug_code<'t>(
    record: &Record<'t>,
    kind: Option<CodeKind>,
    code: &'t str,
    fits: bool,
    notes: &mut Notes<'_>,
) -> Option<Code<'t>> {
    let mut note = |field, reason| notes.note(record.line, 201, field, reason);
    let system = match kind {
        Some(CodeKind::System(system)) => system,
        Some(CodeKind::None) => {
            if !fits {
                note("薬品コード", Reason::Value { found: shown(code) });
            }
            return None;
        }
        None => {
            let found = shown(record.code(4, "薬品コード種別", notes));
            let reason = if found.is_empty() { Reason::Empty } else { Reason::Value { found } };
            notes.note(record.line, 201, "薬品コード種別", reason);
            return None;
        }
    };
    if code.is_empty() {
        note("薬品コード", Reason::Empty);
        return None;
    }
    if !fits {
        let reason = Reason::Code { expected: length_of(system), found: shown(code) };
        note("薬品コード", reason);
    }
    Some(Code { system, code: code.into() })
}

/// The code of a record 201 without 情報区分: kind and code one column to the left, and a code that
/// can be of that kind only. The kind's own column then holds the code, which is no kind.
fn compact_code<'t>(record: &Record<'t>) -> Option<Code<'t>> {
    let shape = matches!(record.count(), 8 | 9);
    let Some(CodeKind::System(system)) = code_kind(record.raw(3)).filter(|_| shape) else {
        return None;
    };
    let code = record.ascii(4).filter(|code| names_a_drug(system, code))?;
    Some(Code { system, code: Cow::Borrowed(code) })
}

fn compact<'t>(item: &mut Line<'t>, drug: Code<'t>, record: &Record<'t>, notes: &mut Notes<'_>) {
    let reason = Reason::ReadAs {
        found: drug.code.to_string(),
        taken: "薬品コード of a record without 情報区分",
    };
    notes.note(record.line, 201, "薬品コード", reason);
    item.drug = Some(drug);
    item.name = record.text(5, "薬品名称", notes).into();
    if record.count() == DRUG_FIELDS - 1 {
        item.dose = quantity(record, 6, "用量", notes).into();
        item.unit = record.text(8, "単位名", notes).into();
    }
}

fn empty_line<'t>() -> Line<'t> {
    Line {
        rp: 0,
        drug: None,
        name: Cow::Borrowed(""),
        form: Form::Other,
        quantity: Cow::Borrowed(""),
        usage: Cow::Borrowed(""),
        usage_text: Cow::Borrowed(""),
        supplements: Vec::new(),
        dose: Cow::Borrowed(""),
        unit: Cow::Borrowed(""),
    }
}
