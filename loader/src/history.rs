//! History files of any size to the sections of a history, in bounded memory.
//!
//! An external sort by patient: all cores read pieces of the files ([`gather`]) and put each
//! document, as far as it stands together, into one of 256 parts by the top bits of its patient's
//! key ([`spill`]); then each part is sorted in memory and encoded ([`assemble`]), and parts are
//! written in order while the next ones are encoded ([`parts`]). Two patients with one document id end
//! in two parts, so claims of ids are sorted by themselves ([`claims`]).

mod assemble;
pub(crate) mod cells;
mod claims;
mod csv;
mod fragment;
pub(crate) mod gather;
pub(crate) mod input;
mod interner;
pub(crate) mod message;
mod parquet;
mod parts;
mod recent;
mod spill;
pub(crate) mod values;

use std::path::Path;

use chofuku_engine::history::dictionary::Dictionary;
use chofuku_engine::history::writer::WriteError;
use chofuku_engine::patient::PatientKey;

use crate::problem::Problem;
use crate::progress::{Progress, Unit};
use assemble::{Assembled, Assembler, Ordinals, RefusedRows, reason};
use gather::Gathered;
use input::InputFile;

/// What was found while documents were put together.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    /// Rows that contradict another row.
    pub(crate) rejects: Vec<Problem>,
    /// Documents that are left out whole, because half of one would stand in the place of the whole.
    pub(crate) left_out: Vec<Problem>,
    /// Documents that stand in two messages and count once.
    pub(crate) repeated: Vec<Problem>,
    /// How many records were written.
    pub(crate) records: u64,
}

impl Gathered {
    /// Bytes that the sections will take, about, and never less than they need in practice.
    pub(crate) fn section_bytes_about(&self) -> u64 {
        let rows: u64 = self.files.iter().map(|file| file.rows).sum();
        rows * 30
    }

    /// Writes the sections of the history, and takes from the counts what was refused.
    ///
    /// # Errors
    ///
    /// When the disk cannot be read or written, or a section grows beyond its offsets.
    pub(crate) fn write(
        &mut self,
        inputs: &[InputFile],
        links: Vec<Vec<PatientKey>>,
        directory: &Path,
        progress: &dyn Progress,
    ) -> Result<Conflicts, WriteError> {
        let rows: u64 = self.files.iter().map(|file| file.rows).sum();
        progress.stage("history", Unit::Rows, Some(rows));
        let conflicts = claims::conflicts(&self.claims)?;
        let names = std::mem::take(&mut self.names);
        let (codes, new_codes) = names.codes.by_frequency();
        let (institutions, new_institutions) = names.institutions.by_frequency();
        let (quantities, new_quantities) = names.quantities.by_frequency();
        let (directions, new_directions) = names.directions.by_frequency();
        let ordinals = Ordinals {
            codes: new_codes,
            institutions: new_institutions,
            quantities: new_quantities,
            directions: new_directions,
        };
        let messages = (0_u32..).zip(inputs).filter(|(_, input)| input.is_message());
        let messages = messages.map(|(number, _)| number).collect();
        let assembler = Assembler {
            ordinals: &ordinals,
            incomplete: &self.incomplete,
            conflicts: &conflicts,
            messages: &messages,
        };
        let (writer, found) = parts::write(&self.fragments, &assembler, directory, progress)?;
        let dictionary = Dictionary::new(codes, institutions, quantities, directions);
        let records = writer.records();
        writer.finish(directory, dictionary.with_links(links))?;
        Ok(Conflicts { records, ..self.conflicts(inputs, found) })
    }

    /// What was found, in words.
    fn conflicts(&mut self, inputs: &[InputFile], found: Found) -> Conflicts {
        let Found { mut refused, mut repeated, claimed, mut left_out } = found;
        let (others, documents) = of_another_patient(claimed);
        refused.extend(others);
        left_out.extend(documents);
        refused.sort_by_key(|rows| (rows.file, rows.line));
        left_out.sort_unstable();
        let mut conflicts = Conflicts::default();
        repeated.sort_by_key(|rows| (rows.file, rows.line));
        let refused = refused.into_iter().map(|rows| (rows, false));
        for (rows, is_repeated) in refused.chain(repeated.into_iter().map(|rows| (rows, true))) {
            let number = usize::try_from(rows.file).unwrap_or(usize::MAX);
            let (Some(file), Some(input)) = (self.files.get_mut(number), inputs.get(number)) else {
                continue;
            };
            let problem = |row| Problem {
                file: input.path.display().to_string(),
                line: row,
                column: "document".to_owned(),
                reason: reason(&rows),
            };
            file.rows = file.rows.saturating_sub(rows.rows);
            if is_repeated {
                conflicts.repeated.push(problem(file.place(rows.line)));
            } else if input.is_message() {
                file.rejected += 1;
                conflicts.rejects.push(problem(file.place(rows.line)));
            } else {
                file.rejected += rows.rows;
                conflicts.rejects.extend((0..rows.rows).map(|row| problem(rows.line + row)));
            }
        }
        conflicts.left_out = left_out
            .into_iter()
            .map(|document| Problem {
                file: String::new(),
                line: 0,
                column: "document".to_owned(),
                reason: format!(
                    "{}: left out whole, because a row of it was refused",
                    crate::problem::shown(&document)
                ),
            })
            .collect();
        conflicts
    }
}

/// What parts found, without their patients.
#[derive(Debug, Default)]
struct Found {
    refused: Vec<RefusedRows>,
    repeated: Vec<RefusedRows>,
    claimed: Vec<(RefusedRows, PatientKey)>,
    left_out: Vec<String>,
}

impl Found {
    fn take(&mut self, part: Assembled) {
        self.refused.extend(part.refused);
        self.repeated.extend(part.repeated);
        self.claimed.extend(part.claimed);
        self.left_out.extend(part.left_out);
    }
}

/// The rows of documents whose first row, in the order of files and lines, is another patient's;
/// and the documents.
fn of_another_patient(
    mut claimed: Vec<(RefusedRows, PatientKey)>,
) -> (Vec<RefusedRows>, Vec<String>) {
    claimed.sort_unstable();
    let mut refused = Vec::new();
    let mut documents = Vec::new();
    for rows in claimed.chunk_by(|(one, _), (other, _)| one.document == other.document) {
        let Some((first, patient)) = rows.first() else { continue };
        documents.push(first.document.clone());
        let others = rows.iter().filter(|(_, other)| other != patient);
        refused.extend(others.map(|(rows, _)| RefusedRows {
            reason: "another patient than in an earlier row".to_owned(),
            ..rows.clone()
        }));
    }
    (refused, documents)
}
