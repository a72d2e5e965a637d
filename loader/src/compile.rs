//! Tables and history files to a published generation.

use std::path::{Path, PathBuf};

use chofuku_engine::error::OpenError;
use chofuku_engine::format::section::SectionId;
use chofuku_engine::generation::{self, PATIENT_KEY};
use chofuku_engine::history::writer::WriteError;
use chofuku_engine::knowledge;
use chofuku_engine::knowledge::tables::Tables;
use chofuku_engine::manifest::{HISTORY, Manifest, Source};
use chofuku_engine::patient::{IdentityKey, PatientKey};

use crate::history::gather::{FileReport, Gathered, REJECTS_KEPT_MAX, gather};
use crate::history::input::InputFile;
use crate::key;
use crate::knowledge_tables::{self, Lines, ReadTables, TableError};
use crate::lint;
use crate::problem::{Problem, write_rejects};
use crate::progress::{Progress, Unit};
use crate::publish::{PublishError, Publisher, Staged};
use crate::space::{self, NotEnoughSpace};

/// The file beside the generations that names every refused row of the last compile.
pub const REJECTS: &str = "rejects.csv";

/// Bytes of history that wait in memory before temporary files are used.
const MEMORY_BYTES: u64 = 1 << 30;

/// Bytes of a row that waits to be sorted, about: it stands at 29 in a synthetic nation.
const SCRATCH_ROW_BYTES: u64 = 30;

/// What to compile.
#[derive(Clone, Debug, Default)]
pub struct Compile {
    /// The folder of canonical tables.
    pub tables: PathBuf,
    /// History files and directories of them: CSV, messages of the outside, both also as gzip or
    /// zstd, and Parquet. None means that the history in force stays.
    pub history: Vec<PathBuf>,
    /// The data directory.
    pub data: PathBuf,
    /// Where history waits to be sorted when it does not fit into memory; the data directory if
    /// nothing is said. About 30 bytes a row are needed.
    pub scratch: Option<PathBuf>,
    /// How many bytes of history may wait in memory for that; 1 GiB if nothing is said. Reading and
    /// encoding take about as much again.
    pub memory: Option<u64>,
    /// The last event of the log that the history files hold, with all before it. Needed once the
    /// generation in force holds registered documents.
    pub includes_event: Option<u64>,
    /// How many rows may be refused before nothing is published; never more than 100,000.
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
    /// Another generation came into force meanwhile.
    #[error(
        "generation {found} is in force, and generation {expected} was to be rewritten; try again"
    )]
    OtherGeneration {
        /// The generation that was to be rewritten.
        expected: u64,
        /// The generation in force; 0 for none.
        found: u64,
    },
    /// Registered documents would be lost.
    #[error(
        "the generation in force holds registered documents up to event {folded}, which these \
         history files replace; say with --includes-event up to which event they hold everything"
    )]
    EventsFolded {
        /// The last event that the generation in force holds.
        folded: u64,
    },
    /// Nobody would have a past.
    #[error(
        "these history files hold no row that can be taken, and would replace the {records} records in \
         force; if that is meant, compile into a new data directory"
    )]
    NoRows {
        /// Records of the generation in force.
        records: u64,
    },
    /// The disk is too small.
    #[error(transparent)]
    Space(#[from] NotEnoughSpace),
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
        publisher.remove_unpublished(current.as_deref())?;
        let key = key::read_or_create(&self.data, &publisher, current.is_none())?;
        progress.stage("tables", Unit::Rows, None);
        let ReadTables { tables, sources, rejects, warnings, is_unusable, lines } =
            knowledge_tables::read(&self.tables)?;
        let mut findings =
            Findings { sources, rejects, left_out: Vec::new(), warnings, is_unusable };
        let files =
            InputFile::find(&self.history).map_err(|(path, source)| TableError { path, source })?;
        let staged = publisher.stage()?;
        let mut manifest = begin_manifest(&staged, &key, made_at);
        let before = self.before(current.as_deref())?;
        manifest.event = before.event;
        let gathered = self.gather(&files, &key, &staged, progress)?;
        self.take(&gathered, &mut findings)?;
        progress.stage("knowledge", Unit::Rows, None);
        findings.warn_of_rules(&tables, &lines);
        knowledge::writer::write(&staged.directory, tables)?;
        if let (Some(current), true) = (&current, self.history.is_empty()) {
            manifest.sources.clone_from(&findings.sources);
            self.share_history(current, &staged, &mut manifest)?;
        } else {
            self.write_history(gathered, &files, before, &staged, &mut findings, progress)?;
            manifest.sources = findings.sources;
        }
        progress.stage("publish", Unit::Rows, None);
        manifest.sections = Manifest::describe_sections(&staged.directory, &manifest.sections)
            .map_err(CompileError::Open)?;
        publisher.publish(&staged, &manifest)?;
        publisher.remove_old(current.as_deref())?;
        let mut rejects = findings.rejects;
        rejects.extend(findings.left_out);
        Ok(Compiled { manifest, rejects, warnings: findings.warnings })
    }

    /// What a new history takes over from the generation in force.
    fn before(&self, current: Option<&Path>) -> Result<Before, CompileError> {
        let Some(current) = current.filter(|_| !self.history.is_empty()) else {
            return Ok(Before::default());
        };
        let folded = Manifest::read(current).map_err(CompileError::Open)?.event;
        if folded > 0 && self.includes_event.is_none() {
            return Err(CompileError::EventsFolded { folded });
        }
        let dictionary = generation::dictionary(current).map_err(CompileError::Open)?;
        let links = dictionary.links().collect();
        let records = dictionary.records();
        Ok(Before { event: self.includes_event.unwrap_or(0), links, records })
    }

    /// Reads the history files, if the disk seems to have room for them.
    fn gather(
        &self,
        files: &[InputFile],
        key: &IdentityKey,
        staged: &Staged,
        progress: &dyn Progress,
    ) -> Result<Gathered, CompileError> {
        let scratch = self.scratch.as_deref().unwrap_or(&staged.directory);
        let memory = self.memory.unwrap_or(MEMORY_BYTES);
        let rows: u64 = files.iter().map(InputFile::rows_about).sum();
        space::require(
            scratch,
            "temporary files",
            (rows * SCRATCH_ROW_BYTES).saturating_sub(memory),
        )?;
        space::require(&staged.directory, "the sections of the history", rows * 16)?;
        let bytes = files.iter().map(|file| file.bytes).sum();
        progress.stage("reading", Unit::Bytes, Some(bytes));
        Ok(gather(files, key, scratch, memory, progress)?)
    }

    /// Takes over what was found in the files, and stops if too much is wrong with them.
    fn take(&self, gathered: &Gathered, findings: &mut Findings) -> Result<(), CompileError> {
        let files = &gathered.files;
        for (position, file) in files.iter().enumerate() {
            let mut before = files.iter().take(position);
            let twin = before.find(|twin| twin.blake3 == file.blake3);
            if let Some(twin) = twin.filter(|_| file.rows + file.rejected > 0) {
                let (first, second) = (twin.name.clone(), file.name.clone());
                return Err(CompileError::SameFile { first, second });
            }
            if file.rows + file.rejected == 0 {
                findings.warn(&file.name, "no rows: nobody in it has a past");
            }
        }
        findings.rejects.extend(gathered.rejects.iter().cloned());
        findings.warnings.extend(gathered.warnings.iter().cloned());
        findings.is_unusable |= gathered.is_unusable;
        self.judge(findings)
    }

    /// Sorts and encodes what was read.
    fn write_history(
        &self,
        mut gathered: Gathered,
        files: &[InputFile],
        before: Before,
        staged: &Staged,
        findings: &mut Findings,
        progress: &dyn Progress,
    ) -> Result<(), CompileError> {
        let needed = gathered.section_bytes_about();
        space::require(&staged.directory, "the sections of the history", needed)?;
        let conflicts = gathered.write(files, before.links, &staged.directory, progress)?;
        findings.sources.extend(gathered.files.into_iter().map(source));
        findings.rejects.extend(conflicts.rejects);
        findings.left_out = conflicts.left_out;
        findings.warnings.extend(conflicts.repeated);
        self.judge(findings)?;
        // An export that failed looks like this, and every check after it would be clear.
        if conflicts.records == 0 && before.records > 0 {
            return Err(CompileError::NoRows { records: before.records });
        }
        Ok(())
    }

    /// Writes `rejects.csv`, and stops if it is too long.
    fn judge(&self, findings: &Findings) -> Result<(), CompileError> {
        let file = self.data.join(REJECTS);
        let all = findings.rejects.iter().chain(&findings.left_out);
        write_rejects(&file, all).map_err(PublishError::io(&file))?;
        // A file without its header counts few faults, and none of its rows were read.
        let allowed = if findings.is_unusable { 0 } else { self.rejects_max.min(REJECTS_KEPT_MAX) };
        if findings.rejects.len() <= allowed {
            return Ok(());
        }
        let rejects = findings.rejects.clone();
        Err(CompileError::Rejected { rejects, allowed, file })
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
        manifest.left_out = before.left_out;
        Ok(())
    }
}

/// What a new history takes over from the one before.
#[derive(Debug, Default)]
struct Before {
    /// The last event that it holds.
    event: u64,
    /// Identities that are one person.
    links: Vec<Vec<PatientKey>>,
    /// Its records, which the new one replaces.
    records: u64,
}

fn begin_manifest(staged: &Staged, key: &IdentityKey, made_at: &str) -> Manifest {
    Manifest {
        generation: staged.number,
        event: 0,
        made_by: concat!("chofuku ", env!("CARGO_PKG_VERSION")).to_owned(),
        made_at: made_at.to_owned(),
        key_fingerprint: key.fingerprint(),
        left_out: None,
        sections: Vec::new(),
        sources: Vec::new(),
    }
}

/// What was read, and what was wrong with it.
#[derive(Debug)]
struct Findings {
    sources: Vec<Source>,
    rejects: Vec<Problem>,
    /// Documents that are left out whole; the row that is the reason is among `rejects`.
    left_out: Vec<Problem>,
    warnings: Vec<Problem>,
    is_unusable: bool,
}

impl Findings {
    fn warn(&mut self, file: &str, reason: &str) {
        let (file, reason) = (file.to_owned(), reason.to_owned());
        self.warnings.push(Problem { file, line: 0, column: String::new(), reason });
    }

    /// Warns of what would make checks silent without an error.
    fn warn_of_rules(&mut self, tables: &Tables, lines: &Lines) {
        if tables.rules.is_empty() {
            let reason = "no rules: no contraindication can ever be found";
            self.warn("contraindications.csv", reason);
        }
        let silent = lint::silent_rules(tables);
        let Some(first) = silent.first() else { return };
        self.warnings.push(Problem {
            file: "contraindications.csv".to_owned(),
            line: lines.contraindications.get(*first).copied().unwrap_or(0),
            column: String::new(),
            reason: format!(
                "this and {} more of {} rules can never be found: a side holds for no product of \
                 drugs.csv, or the rule ends before it begins; `chofuku lint` names them",
                silent.len() - 1,
                tables.rules.len()
            ),
        });
    }
}

fn source(file: FileReport) -> Source {
    let FileReport { name, rows, rejected, blake3, .. } = file;
    Source { table: HISTORY.to_owned(), name, rows, rejected, blake3 }
}
