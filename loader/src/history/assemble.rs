//! Fragments of one part to patients, encoded in the order of their keys.
//!
//! Nearly every document is one fragment that nothing speaks against. Such a one goes from its bytes
//! to the encoder as it is; only documents in several pieces, or with a reason to be left out, are
//! put together as values of their own.

use std::io;

use chofuku_engine::document::{Document, DocumentLine};
use chofuku_engine::history::packed::PackedDocument;
use chofuku_engine::history::writer::{EncodedPatients, WriteError};
use chofuku_engine::patient::PatientKey;
use rustc_hash::FxHashSet;

use crate::history::claims::{self, IdHash};
use crate::history::fragment::{Stored, StoredHeader};
use crate::history::spill::{PARTS, Records};
use crate::problem::shown;

/// The bits of a key below those of its part and below the 64 that sort it.
const KEY_SHIFT: u32 = u128::BITS - PARTS.ilog2() - u64::BITS;

/// New ordinals of old ones, by what they count.
#[derive(Debug)]
pub(crate) struct Ordinals {
    pub(crate) codes: Vec<u32>,
    pub(crate) institutions: Vec<u32>,
    pub(crate) quantities: Vec<u32>,
    pub(crate) directions: Vec<u32>,
}

/// What decides whether a document is taken.
#[derive(Debug)]
pub(crate) struct Assembler<'g> {
    pub(crate) ordinals: &'g Ordinals,
    /// Documents of which a row was refused.
    pub(crate) incomplete: &'g FxHashSet<String>,
    /// Documents that two patients claim.
    pub(crate) conflicts: &'g FxHashSet<IdHash>,
    /// Files that are messages, in which documents stand whole.
    pub(crate) messages: &'g FxHashSet<u32>,
}

/// One part, encoded.
#[derive(Debug, Default)]
pub(crate) struct Assembled {
    pub(crate) patients: EncodedPatients,
    pub(crate) patient_count: u64,
    pub(crate) record_count: u64,
    pub(crate) refused: Vec<RefusedRows>,
    /// Whole documents of messages that stand in an earlier file already.
    pub(crate) repeated: Vec<RefusedRows>,
    /// Rows of documents that two patients claim; which is the later one, only all parts tell.
    pub(crate) claimed: Vec<(RefusedRows, PatientKey)>,
    /// Documents that are left out whole.
    pub(crate) left_out: Vec<String>,
}

/// Rows that are refused although nothing is wrong with them alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RefusedRows {
    pub(crate) document: String,
    pub(crate) file: u32,
    pub(crate) line: u64,
    pub(crate) rows: u64,
    pub(crate) reason: String,
}

/// Temporary records that are not what was written.
#[derive(Debug)]
struct Damaged;

impl Assembler<'_> {
    /// Sorts the fragments of a part, puts documents together and encodes patients into the empty
    /// `patients`.
    ///
    /// # Errors
    ///
    /// When the records are not what was written, or a row cannot be encoded.
    pub(crate) fn assemble(
        &self,
        records: &Records,
        patients: EncodedPatients,
    ) -> Result<Assembled, WriteError> {
        let damaged = || io::Error::other("temporary records are not what was written");
        let fragments = Stored::all(records).ok_or_else(damaged)?;
        let mut part = Assembled { patients, ..Assembled::default() };
        let (mut own, mut taken) = (Vec::new(), Taken::default());
        for runs in runs(&fragments).chunk_by(Run::may_be_of_one_patient) {
            own.clear();
            own.extend(runs.iter().flat_map(|run| run.fragments(&fragments)));
            own.sort_unstable();
            for patient in own.chunk_by(|one, other| one.patient == other.patient) {
                taken.clear();
                for fragments in patient.chunk_by(Stored::is_of_document_of) {
                    self.take(fragments, &mut taken, &mut part).map_err(|Damaged| damaged())?;
                }
                let Some(first) = patient.first().filter(|_| !taken.headers.is_empty()) else {
                    continue;
                };
                part.patient_count += 1;
                part.record_count += length(taken.lines.len());
                part.patients.push_packed(first.patient, &mut taken.documents())?;
            }
        }
        Ok(part)
    }

    /// Takes the document of fragments in the order of files and lines, unless it is left out.
    fn take<'s>(
        &self,
        fragments: &[Stored<'s>],
        taken: &mut Taken<'s>,
        part: &mut Assembled,
    ) -> Result<(), Damaged> {
        let first = fragments.first().ok_or(Damaged)?;
        let (mut header, mut lines) = first.split().ok_or(Damaged)?;
        let before = taken.lines.len();
        if fragments.len() == 1 && self.conflicts.is_empty() && self.incomplete.is_empty() {
            while let Some(line) = lines.read().ok_or(Damaged)? {
                taken.lines.push(self.ordinals.line(line));
            }
        } else {
            let Some(document) = self.document(fragments, part)? else { return Ok(()) };
            let lines = document.lines.into_iter();
            taken.lines.extend(lines.map(|line| self.ordinals.line(line)));
        }
        for institution in [&mut header.institution, &mut header.pharmacy] {
            *institution = renumbered(&self.ordinals.institutions, *institution);
        }
        taken.headers.push((header, taken.lines.len() - before));
        Ok(())
    }

    /// The document of fragments in the order of files and lines, unless it is left out.
    fn document(
        &self,
        fragments: &[Stored<'_>],
        part: &mut Assembled,
    ) -> Result<Option<Document>, Damaged> {
        let (first, others) = fragments.split_first().ok_or(Damaged)?;
        let mut document = first.document().ok_or(Damaged)?;
        let mut whole = true;
        if !self.conflicts.is_empty() && self.conflicts.contains(&claims::hash(&document.id)) {
            for fragment in fragments {
                let rows = refused(fragment, &fragment.document().ok_or(Damaged)?, String::new());
                part.claimed.push((rows, fragment.patient));
            }
            return Ok(None);
        }
        if !self.incomplete.is_empty() && self.incomplete.contains(&document.id) {
            part.left_out.push(document.id);
            return Ok(None);
        }
        for fragment in others {
            let mut other = fragment.document().ok_or(Damaged)?;
            if self.messages.contains(&fragment.file) {
                // One message holds all lines of a document: they are the same ones or it is another.
                if other == document {
                    let reason = "the same document as in an earlier file; it counts once";
                    part.repeated.push(refused(fragment, &other, reason.to_owned()));
                    continue;
                }
                let column = difference(&document, &other).unwrap_or("lines");
                let reason = format!("other {column} than in an earlier file");
                part.refused.push(refused(fragment, &other, reason));
                whole = false;
                continue;
            }
            if let Some(column) = difference(&document, &other) {
                let reason = format!("another {column} than in an earlier row");
                part.refused.push(refused(fragment, &other, reason));
                whole = false;
                continue;
            }
            // Twice in one file is what was written; in two files it is one export too many.
            let twice = (0..)
                .zip(&other.lines)
                .filter(|(_, line)| is_in_earlier_file(line, fragment, fragments));
            let twice: Vec<u64> = twice.map(|(row, _)| row).collect();
            for row in &twice {
                part.refused.push(RefusedRows {
                    document: document.id.clone(),
                    file: fragment.file,
                    line: fragment.line + row,
                    rows: 1,
                    reason: "an earlier file has the same line".to_owned(),
                });
                whole = false;
            }
            document.lines.append(&mut other.lines);
        }
        if !whole {
            part.left_out.push(document.id);
            return Ok(None);
        }
        Ok(Some(document))
    }
}

/// Fragments of one patient that follow each other as they were read. A file often has a patient's
/// documents together, so far fewer runs are sorted than fragments, and each is sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    /// 64 bits of the patient's key, behind those that all of a part share.
    key: u64,
    first: usize,
}

/// The runs of a part, in the order of its patients.
fn runs(fragments: &[Stored<'_>]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut first = 0;
    for run in fragments.chunk_by(|one, other| one.patient == other.patient) {
        if let Some(fragment) = run.first() {
            let key = fragment.patient.number() >> KEY_SHIFT & u128::from(u64::MAX);
            runs.push(Run { key: u64::try_from(key).unwrap_or(u64::MAX), first });
        }
        first += run.len();
    }
    runs.sort_unstable();
    runs
}

impl Run {
    /// Whether both may be one patient's: what tells it is the whole key.
    fn may_be_of_one_patient(&self, other: &Self) -> bool {
        self.key == other.key
    }

    fn fragments<'f, 's>(&self, all: &'f [Stored<'s>]) -> impl Iterator<Item = Stored<'s>> + 'f {
        let run = all.get(self.first..).unwrap_or_default();
        let patient = run.first().map(|fragment| fragment.patient);
        run.iter().take_while(move |fragment| Some(fragment.patient) == patient).copied()
    }
}

/// The documents of one patient, ready to be encoded.
#[derive(Debug, Default)]
struct Taken<'s> {
    /// Each with the number of its lines.
    headers: Vec<(StoredHeader<'s>, usize)>,
    /// The lines of all of them.
    lines: Vec<DocumentLine>,
}

impl<'s> Taken<'s> {
    fn clear(&mut self) {
        self.headers.clear();
        self.lines.clear();
    }

    fn documents<'d>(&'d mut self) -> Vec<PackedDocument<'d>>
    where
        's: 'd,
    {
        let mut rest = self.lines.as_mut_slice();
        let mut documents = Vec::with_capacity(self.headers.len());
        for (header, line_count) in &self.headers {
            let (lines, behind) = rest.split_at_mut((*line_count).min(rest.len()));
            rest = behind;
            documents.push(PackedDocument {
                id: header.id,
                id_hash: header.id_hash,
                kind: header.kind,
                day: header.day,
                institution: header.institution,
                pharmacy: header.pharmacy,
                prescription: header.prescription,
                refill_uses: header.refill_uses,
                refill_use: header.refill_use,
                cancelled: header.cancelled,
                acknowledged: &[],
                lines,
            });
        }
        documents
    }
}

impl Ordinals {
    /// The line with the ordinals of the dictionary.
    fn line(&self, line: DocumentLine) -> DocumentLine {
        DocumentLine {
            code: at(&self.codes, line.code).unwrap_or(u32::MAX),
            quantity: renumbered(&self.quantities, line.quantity),
            directions: at(&self.directions, line.directions).unwrap_or(u32::MAX),
            ..line
        }
    }
}

/// The new ordinal + 1 of an old one + 1; 0 stays none.
fn renumbered(new: &[u32], old: u32) -> u32 {
    old.checked_sub(1).and_then(|old| at(new, old)).map_or(old, |new| new + 1)
}

fn at(ordinals: &[u32], old: u32) -> Option<u32> {
    usize::try_from(old).ok().and_then(|old| ordinals.get(old)).copied()
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn refused(fragment: &Stored<'_>, document: &Document, reason: String) -> RefusedRows {
    RefusedRows {
        document: document.id.clone(),
        file: fragment.file,
        line: fragment.line,
        rows: length(document.lines.len()),
        reason,
    }
}

fn is_in_earlier_file(
    line: &chofuku_engine::document::DocumentLine,
    fragment: &Stored<'_>,
    fragments: &[Stored<'_>],
) -> bool {
    let mut earlier = fragments.iter().filter(|earlier| earlier.file < fragment.file);
    earlier.any(|earlier| earlier.document().is_some_and(|known| known.lines.contains(line)))
}

/// The first column in which two fragments of one document differ.
fn difference(one: &Document, other: &Document) -> Option<&'static str> {
    let differences = [
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

/// What is said of rows that are refused.
pub(crate) fn reason(rows: &RefusedRows) -> String {
    format!("{}: {}", shown(&rows.document), rows.reason)
}
