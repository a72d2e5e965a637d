//! The values of a row: checked, and what comes again remembered.

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{DOCUMENT_ID_CHARACTERS_MAX, Document, DocumentKind, DocumentLine};
use chofuku_engine::history::dictionary::{CodeName, Directions};
use chofuku_engine::patient::{Identity, IdentityKey, PatientKey};
use chofuku_engine::period::{Form, Supply};

use crate::csv_table::{number, parts};
use crate::history::cells::{HeaderCells, Joined, LineCells};
use crate::history::interner::{Interner, Memo};
use crate::knowledge_tables::institution_code;
use crate::problem::{Fault, shown};

const CODE_CHARACTERS_MAX: usize = 64;
const REFILL_USES_MAX: u32 = 99;
const RP_MAX: u32 = 9999;

/// The distinct values of all history files, on their way to the dictionary.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) codes: Interner<CodeName>,
    pub(crate) institutions: Interner<String>,
    pub(crate) quantities: Interner<String>,
    pub(crate) directions: Interner<Directions>,
}

/// What a supply comes to: everything of a line but its number and its drug.
#[derive(Clone, Copy, Debug)]
struct SupplyFacts {
    supply: Supply,
    quantity: u32,
    directions: u32,
}

/// Checks the values of rows on one core.
#[derive(Debug)]
pub(crate) struct Values<'n> {
    key: &'n IdentityKey,
    names: &'n Names,
    identity: Joined,
    patient: Option<PatientKey>,
    lookup: Joined,
    codes: Memo<u32>,
    institutions: Memo<u32>,
    /// Rows by institution + 1: documents are seen once, however many rows they have.
    institution_rows: Vec<u64>,
    supplies: Memo<SupplyFacts>,
}

impl<'n> Values<'n> {
    /// Checks values under a key of patients; distinct values go to `names`.
    pub(crate) fn new(key: &'n IdentityKey, names: &'n Names) -> Self {
        Self {
            key,
            names,
            identity: Joined::default(),
            patient: None,
            lookup: Joined::default(),
            codes: Memo::default(),
            institutions: Memo::default(),
            institution_rows: Vec::new(),
            supplies: Memo::default(),
        }
    }

    /// The patient of a row, and its document without lines.
    pub(crate) fn header(
        &mut self,
        cells: &HeaderCells<'_>,
    ) -> Result<(PatientKey, Document), Fault> {
        let id = bounded("document", cells.document, DOCUMENT_ID_CHARACTERS_MAX)?;
        if id.is_empty() {
            return Err(Fault::new("document", "the document id is missing"));
        }
        let kind = kind(cells)?;
        let institution = self.institution("institution", cells.institution)?;
        let pharmacy = self.institution("pharmacy", cells.pharmacy)?;
        let missing = match kind {
            DocumentKind::Dispensing => (pharmacy == 0).then_some("pharmacy"),
            DocumentKind::Prescription | DocumentKind::InHouse | DocumentKind::Inpatient => {
                (institution == 0).then_some("institution")
            }
        };
        if let Some(column) = missing {
            return Err(Fault::new(column, "ten digits are needed for this kind of document"));
        }
        let prescription = bounded("prescription", cells.prescription, DOCUMENT_ID_CHARACTERS_MAX)?;
        let cancelled = match cells.status {
            "" => false,
            "cancelled" => true,
            other => {
                let reason = format!("{} is neither empty nor cancelled", shown(other));
                return Err(Fault::new("status", reason));
            }
        };
        let uses = |column, text| {
            let uses = number(column, text, 0, REFILL_USES_MAX)?;
            Ok(u8::try_from(uses).unwrap_or(u8::MAX))
        };
        let document = Document {
            id: id.to_owned(),
            kind,
            day: day(cells.date)?,
            institution,
            pharmacy,
            prescription: (!prescription.is_empty()).then(|| prescription.to_owned()),
            refill_uses: uses("refill_uses", cells.refill_uses)?,
            refill_use: uses("refill_use", cells.refill_use)?,
            cancelled,
            acknowledged: Vec::new(),
            lines: Vec::new(),
        };
        Ok((self.patient(cells)?, document))
    }

    /// The line of a row.
    pub(crate) fn line(&mut self, cells: &LineCells<'_>) -> Result<DocumentLine, Fault> {
        let code = self.code(cells)?;
        let facts = self.supply(cells)?;
        let rp = number("rp", cells.rp, 0, RP_MAX)?;
        if rp == 0 {
            return Err(Fault::new("rp", "the RP number is missing; it counts from 1"));
        }
        let SupplyFacts { supply, quantity, directions } = facts;
        Ok(DocumentLine { rp, code, supply, quantity, directions })
    }

    /// Counts the institutions of a document for each of its rows.
    pub(crate) fn count_rows(&mut self, document: &Document) {
        let rows = u64::try_from(document.lines.len()).unwrap_or(u64::MAX);
        for institution in [document.institution, document.pharmacy] {
            let place = usize::try_from(institution).unwrap_or(0);
            if place >= self.institution_rows.len() {
                self.institution_rows.resize(place + 1, 0);
            }
            if let Some(count) = self.institution_rows.get_mut(place) {
                *count += rows;
            }
        }
    }

    /// Hands over how often values came.
    pub(crate) fn count(&mut self) {
        self.names.codes.count(self.codes.drain());
        let rows = std::mem::take(&mut self.institution_rows).into_iter().skip(1);
        self.names.institutions.count((0..).zip(rows));
        let supplies: Vec<(SupplyFacts, u64)> = self.supplies.drain().collect();
        let quantities = supplies.iter();
        let quantities =
            quantities.filter_map(|(facts, n)| Some((facts.quantity.checked_sub(1)?, *n)));
        self.names.quantities.count(quantities);
        self.names.directions.count(supplies.iter().map(|(facts, n)| (facts.directions, *n)));
    }

    /// Empties what has grown too large.
    pub(crate) fn trim(&mut self) {
        if self.codes.is_full() || self.institutions.is_full() || self.supplies.is_full() {
            self.count();
            self.institutions.drain().for_each(drop);
        }
    }

    /// The rows of a patient often follow each other, and hashing is the dearest step of a row.
    fn patient(&mut self, cells: &HeaderCells<'_>) -> Result<PatientKey, Fault> {
        if !self.identity.replace(cells.identity())
            && let Some(patient) = self.patient
        {
            return Ok(patient);
        }
        self.patient = None;
        let patient = patient(cells, self.key)?;
        self.patient = Some(patient);
        Ok(patient)
    }

    fn code(&mut self, cells: &LineCells<'_>) -> Result<u32, Fault> {
        self.lookup.replace(cells.drug());
        self.codes.get(self.lookup.as_bytes(), || {
            let system: CodeSystem = cells.drug_system.parse().map_err(
                |error: chofuku_engine::code::CodeSystemError| {
                    Fault::new("drug_system", error.to_string())
                },
            )?;
            let code = bounded("drug_code", cells.drug_code, CODE_CHARACTERS_MAX)?;
            if code.is_empty() {
                return Err(Fault::new("drug_code", "the drug code is missing"));
            }
            let (code, name) = (code.to_owned(), cells.drug_name.to_owned());
            Ok(self.names.codes.intern(CodeName { system, code, name }))
        })
    }

    fn supply(&mut self, cells: &LineCells<'_>) -> Result<SupplyFacts, Fault> {
        self.lookup.replace(cells.supply());
        self.supplies.get(self.lookup.as_bytes(), || {
            let form = form(cells.form)?;
            let quantity = bounded("quantity", cells.quantity, CODE_CHARACTERS_MAX)?;
            let usage = bounded("usage", cells.usage, CODE_CHARACTERS_MAX)?;
            let supply = Supply::of(form, quantity, usage, parts(cells.usage_supplements));
            let ordinal = || self.names.quantities.intern(quantity.to_owned()) + 1;
            let quantity = if quantity.is_empty() { 0 } else { ordinal() };
            let usage = usage.to_owned();
            let supplements = cells.usage_supplements.to_owned();
            let directions = Directions { form, usage, supplements };
            let directions = self.names.directions.intern(directions);
            Ok(SupplyFacts { supply, quantity, directions })
        })
    }

    /// The ordinal of an institution + 1; 0 for none.
    fn institution(&mut self, column: &'static str, code: &str) -> Result<u32, Fault> {
        if code.is_empty() {
            return Ok(0);
        }
        self.institutions.get(code.as_bytes(), || {
            let code = institution_code(column, code)?;
            Ok(self.names.institutions.intern(code.to_owned()) + 1)
        })
    }
}

fn kind(cells: &HeaderCells<'_>) -> Result<DocumentKind, Fault> {
    let kind = match (cells.kind, cells.setting) {
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

fn patient(cells: &HeaderCells<'_>, key: &IdentityKey) -> Result<PatientKey, Fault> {
    let [insurer, symbol, number, branch, opaque] = cells.identity();
    let is_insured = [insurer, symbol, number, branch].iter().any(|part| !part.is_empty());
    let identity = match (opaque, is_insured) {
        ("", _) => Identity::Insured { insurer, symbol, number, branch },
        (id, false) => Identity::Opaque(id),
        (_, true) => {
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
