//! The values of a row: checked, and what comes again remembered.
//!
//! Every cell is checked by its text, in one order, so that a row is refused for the same reason
//! whatever file it came from. What was found is remembered twice: by text, because the same drug
//! comes in every file, and before that by number ([`Numbered`], [`Recent`]), where a file has numbers.

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{DOCUMENT_ID_CHARACTERS_MAX, DocumentKind, DocumentLine};
use chofuku_engine::history::dictionary::{CodeName, Directions};
use chofuku_engine::patient::{Identity, IdentityKey, PatientKey};
use chofuku_engine::period::{Form, Supply};

use crate::csv_table::{number, parts};
use crate::history::cells::{Cells, DRUG, IDENTITY, Joined, SUPPLY, column};
use crate::history::fragment::{Fragment, Header};
use crate::history::interner::{Interner, Memo};
use crate::history::recent::{Numbered, Recent};
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
    by_text: ByText<'n>,
    by_number: ByNumber,
    counts: Counts,
    /// The identity that was seen last, as text and by its numbers, and whose it is.
    identity: Joined,
    identity_numbers: Option<[u32; IDENTITY.len()]>,
    patient: Option<PatientKey>,
}

/// What is known of texts; it holds for all files.
#[derive(Debug)]
struct ByText<'n> {
    names: &'n Names,
    lookup: Joined,
    codes: Memo<Box<[u8]>, u32>,
    /// By their ten digits as a number: a nation has two hundred thousand, and each is looked up by
    /// every document.
    institutions: Memo<u64, u32>,
    supplies: Memo<Box<[u8]>, SupplyFacts>,
}

/// What is known of numbers; it holds until rows are numbered anew.
#[derive(Debug)]
struct ByNumber {
    kinds: Recent<2, DocumentKind>,
    institutions: Numbered<u32>,
    pharmacies: Numbered<u32>,
    statuses: Numbered<bool>,
    days: Numbered<Day>,
    refills: Recent<2, (u8, u8)>,
    codes: Recent<3, u32>,
    supplies: Recent<4, SupplyFacts>,
    rps: Numbered<u32>,
}

/// How many rows have a value, by its ordinal; by its ordinal + 1 where 0 stands for none.
#[derive(Debug, Default)]
struct Counts {
    codes: Vec<u64>,
    /// Documents are seen once, however many rows they have.
    institutions: Vec<u64>,
    quantities: Vec<u64>,
    directions: Vec<u64>,
}

impl<'n> Values<'n> {
    /// Checks values under a key of patients; distinct values go to `names`.
    pub(crate) fn new(key: &'n IdentityKey, names: &'n Names) -> Self {
        Self {
            key,
            by_text: ByText {
                names,
                lookup: Joined::default(),
                codes: Memo::default(),
                institutions: Memo::default(),
                supplies: Memo::default(),
            },
            by_number: ByNumber {
                kinds: Recent::new(4),
                institutions: Numbered::default(),
                pharmacies: Numbered::default(),
                statuses: Numbered::default(),
                days: Numbered::default(),
                refills: Recent::new(6),
                codes: Recent::new(12),
                supplies: Recent::new(13),
                rps: Numbered::default(),
            },
            counts: Counts::default(),
            identity: Joined::default(),
            identity_numbers: None,
            patient: None,
        }
    }

    /// The patient of a row, and what it shares with the rows of its document.
    pub(crate) fn header<'r>(
        &mut self,
        row: &impl Cells<'r>,
    ) -> Result<(PatientKey, Header<'r>), Fault> {
        let Self { by_text, by_number, .. } = self;
        let id = bounded("document", row.cell(column::DOCUMENT), DOCUMENT_ID_CHARACTERS_MAX)?;
        if id.is_empty() {
            return Err(Fault::new("document", "the document id is missing"));
        }
        let numbers = row.numbers([column::KIND, column::SETTING]);
        let kind = by_number.kinds.get(numbers, || kind(row))?;
        let institution = by_number.institutions.get(row.number(column::INSTITUTION), || {
            by_text.institution("institution", row.cell(column::INSTITUTION))
        })?;
        let pharmacy = by_number.pharmacies.get(row.number(column::PHARMACY), || {
            by_text.institution("pharmacy", row.cell(column::PHARMACY))
        })?;
        let missing = match kind {
            DocumentKind::Dispensing => (pharmacy == 0).then_some("pharmacy"),
            DocumentKind::Prescription | DocumentKind::InHouse | DocumentKind::Inpatient => {
                (institution == 0).then_some("institution")
            }
        };
        if let Some(column) = missing {
            return Err(Fault::new(column, "ten digits are needed for this kind of document"));
        }
        let prescription = row.cell(column::PRESCRIPTION);
        let prescription = bounded("prescription", prescription, DOCUMENT_ID_CHARACTERS_MAX)?;
        let cancelled = by_number.statuses.get(row.number(column::STATUS), || is_cancelled(row))?;
        let day = by_number.days.get(row.number(column::DATE), || day(row.cell(column::DATE)))?;
        let numbers = row.numbers([column::REFILL_USES, column::REFILL_USE]);
        let (refill_uses, refill_use) = by_number.refills.get(numbers, || {
            let uses = |name, column| -> Result<u8, Fault> {
                let uses = number(name, row.cell(column), 0, REFILL_USES_MAX)?;
                Ok(u8::try_from(uses).unwrap_or(u8::MAX))
            };
            Ok((uses("refill_uses", column::REFILL_USES)?, uses("refill_use", column::REFILL_USE)?))
        })?;
        let patient = self.patient(row)?;
        let header = Header {
            id,
            kind,
            day,
            institution,
            pharmacy,
            prescription,
            refill_uses,
            refill_use,
            cancelled,
        };
        Ok((patient, header))
    }

    /// The line of a row.
    pub(crate) fn line<'r>(&mut self, row: &impl Cells<'r>) -> Result<DocumentLine, Fault> {
        let Self { by_text, by_number, counts, .. } = self;
        let code = by_number.codes.get(row.numbers(DRUG), || by_text.code(row.texts(DRUG)))?;
        add(&mut counts.codes, code, 1);
        let facts =
            by_number.supplies.get(row.numbers(SUPPLY), || by_text.supply(row.texts(SUPPLY)))?;
        let SupplyFacts { supply, quantity, directions } = facts;
        add(&mut counts.quantities, quantity, 1);
        add(&mut counts.directions, directions, 1);
        let rp = by_number.rps.get(row.number(column::RP), || {
            match number("rp", row.cell(column::RP), 0, RP_MAX)? {
                0 => Err(Fault::new("rp", "the RP number is missing; it counts from 1")),
                rp => Ok(rp),
            }
        })?;
        Ok(DocumentLine { rp, code, supply, quantity, directions })
    }

    /// Counts the institutions of a document for each of its rows.
    pub(crate) fn count_rows(&mut self, fragment: &Fragment) {
        for institution in [fragment.institution, fragment.pharmacy] {
            add(&mut self.counts.institutions, institution, fragment.rows);
        }
    }

    /// Hands over how often values came.
    pub(crate) fn count(&mut self) {
        let Counts { codes, institutions, quantities, directions } =
            std::mem::take(&mut self.counts);
        let names = self.by_text.names;
        names.codes.count((0..).zip(codes));
        names.institutions.count((0..).zip(institutions.into_iter().skip(1)));
        names.quantities.count((0..).zip(quantities.into_iter().skip(1)));
        names.directions.count((0..).zip(directions));
    }

    /// Forgets what was learnt of numbers: the next rows have others.
    pub(crate) fn renumbered(&mut self) {
        let ByNumber {
            kinds,
            institutions,
            pharmacies,
            statuses,
            days,
            refills,
            codes,
            supplies,
            rps,
        } = &mut self.by_number;
        kinds.forget();
        institutions.forget();
        pharmacies.forget();
        statuses.forget();
        days.forget();
        refills.forget();
        codes.forget();
        supplies.forget();
        rps.forget();
        self.identity_numbers = None;
    }

    /// Empties what has grown too large.
    pub(crate) fn trim(&mut self) {
        self.by_text.codes.trim();
        self.by_text.institutions.trim();
        self.by_text.supplies.trim();
    }

    /// The rows of a patient often follow each other, and hashing is the dearest step of a row.
    fn patient<'r>(&mut self, row: &impl Cells<'r>) -> Result<PatientKey, Fault> {
        let numbers = row.numbers(IDENTITY);
        if numbers.is_some()
            && numbers == self.identity_numbers
            && let Some(patient) = self.patient
        {
            return Ok(patient);
        }
        self.identity_numbers = numbers;
        let cells = row.texts(IDENTITY);
        if !self.identity.replace(cells)
            && let Some(patient) = self.patient
        {
            return Ok(patient);
        }
        self.patient = None;
        let patient = patient(cells, self.key)?;
        self.patient = Some(patient);
        Ok(patient)
    }
}

impl ByText<'_> {
    fn code(&mut self, cells: [&str; DRUG.len()]) -> Result<u32, Fault> {
        self.codes.get(self.lookup.join(cells), || {
            let [system, code, name] = cells;
            let system: CodeSystem =
                system.parse().map_err(|error: chofuku_engine::code::CodeSystemError| {
                    Fault::new("drug_system", error.to_string())
                })?;
            let code = bounded("drug_code", code, CODE_CHARACTERS_MAX)?;
            if code.is_empty() {
                return Err(Fault::new("drug_code", "the drug code is missing"));
            }
            let (code, name) = (code.to_owned(), name.to_owned());
            Ok(self.names.codes.intern(CodeName { system, code, name }))
        })
    }

    fn supply(&mut self, cells: [&str; SUPPLY.len()]) -> Result<SupplyFacts, Fault> {
        self.supplies.get(self.lookup.join(cells), || {
            let [form, quantity, usage, supplements] = cells;
            let form = self::form(form)?;
            let quantity = bounded("quantity", quantity, CODE_CHARACTERS_MAX)?;
            let usage = bounded("usage", usage, CODE_CHARACTERS_MAX)?;
            let supply = Supply::of(form, quantity, usage, parts(supplements));
            let ordinal = || self.names.quantities.intern(quantity.to_owned()) + 1;
            let quantity = if quantity.is_empty() { 0 } else { ordinal() };
            let (usage, supplements) = (usage.to_owned(), supplements.to_owned());
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
        let code = institution_code(column, code)?;
        let number = code.bytes().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        self.institutions.get(&number, || Ok(self.names.institutions.intern(code.to_owned()) + 1))
    }
}

/// Adds rows to a count, which need not be there yet.
fn add(counts: &mut Vec<u64>, ordinal: u32, rows: u64) {
    let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
    if place >= counts.len() {
        counts.resize(place + 1, 0);
    }
    if let Some(count) = counts.get_mut(place) {
        *count += rows;
    }
}

fn is_cancelled<'r>(row: &impl Cells<'r>) -> Result<bool, Fault> {
    match row.cell(column::STATUS) {
        "" => Ok(false),
        "cancelled" => Ok(true),
        other => {
            let reason = format!("{} is neither empty nor cancelled", shown(other));
            Err(Fault::new("status", reason))
        }
    }
}

fn kind<'r>(row: &impl Cells<'r>) -> Result<DocumentKind, Fault> {
    let kind = match (row.cell(column::KIND), row.cell(column::SETTING)) {
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

fn patient(cells: [&str; IDENTITY.len()], key: &IdentityKey) -> Result<PatientKey, Fault> {
    let [insurer, symbol, number, branch, opaque] = cells;
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
    // No character is shorter than a byte.
    if text.len() <= max || text.chars().nth(max).is_none() {
        return Ok(text);
    }
    Err(Fault::new(column, format!("{} is longer than {max} characters", shown(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn institutions_are_told_apart_by_all_their_digits() -> Result<(), Fault> {
        let (key, names) = (IdentityKey::new(&[7; 32]), Names::default());
        let mut values = Values::new(&key, &names);
        let codes = ["0000000012", "0000000021", "1000000012", "0120000000", "1200000000"];
        for _round in 0..2 {
            for (code, ordinal) in codes.into_iter().zip(1..) {
                assert_eq!(values.by_text.institution("institution", code)?, ordinal, "{code}");
            }
        }
        assert_eq!(values.by_text.institution("institution", "")?, 0);
        assert!(values.by_text.institution("institution", "12").is_err());
        Ok(())
    }
}
