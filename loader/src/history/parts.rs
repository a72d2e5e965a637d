//! Parts on their way from the spill to the sections: one is read and one is appended while all cores
//! encode others, so that no core waits for the disk.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use chofuku_engine::history::writer::{EncodedPatients, HistoryWriter, WriteError};
use rayon::prelude::*;

use super::Found;
use super::assemble::{Assembled, Assembler};
use super::spill::{PARTS, Records, Spill};
use crate::progress::Progress;

/// Parts for each core that are in memory at once: being read, encoded, or waiting for one before them.
const PARTS_A_CORE: usize = 3;

/// A part that was read, by its number.
type Read = (usize, io::Result<Records>);
/// What became of a part, by its number. A failure and even a panic go to the thread that appends:
/// whoever waits, waits in the end for that one, so nothing else may end alone.
type Encoded = (usize, thread::Result<Result<Assembled, WriteError>>);

/// Puts the documents of all parts together and appends them to a history in `directory`.
///
/// # Errors
///
/// When the disk cannot be read or written, or a row cannot be encoded.
pub(super) fn write(
    fragments: &Spill,
    assembler: &Assembler<'_>,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<(HistoryWriter, Found), WriteError> {
    let buffers = &Buffers::default();
    thread::scope(|scope| {
        let (read, to_assemble) = channel();
        let (encoded, to_append) = channel();
        let (appended, may_read) = channel();
        let ahead = PARTS_A_CORE * rayon::current_num_threads();
        scope.spawn(move || {
            for part in 0..PARTS {
                // Behind the first ones, one is read for each that was appended: else one that takes
                // long would let all the others wait behind it in memory.
                let failed = part >= ahead && may_read.recv().is_err();
                if failed || read.send((part, fragments.take(part))).is_err() {
                    return;
                }
            }
        });
        let appending =
            scope.spawn(move || append(to_append, &appended, buffers, directory, progress));
        assemble(to_assemble, &encoded, assembler, buffers);
        // Nothing more comes: the appending thread ends.
        drop(encoded);
        let done = appending.join().unwrap_or_else(|panic| resume_unwind(panic));
        let Appended { writer, found, parts } = done?;
        match writer {
            Some(writer) if parts == PARTS => Ok((writer, found)),
            Some(_) | None => Err(io::Error::other("parts of the history are missing").into()),
        }
    })
}

/// Lists that are used again: making large ones anew costs more than filling them.
#[derive(Debug, Default)]
struct Buffers(Mutex<Vec<EncodedPatients>>);

impl Buffers {
    fn take(&self) -> EncodedPatients {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut patients: EncodedPatients) {
        patients.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(patients);
    }
}

/// Assembles parts on all cores, in the order in which they get done, until nobody takes them.
fn assemble(
    parts: Receiver<Read>,
    encoded: &Sender<Encoded>,
    assembler: &Assembler<'_>,
    buffers: &Buffers,
) {
    let each = |(number, records): Read| {
        let part = || assembler.assemble(&records?, buffers.take());
        encoded.send((number, catch_unwind(AssertUnwindSafe(part)))).ok()
    };
    // Whoever appends says why nobody takes them.
    let _all_were_taken = parts.into_iter().par_bridge().try_for_each(each).is_some();
}

/// What was appended.
struct Appended {
    /// Created when the first part tells how many patients there are: keys are hashes, so the parts
    /// are alike.
    writer: Option<HistoryWriter>,
    found: Found,
    parts: usize,
}

/// Appends parts in their order, as far as they come, and lets others be read for them.
fn append(
    parts: Receiver<Encoded>,
    appended: &Sender<()>,
    buffers: &Buffers,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<Appended, WriteError> {
    let mut done = Appended { writer: None, found: Found::default(), parts: 0 };
    let mut waiting = BTreeMap::new();
    for (number, part) in parts {
        let part = part.unwrap_or_else(|panic| resume_unwind(panic))?;
        waiting.insert(number, part);
        while let Some(mut part) = waiting.remove(&done.parts) {
            done.parts += 1;
            let patients = std::mem::take(&mut part.patients);
            let about = part.patient_count * u64::try_from(PARTS).unwrap_or(u64::MAX);
            let writer = match &mut done.writer {
                Some(writer) => writer,
                None => done.writer.insert(HistoryWriter::create(directory, about)?),
            };
            writer.append(&patients)?;
            buffers.give_back(patients);
            progress.advance(part.record_count);
            done.found.take(part);
            // Who reads has gone once all parts are read.
            let _all_are_read = appended.send(()).is_err();
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashSet;

    use super::*;
    use crate::history::assemble::Ordinals;
    use crate::progress::Silent;

    /// What becomes of records in one of the parts, written to the directory `place`.
    fn written(records: &[u8], place: &Path) -> Result<(), WriteError> {
        let spill = Spill::new(Path::new("."), 1 << 20);
        spill.add(7, &mut records.to_owned())?;
        with_assembler(|assembler| write(&spill, assembler, place, &Silent).map(drop))
    }

    fn with_assembler<T>(done: impl FnOnce(&Assembler<'_>) -> T) -> T {
        let ordinals = Ordinals {
            codes: vec![],
            institutions: vec![],
            quantities: vec![],
            directions: vec![],
        };
        done(&Assembler {
            ordinals: &ordinals,
            incomplete: &FxHashSet::default(),
            conflicts: &FxHashSet::default(),
            messages: &FxHashSet::default(),
        })
    }

    #[test]
    fn whatever_fails_ends_everything_and_is_told() {
        let place = || tempfile::tempdir().unwrap();
        assert!(written(&[], place().path()).is_ok());
        // A record that ends before its length says.
        let damaged = written(&[40, 1], place().path()).unwrap_err();
        assert_eq!(cause(&damaged), "temporary records are not what was written");
        let nowhere = written(&[], &place().path().join("missing")).unwrap_err();
        assert!(cause(&nowhere).contains("No such file"), "{nowhere:?}");
    }

    #[test]
    fn a_part_that_cannot_be_read_is_an_error() {
        let (read, parts) = channel();
        let (encoded, to_append) = channel();
        read.send((0, Err(io::Error::other("the disk is gone")))).unwrap();
        drop(read);
        with_assembler(|assembler| assemble(parts, &encoded, assembler, &Buffers::default()));
        drop(encoded);
        let place = tempfile::tempdir().unwrap();
        let (appended, _may_read) = channel();
        let buffers = Buffers::default();
        let failed = append(to_append, &appended, &buffers, place.path(), &Silent);
        assert_eq!(cause(&failed.map(drop).unwrap_err()), "the disk is gone");
    }

    /// The cause of an error, in words.
    fn cause(error: &WriteError) -> String {
        std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
    }
}
