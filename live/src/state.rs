//! Everything that is known of registered documents: what a command is decided against, and what
//! events change.
//!
//! Only the writer has it, and events change it in their order, when they are registered and when
//! they are read again at the next start: both end in the same state.

use std::collections::HashMap;
use std::sync::Arc;

use chofuku_engine::Index;
use chofuku_engine::document::{Acknowledged, Document, DocumentKind, WrittenDocument};
use chofuku_engine::error::FormatError;
use chofuku_engine::history::writer::WriteError;
use chofuku_engine::overlay::{Additions, AmendedPatient, Namer};
use chofuku_engine::patient::PatientKey;

use crate::command::{Command, Named, Refusal};
use crate::event::{Event, EventKind, Judgement};
use crate::live::{Judgements, Linked, Patients, Published};

/// Why an event cannot be decided or applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// The generation is damaged where the patient stands.
    #[error("the history of the patient cannot be read")]
    Damaged(#[from] FormatError),
    /// The patient cannot be encoded.
    #[error("the history of the patient cannot be written")]
    Encode(#[from] WriteError),
    /// A document is not where an earlier event put it.
    #[error("document {0} is named and not known")]
    Missing(String),
}

/// What a command comes to.
#[derive(Debug)]
pub(crate) enum Decided {
    /// It is to be registered.
    New(Event),
    /// It was registered before.
    Known {
        /// The event.
        event: u64,
    },
    /// It contradicts what is known.
    Refused(Refusal),
}

/// What is known of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentState {
    /// Whose it is.
    pub patient: PatientKey,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// Findings that were acknowledged with its newest version.
    pub acknowledged: Vec<Acknowledged>,
    /// Its versions, the newest last. Empty for one that came with a generation.
    pub versions: Vec<Version>,
    /// The event that changed it last; the last one of the generation for one that came with it.
    pub event: u64,
}

/// A version of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The event that brought it.
    pub event: u64,
    /// A hash of its content.
    content: [u8; 16],
}

/// The state behind the last event.
#[derive(Debug)]
pub(crate) struct State {
    namer: Namer,
    patients: Patients,
    /// Those that an event concerns.
    documents: HashMap<String, DocumentState>,
    /// By patient: all identities of the person, this one too.
    linked: Linked,
    /// By patient: what was judged since the generation. What became of it stands with the documents,
    /// so that nothing of it is folded into a generation.
    judged: Judgements,
    event: u64,
}

impl State {
    /// The state of a generation, to which nothing was registered: identities that it knows to be one
    /// person are joined.
    ///
    /// # Errors
    ///
    /// When the generation is damaged where such a person stands.
    pub(crate) fn new(index: Arc<Index>) -> Result<Self, StateError> {
        let event = index.manifest().event;
        let persons: Vec<_> = index.history().dictionary().links().collect();
        let mut state = Self {
            namer: Namer::new(index),
            patients: Patients::default(),
            documents: HashMap::new(),
            linked: Linked::default(),
            judged: Judgements::default(),
            event,
        };
        for person in persons {
            if let Some((first, others)) = person.split_first() {
                for other in others {
                    state.link(*first, *other)?;
                }
            }
        }
        Ok(state)
    }

    /// What checks see of it.
    pub(crate) fn publish(&self) -> Published {
        Published {
            index: Arc::clone(self.index()),
            additions: Some(self.additions()),
            patients: self.patients.clone(),
            linked: Arc::new(self.linked.clone()),
            judged: self.judged.clone(),
            event: self.event,
        }
    }

    pub(crate) fn linked(&self) -> &Linked {
        &self.linked
    }

    pub(crate) fn index(&self) -> &Arc<Index> {
        self.namer.index()
    }

    pub(crate) fn additions(&self) -> Arc<Additions> {
        Arc::clone(self.namer.additions())
    }

    pub(crate) fn patients(&self) -> &Patients {
        &self.patients
    }

    pub(crate) fn event(&self) -> u64 {
        self.event
    }

    /// What is known of a document.
    ///
    /// # Errors
    ///
    /// When the generation is damaged where the patient stands.
    pub(crate) fn document(&self, id: &str) -> Result<Option<DocumentState>, StateError> {
        let Some(patient) = self.owner(id)? else { return Ok(None) };
        let Some(document) = self.find(patient, id)? else { return Ok(None) };
        let known = self.documents.get(id).cloned().unwrap_or_else(|| DocumentState {
            patient,
            cancelled: document.cancelled,
            acknowledged: Vec::new(),
            versions: Vec::new(),
            event: self.index().manifest().event,
        });
        Ok(Some(DocumentState { acknowledged: document.acknowledged, ..known }))
    }

    /// Decides a command. Nothing is changed.
    ///
    /// # Errors
    ///
    /// When the generation is damaged where the patient stands.
    pub(crate) fn decide(&self, command: &Command) -> Result<Decided, StateError> {
        match command {
            Command::Register { patient, document, acknowledged } => {
                let sent = (document, acknowledged.as_slice());
                if let Some(known) = self.registered(*patient, sent)? {
                    return Ok(known);
                }
                let (document, acknowledged) = (document.clone(), acknowledged.clone());
                Ok(new(*patient, EventKind::Registered { document, acknowledged }))
            }
            Command::Change { patient, document, acknowledged } => {
                let sent = (document, acknowledged.as_slice());
                if let Some(known) = self.changed(*patient, sent)? {
                    return Ok(known);
                }
                let (document, acknowledged) = (document.clone(), acknowledged.clone());
                Ok(new(*patient, EventKind::Changed { document, acknowledged }))
            }
            Command::Cancel(named) => self.cancel(named),
            Command::Restore(named) => self.restore(named),
            Command::Link { patient, same_as } => {
                if patient == same_as || self.identities(*patient).contains(same_as) {
                    return Ok(Decided::Known { event: self.event });
                }
                Ok(new(*patient, EventKind::Linked { same_as: *same_as }))
            }
            Command::Judge { patient, judgement } => {
                let judged = self.judged.get(patient);
                // The day is ours, not the caller's: the same may be sent again after midnight.
                let day = judgement.day;
                let is_same = |known: &Judgement| Judgement { day, ..known.clone() } == *judgement;
                if judged.is_some_and(|judged| judged.iter().any(is_same)) {
                    return Ok(Decided::Known { event: self.event });
                }
                Ok(new(*patient, EventKind::Judged { judgement: judgement.clone() }))
            }
        }
    }

    pub(crate) fn judged(&self) -> &Judgements {
        &self.judged
    }

    /// What becomes of a registration if a document of its id is known.
    fn registered(
        &self,
        patient: PatientKey,
        (document, acknowledged): (&WrittenDocument, &[Acknowledged]),
    ) -> Result<Option<Decided>, StateError> {
        if let Some(known) = self.documents.get(&document.id) {
            // An older version counts no more: whoever sends it again would believe that it does.
            let same = known.versions.last().filter(|last| {
                self.is_same_person(known.patient, patient) && last.content == content(document)
            });
            if let Some(last) = same {
                let in_force = self.find(known.patient, &document.id)?;
                return Ok(Some(match in_force {
                    Some(in_force) if in_force.cancelled => {
                        Decided::Refused(Refusal::AlreadyCancelled)
                    }
                    Some(in_force) => again(patient, document, &in_force, acknowledged, last.event),
                    None => Decided::Known { event: last.event },
                }));
            }
            if !known.versions.is_empty() {
                return Ok(Some(Decided::Refused(Refusal::DocumentExists)));
            }
        }
        if self.is_of_another(patient, &document.id)? {
            return Ok(Some(Decided::Refused(Refusal::DocumentExists)));
        }
        let Some(before) = self.find(patient, &document.id)? else { return Ok(None) };
        let same = self.namer.written(&before).is_some_and(|before| {
            WrittenDocument { cancelled: document.cancelled, ..before } == *document
        });
        Ok(Some(match (same, before.cancelled) {
            (false, _) => Decided::Refused(Refusal::DocumentExists),
            (true, true) => Decided::Refused(Refusal::AlreadyCancelled),
            (true, false) => {
                again(patient, document, &before, acknowledged, self.index().manifest().event)
            }
        }))
    }

    /// What becomes of a change that is not simply to be registered.
    fn changed(
        &self,
        patient: PatientKey,
        (document, acknowledged): (&WrittenDocument, &[Acknowledged]),
    ) -> Result<Option<Decided>, StateError> {
        let refused = |refusal| Ok(Some(Decided::Refused(refusal)));
        if self.is_of_another(patient, &document.id)? {
            return refused(Refusal::OtherDocument);
        }
        let Some(before) = self.find(patient, &document.id)? else {
            return refused(Refusal::UnknownDocument);
        };
        let known = self.documents.get(&document.id);
        let last = known.and_then(|known| known.versions.last());
        let same = last.filter(|last| last.content == content(document));
        if before.kind != document.kind {
            return refused(Refusal::OtherDocument);
        }
        if before.cancelled {
            return refused(Refusal::AlreadyCancelled);
        }
        if let Some(last) = same {
            return Ok(Some(again(patient, document, &before, acknowledged, last.event)));
        }
        if self.is_dispensed(patient, &before)? {
            return refused(Refusal::AlreadyDispensed);
        }
        Ok(None)
    }

    fn cancel(&self, named: &Named) -> Result<Decided, StateError> {
        let Some((patient, document)) = self.named(named)? else {
            return Ok(Decided::Refused(Refusal::UnknownDocument));
        };
        if document.cancelled {
            return Ok(Decided::Refused(Refusal::AlreadyCancelled));
        }
        if self.is_dispensed(patient, &document)? {
            return Ok(Decided::Refused(Refusal::AlreadyDispensed));
        }
        Ok(new(patient, EventKind::Cancelled { document: document.id }))
    }

    fn restore(&self, named: &Named) -> Result<Decided, StateError> {
        let Some((patient, document)) = self.named(named)? else {
            return Ok(Decided::Refused(Refusal::UnknownDocument));
        };
        if !document.cancelled {
            return Ok(Decided::Refused(Refusal::NotCancelled));
        }
        Ok(new(patient, EventKind::Restored { document: document.id }))
    }

    /// A document and whose it is.
    fn named(&self, named: &Named) -> Result<Option<(PatientKey, Document)>, StateError> {
        let Some(owner) = self.owner(&named.document)? else { return Ok(None) };
        if named.patient.is_some_and(|named| !self.is_same_person(owner, named)) {
            return Ok(None);
        }
        Ok(self.find(owner, &named.document)?.map(|document| (owner, document)))
    }

    /// Whose a document is, whether an event or the generation brought it.
    fn owner(&self, id: &str) -> Result<Option<PatientKey>, StateError> {
        match self.documents.get(id) {
            Some(known) => Ok(Some(known.patient)),
            None => Ok(self.index().history().owner(id)?),
        }
    }

    fn is_of_another(&self, patient: PatientKey, id: &str) -> Result<bool, StateError> {
        Ok(self.owner(id)?.is_some_and(|owner| !self.is_same_person(owner, patient)))
    }

    /// Whether a prescription has a live dispensing result: then it cannot be changed any more.
    fn is_dispensed(&self, patient: PatientKey, document: &Document) -> Result<bool, StateError> {
        if document.kind != DocumentKind::Prescription {
            return Ok(false);
        }
        let documents = self.documents_of(patient)?;
        Ok(documents.iter().any(|other| {
            other.kind == DocumentKind::Dispensing
                && !other.cancelled
                && other.prescription.as_deref() == Some(&document.id)
        }))
    }

    fn find(&self, patient: PatientKey, id: &str) -> Result<Option<Document>, StateError> {
        let documents = self.documents_of(patient)?;
        Ok(documents.into_iter().find(|document| document.id == id))
    }

    /// The documents of a person, as they stand.
    fn documents_of(&self, patient: PatientKey) -> Result<Vec<Document>, StateError> {
        let amended = self.patients.get(&patient).map(|amended| &**amended);
        Ok(self.namer.documents(patient, amended)?)
    }

    fn identities(&self, patient: PatientKey) -> Arc<[PatientKey]> {
        self.linked.get(&patient).map_or_else(|| [patient].into(), Arc::clone)
    }

    fn is_same_person(&self, one: PatientKey, other: PatientKey) -> bool {
        one == other || self.identities(one).contains(&other)
    }

    /// Applies the next event, and tells whose patients it changed.
    ///
    /// # Errors
    ///
    /// When the patient cannot be read or encoded, or the event names a document that is not there and
    /// that no compaction can have left out.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<Arc<[PatientKey]>, StateError> {
        let number = self.event + 1;
        let patient = event.patient;
        let changed = match &event.kind {
            EventKind::Registered { document, acknowledged }
            | EventKind::Changed { document, acknowledged } => {
                self.put(patient, document, acknowledged)?
            }
            EventKind::Cancelled { document } => self.set_cancelled(patient, document, true)?,
            EventKind::Restored { document } => self.set_cancelled(patient, document, false)?,
            EventKind::Linked { same_as } => self.link(patient, *same_as)?,
            EventKind::Judged { judgement } => {
                let judged = self.judged.entry(patient).or_default();
                *judged = judged.iter().chain([judgement]).cloned().collect();
                Arc::default()
            }
        };
        self.note(number, event);
        self.event = number;
        Ok(changed)
    }

    /// Puts a document in, or in the place of the one with its id.
    fn put(
        &mut self,
        patient: PatientKey,
        document: &WrittenDocument,
        acknowledged: &[Acknowledged],
    ) -> Result<Arc<[PatientKey]>, StateError> {
        let mut documents = self.documents_of(patient)?;
        let named = Document { acknowledged: acknowledged.to_vec(), ..self.namer.name(document) };
        match documents.iter_mut().find(|known| known.id == named.id) {
            Some(known) => *known = named,
            None => documents.push(named),
        }
        self.amend(patient, documents)
    }

    fn set_cancelled(
        &mut self,
        patient: PatientKey,
        id: &str,
        cancelled: bool,
    ) -> Result<Arc<[PatientKey]>, StateError> {
        let mut documents = self.documents_of(patient)?;
        let Some(document) = documents.iter_mut().find(|document| document.id == id) else {
            // Decided on the generation before, while a compaction left the document out: no check can
            // see it, whatever it is.
            let may_be_left_out = self.index().manifest().left_out.is_some();
            let missing = StateError::Missing(id.to_owned());
            return if may_be_left_out { Ok(Arc::default()) } else { Err(missing) };
        };
        document.cancelled = cancelled;
        self.amend(patient, documents)
    }

    fn link(
        &mut self,
        patient: PatientKey,
        same_as: PatientKey,
    ) -> Result<Arc<[PatientKey]>, StateError> {
        let mut documents = self.documents_of(patient)?;
        if !self.is_same_person(patient, same_as) {
            for document in self.documents_of(same_as)? {
                if documents.iter().all(|known| known.id != document.id) {
                    documents.push(document);
                }
            }
        }
        let mut all = [self.identities(patient), self.identities(same_as)].concat();
        all.sort_unstable();
        all.dedup();
        let all: Arc<[PatientKey]> = all.into();
        for identity in &*all {
            self.linked.insert(*identity, Arc::clone(&all));
        }
        self.amend(patient, documents)
    }

    /// Encodes a person's documents and puts them in force for every identity.
    fn amend(
        &mut self,
        patient: PatientKey,
        documents: Vec<Document>,
    ) -> Result<Arc<[PatientKey]>, StateError> {
        let amended = Arc::new(AmendedPatient::encode(patient, documents)?);
        let identities = self.identities(patient);
        for identity in &*identities {
            self.patients.insert(*identity, Arc::clone(&amended));
        }
        Ok(identities)
    }

    /// Notes what an event says of its document.
    fn note(&mut self, number: u64, event: &Event) {
        let Some(id) = event.document() else { return };
        let state = self.documents.entry(id.to_owned()).or_insert_with(|| DocumentState {
            patient: event.patient,
            cancelled: false,
            acknowledged: Vec::new(),
            versions: Vec::new(),
            event: number,
        });
        state.event = number;
        match &event.kind {
            EventKind::Registered { document, .. } | EventKind::Changed { document, .. } => {
                state.cancelled = document.cancelled;
                state.versions.push(Version { event: number, content: content(document) });
            }
            EventKind::Cancelled { .. } => state.cancelled = true,
            EventKind::Restored { .. } => state.cancelled = false,
            EventKind::Linked { .. } | EventKind::Judged { .. } => {}
        }
    }
}

fn new(patient: PatientKey, kind: EventKind) -> Decided {
    Decided::New(Event { patient, kind })
}

/// What becomes of a document that is in force as it was sent: nothing, unless a finding is acknowledged
/// now that was not, or with another reason. What was acknowledged before stays.
fn again(
    patient: PatientKey,
    document: &WrittenDocument,
    in_force: &Document,
    sent: &[Acknowledged],
    event: u64,
) -> Decided {
    if sent.iter().all(|sent| in_force.acknowledged.contains(sent)) {
        return Decided::Known { event };
    }
    let is_sent = |known: &&Acknowledged| sent.iter().any(|sent| sent.finding == known.finding);
    let before = in_force.acknowledged.iter().filter(|known| !is_sent(known));
    let acknowledged = before.chain(sent).cloned().collect();
    new(patient, EventKind::Changed { document: document.clone(), acknowledged })
}

/// A hash of what a caller wrote: the same for a command that is sent again.
fn content(document: &WrittenDocument) -> [u8; 16] {
    // A document always serialises: it is texts and numbers.
    let bytes = serde_json::to_vec(document).unwrap_or_default();
    let mut hash = [0; 16];
    blake3::Hasher::new().update(&bytes).finalize_xof().fill(&mut hash);
    hash
}
