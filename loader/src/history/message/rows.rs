//! A document as rows of the canonical table: the one place where messages become cells.

use std::borrow::Cow;

use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{DocumentKind, DocumentLine};
use chofuku_engine::patient::{IdentityKey, PatientKey};
use chofuku_formats::document::{Code, Document, Facility, Line, Patient};

use super::deviation::Deviation;
use crate::csv_table::FIELD_BYTES_MAX;
use crate::history::cells::{Cells, HEADER_COLUMNS, IDENTITY, LINE_COLUMNS, column, trimmed};
use crate::history::fragment::Header;
use crate::history::values::Values;
use crate::problem::Fault;

/// What stands for a drug whose writer gave no code: an official dummy, which no check takes for a
/// drug (S16).
const NO_CODE: (CodeSystem, &str) = (CodeSystem::Receipt, "777770000");

/// The hash of everything of a document but its id.
pub(crate) type Digest = [u8; 32];

/// A document as rows of a history file.
#[derive(Clone, Debug)]
pub(crate) struct DocumentRows<'t> {
    /// Where it begins in its message.
    pub(crate) place: u64,
    pub(crate) kind: DocumentKind,
    /// Whether something that may be a drug of it could not be read.
    pub(crate) is_partial: bool,
    /// In the order of [`HEADER_COLUMNS`].
    header: [Cow<'t, str>; HEADER_COLUMNS.len()],
    /// In the order of [`LINE_COLUMNS`].
    lines: Vec<[Cow<'t, str>; LINE_COLUMNS.len()]>,
    /// How the format is called in an id.
    format: &'static str,
}

impl<'t> DocumentRows<'t> {
    /// The rows of a document; what they cannot hold is told.
    pub(crate) fn of(
        document: Document<'t>,
        format: &'static str,
        file: &str,
        deviations: &mut Vec<Deviation>,
    ) -> Self {
        let Document { place, kind, lines, .. } = document;
        let mut deviate = |field, reason: &str| {
            deviations.push(Deviation::of_document(file, place, field, reason.to_owned()));
        };
        let lines = lines.into_iter().map(|line| line_of(line, &mut deviate)).collect();
        let (word, setting) = match kind {
            DocumentKind::Prescription => ("prescription", ""),
            DocumentKind::Dispensing => ("dispensing", ""),
            DocumentKind::InHouse => ("in_house", "outpatient"),
            DocumentKind::Inpatient => ("in_house", "inpatient"),
        };
        let Patient { insurer, symbol, number, branch } = document.patient.unwrap_or_default();
        let code = |facility: Option<Facility<'t>>| facility.unwrap_or_default().code;
        let day = document.day.map(|day| day.to_string()).unwrap_or_default();
        let uses = |uses: u8| if uses == 0 { String::new() } else { uses.to_string() };
        let header = [
            document.id.unwrap_or_default(),
            word.into(),
            setting.into(),
            insurer,
            symbol,
            number,
            branch,
            "".into(),
            day.into(),
            code(document.institution),
            code(document.pharmacy),
            document.prescription.unwrap_or_default(),
            uses(document.refill_uses).into(),
            uses(document.refill_use).into(),
            "".into(),
        ];
        Self { place, kind, is_partial: false, header, lines, format }
    }

    /// What its rows share, without surrounding spaces.
    pub(crate) fn header(&self) -> [&str; HEADER_COLUMNS.len()] {
        self.header.each_ref().map(|cell| trimmed(cell))
    }

    /// What each row has of its own, without surrounding spaces.
    pub(crate) fn lines(&self) -> impl ExactSizeIterator<Item = [&str; LINE_COLUMNS.len()]> {
        self.lines.iter().map(|line| line.each_ref().map(|cell| trimmed(cell)))
    }

    /// What names the patient.
    pub(crate) fn identity(&self) -> [&str; IDENTITY.len()] {
        self.row(&[]).texts(IDENTITY)
    }

    /// The id; empty before [`Self::identify`] where the message has none.
    pub(crate) fn id(&self) -> &str {
        self.header.get(column::DOCUMENT).map_or("", |id| trimmed(id))
    }

    /// The document with one of its lines, as a row.
    fn row<'r>(&'r self, line: &'r [Cow<'t, str>]) -> MessageRow<'r, 't> {
        MessageRow { header: &self.header, line }
    }

    /// A cell of the header by its column, to be filled; `None` for a name that is no column.
    pub(crate) fn cell_mut(&mut self, column: &str) -> Option<&mut Cow<'t, str>> {
        let position = HEADER_COLUMNS.iter().position(|name| *name == column)?;
        self.header.get_mut(position)
    }

    /// Gives a document without an id one that follows from its content: the same document has the
    /// same id under the same key, whichever file it stands in. Ids are told where identities are
    /// not, so whoever guesses an insured number must not be able to try it on an id.
    pub(crate) fn identify(&mut self, key: &IdentityKey) {
        if !self.id().is_empty() {
            return;
        }
        let name = key.content_name(&self.digest());
        let id = format!("{}-{name:032x}", self.format);
        if let Some(cell) = self.cell_mut("document") {
            *cell = id.into();
        }
    }

    /// The hash of all cells but the id, each behind its length in bytes.
    pub(crate) fn digest(&self) -> Digest {
        let mut hasher = blake3::Hasher::new();
        let mut take = |cell: &str| {
            let length = u64::try_from(cell.len()).unwrap_or(u64::MAX);
            hasher.update(&length.to_le_bytes());
            hasher.update(cell.as_bytes());
        };
        self.header().iter().skip(1).for_each(|cell| take(cell));
        self.lines().flatten().for_each(&mut take);
        hasher.finalize().into()
    }

    /// The patient, what the rows share and each line, or why the document is refused as a whole.
    pub(crate) fn checked(
        &self,
        values: &mut Values<'_>,
    ) -> Result<(PatientKey, Header<'_>, Vec<DocumentLine>), Fault> {
        self.shaped()?;
        let lacks = if self.identity().concat().is_empty() {
            Some(("insurer", "no insured identity (被保険者)"))
        } else if self.row(&[]).cell(column::DATE).is_empty() {
            Some(("date", "no day that can be read"))
        } else if self.lines.is_empty() {
            Some(("drug_code", "no line"))
        } else {
            None
        };
        if let Some((column, reason)) = lacks {
            return Err(mended(Fault::new(column, reason)));
        }
        let (patient, header) = values.header(&self.row(&[])).map_err(mended)?;
        let lines = self.lines.iter().map(|line| values.line(&self.row(line)));
        Ok((patient, header, lines.collect::<Result<_, _>>()?))
    }

    /// Refuses what no cell of a table may be.
    fn shaped(&self) -> Result<(), Fault> {
        let header = HEADER_COLUMNS.iter().zip(&self.header);
        let lines = self.lines.iter().flat_map(|line| LINE_COLUMNS.iter().zip(line));
        for (column, cell) in header.chain(lines) {
            if cell.len() > FIELD_BYTES_MAX {
                let reason =
                    format!("{} bytes long, at most {FIELD_BYTES_MAX} are allowed", cell.len());
                return Err(Fault::new(column, reason));
            }
            if cell.contains('\n') {
                return Err(Fault::new(column, "holds a line break"));
            }
        }
        Ok(())
    }
}

/// A document and one of its lines, or none.
#[derive(Clone, Copy)]
struct MessageRow<'r, 't> {
    header: &'r [Cow<'t, str>],
    line: &'r [Cow<'t, str>],
}

impl<'r> Cells<'r> for MessageRow<'r, '_> {
    fn cell(&self, column: usize) -> &'r str {
        let cell = match column.checked_sub(HEADER_COLUMNS.len()) {
            None => self.header.get(column),
            Some(column) => self.line.get(column),
        };
        cell.map_or("", |cell| trimmed(cell))
    }
}

/// Says how a message gets what it lacks, where `chofuku convert` can give it.
fn mended(fault: Fault) -> Fault {
    let how = match fault.column {
        "insurer" => "takes --patient-id, or --insurer, --symbol, --number and --branch, for it",
        "institution" => "takes --institution for it",
        "pharmacy" => "takes --pharmacy for it",
        "date" => "makes a table of it, in which a person can write the day",
        _ => return fault,
    };
    Fault::new(fault.column, format!("{}; `chofuku convert` {how}", fault.reason))
}

fn line_of<'t>(
    line: Line<'t>,
    deviate: &mut impl FnMut(&'static str, &str),
) -> [Cow<'t, str>; LINE_COLUMNS.len()] {
    let Line { rp, drug, name, form, quantity, usage, supplements, .. } = line;
    let (system, code) = match drug {
        Some(Code { system, code }) if !code.trim().is_empty() => (system, code),
        Some(_) | None => {
            deviate("drug_code", "none; taken as 777770000, which no check takes for a drug");
            (NO_CODE.0, NO_CODE.1.into())
        }
    };
    let name = if name.contains(['\n', '\r']) {
        deviate("drug_name", "holds a line break, taken as a blank");
        name.replace(['\n', '\r'], " ").into()
    } else {
        name
    };
    let whole = |supplement: &Cow<'t, str>| {
        let is_whole = !supplement.contains(';');
        if !is_whole {
            deviate("usage_supplements", "a code with a semicolon, left out");
        }
        is_whole
    };
    let supplements: Vec<Cow<'t, str>> = supplements.into_iter().filter(whole).collect();
    [
        rp_number(rp),
        system.name().into(),
        code,
        name,
        form.number().to_string().into(),
        quantity,
        usage,
        supplements.join(";").into(),
    ]
}

/// 0 is a number that could not be read.
fn rp_number(rp: u32) -> Cow<'static, str> {
    if rp == 0 { "".into() } else { rp.to_string().into() }
}
