//! History files: rows of text to documents, with every value checked.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::path::Path;

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{DOCUMENT_ID_CHARACTERS_MAX, Document, DocumentKind, DocumentLine};
use chofuku_engine::history::dictionary::{CodeName, Dictionary};
use chofuku_engine::patient::{Identity, IdentityKey, PatientKey};
use chofuku_engine::period::{Form, Supply};
use rustc_hash::FxHashMap;

use crate::csv_table::{self, Row, TableReport, number, parts};
use crate::knowledge_tables::{TableError, institution_code};
use crate::problem::{Fault, Problem, shown};

const COLUMNS: &[&str] = &[
    "document",
    "kind",
    "setting",
    "insurer",
    "symbol",
    "number",
    "branch",
    "patient_id",
    "date",
    "institution",
    "pharmacy",
    "prescription",
    "refill_uses",
    "refill_use",
    "rp",
    "drug_system",
    "drug_code",
    "drug_name",
    "form",
    "quantity",
    "usage",
    "usage_supplements",
    "status",
];

const CODE_CHARACTERS_MAX: usize = 64;
const REFILL_USES_MAX: u32 = 99;
const RP_MAX: u32 = 9999;

/// The documents of all history files, and the dictionary that their ordinals point into.
#[derive(Debug, Default)]
pub(crate) struct HistoryRows {
    documents: Vec<Known>,
    by_id: FxHashMap<String, usize>,
    /// Documents of which a row was refused.
    incomplete: BTreeSet<String>,
    files: usize,
    codes: Interner<CodeName>,
    institutions: Interner<String>,
    texts: Interner<String>,
}

/// A document as far as it was read.
#[derive(Debug)]
struct Known {
    patient: PatientKey,
    document: Document,
    /// The last file that told of it.
    file: usize,
}

impl HistoryRows {
    /// Takes the rows of one file.
    pub(crate) fn read(
        &mut self,
        path: &Path,
        key: &IdentityKey,
        mut advance: impl FnMut(),
    ) -> Result<TableReport, TableError> {
        self.files += 1;
        csv_table::read(path, COLUMNS, |row, _| {
            advance();
            self.take(row, key).inspect_err(|_| {
                self.incomplete.insert(row.field("document").to_owned());
            })
        })
        .map_err(|source| TableError { path: path.to_owned(), source })
    }

    fn take(&mut self, row: &Row<'_>, key: &IdentityKey) -> Result<(), Fault> {
        let (patient, header) = self.header(row, key)?;
        let line = self.line(row)?;
        match self.by_id.entry(header.id.clone()) {
            Entry::Vacant(place) => {
                place.insert(self.documents.len());
                let document = Document { lines: vec![line], ..header };
                self.documents.push(Known { patient, document, file: self.files });
            }
            Entry::Occupied(place) => {
                let Some(known) = self.documents.get_mut(*place.get()) else { return Ok(()) };
                let fault =
                    |reason| Fault::new("document", format!("{}: {reason}", shown(&header.id)));
                if let Some(column) = difference(known, patient, &header) {
                    return Err(fault(format!("another {column} than in an earlier row")));
                }
                // Twice in one file is what was written; in two files it is one export too many.
                if known.file != self.files && known.document.lines.contains(&line) {
                    return Err(fault("an earlier file has the same line".to_owned()));
                }
                known.file = self.files;
                known.document.lines.push(line);
            }
        }
        Ok(())
    }

    /// Leaves out every document of which a row was refused, and names them: half a document would
    /// stand in the place of the whole.
    pub(crate) fn leave_out_incomplete(&mut self) -> Vec<Problem> {
        let incomplete = std::mem::take(&mut self.incomplete);
        self.by_id.clear();
        let left_out =
            self.documents.extract_if(.., |known| incomplete.contains(&known.document.id));
        let problem = |known: Known| Problem {
            file: String::new(),
            line: 0,
            column: "document".to_owned(),
            reason: format!(
                "{}: left out whole, because a row of it was refused",
                shown(&known.document.id)
            ),
        };
        left_out.map(problem).collect()
    }

    fn header(
        &mut self,
        row: &Row<'_>,
        key: &IdentityKey,
    ) -> Result<(PatientKey, Document), Fault> {
        let id = bounded("document", row.field("document"), DOCUMENT_ID_CHARACTERS_MAX)?;
        if id.is_empty() {
            return Err(Fault::new("document", "the document id is missing"));
        }
        let kind = kind(row)?;
        let institution = self.institution(row, "institution")?;
        let pharmacy = self.institution(row, "pharmacy")?;
        let missing = match kind {
            DocumentKind::Dispensing => (pharmacy == 0).then_some("pharmacy"),
            DocumentKind::Prescription | DocumentKind::InHouse | DocumentKind::Inpatient => {
                (institution == 0).then_some("institution")
            }
        };
        if let Some(column) = missing {
            return Err(Fault::new(column, "ten digits are needed for this kind of document"));
        }
        let prescription =
            bounded("prescription", row.field("prescription"), DOCUMENT_ID_CHARACTERS_MAX)?;
        let cancelled = match row.field("status") {
            "" => false,
            "cancelled" => true,
            other => {
                let reason = format!("{} is neither empty nor cancelled", shown(other));
                return Err(Fault::new("status", reason));
            }
        };
        let uses = |column| {
            let uses = number(column, row.field(column), 0, REFILL_USES_MAX)?;
            Ok(u8::try_from(uses).unwrap_or(u8::MAX))
        };
        let document = Document {
            id: id.to_owned(),
            kind,
            day: day(row.field("date"))?,
            institution,
            pharmacy,
            prescription: (!prescription.is_empty()).then(|| prescription.to_owned()),
            refill_uses: uses("refill_uses")?,
            refill_use: uses("refill_use")?,
            cancelled,
            lines: Vec::new(),
        };
        Ok((patient(row, key)?, document))
    }

    fn line(&mut self, row: &Row<'_>) -> Result<DocumentLine, Fault> {
        let system = row.field("drug_system");
        let system: CodeSystem =
            system.parse().map_err(|error: chofuku_engine::code::CodeSystemError| {
                Fault::new("drug_system", error.to_string())
            })?;
        let code = bounded("drug_code", row.field("drug_code"), CODE_CHARACTERS_MAX)?;
        if code.is_empty() {
            return Err(Fault::new("drug_code", "the drug code is missing"));
        }
        let form = form(row.field("form"))?;
        let quantity = bounded("quantity", row.field("quantity"), CODE_CHARACTERS_MAX)?;
        let usage = bounded("usage", row.field("usage"), CODE_CHARACTERS_MAX)?;
        let supplements = row.field("usage_supplements");
        let rp = number("rp", row.field("rp"), 0, RP_MAX)?;
        if rp == 0 {
            return Err(Fault::new("rp", "the RP number is missing; it counts from 1"));
        }
        let code =
            CodeName { system, code: code.to_owned(), name: row.field("drug_name").to_owned() };
        Ok(DocumentLine {
            rp,
            code: self.codes.intern(code),
            form,
            supply: Supply::of(form, quantity, usage, parts(supplements)),
            quantity: self.text(quantity),
            usage: self.text(usage),
            supplements: self.text(supplements),
        })
    }

    fn institution(&mut self, row: &Row<'_>, column: &'static str) -> Result<u32, Fault> {
        match row.field(column) {
            "" => Ok(0),
            code => Ok(self.institutions.intern(institution_code(column, code)?.to_owned()) + 1),
        }
    }

    fn text(&mut self, text: &str) -> u32 {
        if text.is_empty() { 0 } else { self.texts.intern(text.to_owned()) + 1 }
    }

    /// The documents by patient, and the dictionary, with ordinals that do not depend on the order
    /// of the input: the most frequent first, so that a check's working set stays small.
    pub(crate) fn finish(self) -> (Vec<(PatientKey, Document)>, Dictionary) {
        let Self { mut documents, codes, institutions, texts, .. } = self;
        let (codes, new_codes) = codes.by_frequency();
        let (institutions, new_institutions) = institutions.by_frequency();
        let (texts, new_texts) = texts.by_frequency();
        let renumber = |new: &[u32], old: &mut u32| {
            if let Some(number) = old.checked_sub(1).and_then(|old| new.get(index(old))) {
                *old = number + 1;
            }
        };
        for Known { document, .. } in &mut documents {
            renumber(&new_institutions, &mut document.institution);
            renumber(&new_institutions, &mut document.pharmacy);
            for line in &mut document.lines {
                line.code = new_codes.get(index(line.code)).copied().unwrap_or(u32::MAX);
                for text in [&mut line.quantity, &mut line.usage, &mut line.supplements] {
                    renumber(&new_texts, text);
                }
            }
        }
        let mut documents: Vec<_> =
            documents.into_iter().map(|known| (known.patient, known.document)).collect();
        documents.sort_by(|(one, first), (other, second)| {
            one.cmp(other).then_with(|| first.id.cmp(&second.id))
        });
        (documents, Dictionary::new(codes, institutions, texts))
    }
}

fn kind(row: &Row<'_>) -> Result<DocumentKind, Fault> {
    let kind = match (row.field("kind"), row.field("setting")) {
        ("prescription", "") => DocumentKind::Prescription,
        ("dispensing", "") => DocumentKind::Dispensing,
        ("in_house", "outpatient" | "discharge") => DocumentKind::InHouse,
        ("in_house", "inpatient") => DocumentKind::Inpatient,
        ("in_house", other) => {
            let reason = format!("{} is none of outpatient, discharge, inpatient", shown(other));
            return Err(Fault::new("setting", reason));
        }
        ("prescription" | "dispensing", _) => {
            return Err(Fault::new("setting", "only an in_house document has a setting"));
        }
        (other, _) => {
            let reason = format!("{} is none of prescription, dispensing, in_house", shown(other));
            return Err(Fault::new("kind", reason));
        }
    };
    Ok(kind)
}

fn patient(row: &Row<'_>, key: &IdentityKey) -> Result<PatientKey, Fault> {
    let opaque = row.field("patient_id");
    let parts = ["insurer", "symbol", "number", "branch"].map(|column| row.field(column));
    let [insurer, symbol, number, branch] = parts;
    let identity = match (opaque, parts.concat().as_str()) {
        ("", _) => Identity::Insured { insurer, symbol, number, branch },
        (id, "") => Identity::Opaque(id),
        _ => {
            let reason = "give either an insured identity or a patient_id, not both";
            return Err(Fault::new("patient_id", reason));
        }
    };
    let column = if opaque.is_empty() { "insurer" } else { "patient_id" };
    key.patient(identity).map_err(|error| Fault::new(column, error.to_string()))
}

fn day(text: &str) -> Result<Day, Fault> {
    let day: Day = text
        .parse()
        .map_err(|error: chofuku_engine::day::DayError| Fault::new("date", error.to_string()))?;
    match day.to_row() {
        Some(_) => Ok(day),
        None => Err(Fault::new("date", format!("{day} is not between 1970-01-01 and 2149-06-06"))),
    }
}

fn form(text: &str) -> Result<Form, Fault> {
    let form = text.parse().ok().and_then(Form::from_number);
    form.filter(|_| text.len() == 1).ok_or_else(|| {
        Fault::new("form", format!("{} is no dosage form; use 1 to 6 or 9", shown(text)))
    })
}

fn bounded<'r>(column: &'static str, text: &'r str, max: usize) -> Result<&'r str, Fault> {
    if text.chars().nth(max).is_none() {
        return Ok(text);
    }
    Err(Fault::new(column, format!("{} is longer than {max} characters", shown(text))))
}

/// The first column in which two rows of one document differ.
fn difference(known: &Known, patient: PatientKey, other: &Document) -> Option<&'static str> {
    let one = &known.document;
    let differences = [
        (known.patient != patient, "patient"),
        (one.kind != other.kind, "kind or setting"),
        (one.day != other.day, "date"),
        (one.institution != other.institution, "institution"),
        (one.pharmacy != other.pharmacy, "pharmacy"),
        (one.prescription != other.prescription, "prescription"),
        (one.refill_uses != other.refill_uses, "refill_uses"),
        (one.refill_use != other.refill_use, "refill_use"),
        (one.cancelled != other.cancelled, "status"),
    ];
    differences.into_iter().find(|(differs, _)| *differs).map(|(_, column)| column)
}

/// Distinct values by ordinal, and how often each was met.
#[derive(Debug)]
struct Interner<T> {
    ordinals: FxHashMap<T, u32>,
    counts: Vec<u64>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { ordinals: FxHashMap::default(), counts: Vec::new() }
    }
}

impl<T: std::hash::Hash + Eq + Ord> Interner<T> {
    fn intern(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        let ordinal = *self.ordinals.entry(value).or_insert(next);
        if ordinal == next {
            self.counts.push(0);
        }
        if let Some(count) = self.counts.get_mut(index(ordinal)) {
            *count += 1;
        }
        ordinal
    }

    /// The values, the most frequent first, and the new ordinal of each old one.
    fn by_frequency(self) -> (Vec<T>, Vec<u32>) {
        let Self { ordinals, counts } = self;
        let mut values: Vec<(T, u32)> = ordinals.into_iter().collect();
        let count = |ordinal: &u32| counts.get(index(*ordinal)).copied().unwrap_or(0);
        values.sort_unstable_by(|(one, a), (other, b)| {
            count(b).cmp(&count(a)).then_with(|| one.cmp(other))
        });
        let mut new = vec![0; values.len()];
        for ((_, old), ordinal) in values.iter().zip(0_u32..) {
            if let Some(place) = new.get_mut(index(*old)) {
                *place = ordinal;
            }
        }
        (values.into_iter().map(|(value, _)| value).collect(), new)
    }
}

fn index(ordinal: u32) -> usize {
    usize::try_from(ordinal).unwrap_or(usize::MAX)
}
