//! The pull reader of insert XML: what is gathered is named by its element's local name and the part
//! of the insert in which it stands.
//!
//! Document type declarations are refused and entities other than the five predefined ones stay as
//! written, so nothing expands; nesting is bounded.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Brand, Insert, InsertError,
    flow::{Block, Flow, plain},
};
use crate::{
    report::{Reason, Report},
    text::{Decoded, Lines},
};

mod gather;

/// No insert nests near this deep.
const DEPTH_MAX: usize = 128;

/// The part of an insert that the reader is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Other,
    Combinations,
}

/// What the text that is being gathered is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Number,
    YearMonth,
    Classification,
    BrandName,
    Yj,
    GenericName,
    Contraindications,
    Name,
    Measures,
    Mechanism,
    /// Text of section 10.1 outside its table.
    Outside,
}

/// Text that is being gathered, and the depth of the element that ends it.
#[derive(Debug)]
struct Capture {
    target: Target,
    depth: usize,
    flow: Flow,
}

#[derive(Debug, Default)]
struct Row {
    line: u64,
    name: Vec<Block>,
    measures: Vec<Block>,
    mechanism: Vec<Block>,
}

struct Walk<'r> {
    file: &'r str,
    report: &'r mut Report,
    insert: Insert,
    depth: usize,
    part: Part,
    part_depth: usize,
    capture: Option<Capture>,
    /// The depth of an element whose whole content is left out.
    skipped: Option<usize>,
    /// The depth of a superscript and its text.
    sup: Option<(usize, String)>,
    /// The depth of a comment (注釈コメント) inside a name, and its text.
    aside: Option<(usize, Flow)>,
    current: bool,
    revised_current: String,
    revised_other: String,
    brand_ids: Vec<(String, usize)>,
    row: Option<Row>,
    rows: u64,
    /// The first statement of the block of section 10.1 that is open, and the text outside its table.
    block_first: usize,
    context: Vec<String>,
    /// Comments inside the name of the open row.
    context_of_row: Vec<String>,
    /// Text of section 10.1 outside its table, of the blocks that are closed.
    outside: Vec<String>,
    contraindications: Vec<Block>,
    above: (String, String),
    line: u64,
}

/// Reads the text of one insert.
pub(super) fn read(
    file: &str,
    decoded: &Decoded,
    report: &mut Report,
) -> Result<Insert, InsertError> {
    let text = decoded.text.as_str();
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut lines = Lines::new(text);
    let damaged = |line: u64, fault: &str| InsertError::Damaged {
        file: file.to_owned(),
        line,
        fault: fault.to_owned(),
    };
    let mut walk = Walk::new(file, report);
    let mut rooted = false;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let line = lines.at(reader.error_position());
                return Err(damaged(line, &error.to_string()));
            }
        };
        if walk.needs_line(&event) {
            walk.line = lines.at(reader.buffer_position());
        }
        match event {
            Event::Start(tag) => {
                if !rooted {
                    root(file, &tag)?;
                    rooted = true;
                }
                if walk.depth >= DEPTH_MAX {
                    let line = lines.at(reader.buffer_position());
                    return Err(damaged(line, "elements nest deeper than any insert does"));
                }
                walk.start(&tag);
            }
            Event::Empty(tag) => {
                if !rooted {
                    root(file, &tag)?;
                    rooted = true;
                }
                walk.start(&tag);
                walk.end(tag.local_name().as_ref());
            }
            Event::End(tag) => walk.end(tag.local_name().as_ref()),
            Event::Text(text) => walk.text(&text.xml10_content()),
            Event::CData(text) => walk.text(&text.xml10_content()),
            Event::GeneralRef(reference) => walk.reference(&reference),
            Event::PI(instruction) if instruction.target() == "enter" => walk.line_break(),
            Event::DocType(_) => return Err(InsertError::Sgml { file: file.to_owned() }),
            Event::PI(_) | Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    if !rooted || walk.depth > 0 {
        let fault = if rooted { "the file ends inside an element" } else { "there is no element" };
        return Err(damaged(lines.at(u64::MAX), fault));
    }
    Ok(walk.finish(decoded))
}

/// Refuses what is no insert by its root.
fn root(file: &str, tag: &BytesStart<'_>) -> Result<(), InsertError> {
    let name = tag.local_name();
    let name = name.as_ref();
    if name == "PackIns" {
        return Ok(());
    }
    let file = file.to_owned();
    if name.eq_ignore_ascii_case("packins") {
        return Err(InsertError::Sgml { file });
    }
    Err(InsertError::OtherRoot { file, root: name.chars().take(40).collect() })
}

impl<'r> Walk<'r> {
    fn new(file: &'r str, report: &'r mut Report) -> Self {
        Self {
            file,
            report,
            insert: Insert { file: file.to_owned(), ..Insert::default() },
            depth: 0,
            part: Part::Other,
            part_depth: 0,
            capture: None,
            skipped: None,
            sup: None,
            aside: None,
            current: false,
            revised_current: String::new(),
            revised_other: String::new(),
            brand_ids: Vec::new(),
            row: None,
            rows: 0,
            block_first: 0,
            context: Vec::new(),
            context_of_row: Vec::new(),
            outside: Vec::new(),
            contraindications: Vec::new(),
            above: (String::new(), String::new()),
            line: 1,
        }
    }

    /// Lines are counted only where a report could need one: inside the parts that are read.
    fn needs_line(&self, event: &Event<'_>) -> bool {
        let reads = self.capture.is_some() || self.part != Part::Other;
        reads && matches!(event, Event::Start(_) | Event::Empty(_) | Event::GeneralRef(_))
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        self.depth += 1;
        if self.skipped.is_some() {
            return;
        }
        let name = tag.local_name();
        let name = name.as_ref();
        if let Some(capture) = &mut self.capture {
            match name {
                "Detail" | "Header" | "TblCaption" | "Item" | "SimpTblCell" => capture.flow.part(),
                name if is_list(name) => capture.flow.enter_list(),
                "Sup" if self.sup.is_none() => self.sup = Some((self.depth, String::new())),
                "ApprovalBrandNameRef" => self.brand_reference(tag),
                "Comment" if capture.target == Target::Name && self.aside.is_none() => {
                    self.aside = Some((self.depth, Flow::new()));
                }
                "Comment" => capture.flow.part(),
                "HeaderRef" | "ReferenceBookRef" | "CommentRef" | "InlineGraphic"
                | "WidthDefinition" => self.skipped = Some(self.depth),
                "Lang" if other_language(tag) => self.skipped = Some(self.depth),
                _ => {}
            }
            return;
        }
        if let Some(target) = self.open(name, tag) {
            self.capture = Some(Capture { target, depth: self.depth, flow: Flow::new() });
        }
    }

    /// Takes note of an element outside any gathered text; the target, if its text is wanted.
    fn open(&mut self, name: &str, tag: &BytesStart<'_>) -> Option<Target> {
        if self.part == Part::Combinations {
            return self.open_in_combinations(name);
        }
        match name {
            "PackageInsertNo" => Some(Target::Number),
            "PreparationOrRevision" => {
                self.current = attribute(tag, "id").as_deref() == Some("今回");
                None
            }
            "YearMonth" => Some(Target::YearMonth),
            "SccjNo" => Some(Target::Classification),
            "DetailBrandName" => {
                let id = attribute(tag, "id").unwrap_or_default();
                self.brand_ids.push((id, self.insert.brands.len()));
                self.insert.brands.push(Brand::default());
                None
            }
            "ApprovalBrandName" => Some(Target::BrandName),
            "YJCode" => Some(Target::Yj),
            "GenericName" => Some(Target::GenericName),
            "ContraIndications" => Some(Target::Contraindications),
            "ContraIndicatedCombinations" => {
                (self.part, self.part_depth) = (Part::Combinations, self.depth);
                None
            }
            // Names of drugs that are only cautioned against, and widths, must not be read as
            // anything else.
            "PrecautionsForCombinations" | "WidthDefinition" => {
                self.skipped = Some(self.depth);
                None
            }
            _ => None,
        }
    }

    fn open_in_combinations(&mut self, name: &str) -> Option<Target> {
        match name {
            "WidthDefinition" => {
                self.skipped = Some(self.depth);
                None
            }
            "Drug" => {
                self.close_row();
                self.rows += 1;
                self.row = Some(Row { line: self.line, ..Row::default() });
                None
            }
            "DrugName" => Some(Target::Name),
            "ClinSymptomsAndMeasures" => Some(Target::Measures),
            "MechanismAndRiskFactors" => Some(Target::Mechanism),
            "Instructions" | "ExplanatoryNotesForContraIndication" | "Detail" | "Header" => {
                Some(Target::Outside)
            }
            _ => None,
        }
    }

    fn end(&mut self, name: &str) {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        if let Some(skipped) = self.skipped {
            if skipped == depth {
                self.skipped = None;
            }
            return;
        }
        if let Some((_, text)) = self.sup.take_if(|(at, _)| *at == depth)
            && !is_reference(&text)
        {
            self.text(&text);
        }
        if let Some((_, flow)) = self.aside.take_if(|(at, _)| *at == depth) {
            self.context_of_row.push(plain(&flow.finish()));
        }
        if let Some(capture) = self.capture.take_if(|capture| capture.depth == depth) {
            self.gathered(capture.target, capture.flow.finish());
        } else if let Some(capture) = &mut self.capture {
            if is_list(name) {
                capture.flow.leave_list();
            }
        } else if self.part == Part::Combinations {
            match name {
                "Drug" => self.close_row(),
                "ContraIndicatedCombination" => self.close_block(),
                _ => {}
            }
            if depth == self.part_depth {
                self.close_row();
                self.close_block();
                self.part = Part::Other;
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped.is_some() {
            return;
        }
        if let Some((_, sup)) = &mut self.sup {
            sup.push_str(text);
        } else if let Some((_, flow)) = &mut self.aside {
            flow.text(text);
        } else if let Some(capture) = &mut self.capture {
            capture.flow.text(text);
        }
    }

    fn line_break(&mut self) {
        if self.skipped.is_some() || self.sup.is_some() {
            return;
        }
        if let Some((_, flow)) = &mut self.aside {
            flow.line_break();
        } else if let Some(capture) = &mut self.capture {
            capture.flow.line_break();
        }
    }

    /// A character reference or one of the five predefined entities; any other stays as written.
    fn reference(&mut self, reference: &BytesRef<'_>) {
        if self.capture.is_none() || self.skipped.is_some() {
            return;
        }
        let name = reference.xml10_content();
        let resolved = match name.as_ref() {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        if let Some(c) = resolved {
            self.text(c.encode_utf8(&mut [0; 4]));
        } else {
            let found = format!("&{name};");
            self.text(&found);
            let reason = Reason::Value { found };
            self.report.problem(self.file, self.line, "entity", reason);
        }
    }

    /// `ApprovalBrandNameRef` stands for the name of one of the insert's own products.
    fn brand_reference(&mut self, tag: &BytesStart<'_>) {
        let id = attribute(tag, "ref").unwrap_or_default();
        let position = self.brand_ids.iter().find(|(known, _)| *known == id);
        let brand = position.and_then(|(_, position)| self.insert.brands.get(*position));
        if let Some(name) = brand.map(|brand| brand.name.clone()).filter(|name| !name.is_empty()) {
            self.text(&name);
        } else {
            let reason = Reason::Value { found: id };
            self.report.problem(self.file, self.line, "ApprovalBrandNameRef", reason);
        }
    }
}

fn is_list(name: &str) -> bool {
    matches!(name, "SimpleList" | "OrderedList" | "UnorderedList")
}

/// Whether a superscript only points elsewhere: `4)`, `注1)`, `*`, `,`. One of digits alone is part of
/// a name, such as the mass of an isotope.
fn is_reference(text: &str) -> bool {
    let mark = |c: char| c.is_ascii_digit() || ")）(（注,、，*＊†‡~～-－–. ".contains(c);
    text.chars().all(mark) && !text.chars().all(|c| c.is_ascii_digit())
}

/// Whether a `Lang` holds the text in another language than Japanese.
fn other_language(tag: &BytesStart<'_>) -> bool {
    attribute(tag, "xml:lang").is_some_and(|language| !language.is_empty() && language != "ja")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    let value: &str = &attribute.value;
    Some(quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), Into::into))
}
