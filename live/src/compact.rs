//! Compaction: a generation and what was registered since become a new generation.
//!
//! Patients are read bucket by bucket, amended ones in the place of the base's, on all cores; what no
//! check can see any more is left out ([`Retention`]). Ordinals of names stay as they are, so that names
//! are only added. The base and what amends it do not change meanwhile: checks and registrations go
//! on, and the events that come in are behind those that the new generation names.

mod recorded;
mod trim;

use std::path::Path;

use chofuku_engine::document::Document;
use chofuku_engine::error::FormatError;
use chofuku_engine::history::writer::{EncodedPatients, HistoryWriter, WriteError};
use chofuku_engine::manifest::Manifest;
use chofuku_engine::overlay::AmendedPatient;
use chofuku_engine::patient::PatientKey;
use chofuku_engine::{Day, View};
use chofuku_loader::CompileError;
use chofuku_loader::progress::{Progress, Unit};
use chofuku_loader::rewrite::Rewrite;
use rayon::prelude::*;

use crate::live::{Live, Published};
use trim::Dropped;
pub use trim::Retention;

/// Days without a document before a clock is doubted.
const QUIET_DAYS_MAX: i32 = 30;

/// Buckets that one core encodes at a time.
const BUCKETS_A_RUN: usize = 4096;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// The generation in force is damaged.
    #[error("the generation in force is damaged; nothing was published")]
    Damaged(#[from] FormatError),
    /// The new one cannot be written or published.
    #[error(transparent)]
    Publish(#[from] CompileError),
}

/// What was published.
#[derive(Clone, Debug)]
pub struct Compacted {
    /// The manifest of the new generation.
    pub manifest: Manifest,
    /// The last event that the generation before holds: up to there the log can be trimmed, and a
    /// site can still go back to it.
    pub trim_through: u64,
    /// Documents that no check can see any more and that were left out.
    pub documents_dropped: u64,
    /// The day from which on checks see everything: that of the retention, or an earlier one where
    /// nothing was recorded since.
    pub from: Day,
}

impl Compacted {
    /// Whether the newest recorded day is longer ago than a site is quiet: the clock may be wrong.
    pub fn is_clock_doubtful(&self, today: Day) -> bool {
        today.days_since(self.from) > QUIET_DAYS_MAX
    }
}

/// A compaction that is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Compact<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// What may be left out.
    pub retention: &'a Retention<'a>,
    /// When it is made, RFC 3339.
    pub made_at: &'a str,
}

impl Compact<'_> {
    /// Writes what checks see now as a new generation and publishes it. To put it in force and to
    /// trim the log is the caller's.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, nothing is published, and what was in force stays in force.
    pub fn run(&self, live: &Live, progress: &dyn Progress) -> Result<Compacted, CompactError> {
        let frozen = Frozen::new(live.published());
        let base = frozen.published.index.manifest().clone();
        let history = frozen.published.index.history();
        let rewrite = Rewrite {
            data: self.data,
            base: &base,
            event: frozen.published.event,
            rows_about: history.dictionary().records() + frozen.rows_about(),
        };
        let from = recorded::from(&frozen, self.retention.from)?;
        let retention = Retention { from, ..self.retention.clone() };
        let mut dropped = Dropped::default();
        let mut damaged = None;
        progress.stage("history", Unit::Rows, Some(history.dictionary().patients()));
        let published = rewrite.run(self.made_at, |directory| {
            match frozen.write(directory, &retention, progress) {
                Ok(found) => {
                    dropped = found;
                    Ok(retention.left_out(&dropped))
                }
                Err(Failure::Damaged(error)) => {
                    damaged = Some(error);
                    Err(std::io::Error::other("the base is damaged").into())
                }
                Err(Failure::Write(error)) => Err(error),
            }
        });
        if let Some(damaged) = damaged {
            return Err(damaged.into());
        }
        let (manifest, trim_through, documents_dropped) =
            (published?, base.event, dropped.documents);
        Ok(Compacted { manifest, trim_through, documents_dropped, from })
    }
}

enum Failure {
    Damaged(FormatError),
    Write(WriteError),
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Self {
        Self::Damaged(error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// A state that does not change, its amended patients in the order of their keys.
struct Frozen {
    published: Published,
    amended: Vec<(PatientKey, std::sync::Arc<AmendedPatient>)>,
}

/// A run of patients, encoded.
#[derive(Default)]
struct Run {
    patients: EncodedPatients,
    count: u64,
    dropped: Dropped,
}

impl Frozen {
    fn new(mut published: Published) -> Self {
        let mut amended: Vec<_> = std::mem::take(&mut published.patients).into_iter().collect();
        amended.sort_unstable_by_key(|(key, _)| *key);
        Self { published, amended }
    }

    /// Rows of amended patients, about.
    fn rows_about(&self) -> u64 {
        let bytes: usize = self.amended.iter().map(|(_, patient)| patient.bytes()).sum();
        u64::try_from(bytes / 16).unwrap_or(u64::MAX)
    }

    /// Writes the sections of the history; gives what was left out.
    fn write(
        &self,
        directory: &Path,
        retention: &Retention<'_>,
        progress: &dyn Progress,
    ) -> Result<Dropped, Failure> {
        let history = self.published.index.history();
        let patients =
            history.dictionary().patients() + u64::try_from(self.amended.len()).unwrap_or(0);
        let mut writer = HistoryWriter::create(directory, patients)?;
        let mut dropped = Dropped::default();
        let runs: Vec<usize> = (0..history.bucket_count()).step_by(BUCKETS_A_RUN).collect();
        let rounds = runs.chunks(rayon::current_num_threads());
        let mut round: Vec<Run> = Vec::new();
        // One round is appended while all cores encode the next.
        for runs in rounds.map(Some).chain([None]) {
            let (appended, next) = rayon::join(
                || append(&mut writer, &mut round, progress),
                || {
                    let runs = runs.unwrap_or_default().par_iter();
                    runs.map(|first| self.run(*first, retention)).collect::<Result<Vec<_>, _>>()
                },
            );
            dropped.add(&appended?);
            round = next?;
        }
        let base = history.dictionary();
        let additions = self.published.additions.as_ref();
        let dictionary = additions.map_or_else(|| base.clone(), |more| more.dictionary(base));
        let mut persons: Vec<Vec<PatientKey>> =
            self.published.linked.values().map(|person| person.to_vec()).collect();
        persons.sort_unstable();
        persons.dedup();
        writer.finish(directory, dictionary.with_links(persons))?;
        Ok(dropped)
    }

    /// Encodes the patients of a run of buckets.
    fn run(&self, first: usize, retention: &Retention<'_>) -> Result<Run, Failure> {
        let history = self.published.index.history();
        let last = (first + BUCKETS_A_RUN).min(history.bucket_count());
        let start = self.amended.partition_point(|(key, _)| history.bucket_of(*key) < first);
        let end = self.amended.partition_point(|(key, _)| history.bucket_of(*key) < last);
        let mut amended = self.amended.get(start..end).unwrap_or_default().iter().peekable();
        let mut run = Run::default();
        for bucket in first..last {
            for patient in history.bucket(bucket)? {
                let (key, rows) = patient?;
                while let Some((before, patient)) = amended.next_if(|(other, _)| *other < key) {
                    self.amended(*before, patient, retention, &mut run)?;
                }
                if let Some((same, patient)) = amended.next_if(|(other, _)| *other == key) {
                    self.amended(*same, patient, retention, &mut run)?;
                } else {
                    push(key, history.documents(&rows)?, retention, &mut run)?;
                }
            }
        }
        for (key, patient) in amended {
            self.amended(*key, patient, retention, &mut run)?;
        }
        Ok(run)
    }

    /// Encodes an amended patient. Of a person with several identities, the first has all documents:
    /// whoever opens the generation joins them again.
    fn amended(
        &self,
        key: PatientKey,
        patient: &AmendedPatient,
        retention: &Retention<'_>,
        run: &mut Run,
    ) -> Result<(), Failure> {
        let Published { index, additions: Some(additions), linked, .. } = &self.published else {
            return Ok(());
        };
        if linked.get(&key).and_then(|person| person.first()).is_some_and(|first| *first != key) {
            return Ok(());
        }
        let documents = View::amended(index, additions, patient).documents(key)?;
        push(key, documents, retention, run)
    }
}

fn push(
    key: PatientKey,
    documents: Vec<Document>,
    retention: &Retention<'_>,
    run: &mut Run,
) -> Result<(), Failure> {
    let kept = retention.kept(documents, &mut run.dropped);
    run.count += 1;
    if !kept.is_empty() {
        run.patients.push(key, kept)?;
    }
    Ok(())
}

fn append(
    writer: &mut HistoryWriter,
    round: &mut Vec<Run>,
    progress: &dyn Progress,
) -> Result<Dropped, WriteError> {
    let mut dropped = Dropped::default();
    for run in round.drain(..) {
        writer.append(&run.patients)?;
        progress.advance(run.count);
        dropped.add(&run.dropped);
    }
    Ok(dropped)
}
