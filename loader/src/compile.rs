//! Tables and history files to a published generation.

use std::path::{Path, PathBuf};

use chofuku_engine::document::Document;
use chofuku_engine::error::OpenError;
use chofuku_engine::format::section::SectionId;
use chofuku_engine::generation::PATIENT_KEY;
use chofuku_engine::history::dictionary::Dictionary;
use chofuku_engine::history::writer::{EncodedPatients, HistoryWriter, WriteError};
use chofuku_engine::knowledge;
use chofuku_engine::knowledge::tables::Tables;
use chofuku_engine::manifest::{HISTORY, Manifest, Source};
use chofuku_engine::patient::{IdentityKey, PatientKey};
use rayon::prelude::*;

use crate::history_rows::HistoryRows;
use crate::key;
use crate::knowledge_tables::{self, ReadTables, TableError};
use crate::problem::{Problem, write_rejects};
use crate::progress::Progress;
use crate::publish::{PublishError, Publisher, Staged};

/// The file beside the generations that names every refused row of the last compile.
pub const REJECTS: &str = "rejects.csv";

/// Patients that one core encodes before they are appended.
const PATIENTS_A_RUN: usize = 4096;
/// Rows between two reports of progress.
const ROWS_A_STEP: u64 = 10_000;

/// What to compile.
#[derive(Clone, Debug)]
pub struct Compile {
    /// The folder of canonical tables.
    pub tables: PathBuf,
    /// History files; none means that the history in force stays.
    pub history: Vec<PathBuf>,
    /// The data directory.
    pub data: PathBuf,
    /// How many rows may be refused before nothing is published.
    pub rejects_max: usize,
}

/// What was published.
#[derive(Debug)]
pub struct Compiled {
    /// The manifest of the generation.
    pub manifest: Manifest,
    /// Rows that were refused.
    pub rejects: Vec<Problem>,
    /// What is odd and harmless.
    pub warnings: Vec<Problem>,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// An input file cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// More rows were refused than are allowed.
    #[error(
        "{} rows were refused, {allowed} are allowed; all are in {}, the first is\n  {}",
        rejects.len(), file.display(), rejects.first().map_or_else(String::new, Problem::to_string)
    )]
    Rejected {
        /// The refused rows.
        rejects: Vec<Problem>,
        /// How many were allowed.
        allowed: usize,
        /// Where all of them are written.
        file: PathBuf,
    },
    /// One file was given twice.
    #[error("{first} and {second} have the same content; a history file counts once")]
    SameFile {
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// The generation cannot be published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The generation in force, or its key, cannot be opened.
    #[error(transparent)]
    Open(OpenError),
    /// The sections of knowledge cannot be written.
    #[error(transparent)]
    Knowledge(#[from] knowledge::writer::WriteError),
    /// The sections of history cannot be written.
    #[error(transparent)]
    History(#[from] WriteError),
    /// The system gives no random numbers for a key.
    #[error("no random numbers for a patient key: {0}")]
    Random(getrandom::Error),
}

impl Compile {
    /// Compiles and publishes.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, nothing is published, and what was in force stays in force.
    pub fn run(&self, made_at: &str, progress: &dyn Progress) -> Result<Compiled, CompileError> {
        let publisher = Publisher::lock(&self.data)?;
        let current = publisher.current().map_err(CompileError::Open)?;
        let key = key::read_or_create(&self.data, &publisher, current.is_none())?;
        let (tables, input) = self.read(&key, progress)?;
        let Input { rows, sources, rejects, warnings } = input;
        let staged = publisher.stage()?;
        progress.stage("knowledge", None);
        knowledge::writer::write(&staged.directory, tables)?;
        let mut manifest = Manifest {
            generation: staged.number,
            event: 0,
            made_by: concat!("chofuku ", env!("CARGO_PKG_VERSION")).to_owned(),
            made_at: made_at.to_owned(),
            key_fingerprint: key.fingerprint(),
            sections: Vec::new(),
            sources,
        };
        if let (Some(current), true) = (&current, self.history.is_empty()) {
            self.share_history(current, &staged, &mut manifest)?;
        } else {
            let (documents, dictionary) = rows.finish();
            write_history(&staged, documents, dictionary, progress)?;
        }
        progress.stage("publish", None);
        manifest.sections = Manifest::describe_sections(&staged.directory, &manifest.sections)
            .map_err(CompileError::Open)?;
        publisher.publish(&staged, &manifest)?;
        Ok(Compiled { manifest, rejects, warnings })
    }

    /// Reads tables and history files; refused rows go to `rejects.csv`.
    fn read(
        &self,
        key: &IdentityKey,
        progress: &dyn Progress,
    ) -> Result<(Tables, Input), CompileError> {
        progress.stage("tables", None);
        let ReadTables { tables, sources, rejects, warnings, .. } =
            knowledge_tables::read(&self.tables)?;
        let mut input = Input { rows: HistoryRows::default(), sources, rejects, warnings };
        for path in &self.history {
            input.take(path, key, progress)?;
        }
        let file = self.data.join(REJECTS);
        write_rejects(&file, &input.rejects).map_err(PublishError::io(&file))?;
        if input.rejects.len() > self.rejects_max {
            let (rejects, allowed) = (input.rejects, self.rejects_max);
            return Err(CompileError::Rejected { rejects, allowed, file });
        }
        let left_out = input.rows.leave_out_incomplete();
        if !left_out.is_empty() {
            input.rejects.extend(left_out);
            write_rejects(&file, &input.rejects).map_err(PublishError::io(&file))?;
        }
        input.warn_of_silence(&tables);
        Ok((tables, input))
    }

    /// Takes over the history in force, with its part of the manifest.
    fn share_history(
        &self,
        current: &Path,
        staged: &Staged,
        manifest: &mut Manifest,
    ) -> Result<(), CompileError> {
        let before = Manifest::read(current).map_err(CompileError::Open)?;
        if before.key_fingerprint != manifest.key_fingerprint {
            let path = self.data.join(PATIENT_KEY);
            return Err(CompileError::Open(OpenError::OtherKey { path }));
        }
        for section in SectionId::HISTORY {
            staged.share(current, section)?;
        }
        let is_history = |name: &str| SectionId::HISTORY.iter().any(|id| id.file_name() == name);
        let sections = before.sections.into_iter();
        manifest.sections = sections.filter(|section| is_history(&section.name)).collect();
        let sources = before.sources.into_iter();
        manifest.sources.extend(sources.filter(|source| source.table == HISTORY));
        manifest.event = before.event;
        Ok(())
    }
}

/// What was read, and what was wrong with it.
#[derive(Debug)]
struct Input {
    rows: HistoryRows,
    sources: Vec<Source>,
    rejects: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Input {
    /// Warns of what would make every check silent without an error.
    fn warn_of_silence(&mut self, tables: &Tables) {
        let mut warn = |file: &str, reason: &str| {
            let (file, reason) = (file.to_owned(), reason.to_owned());
            self.warnings.push(Problem { file, line: 0, column: String::new(), reason });
        };
        if tables.rules.is_empty() {
            warn("contraindications.csv", "no rules: no contraindication can ever be found");
        }
        for source in self.sources.iter().filter(|source| source.table == HISTORY) {
            if source.rows == 0 {
                warn(&source.name, "no rows: nobody in it has a past");
            }
        }
    }

    /// Takes one history file.
    fn take(
        &mut self,
        path: &Path,
        key: &IdentityKey,
        progress: &dyn Progress,
    ) -> Result<(), CompileError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        progress.stage(&name, None);
        let mut count = 0_u64;
        let report = self.rows.read(path, key, || {
            count += 1;
            if count.is_multiple_of(ROWS_A_STEP) {
                progress.advance(ROWS_A_STEP);
            }
        })?;
        let mut before = self.sources.iter().filter(|source| source.table == HISTORY);
        let twin = before.find(|source| source.blake3 == report.blake3);
        if let Some(twin) = twin.filter(|_| report.rows > 0 || !report.rejects.is_empty()) {
            return Err(CompileError::SameFile { first: twin.name.clone(), second: name });
        }
        self.sources.push(Source {
            table: HISTORY.to_owned(),
            name,
            rows: report.rows,
            rejected: u64::try_from(report.rejects.len()).unwrap_or(u64::MAX),
            blake3: report.blake3,
        });
        self.rejects.extend(report.rejects);
        self.warnings.extend(report.warnings);
        Ok(())
    }
}

/// Encodes runs of patients on all cores and appends them in the order of their keys.
fn write_history(
    staged: &Staged,
    documents: Vec<(PatientKey, Document)>,
    dictionary: Dictionary,
    progress: &dyn Progress,
) -> Result<(), CompileError> {
    let patients = by_patient(documents);
    let count = u64::try_from(patients.len()).unwrap_or(u64::MAX);
    progress.stage("history", Some(count));
    let mut writer = HistoryWriter::create(&staged.directory, count)?;
    let mut patients = patients.into_iter();
    loop {
        let batch = PATIENTS_A_RUN * rayon::current_num_threads();
        let batch: Vec<_> = patients.by_ref().take(batch).collect();
        if batch.is_empty() {
            break;
        }
        let steps = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let runs: Vec<_> = batch.chunks(PATIENTS_A_RUN).map(<[_]>::to_vec).collect();
        let encoded = runs.into_par_iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        for run in &encoded {
            writer.append(run)?;
        }
        progress.advance(steps);
    }
    writer.finish(&staged.directory, dictionary)?;
    Ok(())
}

fn encode(patients: Vec<(PatientKey, Vec<Document>)>) -> Result<EncodedPatients, WriteError> {
    let mut encoded = EncodedPatients::default();
    for (key, documents) in patients {
        encoded.push(key, documents)?;
    }
    Ok(encoded)
}

/// Documents that are sorted by patient, as one list a patient.
fn by_patient(documents: Vec<(PatientKey, Document)>) -> Vec<(PatientKey, Vec<Document>)> {
    let mut patients: Vec<(PatientKey, Vec<Document>)> = Vec::new();
    for (key, document) in documents {
        match patients.last_mut() {
            Some((last, documents)) if *last == key => documents.push(document),
            _ => patients.push((key, vec![document])),
        }
    }
    patients
}
