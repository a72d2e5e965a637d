//! Parts on their way from the spill to the sections: one is read and one is appended while all cores
//! encode others, so that no core waits for the disk.

use std::collections::BTreeMap;
use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use chofuku_engine::history::writer::{EncodedPatients, HistoryWriter, WriteError};
use rayon::prelude::*;

use super::Found;
use super::assemble::{Assembled, Assembler};
use super::spill::{PARTS, Records, Spill};
use crate::progress::Progress;

/// A part that was read, by its number.
type Read = (usize, io::Result<Records>);

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
    let buffers = Buffers::default();
    let cores = rayon::current_num_threads();
    thread::scope(|scope| {
        let (read, to_assemble) = sync_channel(cores);
        let (encoded, to_append) = sync_channel(cores);
        scope.spawn(move || {
            // Nobody receives once something has failed.
            (0..PARTS).try_for_each(|part| read.send((part, fragments.take(part))))
        });
        let spent = &buffers;
        let appending = scope.spawn(move || append(to_append, spent, directory, progress));
        let done = assemble(to_assemble, &encoded, assembler, &buffers);
        // Nothing more comes: the appending thread ends.
        drop(encoded);
        let written = appending.join().unwrap_or_else(|panic| resume_unwind(panic));
        done?;
        written
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

/// Assembles parts on all cores, in the order in which they get done.
fn assemble(
    parts: Receiver<Read>,
    encoded: &SyncSender<(usize, Assembled)>,
    assembler: &Assembler<'_>,
    buffers: &Buffers,
) -> Result<(), WriteError> {
    parts.into_iter().par_bridge().try_for_each(|(number, records)| {
        let part = assembler.assemble(&records?, buffers.take())?;
        // A part that cannot be sent is not missed: appending has failed, which says why.
        encoded.send((number, part)).or(Ok(()))
    })
}

/// Appends parts in their order. The writer is created when the first part tells how many patients
/// there are: keys are hashes, so the parts are alike.
fn append(
    parts: Receiver<(usize, Assembled)>,
    buffers: &Buffers,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<(HistoryWriter, Found), WriteError> {
    let mut found = Found::default();
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    let mut writer = None;
    for (number, part) in parts {
        waiting.insert(number, part);
        while let Some(mut part) = waiting.remove(&next) {
            next += 1;
            let patients = std::mem::take(&mut part.patients);
            let about = part.patient_count * u64::try_from(PARTS).unwrap_or(u64::MAX);
            let writer = match &mut writer {
                Some(writer) => writer,
                None => writer.insert(HistoryWriter::create(directory, about)?),
            };
            writer.append(&patients)?;
            buffers.give_back(patients);
            progress.advance(part.record_count);
            found.take(part);
        }
    }
    let writer = match writer {
        Some(writer) => writer,
        None => HistoryWriter::create(directory, 0)?,
    };
    Ok((writer, found))
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashSet;

    use super::*;
    use crate::history::assemble::Ordinals;
    use crate::progress::Silent;

    /// What comes of parts that hold these records and nothing else.
    fn written(records: &[u8], directory: &Path) -> Result<(HistoryWriter, Found), WriteError> {
        let spill = Spill::new(Path::new("."), 1 << 20);
        spill.add(7, &mut records.to_owned())?;
        let ordinals = Ordinals {
            codes: vec![],
            institutions: vec![],
            quantities: vec![],
            directions: vec![],
        };
        let assembler = Assembler {
            ordinals: &ordinals,
            incomplete: &FxHashSet::default(),
            conflicts: &FxHashSet::default(),
            messages: &FxHashSet::default(),
        };
        write(&spill, &assembler, directory, &Silent)
    }

    #[test]
    fn whatever_fails_ends_everything_and_is_told() {
        let directory = tempfile::tempdir().unwrap();
        assert!(written(&[], directory.path()).is_ok());
        // A record that ends before its length says.
        let damaged = written(&[40, 1], directory.path()).unwrap_err();
        assert!(matches!(damaged, WriteError::Io(_)), "{damaged}");
        let nowhere = written(&[], &directory.path().join("missing")).unwrap_err();
        assert!(matches!(nowhere, WriteError::Io(_)), "{nowhere}");
    }
}
