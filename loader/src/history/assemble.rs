//! Fragments of one part to patients, encoded in the order of their keys.

use std::io;

use chofuku_engine::document::Document;
use chofuku_engine::history::writer::{EncodedPatients, WriteError};
use chofuku_engine::patient::PatientKey;
use rustc_hash::FxHashSet;

use crate::history::claims::{self, IdHash};
use crate::history::fragment::Stored;
use crate::problem::shown;

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
    /// Sorts the fragments of a part, puts documents together and encodes patients.
    ///
    /// # Errors
    ///
    /// When the bytes are not what was written, or a row cannot be encoded.
    pub(crate) fn assemble(&self, bytes: &[u8]) -> Result<Assembled, WriteError> {
        let damaged = || io::Error::other("temporary records are not what was written");
        let mut fragments = Stored::all(bytes).ok_or_else(damaged)?;
        fragments.sort_unstable();
        let mut part = Assembled::default();
        for patient in fragments.chunk_by(|one, other| one.patient == other.patient) {
            let mut documents: Vec<Document> = Vec::with_capacity(patient.len());
            for fragments in patient.chunk_by(Stored::is_of_document_of) {
                let document = self.document(fragments, &mut part).map_err(|Damaged| damaged())?;
                documents.extend(document);
            }
            let Some(first) = patient.first().filter(|_| !documents.is_empty()) else { continue };
            part.patient_count += 1;
            part.record_count += documents.iter().map(|d| length(d.lines.len())).sum::<u64>();
            part.patients.push(first.patient, documents)?;
        }
        Ok(part)
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
        self.renumber(&mut document);
        Ok(Some(document))
    }

    fn renumber(&self, document: &mut Document) {
        let renumber = |new: &[u32], old: &mut u32| {
            if let Some(number) = old.checked_sub(1).and_then(|old| at(new, old)) {
                *old = number + 1;
            }
        };
        renumber(&self.ordinals.institutions, &mut document.institution);
        renumber(&self.ordinals.institutions, &mut document.pharmacy);
        for line in &mut document.lines {
            line.code = at(&self.ordinals.codes, line.code).unwrap_or(u32::MAX);
            renumber(&self.ordinals.quantities, &mut line.quantity);
            let directions = at(&self.ordinals.directions, line.directions);
            line.directions = directions.unwrap_or(u32::MAX);
        }
    }
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
