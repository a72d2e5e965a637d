//! Records to notebooks.

use chofuku_engine::Day;

use super::block::Block;
use super::{Note, Notebook, Part, VERSION_MAX, otc, version};
use crate::csv_message::{
    BEHIND_DRUGS, CsvMessageError, EraNotation, FacilityFields, Notes, Record, Records, Width, day,
    facility, shown,
};
use crate::document::Facility;
use crate::report::{Reason, Report};
use crate::text::{Decoded, Encoding};

const FACILITY: FacilityFields = FacilityFields { name: 1, prefecture: 2, point_table: 3, code: 4 };

/// Which records a file may have, and how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `JAHISTC01` to `JAHISTC08`.
    Notebook,
    /// The dispensing result, of which no header is known; records 511 and 521 besides.
    DispensingResult,
}

/// A notebook while its records come.
#[derive(Debug)]
struct Reader<'t, 'f> {
    layout: Layout,
    /// Of the parts before this one, with their encodings.
    earlier: Vec<(Notes<'f>, Encoding)>,
    notes: Notes<'f>,
    notebook: Notebook<'t>,
    block: Option<Block<'t>>,
    /// Whether a part has just begun: its first record 5 may repeat the one of the open block.
    begins_part: bool,
    /// Whether such a record 5 came, and 11 and 51 have not said that it is another dispensing.
    repeats: bool,
}

pub(super) fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Notebook<'t>, CsvMessageError> {
    read_layout(file, decoded, Layout::Notebook)
}

pub(crate) fn read_layout<'t>(
    file: &str,
    decoded: &'t Decoded,
    layout: Layout,
) -> Result<Notebook<'t>, CsvMessageError> {
    let mut reader = Reader::new(file, decoded.text.len(), layout);
    let encoding = reader.file(file, decoded)?;
    let mut notebook = reader.finish(encoding)?;
    if let Some(part) = notebook.part.as_ref().filter(|part| part.total > 1) {
        let (found, taken) = (format!("{}/{}", part.number, part.total), "one part of several");
        notebook.report.loss_in(file, 0, "911", "", Reason::ReadAs { found, taken });
    }
    Ok(notebook)
}

pub(super) fn read_parts<'t>(
    parts: &[(&str, &'t Decoded)],
) -> Result<Notebook<'t>, CsvMessageError> {
    let mut ordered = Vec::with_capacity(parts.len());
    for (file, decoded) in parts {
        let file = *file;
        let part = read_layout(file, decoded, Layout::Notebook)?.part;
        let part = part.ok_or_else(|| CsvMessageError::NoPart { file: file.to_owned() })?;
        ordered.push((part, file, *decoded));
    }
    ordered.sort_by_key(|(part, ..)| part.number);
    let Some((first, file, decoded)) = ordered.first().cloned() else {
        return Err(CsvMessageError::Empty { file: String::new() });
    };
    let mut reader = Reader::new(file, decoded.text.len(), Layout::Notebook);
    let mut encoding = reader.file(file, decoded)?;
    for (part, next, decoded) in ordered.iter().skip(1) {
        if (part.id.as_ref(), part.total) != (first.id.as_ref(), first.total) {
            let (file, first) = ((*next).to_owned(), file.to_owned());
            return Err(CsvMessageError::OtherMessage { file, first });
        }
        reader.next_part(next, decoded.text.len(), encoding);
        encoding = reader.file(next, decoded)?;
    }
    let mut notebook = reader.finish(encoding)?;
    let is_whole = note_parts(&ordered, first.total, &mut notebook.report);
    notebook.part = if is_whole { None } else { Some(first) };
    Ok(notebook)
}

/// Names the parts that are missing or there twice; whether none is missing.
fn note_parts(parts: &[(Part<'_>, &str, &Decoded)], total: u8, report: &mut Report) -> bool {
    let mut is_whole = true;
    for number in 1..=total {
        let mut files = parts.iter().filter(|(part, ..)| part.number == number);
        let Some((_, first, _)) = files.next() else {
            is_whole = false;
            let file = parts.first().map_or("", |(_, file, _)| *file);
            let reason = Reason::Value { found: format!("part {number} of {total} was not given") };
            report.loss_in(file, 0, "911", "", reason);
            continue;
        };
        for (_, file, _) in files {
            let reason = Reason::Value { found: format!("part {number} is also {first}") };
            report.problem_in(file, 0, "911", "", reason);
        }
    }
    is_whole
}

impl<'t, 'f> Reader<'t, 'f> {
    fn new(file: &'f str, bytes: usize, layout: Layout) -> Self {
        Self {
            layout,
            earlier: Vec::new(),
            notes: Notes::new(file, bytes),
            notebook: Notebook::default(),
            block: None,
            begins_part: false,
            repeats: false,
        }
    }

    fn next_part(&mut self, file: &'f str, bytes: usize, encoding: Encoding) {
        let notes = std::mem::replace(&mut self.notes, Notes::new(file, bytes));
        self.earlier.push((notes, encoding));
        self.begins_part = true;
    }

    fn file(&mut self, file: &str, decoded: &'t Decoded) -> Result<Encoding, CsvMessageError> {
        let expected = self.layout.expected();
        let mut records = Records::new(file, decoded)?;
        let mut record = records.record();
        if !records.read(&mut record) {
            return Err(CsvMessageError::Empty { file: file.to_owned() });
        }
        if !self.layout.begins(&record, &mut self.notes) {
            let (file, found) = (file.to_owned(), record.beginning());
            return Err(CsvMessageError::Header { file, expected, found });
        }
        if record.number != 0 {
            self.take(&record);
        }
        while records.read(&mut record) {
            if record.number == 0 && self.layout.is_header(&record) {
                // Files one after another: nothing of the next belongs to the block before.
                self.layout.begins(&record, &mut self.notes);
                self.close();
            } else {
                self.take(&record);
            }
            self.notes.check_limit(expected)?;
        }
        Ok(records.encoding())
    }

    fn take(&mut self, record: &Record<'t>) {
        self.notes.used += 1;
        let part = self.earlier.len();
        let is_of_patient = matches!(record.number, 1..=4 | 31);
        if is_of_patient && self.block.is_some() && !self.begins_part {
            self.notes.note(record.line, record.number, "", Reason::Order { after: 5 });
        }
        match record.number {
            // Persons, who are nobody's business here; but a line end may have been lost in it.
            1 | 15 | 55 | 701 => {
                let max = match record.number {
                    1 => 11,
                    701 => 7,
                    _ => 4,
                };
                record.width(1, max, &mut self.notes);
            }
            2 | 4 | 281 | 291 | 311 | 391 | 401 | 411 | 421 | 501 | 601 => self.note(record),
            3 => self.notebook.otc.push(otc::drug(record, &mut self.notes)),
            31 => otc::component(record, &mut self.notebook.otc, &mut self.notes),
            5 => self.dispensed(record),
            11 => self.pharmacy(record),
            51 => self.institution(record),
            201 => {
                self.repeats = false;
                self.open(record);
                if let Some(block) = &mut self.block {
                    block.drug(record, part, &mut self.notes);
                }
            }
            301 => {
                self.repeats = false;
                self.open(record);
                if let Some(block) = &mut self.block {
                    block.usage(record, part, &mut self.notes);
                }
            }
            511 if self.layout == Layout::DispensingResult => self.note(record),
            521 if self.layout == Layout::DispensingResult => self.refill(record),
            911 => self.part(record),
            number => {
                self.notes.used -= 1;
                if BEHIND_DRUGS.contains(&number) {
                    self.notes.note(record.line, number, "", Reason::UnknownRecord);
                } else {
                    self.notes.loss(record.line, number, "", Reason::UnknownRecord);
                }
            }
        }
    }

    /// Record 5.
    fn dispensed(&mut self, record: &Record<'t>) {
        record.width(2, 3, &mut self.notes);
        let day = optional_day(record, 1, "調剤等年月日", &mut self.notes);
        if record.is_empty(1) {
            self.notes.note(record.line, 5, "調剤等年月日", Reason::Empty);
        }
        let continues = self.block.as_ref().is_some_and(|block| block.day == day);
        if std::mem::take(&mut self.begins_part) && day.is_some() && continues {
            self.repeats = true;
            return;
        }
        self.close();
        self.block = Some(Block::new(record.line, day));
    }

    /// Record 11.
    fn pharmacy(&mut self, record: &Record<'t>) {
        let pharmacy = self.facility(record, 9);
        self.open(record);
        let Some(block) = &mut self.block else { return };
        if block.pharmacy.is_none() && !block.has_lines() {
            block.pharmacy = Some(pharmacy);
        } else if self.repeats {
            if block.pharmacy.as_ref() != Some(&pharmacy) {
                let day = block.day;
                self.close();
                self.block = Some(Block::beside(record.line, day, Some(pharmacy), None));
            }
        } else {
            self.notes.note(record.line, 11, "", Reason::NoParent { needed: "5" });
            self.close();
            self.block = Some(Block::beside(record.line, None, Some(pharmacy), None));
        }
    }

    /// Record 51.
    fn institution(&mut self, record: &Record<'t>) {
        let institution = self.facility(record, 6);
        self.open(record);
        let Some(block) = &mut self.block else { return };
        if block.institution.is_none() && !block.has_lines() {
            block.institution = Some(institution);
        } else if !self.repeats || block.institution.as_ref() != Some(&institution) {
            let (day, pharmacy) = (block.day, block.pharmacy.clone());
            self.close();
            self.block = Some(Block::beside(record.line, day, pharmacy, Some(institution)));
        }
        self.repeats = false;
    }

    fn facility(&mut self, record: &Record<'t>, max: usize) -> Facility<'t> {
        let width = record.width(5, max, &mut self.notes);
        let mut facility = facility(record, FACILITY, &mut self.notes);
        if width == Width::Long {
            facility.code = "".into();
        }
        facility
    }

    /// Makes sure that there is a block; one that no record 5 began has no day.
    fn open(&mut self, record: &Record<'t>) {
        if self.block.is_none() {
            self.notes.note(record.line, record.number, "", Reason::NoParent { needed: "5" });
            self.block = Some(Block::new(record.line, None));
        }
    }

    fn close(&mut self) {
        self.repeats = false;
        let Some(block) = self.block.take() else { return };
        let (earlier, notes) = (&mut self.earlier, &mut self.notes);
        let document = block.finish(|part, line, record, reason| {
            let notes = earlier.get_mut(part).map_or(&mut *notes, |(notes, _)| notes);
            // What a dispensing misses are its drugs.
            if reason == Reason::Missing {
                notes.loss(line, record, "", reason);
            } else {
                notes.note(line, record, "", reason);
            }
        });
        self.notebook.documents.push(document);
    }

    /// A record in words.
    fn note(&mut self, record: &Record<'t>) {
        let notes = &mut self.notes;
        let (rp, kind, text, stated, max) = match record.number {
            281 | 291 | 311 | 391 => (true, None, 2, None, 4),
            2 => (false, Some(1), 2, None, 4),
            511 => (false, Some(1), 2, None, 3),
            4 => (false, None, 1, Some(2), 4),
            411 => (false, Some(2), 1, None, 4),
            601 => (false, None, 1, Some(2), 3),
            _ => (false, None, 1, None, 3),
        };
        let width = record.width(text + 1, max, notes);
        let rp = if rp { crate::csv_message::rp_number(record, notes) } else { None };
        let kind = kind.filter(|_| width != Width::Long);
        let kind = kind.map_or("", |index| record.code(index, "種別", notes));
        let stated = stated.filter(|_| width != Width::Long);
        let day = stated.and_then(|index| optional_day(record, index, "年月日", notes));
        let text = record.text(text, "内容", notes);
        let of_patient = matches!(record.number, 2 | 4);
        let document = self.block.is_some().then_some(self.notebook.documents.len());
        self.notebook.notes.push(Note {
            place: record.line,
            record: record.number,
            document: document.filter(|_| !of_patient),
            rp,
            kind: kind.into(),
            text: text.into(),
            day,
        });
    }

    /// Record 521: which use of a refill prescription this was.
    fn refill(&mut self, record: &Record<'t>) {
        record.width(2, 4, &mut self.notes);
        self.open(record);
        let text = record.code(1, "リフィル回数", &mut self.notes);
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<u8> = text.parse().ok().filter(|number| digits && *number > 0);
        if number.is_none() {
            let reason = Reason::Value { found: shown(text) };
            self.notes.note(record.line, 521, "リフィル回数", reason);
        }
        if let Some(block) = &mut self.block {
            block.refill_use = number.unwrap_or(0);
        }
    }

    /// Record 911.
    fn part(&mut self, record: &Record<'t>) {
        record.width(4, 4, &mut self.notes);
        let id = record.code(1, "データID", &mut self.notes);
        let number = |index| record.ascii(index).and_then(|text| text.parse().ok());
        match (number(2), number(3)) {
            (Some(total), Some(number)) if (1..=total).contains(&number) && !id.is_empty() => {
                self.notebook.part = Some(Part { id: id.into(), total, number });
            }
            _ => {
                let reason = Reason::Value { found: shown(id) };
                self.notes.loss(record.line, 911, "", reason);
            }
        }
    }

    fn finish(mut self, encoding: Encoding) -> Result<Notebook<'t>, CsvMessageError> {
        self.close();
        self.notes.check_limit(self.layout.expected())?;
        let mut report = Report::default();
        for (notes, encoding) in self.earlier {
            report.extend(notes.into_report(encoding));
        }
        report.extend(self.notes.into_report(encoding));
        self.notebook.report = report;
        Ok(self.notebook)
    }
}

impl Layout {
    const fn expected(self) -> &'static str {
        match self {
            Self::Notebook => "medication notebook (JAHISTC01 to JAHISTC08)",
            Self::DispensingResult => "dispensing result in the layout of the notebook",
        }
    }

    /// Whether a record is a header that this layout may have.
    fn is_header(self, record: &Record<'_>) -> bool {
        let Some(field) = record.ascii(0) else { return false };
        match self {
            Self::Notebook => version(field).is_some(),
            Self::DispensingResult => {
                let is_word = (2..=16).contains(&field.len())
                    && field.starts_with(|first: char| first.is_ascii_uppercase())
                    && field.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let is_other =
                    version(field).is_some() || crate::eprescription::header(field).is_some();
                is_word && !is_other
            }
        }
    }

    /// Whether a file of this layout may begin with a record, with a note about what deviates.
    fn begins(self, record: &Record<'_>, notes: &mut Notes<'_>) -> bool {
        let is_header = self.is_header(record);
        match self {
            Self::Notebook => {
                let known = record.ascii(0).and_then(version);
                if known.is_some_and(|version| !(1..=VERSION_MAX).contains(&version)) {
                    let reason = Reason::Value { found: record.beginning() };
                    notes.note(record.line, 0, "バージョン", reason);
                }
                is_header
            }
            Self::DispensingResult => {
                let taken = "the layout of the notebook, since that of dispensing results is not \
                             published";
                let reason = Reason::ReadAs { found: record.beginning(), taken };
                notes.note(record.line, 0, "バージョン", reason);
                is_header || matches!(record.number, 1 | 5)
            }
        }
    }
}

/// A day that need not be there.
pub(super) fn optional_day(
    record: &Record<'_>,
    index: usize,
    field: &'static str,
    notes: &mut Notes<'_>,
) -> Option<Day> {
    let text = record.code(index, field, notes);
    let day = day(text, EraNotation::Letter);
    if day.is_none() && !text.is_empty() {
        let reason = Reason::Date { found: shown(text) };
        notes.note(record.line, record.number, field, reason);
    }
    day
}
