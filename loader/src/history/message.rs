//! Messages of the outside world as history: read whole, each document to rows of the canonical
//! table.
//!
//! A compile and a conversion both go through [`read`], so that a message says the same either way.

pub(crate) mod beside;
pub(crate) mod deviation;
pub(crate) mod rows;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use chofuku_formats::detect::Format;
use chofuku_formats::dispensing_result;
use chofuku_formats::document::Document;
use chofuku_formats::message::Message;
use chofuku_formats::{Report, decode_message, fhir};

use crate::hashing::FileHash;
use crate::history::input::{Packing, unpacked};
use crate::problem::shown;
use crate::progress::Progress;
use deviation::Deviation;
use rows::{Digest, DocumentRows};

/// References of FHIR hold across a whole file, so a message is held in memory: no larger one is
/// taken, nor more of what its orders refer to in other files.
const MESSAGE_BYTES_MAX: u64 = 1 << 30;

/// A file that holds a message.
#[derive(Clone, Debug)]
pub(crate) struct MessageFile {
    pub(crate) path: PathBuf,
    pub(crate) packing: Packing,
}

impl MessageFile {
    /// Reads the file to its end; returns the message and the hash of the file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or its message is too large.
    pub(crate) fn read(&self, progress: &dyn Progress) -> io::Result<(Vec<u8>, [u8; 32])> {
        let hash = FileHash::default();
        let file = hash.of(File::open(&self.path)?, |bytes| progress.advance(bytes));
        let mut bytes = Vec::new();
        unpacked(file, self.packing)?.take(MESSAGE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length <= MESSAGE_BYTES_MAX) {
            return Ok((bytes, hash.finish()));
        }
        let reason = "a message of more than 1 GiB; give it in several files, \
                      each with everything that its documents refer to";
        Err(io::Error::new(io::ErrorKind::FileTooLarge, reason))
    }
}

/// In which layout a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// That which its first bytes name.
    Detected,
    /// The assumed one of dispensing results, which no first bytes name.
    DispensingResult,
}

/// Reads a message and hands each document to `take`; returns what deviates, or why nothing of it
/// can be read. `beside` is what FHIR of it may refer to.
///
/// # Errors
///
/// Those of `take`.
pub(crate) fn read<E>(
    file: &str,
    bytes: Vec<u8>,
    layout: Layout,
    beside: &fhir::Beside<'_, '_>,
    mut take: impl FnMut(DocumentRows<'_>, &mut Vec<Deviation>) -> Result<(), E>,
) -> Result<Result<Vec<Deviation>, String>, E> {
    let mut deviations = Vec::new();
    let mut each = |documents: Vec<Document<'_>>, report: Report, format: &'static str| {
        deviations.extend(report.problems.iter().map(Deviation::of));
        let partial = partial(&documents, &report, format);
        for (document, is_partial) in documents.into_iter().zip(partial) {
            let mut rows = DocumentRows::of(document, format, file, &mut deviations);
            rows.is_partial = is_partial;
            take(rows, &mut deviations)?;
        }
        Ok::<(), E>(())
    };
    if layout == Layout::DispensingResult {
        match dispensing_result::read_as_notebook(file, &decode_message(bytes)) {
            Ok(read) => each(read.documents, read.report, "dispensing-result")?,
            Err(error) => return Ok(Err(told(&error))),
        }
        return Ok(Ok(deviations));
    }
    let message = match Message::new(file, bytes) {
        Ok(message) => message,
        Err(error) => return Ok(Err(told(&error))),
    };
    match message.documents_beside(beside) {
        Ok(read) => each(read.documents, read.report, name(message.format()))?,
        Err(error) => return Ok(Err(told(&error))),
    }
    Ok(Ok(deviations))
}

/// For each document of a message, whether something of it may be lost: it lies between the beginnings of
/// this one and the next. What lies nowhere, such as a part of a notebook, and in FHIR, where documents do
/// not begin at lines, may be of each; a line that is no resource is of none.
fn partial(documents: &[Document<'_>], report: &Report, format: &str) -> Vec<bool> {
    let mut partial = vec![false; documents.len()];
    for lost in report.losses() {
        let of_all =
            if format == name(Format::Fhir) { !lost.record.is_empty() } else { lost.line == 0 };
        let places = documents.iter().map(|document| document.place);
        let begun =
            places.filter(|place| format != name(Format::Fhir) && *place <= lost.line).max();
        for (is_partial, document) in partial.iter_mut().zip(documents) {
            *is_partial |= of_all || begun == Some(document.place);
        }
    }
    partial
}

/// The format as ids of documents name it.
fn name(format: Format) -> &'static str {
    match format {
        Format::ElectronicPrescription => "prescription",
        Format::PrescriptionSymbol => "symbol",
        Format::PrescriptionFragment => "fragment",
        Format::Notebook => "notebook",
        Format::Fhir => "fhir",
        Format::DrugHistory => "drug-history",
        Format::Receipts => "receipt",
        _ => "message",
    }
}

/// An error with everything that led to it.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = deviation::without_values(&cause.to_string());
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// What is said of a document under whose id another one stands.
pub(crate) fn other(id: &str, first: u64) -> String {
    format!("{}: the document at {first} has this id and other content", shown(id))
}

/// Documents that were taken, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Taken(HashMap<String, (Digest, Place)>);

/// Where a document begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) place: u64,
}

/// Whether a document was taken before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing has its id.
    Never,
    /// The same document, with all its lines.
    Same(Place),
    /// Another one under the same id.
    Other(Place),
}

impl Taken {
    /// Remembers a document, and says what was known of its id.
    pub(crate) fn before(&mut self, file: usize, rows: &DocumentRows<'_>) -> Before {
        let digest = rows.digest();
        match self.0.entry(rows.id().to_owned()) {
            Entry::Vacant(slot) => {
                slot.insert((digest, Place { file, place: rows.place }));
                Before::Never
            }
            Entry::Occupied(slot) => {
                let (known, place) = slot.get();
                if *known == digest {
                    Before::Same(place.clone())
                } else {
                    Before::Other(place.clone())
                }
            }
        }
    }
}
