//! What checks read: the generation in force and the patients amended since, replaceable while
//! requests run.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use chofuku_engine::overlay::{Additions, AmendedPatient};
use chofuku_engine::patient::PatientKey;
use chofuku_engine::{Index, View};
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use crate::event::Judgement;
use crate::registry::StartError;
use crate::state::State;

/// The patients amended since a generation.
pub(crate) type Patients = FxHashMap<PatientKey, Arc<AmendedPatient>>;

/// By patient: all identities of a person who has several, this one too.
pub(crate) type Linked = FxHashMap<PatientKey, Arc<[PatientKey]>>;

/// By patient: what was judged of findings since a generation, in the order of events.
pub(crate) type Judgements = FxHashMap<PatientKey, Arc<[Judgement]>>;

/// What a batch of events changes of patients.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    pub(crate) patients: Patients,
    pub(crate) judged: Judgements,
}

/// The index in force and what amends it. The lock is held for as long as it takes to clone a few
/// pointers or to put a batch of them in place, so a check waits neither for a registration to become
/// durable nor for a swap, and keeps what it began with.
#[derive(Debug)]
pub struct Live {
    published: RwLock<Published>,
    /// Kept as it changes: counting a million patients would hold the lock for too long.
    overlay: Mutex<Overlay>,
    /// The last event that checks see.
    event: watch::Sender<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) index: Arc<Index>,
    pub(crate) additions: Option<Arc<Additions>>,
    pub(crate) patients: Patients,
    pub(crate) linked: Arc<Linked>,
    pub(crate) judged: Judgements,
    pub(crate) event: u64,
}

/// What stands beside the generation in memory: the patients amended since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Identities; one person may have several.
    pub patients: usize,
    /// Their documents, those of the generation too.
    pub documents: usize,
    /// The bytes that these take.
    pub bytes: usize,
}

impl Overlay {
    fn of(patients: &Patients) -> Self {
        patients.values().fold(Self::default(), |sum, patient| sum.with(patient))
    }

    fn with(self, patient: &AmendedPatient) -> Self {
        Self {
            patients: self.patients + 1,
            documents: self.documents + patient.documents(),
            bytes: self.bytes + patient.bytes(),
        }
    }

    fn without(self, patient: &AmendedPatient) -> Self {
        Self {
            patients: self.patients.saturating_sub(1),
            documents: self.documents.saturating_sub(patient.documents()),
            bytes: self.bytes.saturating_sub(patient.bytes()),
        }
    }
}

/// One consistent state, as far as one patient is concerned.
#[derive(Clone, Debug)]
pub struct Snapshot {
    patient: PatientKey,
    index: Arc<Index>,
    amended: Option<(Arc<Additions>, Arc<AmendedPatient>)>,
    event: u64,
}

/// What a snapshot holds of its patient, to tell whether it is still so when something is registered
/// because of it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub(crate) patient: PatientKey,
    pub(crate) amended: Option<Arc<AmendedPatient>>,
}

impl Snapshot {
    /// What it holds of its patient.
    pub fn seen(&self) -> Seen {
        let amended = self.amended.as_ref().map(|(_, patient)| Arc::clone(patient));
        Seen { patient: self.patient, amended }
    }

    /// What a check of the patient runs on.
    pub fn view(&self) -> View<'_> {
        match &self.amended {
            Some((additions, patient)) => View::amended(&self.index, additions, patient),
            None => View::from(&*self.index),
        }
    }

    /// The generation.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The last event that it holds.
    pub fn event(&self) -> u64 {
        self.event
    }
}

impl Live {
    /// Begins with an index to which nothing was registered.
    ///
    /// # Errors
    ///
    /// When the index is damaged where a person with several identities stands.
    pub fn new(index: Arc<Index>) -> Result<Self, StartError> {
        unregistered(index).map(Self::of)
    }

    pub(crate) fn of(published: Published) -> Self {
        let event = watch::Sender::new(published.event);
        let overlay = Mutex::new(Overlay::of(&published.patients));
        Self { published: RwLock::new(published), overlay, event }
    }

    /// The index in force.
    pub fn index(&self) -> Arc<Index> {
        self.read(|published| Arc::clone(&published.index))
    }

    /// The last event that checks see.
    pub fn event(&self) -> u64 {
        *self.event.borrow()
    }

    /// What a check of a patient is to see, now.
    pub fn snapshot(&self, patient: PatientKey) -> Snapshot {
        self.read(|published| {
            let amended = published.patients.get(&patient);
            let additions = published.additions.as_ref();
            Snapshot {
                patient,
                index: Arc::clone(&published.index),
                amended: additions
                    .zip(amended)
                    .map(|(additions, patient)| (Arc::clone(additions), Arc::clone(patient))),
                event: published.event,
            }
        })
    }

    /// What stands beside the generation in memory.
    pub fn overlay(&self) -> Overlay {
        *self.overlay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was judged of a person's findings since the generation; of several identities, one after the
    /// other.
    pub fn judged(&self, patient: PatientKey) -> Vec<Judgement> {
        self.read(|published| {
            let identities = published.linked.get(&patient).map(|identities| &**identities);
            let identities = identities.unwrap_or(std::slice::from_ref(&patient));
            let judged = identities.iter().filter_map(|one| published.judged.get(one));
            judged.flat_map(|judged| judged.iter().cloned()).collect()
        })
    }

    /// Waits until checks see an event; false when they do not within the limit.
    pub async fn reached(&self, event: u64, limit: Duration) -> bool {
        let mut events = self.event.subscribe();
        let reached = events.wait_for(|last| *last >= event);
        tokio::time::timeout(limit, reached).await.is_ok_and(|seen| seen.is_ok())
    }

    /// Puts another index in force, to which nothing was registered, and returns the one before.
    ///
    /// # Errors
    ///
    /// As [`Live::new`]; the one before stays in force then.
    pub fn swap(&self, index: Arc<Index>) -> Result<Arc<Index>, StartError> {
        Ok(self.install(unregistered(index)?).index)
    }

    /// Everything that checks see, as it is now.
    pub(crate) fn published(&self) -> Published {
        self.read(Published::clone)
    }

    /// Puts a whole state in force and returns the one before.
    pub(crate) fn install(&self, next: Published) -> Published {
        let event = next.event;
        let overlay = Overlay::of(&next.patients);
        let before = self.write(|published| std::mem::replace(published, next));
        self.set_overlay(|_| overlay);
        self.event.send_replace(event);
        before
    }

    /// Lets checks see a batch of events.
    pub(crate) fn publish(
        &self,
        additions: Arc<Additions>,
        changed: Changed,
        linked: Option<Arc<Linked>>,
        event: u64,
    ) {
        let Changed { patients, judged } = changed;
        let added = Overlay::of(&patients);
        let before = self.write(|published| {
            published.event = event;
            let before = published.additions.replace(additions);
            published.judged.extend(judged);
            let replaced: Vec<_> = patients
                .into_iter()
                .filter_map(|(key, patient)| published.patients.insert(key, patient))
                .collect();
            if let Some(linked) = linked {
                published.linked = linked;
            }
            (before, replaced)
        });
        self.set_overlay(|overlay| {
            let sum = Overlay {
                patients: overlay.patients + added.patients,
                documents: overlay.documents + added.documents,
                bytes: overlay.bytes + added.bytes,
            };
            before.1.iter().fold(sum, |sum, patient| sum.without(patient))
        });
        // What nobody reads any more is freed when the lock is free.
        drop(before);
        self.event.send_replace(event);
    }

    /// Only the writer and a swap change what is published, one at a time.
    fn set_overlay(&self, set: impl FnOnce(Overlay) -> Overlay) {
        let mut overlay = self.overlay.lock().unwrap_or_else(PoisonError::into_inner);
        *overlay = set(*overlay);
    }

    fn read<T>(&self, read: impl FnOnce(&Published) -> T) -> T {
        // Pointers are put in place whole, so a panic cannot leave them half-written.
        read(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Published) -> T) -> T {
        write(&mut self.published.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The state of an index to which nothing was registered.
fn unregistered(index: Arc<Index>) -> Result<Published, StartError> {
    let generation = index.manifest().generation;
    if index.history().dictionary().links().next().is_some() {
        let state = State::new(index);
        return Ok(state.map_err(|error| StartError::generation(generation, &error))?.publish());
    }
    let event = index.manifest().event;
    let (patients, linked, judged) = (Patients::default(), Arc::default(), Judgements::default());
    Ok(Published { index, additions: None, patients, linked, judged, event })
}
