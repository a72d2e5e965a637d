//! History files to fragments by patient, on all cores.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use chofuku_engine::patient::{IdentityKey, PatientKey};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::history::cells::column;
use crate::history::claims;
use crate::history::csv::Refused;
use crate::history::fragment::{Fragment, Header};
use crate::history::input::{InputFile, Piece, ReadRow, TakeRow, hash_file};
use crate::history::message::beside::Beside;
use crate::history::message::deviation::Deviation;
use crate::history::message::{self, Before, Layout, MessageFile, Taken};
use crate::history::spill::{Spill, SpillBuffers};
use crate::history::values::{Names, Values};
use crate::knowledge_tables::TableError;
use crate::problem::{Fault, Problem};
use crate::progress::Progress;

/// Refused rows are kept in memory and shown to a person: whoever has more has another file.
/// Reading stops behind them, so no compile may allow more.
pub(crate) const REJECTS_KEPT_MAX: usize = 100_000;

/// Messages above this size are held in memory one at a time, however many cores there are.
const LARGE_MESSAGE_BYTES: u64 = 64 << 20;

/// What one file gave.
#[derive(Debug, Default)]
pub(crate) struct FileReport {
    pub(crate) name: String,
    /// Rows that were taken.
    pub(crate) rows: u64,
    /// Rows that were refused, or faults of the whole file.
    pub(crate) rejected: u64,
    pub(crate) blake3: [u8; 32],
    /// Of a message: the number of the first row of each document, and where the document begins.
    places: Vec<(u64, u64)>,
}

impl FileReport {
    /// Where a person finds a row: a line, or where the document of a message begins.
    pub(crate) fn place(&self, row: u64) -> u64 {
        let before = self.places.partition_point(|(first, _)| *first <= row);
        let document = before.checked_sub(1).and_then(|document| self.places.get(document));
        document.map_or(row, |(_, place)| *place)
    }
}

/// Everything that the files hold, waiting to be sorted.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) files: Vec<FileReport>,
    pub(crate) names: Names,
    /// Fragments, by the top bits of the patient's key.
    pub(crate) fragments: Spill,
    /// Who claims which document, by the first byte of the id's hash.
    pub(crate) claims: Spill,
    /// Documents of which a row was refused.
    pub(crate) incomplete: FxHashSet<String>,
    pub(crate) rejects: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    /// Whether a table has no header that will do: none of its rows could be read.
    pub(crate) is_unusable: bool,
}

/// Reads the files. `memory` is about how many bytes of fragments are kept before `scratch` is used.
///
/// # Errors
///
/// When a file or the disk cannot be read or written. Faults of rows are in the result.
pub(crate) fn gather(
    files: &[InputFile],
    key: &IdentityKey,
    scratch: &Path,
    memory: u64,
    progress: &dyn Progress,
) -> Result<Gathered, TableError> {
    let names = Names::default();
    let fragments = Spill::new(scratch, memory);
    let claims = Spill::new(scratch, memory / 4);
    let beside = Beside::of(files).map_err(|(path, source)| TableError { path, source })?;
    let shared = Shared {
        key,
        beside: &beside,
        names: &names,
        fragments: &fragments,
        claims: &claims,
        idle: Mutex::default(),
        large: Mutex::default(),
        refused: AtomicUsize::new(0),
    };
    let pieces = files.iter().zip(0_u32..).flat_map(|(file, number)| {
        let pieces =
            file.pieces(progress).unwrap_or_else(|error| Box::new(std::iter::once(Err(error))));
        pieces.map(move |piece| (number, piece))
    });
    let read = |(number, piece): (u32, io::Result<Piece>)| {
        let report = piece.and_then(|piece| shared.read(number, &piece, progress));
        report.map(|report| (number, report)).map_err(|source| {
            let file = files.get(usize::try_from(number).unwrap_or(usize::MAX));
            TableError { path: file.map(|file| file.path.clone()).unwrap_or_default(), source }
        })
    };
    let reports = pieces.par_bridge().map(read).collect::<Result<Vec<_>, _>>()?;
    let incomplete =
        shared.finish().map_err(|source| TableError { path: scratch.to_owned(), source })?;
    let mut gathered = Gathered {
        files: files
            .iter()
            .map(|file| FileReport { name: file.name(), ..FileReport::default() })
            .collect(),
        names,
        fragments,
        claims,
        incomplete,
        rejects: Vec::new(),
        warnings: Vec::new(),
        is_unusable: false,
    };
    gathered.take(files, reports);
    Ok(gathered)
}

impl Gathered {
    /// Brings what was told of pieces into the order of files and lines.
    fn take(&mut self, files: &[InputFile], mut reports: Vec<(u32, PieceReport)>) {
        reports.sort_by_key(|(file, report)| (*file, report.first_line()));
        for (number, report) in reports {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            let (Some(file), Some(input)) = (self.files.get_mut(number), files.get(number)) else {
                continue;
            };
            file.rows += report.rows;
            self.is_unusable |= report.is_unusable;
            file.rejected += u64::try_from(report.refused.len()).unwrap_or(u64::MAX);
            file.blake3 = report.blake3.unwrap_or(file.blake3);
            file.places.extend(report.places);
            let path = input.path.display().to_string();
            let problem = |Refused { line, column, reason }| Problem {
                file: path.clone(),
                line,
                column,
                reason,
            };
            self.rejects.extend(report.refused.into_iter().map(problem));
            self.warnings.extend(report.warnings.into_iter().map(problem));
        }
        if let Some(more) = self.warnings.len().checked_sub(REJECTS_KEPT_MAX).filter(|n| *n > 0) {
            self.warnings.truncate(REJECTS_KEPT_MAX);
            let reason = format!("{more} more warnings; chofuku convert writes those of messages");
            let (file, column) = (String::new(), String::new());
            self.warnings.push(Problem { file, line: 0, column, reason });
        }
        if self.rejects.len() > REJECTS_KEPT_MAX {
            let reason = format!("reading stopped after more than {REJECTS_KEPT_MAX} refused rows");
            let (file, column) = (String::new(), String::new());
            self.rejects.push(Problem { file, line: 0, column, reason });
        }
    }
}

/// What one piece gave.
#[derive(Debug, Default)]
struct PieceReport {
    rows: u64,
    refused: Vec<Refused>,
    warnings: Vec<Refused>,
    blake3: Option<[u8; 32]>,
    places: Vec<(u64, u64)>,
    is_unusable: bool,
}

impl PieceReport {
    fn first_line(&self) -> u64 {
        self.refused.iter().map(|refused| refused.line).min().unwrap_or(u64::MAX)
    }

    /// The faults of a whole file, and its columns that nobody asked for.
    fn of_header<'h>(faults: &[String], ignored: impl Iterator<Item = &'h str>) -> Self {
        let fault = |reason: &String| {
            let line = u64::from(!reason.starts_with("the file is empty"));
            Refused { line, column: String::new(), reason: reason.clone() }
        };
        let odd = |column: &str| Refused {
            line: 1,
            column: column.to_owned(),
            reason: "not a column of this table; ignored".to_owned(),
        };
        Self {
            refused: faults.iter().map(fault).collect(),
            is_unusable: !faults.is_empty(),
            warnings: if faults.is_empty() { ignored.map(odd).collect() } else { Vec::new() },
            ..Self::default()
        }
    }
}

/// What all cores share while they read.
struct Shared<'n> {
    key: &'n IdentityKey,
    beside: &'n Beside,
    names: &'n Names,
    fragments: &'n Spill,
    claims: &'n Spill,
    /// Workers that wait for a piece: one a core, whatever the number of pieces.
    idle: Mutex<Vec<Worker<'n>>>,
    /// Held while a large message is in memory: one at a time.
    large: Mutex<()>,
    refused: AtomicUsize,
}

impl Shared<'_> {
    fn read(&self, file: u32, piece: &Piece, progress: &dyn Progress) -> io::Result<PieceReport> {
        let mut report = match piece {
            Piece::Csv(chunk) if chunk.is_first => {
                PieceReport::of_header(&chunk.header.faults, chunk.header.ignored())
            }
            Piece::RowGroup(parquet, 0) => {
                PieceReport::of_header(&parquet.faults, parquet.ignored())
            }
            Piece::Csv(_) | Piece::RowGroup(..) | Piece::Message(_) => PieceReport::default(),
            Piece::End(blake3) => {
                return Ok(PieceReport { blake3: Some(*blake3), ..PieceReport::default() });
            }
            Piece::Unhashed(path) => {
                let blake3 = Some(hash_file(path, &crate::progress::Silent)?);
                return Ok(PieceReport { blake3, ..PieceReport::default() });
            }
        };
        if self.refused.load(Ordering::Relaxed) > REJECTS_KEPT_MAX {
            return Ok(report);
        }
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = idle.unwrap_or_else(|| Worker::new(self));
        worker.file = file;
        report.rows = match piece {
            Piece::Csv(chunk) => chunk.read(&mut worker, &mut report.refused)?,
            Piece::RowGroup(parquet, group) => {
                let rows = parquet.read(*group, &mut worker, &mut report.refused)?;
                progress.advance(parquet.group_bytes(*group));
                rows
            }
            Piece::Message(message) => {
                self.read_message(message, &mut worker, &mut report, progress)?
            }
            Piece::End(_) | Piece::Unhashed(_) => 0,
        };
        self.refused.fetch_add(report.refused.len(), Ordering::Relaxed);
        worker.hand_over()?;
        worker.values.trim();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        Ok(report)
    }

    /// Reads a message, document by document; returns how many rows were taken.
    fn read_message(
        &self,
        message: &MessageFile,
        worker: &mut Worker<'_>,
        report: &mut PieceReport,
        progress: &dyn Progress,
    ) -> io::Result<u64> {
        let is_large = std::fs::metadata(&message.path)?.len() > LARGE_MESSAGE_BYTES;
        let large = is_large.then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        let file = message.path.display().to_string();
        let (bytes, blake3) = message.read(progress)?;
        report.blake3 = Some(blake3);
        if self.beside.holds(&message.path) {
            // The files of orders beside it were read with it.
            return Ok(0);
        }
        let beside = self.beside.to(&message.path);
        let mut taken = Taken::default();
        let mut rows_taken = 0;
        let PieceReport { refused, places, .. } = report;
        let read =
            message::read(&file, bytes, Layout::Detected, &beside, |mut rows, deviations| {
                rows.identify(self.key);
                let line = rows.place;
                if rows.is_partial {
                    worker.incomplete.insert(rows.id().to_owned());
                }
                let mut refuse = |column: &str, reason| {
                    refused.push(Refused { line, column: column.to_owned(), reason });
                    worker.incomplete.insert(rows.id().to_owned());
                };
                match taken.before(0, &rows) {
                    Before::Same(first) => {
                        deviations.push(Deviation::again(&file, line, first.place));
                        return Ok(());
                    }
                    Before::Other(first) => {
                        refuse("document", message::other(rows.id(), first.place));
                        return Ok(());
                    }
                    Before::Never => {}
                }
                match rows.checked(&mut worker.values) {
                    Ok((patient, header, lines)) => {
                        places.push((rows_taken + 1, line));
                        worker.hand_over()?;
                        worker.begin(patient, &header, rows_taken + 1);
                        for line in &lines {
                            worker.fragment.push(line);
                        }
                        rows_taken += u64::try_from(lines.len()).unwrap_or(u64::MAX);
                    }
                    Err(fault) => refuse(fault.column, fault.reason),
                }
                Ok::<(), io::Error>(())
            })?;
        drop(large);
        match read {
            Ok(deviations) => {
                let (lost, odd): (Vec<_>, Vec<_>) =
                    deviations.into_iter().partition(|deviation| deviation.is_loss);
                let told = |deviation: Deviation| Refused {
                    line: deviation.line,
                    column: deviation.column(),
                    reason: deviation.reason,
                };
                report.refused.extend(lost.into_iter().map(told));
                report.warnings.extend(odd.into_iter().map(told));
            }
            Err(reason) => {
                report.refused.push(Refused { line: 0, column: String::new(), reason });
            }
        }
        Ok(rows_taken)
    }

    /// Empties the buffers of all workers; returns the documents of which a row was refused.
    fn finish(self) -> io::Result<FxHashSet<String>> {
        let mut incomplete = FxHashSet::default();
        for mut worker in self.idle.into_inner().unwrap_or_else(PoisonError::into_inner) {
            worker.fragment_buffers.flush(self.fragments)?;
            worker.claim_buffers.flush(self.claims)?;
            worker.values.count();
            incomplete.extend(worker.incomplete);
        }
        Ok(incomplete)
    }
}

/// What one core has at hand while it reads.
struct Worker<'n> {
    fragments: &'n Spill,
    claims: &'n Spill,
    values: Values<'n>,
    file: u32,
    fragment: Fragment,
    /// Whether the fragment has been begun and waits for further rows.
    is_open: bool,
    incomplete: FxHashSet<String>,
    fragment_buffers: SpillBuffers,
    claim_buffers: SpillBuffers,
}

impl<'n> Worker<'n> {
    fn new(shared: &Shared<'n>) -> Self {
        Self {
            fragments: shared.fragments,
            claims: shared.claims,
            values: Values::new(shared.key, shared.names),
            file: 0,
            fragment: Fragment::new(),
            is_open: false,
            incomplete: FxHashSet::default(),
            fragment_buffers: SpillBuffers::default(),
            claim_buffers: SpillBuffers::default(),
        }
    }

    /// Makes sure that the open fragment is the row's.
    fn open<'r>(&mut self, row: &impl ReadRow<'r>, line: u64) -> io::Result<Result<(), Fault>> {
        let follows = self.is_open && line == self.fragment.line + self.fragment.rows;
        if follows && row.repeats_header() {
            return Ok(Ok(()));
        }
        self.hand_over()?;
        let header = self.values.header(row);
        Ok(header.map(|(patient, header)| self.begin(patient, &header, line)))
    }

    /// Begins a fragment.
    fn begin(&mut self, patient: PatientKey, header: &Header<'_>, line: u64) {
        let hash = claims::hash(header.id);
        self.fragment.begin(patient, hash, header, self.file, line);
        self.is_open = true;
    }

    /// Hands the open fragment on.
    fn hand_over(&mut self) -> io::Result<()> {
        let fragment = &self.fragment;
        if !std::mem::take(&mut self.is_open) || fragment.rows == 0 {
            return Ok(());
        }
        self.values.count_rows(fragment);
        let [.., part] = fragment.patient.number().to_le_bytes();
        self.fragment_buffers.push(self.fragments, part, |buffer| fragment.write(buffer))?;
        let [part, ..] = fragment.hash;
        self.claim_buffers.push(self.claims, part, |buffer| {
            claims::encode(&fragment.hash, fragment.patient, buffer);
        })
    }
}

impl TakeRow for Worker<'_> {
    fn take<'r>(&mut self, row: &impl ReadRow<'r>, line: u64) -> io::Result<Result<(), Fault>> {
        let taken = match self.open(row, line)? {
            Ok(()) => self.values.line(row).map(|line| self.fragment.push(&line)),
            Err(fault) => Err(fault),
        };
        if taken.is_err() {
            self.lost(row.cell(column::DOCUMENT));
        }
        Ok(taken)
    }

    fn lost(&mut self, document: &str) {
        self.incomplete.insert(document.to_owned());
    }

    fn renumbered(&mut self) {
        self.values.renumbered();
    }
}
