//! Prescriptions to `SJ1`.

use std::collections::BTreeMap;

use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::period::Form;
use thiserror::Error;

use super::cp932::{is_kept, written};
use super::group::{Information, form_of};
use crate::csv_message::shown;
use crate::document::{Code, Document, Facility, Line, Patient};
use crate::report::{Reason, Report};

const RP_MAX: u32 = 999;

/// A prescription as `SJ1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The file, in characters that CP932 knows, with CRLF; for bytes give it to `encode`.
    pub text: String,
    /// What could not be written as it was.
    pub report: Report,
}

/// A document that `SJ1` cannot state without stating something else.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Not a prescription.
    #[error("a document of kind {kind:?} is no prescription; SJ1 can only state prescriptions")]
    Kind {
        /// What it is.
        kind: DocumentKind,
    },
    /// An RP number that does not fit.
    #[error("RP {rp} is not 1 to {RP_MAX}")]
    Rp {
        /// The number.
        rp: u32,
    },
    /// A code system without a kind of its own.
    #[error("SJ1 has no code kind for {system} ({code:?}); look its YJ or receipt code up first")]
    System {
        /// The system.
        system: CodeSystem,
        /// The code, cut.
        code: String,
    },
    /// A value of which not every character can be written, while another would be another value.
    #[error("{field} {found:?} has characters that SJ1 cannot carry in a code or number")]
    Value {
        /// The field.
        field: &'static str,
        /// The value, cut.
        found: String,
    },
    /// The same, of a part of the insured identity, which is not shown.
    #[error("the insured identity has characters that SJ1 cannot carry")]
    Identity,
    /// Lines of one RP that differ in what SJ1 states once for all of them.
    #[error(
        "the lines of RP {rp} differ in {field}, which SJ1 states once an RP; number them apart"
    )]
    Rps {
        /// The RP.
        rp: u32,
        /// What differs.
        field: &'static str,
    },
    /// A material with a drug's code among drugs, which no reader could tell from a drug.
    #[error("the material {code:?} of RP {rp} has a drug's code; give it an RP of its own")]
    Material {
        /// The RP.
        rp: u32,
        /// The code.
        code: String,
    },
}

/// Writes a prescription. `file` is its name in the report.
///
/// The records are those that [`read`](super::read) uses; names of persons, addresses and doctors,
/// which a complete prescription needs too, are no part of a [`Document`]. A comma in a name becomes
/// a full-width one, as the layout prescribes; characters that CP932 does not know become ■ and are
/// reported.
///
/// # Errors
///
/// The document says something that the layout cannot state, and that must not be left out.
pub fn write(file: &str, document: &Document<'_>) -> Result<Written, WriteError> {
    if document.kind != DocumentKind::Prescription {
        return Err(WriteError::Kind { kind: document.kind });
    }
    let mut out = Out { file, line: 1, text: "SJ1\r\n".to_owned(), report: Report::default() };
    if let Some(institution) = &document.institution {
        out.institution(institution);
    }
    if let Some(patient) = &document.patient {
        out.patient(patient)?;
    }
    match document.day {
        Some(day) => out.record(&["51", &day.to_string().replace('-', "")]),
        None => out.note("51", "交付年月日", Reason::Missing),
    }
    if document.refill_uses > 0 {
        out.record(&["64", &document.refill_uses.to_string()]);
    }
    if let Some(id) = &document.id {
        out.record(&["82", "1", plain("引換番号", id)?]);
    }
    out.unused(document);
    let mut rps: BTreeMap<u32, Vec<&Line<'_>>> = BTreeMap::new();
    for line in &document.lines {
        rps.entry(line.rp).or_default().push(line);
    }
    for (rp, lines) in &rps {
        check_rp(*rp, lines)?;
    }
    let mut written: BTreeMap<u32, usize> = BTreeMap::new();
    for line in &document.lines {
        let lines = rps.get(&line.rp).map(Vec::as_slice).unwrap_or_default();
        let sequence = written.entry(line.rp).or_default();
        if *sequence == 0 {
            out.rp(lines)?;
        }
        *sequence += 1;
        out.drug(line, *sequence, rp_form(lines), common_supplements(lines).len())?;
    }
    Ok(Written { text: out.text, report: out.report })
}

/// What is written so far.
#[derive(Debug)]
struct Out<'f> {
    file: &'f str,
    line: u64,
    text: String,
    report: Report,
}

impl Out<'_> {
    fn record(&mut self, fields: &[&str]) {
        for (at, field) in fields.iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { "," });
            self.text.push_str(field);
        }
        self.text.push_str("\r\n");
        self.line += 1;
    }

    /// Notes something about the record that is written next.
    fn note(&mut self, record: &'static str, field: &'static str, reason: Reason) {
        self.report.problem_in(self.file, self.line + 1, record, field, reason);
    }

    /// A name as it can be written.
    fn name(&mut self, record: &'static str, field: &'static str, name: &str) -> String {
        let mut text = String::with_capacity(name.len());
        for character in name.chars() {
            let (kept, taken) = match character {
                ',' => ('，', ""),
                _ if character.is_control() => (' ', "a blank"),
                _ => match written(character) {
                    same if same == character => (same, ""),
                    '■' => ('■', "■, which stands for characters that CP932 does not know"),
                    other => (other, "the character that CP932 has for it"),
                },
            };
            text.push(kept);
            if !taken.is_empty() {
                let found = character.to_string();
                self.note(record, field, Reason::ReadAs { found, taken });
            }
        }
        text
    }

    fn institution(&mut self, institution: &Facility<'_>) {
        let name = self.name("1", "医療機関名称", &institution.name);
        let code = institution.code.as_ref();
        let is_code = code.len() == 10 && code.bytes().all(|byte| byte.is_ascii_digit());
        if !is_code && !code.is_empty() {
            let reason = Reason::Code { expected: 10, found: shown(code) };
            self.note("1", "医療機関コード", reason);
        }
        let code = if is_code { code } else { "" };
        let (prefecture, rest) = code.split_at_checked(2).unwrap_or_default();
        let (table, number) = rest.split_at_checked(1).unwrap_or_default();
        self.record(&["1", table, number, prefecture, &name]);
    }

    fn patient(&mut self, patient: &Patient<'_>) -> Result<(), WriteError> {
        let part = |text| plain("", text).map_err(|_| WriteError::Identity);
        let (insurer, symbol) = (part(&patient.insurer)?, part(&patient.symbol)?);
        let (number, branch) = (part(&patient.number)?, part(&patient.branch)?);
        // Medical assistance is a public scheme (公費), not an insurer.
        if insurer.len() == 8 && insurer.starts_with("12") && symbol.is_empty() && branch.is_empty()
        {
            self.record(&["27", insurer, number]);
            return Ok(());
        }
        self.record(&["22", insurer]);
        self.record(&["23", symbol, number, "", branch]);
        Ok(())
    }

    /// Names what a document may say and a prescription cannot.
    fn unused(&mut self, document: &Document<'_>) {
        let taken = "nothing: a prescription has no such record";
        let parts = [
            ("調剤薬局", document.pharmacy.as_ref().map(|pharmacy| pharmacy.code.to_string())),
            ("処方箋", document.prescription.as_ref().map(ToString::to_string)),
            ("リフィル回", (document.refill_use > 0).then(|| document.refill_use.to_string())),
        ];
        for (field, found) in parts {
            if let Some(found) = found {
                self.note("", field, Reason::ReadAs { found: shown(&found), taken });
            }
        }
    }

    /// What all lines of an RP share.
    fn rp(&mut self, lines: &[&Line<'_>]) -> Result<(), WriteError> {
        let Some(line) = lines.first() else { return Ok(()) };
        let (rp, form) = (line.rp.to_string(), rp_form(lines).number().to_string());
        self.record(&["101", &rp, &form, "", plain("調剤数量", &line.quantity)?]);
        let kind = if line.usage.is_empty() { "1" } else { "3" };
        let words = self.name("111", "用法名称", &line.usage_text);
        self.record(&["111", &rp, kind, plain("用法コード", &line.usage)?, &words, ""]);
        for (supplement, number) in common_supplements(lines).iter().zip(1_usize..) {
            let code = plain("補足用法コード", supplement)?;
            self.record(&["181", &rp, &number.to_string(), "8", "", code, ""]);
        }
        Ok(())
    }

    fn drug(
        &mut self,
        line: &Line<'_>,
        sequence: usize,
        form: Form,
        shared: usize,
    ) -> Result<(), WriteError> {
        let (rp, sequence) = (line.rp.to_string(), sequence.to_string());
        let is_material = line.form == Form::Material;
        let (kind, code) = match &line.drug {
            Some(drug) => (kind(drug)?, plain("薬品コード", &drug.code)?),
            None => ("1", ""),
        };
        let mut contradicts = false;
        if is_material {
            let drug = line.drug.as_ref();
            form_of(form, Information::Material, drug, |_, _, _| contradicts = true);
        }
        if contradicts {
            return Err(WriteError::Material { rp: line.rp, code: shown(code) });
        }
        let information = if is_material { "2" } else { "1" };
        let name = self.name("201", "薬品名称", &line.name);
        let unit = self.name("201", "単位名", &line.unit);
        let dose = plain("用量", &line.dose)?;
        self.record(&["201", &rp, &sequence, information, kind, code, &name, dose, "1", &unit]);
        for (supplement, number) in line.supplements.iter().skip(shared).zip(1_usize..) {
            let code = plain("補足用法コード", supplement)?;
            self.record(&["281", &rp, &sequence, &number.to_string(), "7", "", code]);
        }
        Ok(())
    }
}

/// A code or number, which is written exactly or not at all.
fn plain<'v>(field: &'static str, value: &'v str) -> Result<&'v str, WriteError> {
    let is_plain = value.trim() == value
        && !value.chars().any(|character| character == ',' || character.is_control())
        && is_kept(value);
    if is_plain { Ok(value) } else { Err(WriteError::Value { field, found: shown(value) }) }
}

fn kind(drug: &Code<'_>) -> Result<&'static str, WriteError> {
    Ok(match drug.system {
        CodeSystem::Receipt => "2",
        CodeSystem::Price => "3",
        CodeSystem::Yj => "4",
        CodeSystem::Hot => "6",
        CodeSystem::Generic => "7",
        CodeSystem::Gtin => {
            let (system, code) = (drug.system, shown(&drug.code));
            return Err(WriteError::System { system, code });
        }
    })
}

fn check_rp(rp: u32, lines: &[&Line<'_>]) -> Result<(), WriteError> {
    if !(1..=RP_MAX).contains(&rp) {
        return Err(WriteError::Rp { rp });
    }
    let form = rp_form(lines);
    for pair in lines.windows(2) {
        let [one, other] = pair else { continue };
        let differs = [
            ("quantity", one.quantity != other.quantity),
            ("usage", one.usage != other.usage),
            ("usage text", one.usage_text != other.usage_text),
            ("form", ![form, Form::Material].contains(&other.form)),
        ];
        if let Some((field, _)) = differs.into_iter().find(|(_, differs)| *differs) {
            return Err(WriteError::Rps { rp, field });
        }
    }
    Ok(())
}

/// The form of an RP: that of its drugs; material only if it has none.
fn rp_form(lines: &[&Line<'_>]) -> Form {
    let mut forms = lines.iter().map(|line| line.form);
    forms.find(|form| *form != Form::Material).unwrap_or(Form::Material)
}

/// The supplement codes with which all lines of an RP begin.
fn common_supplements<'l>(lines: &[&'l Line<'l>]) -> &'l [std::borrow::Cow<'l, str>] {
    let Some((first, others)) = lines.split_first() else { return &[] };
    let shared = others.iter().fold(first.supplements.len(), |shared, line| {
        let pairs = first.supplements.iter().zip(&line.supplements);
        shared.min(pairs.take_while(|(one, other)| one == other).count())
    });
    first.supplements.get(..shared).unwrap_or_default()
}
