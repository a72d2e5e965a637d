//! XML events to blocks, without building a tree.

use std::borrow::Cow;
use std::ops::ControlFlow;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::element::{Element, Field, element, trim};
use super::precedence::{EventKey, name_of};
use super::{DrugHistory, DrugHistoryError, Entry, Person, Tree};
use crate::document::{Code, Document, Facility, Line};
use crate::masters::parse_date;
use crate::report::{FileRead, Reason, Report};
use crate::text::{Decoded, Encoding, Lines};

/// The message nests eight deep.
const DEPTH_MAX: usize = 64;
/// How much of a wrong text a report repeats, in characters.
const FOUND_MAX: usize = 60;

/// What a month says of all its days.
#[derive(Clone, Debug, Default)]
struct Month<'t> {
    prescriber: Facility<'t>,
    dispenser: Facility<'t>,
    /// Year and month.
    text: Cow<'t, str>,
    in_out: Cow<'t, str>,
}

/// A day block in the course of being read.
#[derive(Debug, Default)]
struct Block<'t> {
    line: u64,
    day: Cow<'t, str>,
    prescribed: Cow<'t, str>,
    drugs: Vec<Line<'t>>,
}

/// A drug in the course of being read.
#[derive(Debug, Default)]
struct Drug<'t> {
    at: u64,
    code: Cow<'t, str>,
    name: Cow<'t, str>,
    ingredient: Cow<'t, str>,
    amount: Cow<'t, str>,
    unit: Cow<'t, str>,
    usage: Cow<'t, str>,
    special: Cow<'t, str>,
    times: Cow<'t, str>,
    class: Cow<'t, str>,
    /// Whether two codes contradict each other.
    ambiguous: bool,
}

struct Parser<'t, 'f> {
    file: &'f str,
    lines: Lines<'t>,
    /// How many elements are open, and whether the root was seen.
    depth: usize,
    rooted: bool,
    report: Report,
    person: Person<'t>,
    tree: Option<Tree>,
    month: Month<'t>,
    /// The days of the month so far: what is said of all of them may come after them.
    blocks: Vec<Block<'t>>,
    block: Option<Block<'t>>,
    drug: Option<Drug<'t>>,
    /// The open value, and how deep it stands.
    leaf: Option<(Field, usize, Cow<'t, str>)>,
    entries: Vec<Entry<'t>>,
    keys: Vec<EventKey<'t>>,
}

type Parsed<'t> = (DrugHistory<'t>, Vec<EventKey<'t>>);

/// Reads the blocks of a file.
pub(super) fn parse<'t>(file: &str, decoded: &'t Decoded) -> Result<Parsed<'t>, DrugHistoryError> {
    let text = decoded.text.as_str();
    let mut parser = Parser {
        file,
        lines: Lines::new(text),
        depth: 0,
        rooted: false,
        report: Report::default(),
        person: Person::default(),
        tree: None,
        month: Month::default(),
        blocks: Vec::new(),
        block: None,
        drug: None,
        leaf: None,
        entries: Vec::new(),
        keys: Vec::new(),
    };
    if decoded.replaced {
        parser.problem(0, "", Reason::Undecodable { encoding: decoded.encoding });
    }
    let mut reader = Reader::from_str(text);
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => {
                if parser.event(event, at, decoded)?.is_break() {
                    break;
                }
            }
            Err(_) if !parser.rooted => break,
            Err(error) => {
                let at = reader.error_position();
                parser.loss(at, "", Reason::Malformed { error: error.to_string() });
                break;
            }
        }
    }
    if !parser.rooted {
        return Err(DrugHistoryError::NotXml { file: file.to_owned() });
    }
    Ok(parser.finish(decoded, reader.buffer_position()))
}

fn is_root(file: &str, name: &str) -> Result<(), DrugHistoryError> {
    if matches!(name, "XmlMsg" | "Message") {
        return Ok(());
    }
    Err(DrugHistoryError::Root { file: file.to_owned(), found: clip(name) })
}

fn clip(text: &str) -> String {
    text.chars().take(FOUND_MAX).collect()
}

impl<'t> Parser<'t, '_> {
    /// Takes one event; breaks where nothing deeper may be read.
    fn event(
        &mut self,
        event: Event<'t>,
        at: u64,
        decoded: &Decoded,
    ) -> Result<ControlFlow<()>, DrugHistoryError> {
        match event {
            Event::Start(start) => {
                let name = start.local_name();
                if !self.rooted {
                    is_root(self.file, name.into_inner())?;
                    self.rooted = true;
                }
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    self.loss(at, "", Reason::TooDeep { limit: DEPTH_MAX });
                    return Ok(ControlFlow::Break(()));
                }
                self.start(name.into_inner(), at);
            }
            Event::End(end) => {
                self.end(end.local_name().into_inner(), at);
                self.depth = self.depth.saturating_sub(1);
            }
            Event::Empty(empty) => {
                if !self.rooted {
                    is_root(self.file, empty.local_name().into_inner())?;
                    self.rooted = true;
                }
            }
            Event::Text(text) => self.text(text.into_inner()),
            Event::CData(text) => self.text(text.into_inner()),
            Event::GeneralRef(reference) => self.reference(&reference, at),
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().and_then(Result::ok).unwrap_or_default();
                if encoding.eq_ignore_ascii_case("utf-8") && decoded.encoding == Encoding::Cp932 {
                    let (found, taken) = (encoding.into_owned(), "CP932, for it is not UTF-8");
                    self.problem(at, "encoding", Reason::ReadAs { found, taken });
                }
            }
            Event::DocType(_) => {
                self.problem(at, "DOCTYPE", Reason::NotUsed { found: "a DTD".to_owned() });
            }
            Event::Eof | Event::Comment(_) | Event::PI(_) => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    fn problem(&mut self, at: u64, field: &'static str, reason: Reason) {
        let line = self.lines.at(at);
        self.report.problem(self.file, line, field, reason);
    }

    /// Notes a deviation because of which something that may be a drug was not read.
    fn loss(&mut self, at: u64, field: &'static str, reason: Reason) {
        let line = self.lines.at(at);
        self.report.loss_in(self.file, line, "", field, reason);
    }

    fn start(&mut self, name: &str, at: u64) {
        let element = element(name);
        if matches!(element, Some(Element::Month(_) | Element::Block | Element::Drug)) {
            // Inside a value it is out of place, and must still be closed by its own end.
            self.leaf = None;
            self.close_drug();
        }
        match element {
            Some(Element::Month(tree)) => {
                self.close_month();
                self.tree = Some(tree);
                self.month = Month::default();
            }
            Some(Element::Block) => {
                self.close_block();
                self.block = Some(Block { line: self.lines.at(at), ..Block::default() });
            }
            Some(Element::Drug) => self.drug = Some(Drug { at, ..Drug::default() }),
            Some(Element::Field(field)) => self.leaf = Some((field, self.depth, Cow::Borrowed(""))),
            None => {}
        }
    }

    fn text(&mut self, more: Cow<'t, str>) {
        if let Some((_, _, text)) = &mut self.leaf {
            if text.is_empty() {
                *text = more;
            } else {
                text.to_mut().push_str(&more);
            }
        }
    }

    fn reference(&mut self, reference: &BytesRef<'t>, at: u64) {
        let character = match reference.resolve_char_ref() {
            Ok(Some(character)) => Some(character),
            Ok(None) | Err(_) => match &**reference {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "apos" => Some('\''),
                "quot" => Some('"'),
                _ => None,
            },
        };
        if let Some(character) = character {
            self.text(Cow::Owned(character.to_string()));
        } else {
            let found = clip(&format!("&{};", &**reference));
            self.text(Cow::Owned(found.clone()));
            self.problem(at, "entity", Reason::NotUsed { found });
        }
    }

    fn end(&mut self, name: &str, at: u64) {
        if let Some((field, depth, text)) = self.leaf.take() {
            // Its name is right, for the parser checks that; what is inside has no name of ours.
            if depth == self.depth {
                self.set(field, trim(text), at);
            } else {
                self.leaf = Some((field, depth, text));
            }
            return;
        }
        match element(name) {
            Some(Element::Field(_)) | None => {}
            Some(Element::Drug) => self.close_drug(),
            Some(Element::Block) => self.close_block(),
            Some(Element::Month(_)) => {
                self.close_month();
                self.tree = None;
            }
        }
    }

    fn set(&mut self, field: Field, text: Cow<'t, str>, at: u64) {
        if text.is_empty() {
            return;
        }
        let Some(slot) = self.slot(field) else { return };
        if slot.is_empty() {
            *slot = text;
            return;
        }
        if *slot == text {
            return;
        }
        let (found, used) = (clip(&text), clip(slot));
        if field == Field::Code
            && let Some(drug) = &mut self.drug
        {
            drug.ambiguous = true;
        }
        self.problem(at, field.name(), Reason::Differs { found, used });
    }

    /// Where a field belongs, if what it belongs to is open.
    fn slot(&mut self, field: Field) -> Option<&mut Cow<'t, str>> {
        let header = matches!(field, Field::Name | Field::Kana | Field::Birth | Field::Sex);
        if header == self.tree.is_some() {
            return None;
        }
        match field {
            Field::Name => Some(&mut self.person.name),
            Field::Kana => Some(&mut self.person.kana),
            Field::Birth => Some(&mut self.person.birth),
            Field::Sex => Some(&mut self.person.sex),
            Field::DispenserCode => Some(&mut self.month.dispenser.code),
            Field::DispenserName => Some(&mut self.month.dispenser.name),
            Field::PrescriberCode => Some(&mut self.month.prescriber.code),
            Field::PrescriberName => Some(&mut self.month.prescriber.name),
            Field::Month => Some(&mut self.month.text),
            Field::InOut => Some(&mut self.month.in_out),
            Field::Day => Some(&mut self.block.as_mut()?.day),
            Field::Prescribed => Some(&mut self.block.as_mut()?.prescribed),
            Field::Code => Some(&mut self.drug.as_mut()?.code),
            Field::DrugName => Some(&mut self.drug.as_mut()?.name),
            Field::Ingredient => Some(&mut self.drug.as_mut()?.ingredient),
            Field::Amount => Some(&mut self.drug.as_mut()?.amount),
            Field::Unit => Some(&mut self.drug.as_mut()?.unit),
            Field::Usage => Some(&mut self.drug.as_mut()?.usage),
            Field::Special => Some(&mut self.drug.as_mut()?.special),
            Field::Times => Some(&mut self.drug.as_mut()?.times),
            Field::Class => Some(&mut self.drug.as_mut()?.class),
        }
    }

    fn form(&mut self, class: &str, at: u64) -> Form {
        match class {
            "21" => return Form::Oral,
            "22" => return Form::AsNeeded,
            "23" => return Form::External,
            "31" | "32" | "33" => return Form::Injection,
            "" => self.problem(at, "MeTrIdCl", Reason::Missing),
            other => self.problem(at, "MeTrIdCl", Reason::Value { found: clip(other) }),
        }
        Form::Other
    }

    fn close_drug(&mut self) {
        let Some(drug) = self.drug.take() else { return };
        let at = drug.at;
        let code = if drug.ambiguous {
            None
        } else if drug.code.is_empty() {
            self.problem(at, "DrugC", Reason::Missing);
            None
        } else {
            if drug.code.len() != 9 || !drug.code.bytes().all(|byte| byte.is_ascii_digit()) {
                let found = clip(&drug.code);
                self.problem(at, "DrugC", Reason::Code { expected: 9, found });
            }
            Some(Code { system: CodeSystem::Receipt, code: drug.code })
        };
        let form = self.form(&drug.class, at);
        if drug.times.is_empty() {
            self.problem(at, "Times", Reason::Missing);
        }
        let name = if drug.name.is_empty() && !drug.ingredient.is_empty() {
            let found = clip(&drug.ingredient);
            self.problem(at, "DrugN", Reason::ReadAs { found, taken: "the name of the drug" });
            drug.ingredient
        } else {
            drug.name
        };
        let usage_text = match (drug.usage.is_empty(), drug.special.is_empty()) {
            (_, true) => drug.usage,
            (true, false) => drug.special,
            (false, false) => Cow::Owned(format!("{} / {}", drug.usage, drug.special)),
        };
        let Some(block) = &mut self.block else {
            self.loss(at, "DrugInf", Reason::NoParent { needed: "DiDateInf" });
            return;
        };
        let rp = u32::try_from(block.drugs.len()).unwrap_or(u32::MAX).saturating_add(1);
        block.drugs.push(Line {
            rp,
            drug: code,
            name,
            form,
            quantity: drug.times,
            usage: Cow::Borrowed(""),
            usage_text,
            supplements: Vec::new(),
            dose: drug.amount,
            unit: drug.unit,
        });
    }

    fn close_block(&mut self) {
        self.drug = None;
        let Some(block) = self.block.take() else { return };
        if self.tree.is_some() {
            self.blocks.push(block);
        } else {
            let reason = Reason::NoParent { needed: "MeTrMonthInf" };
            self.report.loss_in(self.file, block.line, "", "DiDateInf", reason);
        }
    }

    fn close_month(&mut self) {
        self.close_block();
        let Some(tree) = self.tree else { return };
        for block in std::mem::take(&mut self.blocks) {
            self.entry(block, tree);
        }
    }

    fn entry(&mut self, block: Block<'t>, tree: Tree) {
        let line = block.line;
        let kind = self.kind(tree, line);
        let day = self.day(&block, kind, line);
        let prescribed = day_of(&block.prescribed);
        let Month { prescriber, dispenser, .. } = &self.month;
        let key =
            EventKey { prescriber: name_of(prescriber), dispenser: name_of(dispenser), prescribed };
        let given = |facility: &Facility<'t>| {
            let is_there = !facility.code.is_empty() || !facility.name.is_empty();
            is_there.then(|| facility.clone())
        };
        let (institution, pharmacy) = match kind {
            DocumentKind::Dispensing => (given(prescriber), given(dispenser)),
            DocumentKind::InHouse | DocumentKind::Inpatient => {
                (given(prescriber).or_else(|| given(dispenser)), None)
            }
            DocumentKind::Prescription => (given(prescriber), None),
        };
        for (facility, field) in [(&institution, "PrlsHCd"), (&pharmacy, "MeTrDiHCd")] {
            let code = facility.as_ref().map(|facility| facility.code.clone()).unwrap_or_default();
            let digits = code.bytes().all(|byte| byte.is_ascii_digit());
            if !code.is_empty() && (code.len() != 10 || !digits) {
                let reason = Reason::Code { expected: 10, found: clip(&code) };
                self.report.problem(self.file, line, field, reason);
            }
        }
        if block.drugs.is_empty() {
            self.report.loss_in(self.file, line, "", "DrugInf", Reason::Missing);
        }
        let document = Document {
            place: line,
            id: None,
            kind,
            patient: None,
            day,
            institution,
            pharmacy,
            prescription: None,
            refill_uses: 0,
            refill_use: 0,
            lines: block.drugs,
        };
        self.entries.push(Entry { document, tree, superseded: None });
        self.keys.push(key);
    }

    /// By the dispenser's point table, else by `InOut`; see the module.
    fn kind(&mut self, tree: Tree, line: u64) -> DocumentKind {
        let in_out = self.month.in_out.clone();
        let field = "InOut";
        if !matches!(&*in_out, "1" | "2" | "") {
            let reason = Reason::Value { found: clip(&in_out) };
            self.report.problem(self.file, line, field, reason);
        }
        let in_house = in_out == "1";
        if tree == Tree::Prescription {
            return if in_house { DocumentKind::InHouse } else { DocumentKind::Prescription };
        }
        let code = &self.month.dispenser.code;
        let table = code.bytes().nth(2).filter(|_| code.len() == 10);
        match table {
            Some(b'4') => {
                if in_house {
                    let (found, used) = ("1 (in-house)".to_owned(), "a pharmacy's code".to_owned());
                    let reason = Reason::Differs { found, used };
                    self.report.problem(self.file, line, field, reason);
                }
                DocumentKind::Dispensing
            }
            Some(_) => DocumentKind::InHouse,
            None if in_house => DocumentKind::InHouse,
            None => {
                if in_out.is_empty() {
                    self.report.problem(self.file, line, field, Reason::Missing);
                }
                DocumentKind::Dispensing
            }
        }
    }

    fn day(&mut self, block: &Block<'t>, kind: DocumentKind, line: u64) -> Option<Day> {
        let field = "DiDate";
        if !block.day.is_empty() {
            let day = day_of(&block.day);
            if day.is_none() {
                let reason = Reason::Date { found: clip(&block.day) };
                self.report.problem(self.file, line, field, reason);
            }
            return day;
        }
        let prescribed = day_of(&block.prescribed).filter(|_| kind == DocumentKind::InHouse);
        let reason = match prescribed {
            Some(_) => {
                let taken = "the day of the in-house document";
                Reason::ReadAs { found: clip(&block.prescribed), taken }
            }
            None if !self.month.text.is_empty() => {
                let found = clip(&self.month.text);
                Reason::ReadAs { found, taken: "no day, for it is a month" }
            }
            None => Reason::Missing,
        };
        self.report.problem(self.file, line, field, reason);
        prescribed
    }

    fn finish(mut self, decoded: &Decoded, end: u64) -> Parsed<'t> {
        if self.depth > 0 {
            // What was open is not whole: its last drug is left out, the drugs before it stand.
            self.loss(end, "", Reason::Missing);
        }
        self.close_month();
        if self.entries.is_empty() {
            self.problem(end, "DiDateInf", Reason::Missing);
        }
        let (encoding, rows) = (Some(decoded.encoding), self.entries.len());
        self.report.files.push(FileRead { file: self.file.to_owned(), encoding, rows });
        let Self { person, entries, report, keys, .. } = self;
        (DrugHistory { person, entries, report }, keys)
    }
}

/// A whole day: `20260710` or another notation with year, month and day.
fn day_of(text: &str) -> Option<Day> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return parse_date(text).map(Day::from);
    }
    // The notation of nearly every file, without the copies that the others need.
    let year = text.get(..4)?.parse().ok()?;
    let (month, day) = (text.get(4..6)?.parse().ok()?, text.get(6..)?.parse().ok()?);
    Date::new(year, month, day).ok().map(Day::from)
}
