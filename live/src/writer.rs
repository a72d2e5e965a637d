//! The writer: the one thread that decides commands, appends events and lets checks see them.
//!
//! Commands that wait while a transaction becomes durable go into the next one together (group
//! commit). What is decided is applied to the writer's own state at once, so that the next command
//! of the batch is decided against it; checks and callers learn of it when it is durable. If it does
//! not become so, the log is poisoned and the state is never published.

use std::sync::Arc;

use chofuku_engine::Index;
use chofuku_log::{EventId, EventLog, LogError, NewEvent, Shard};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use crate::command::{Command, Done, Refusal};
use crate::event::{Event, EventKind};
use crate::live::{Changed, Live, Seen};
use crate::registry::{Failure, Replay, StartError, Unavailable};
use crate::state::{Decided, DocumentState, State, StateError};

/// Commands of one transaction.
const BATCH_MAX: usize = 1024;
/// Events that are applied to a generation to come between two batches: some milliseconds, for which
/// registrations wait, and more events than a batch brings in that time.
const REPLAYED_MAX: usize = 2 * BATCH_MAX;

/// What becomes of a command.
pub(crate) type Reply = Result<Result<Done, Refusal>, Unavailable>;

/// A command, and when something new is registered by it.
#[derive(Debug)]
pub(crate) struct Submitted {
    pub(crate) command: Command,
    pub(crate) new_if: NewIf,
}

/// When something new is registered. A command that was carried out before is answered as such anyhow.
#[derive(Clone, Debug)]
pub enum NewIf {
    /// Whatever came before.
    Always,
    /// If the patient is still as the caller saw it.
    AsSeen(Seen),
    /// On no condition.
    Never,
}

/// What the writer is asked.
#[derive(Debug)]
pub(crate) enum Job {
    /// To register something.
    Command(Box<Submitted>, oneshot::Sender<Reply>),
    /// To put another generation in force.
    Swap(Arc<Index>, oneshot::Sender<Result<(), StartError>>),
    /// To trim the log.
    Trim(u64, oneshot::Sender<Result<(), Unavailable>>),
    /// What is known of a document.
    Document(String, oneshot::Sender<Result<Option<DocumentState>, Unavailable>>),
}

/// What is done between two batches.
enum Upkeep {
    Swap(Arc<Index>, oneshot::Sender<Result<(), StartError>>),
    Trim(u64, oneshot::Sender<Result<(), Unavailable>>),
    Document(String, oneshot::Sender<Result<Option<DocumentState>, Unavailable>>),
}

/// A generation on its way into force.
struct Swap {
    replay: Replay,
    reply: oneshot::Sender<Result<(), StartError>>,
}

/// The writer and what only it has.
pub(crate) struct Writer {
    pub(crate) log: Box<dyn EventLog>,
    pub(crate) shard: Shard,
    pub(crate) state: State,
    pub(crate) live: Arc<Live>,
    pub(crate) failure: Arc<Failure>,
}

/// A batch on its way to the log.
#[derive(Default)]
struct Batch {
    events: Vec<NewEvent>,
    changed: Changed,
    /// Whether identities became one person.
    linked: bool,
    /// Answered when the batch is durable: what was known already may be known from this batch.
    replies: Vec<(oneshot::Sender<Reply>, Result<Done, Refusal>)>,
}

impl Writer {
    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut swap: Option<Swap> = None;
        loop {
            let first = if swap.is_some() {
                match jobs.try_recv() {
                    Ok(job) => Some(job),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                }
            } else if let Some(job) = jobs.blocking_recv() {
                Some(job)
            } else {
                return;
            };
            let mut batch = Batch::default();
            let mut next = first.and_then(|first| self.take(first, &mut batch));
            while next.is_none()
                && batch.replies.len() < BATCH_MAX
                && let Ok(job) = jobs.try_recv()
            {
                next = self.take(job, &mut batch);
            }
            self.finish(batch);
            // With nothing on its way to the log. Who has gone does not need an answer.
            match next {
                Some(Upkeep::Swap(index, reply)) => {
                    while let Some(before) = swap.take() {
                        swap = self.go_on(before);
                    }
                    match Replay::new(index, &*self.log) {
                        Ok(begun) => swap = Some(Swap { replay: begun, reply }),
                        Err(error) => drop(reply.send(Err(error))),
                    }
                }
                Some(Upkeep::Trim(through, reply)) => drop(reply.send(self.trim(through))),
                Some(Upkeep::Document(id, reply)) => drop(reply.send(self.document(&id))),
                None => {}
            }
            swap = swap.and_then(|swap| self.go_on(swap));
        }
    }

    /// Takes a job into the batch, or gives back what must wait until it is finished.
    fn take(&mut self, job: Job, batch: &mut Batch) -> Option<Upkeep> {
        match job {
            Job::Swap(index, reply) => return Some(Upkeep::Swap(index, reply)),
            Job::Trim(through, reply) => return Some(Upkeep::Trim(through, reply)),
            Job::Document(id, reply) => return Some(Upkeep::Document(id, reply)),
            Job::Command(command, reply) => match self.failure.get() {
                Some(unavailable) => drop(reply.send(Err(unavailable))),
                None => match self.decide(&command, batch) {
                    Ok(done) => batch.replies.push((reply, done)),
                    Err(unavailable) => drop(reply.send(Err(unavailable))),
                },
            },
        }
        None
    }

    /// Applies some more of the log to another generation, and puts that in force when it has all of
    /// it. Gives it back otherwise.
    fn go_on(&mut self, mut swap: Swap) -> Option<Swap> {
        let done = match swap.replay.step(&*self.log, REPLAYED_MAX) {
            Ok(Some(_)) => return Some(swap),
            Ok(None) => {
                let state = swap.replay.into_state();
                drop(self.live.install(state.publish()));
                self.state = state;
                Ok(())
            }
            Err(error) => Err(error),
        };
        drop(swap.reply.send(done));
        None
    }

    /// What is known of a document. After a failure the writer's state may hold what is not durable.
    fn document(&self, id: &str) -> Result<Option<DocumentState>, Unavailable> {
        match self.failure.get() {
            Some(unavailable) => Err(unavailable),
            None => self.state.document(id).map_err(|error| damaged(&error)),
        }
    }

    fn trim(&mut self, through: u64) -> Result<(), Unavailable> {
        match self.log.trim(self.shard, through) {
            Ok(()) => Ok(()),
            Err(error) if error.is_refusal() => Err(Unavailable::Failed(error.to_string().into())),
            Err(error) => Err(self.failure.set(&error)),
        }
    }

    fn decide(
        &mut self,
        Submitted { command, new_if }: &Submitted,
        batch: &mut Batch,
    ) -> Result<Result<Done, Refusal>, Unavailable> {
        let event = match self.state.decide(command).map_err(|error| damaged(&error))? {
            Decided::New(event) => event,
            Decided::Known { event } => return Ok(Ok(Done::Known { event })),
            Decided::Refused(refusal) => return Ok(Err(refusal)),
        };
        let may_be_new = match new_if {
            NewIf::Always => true,
            NewIf::AsSeen(seen) => self.is_as_seen(seen),
            NewIf::Never => false,
        };
        if !may_be_new {
            return Err(Unavailable::Outdated);
        }
        let payload = event.encode().map_err(|error| Unavailable::Damaged(error.to_string()))?;
        let changed = self.state.apply(&event).map_err(|error| damaged(&error))?;
        for patient in &*changed {
            if let Some(amended) = self.state.patients().get(patient) {
                batch.changed.patients.insert(*patient, Arc::clone(amended));
            }
        }
        batch.linked |= matches!(event.kind, EventKind::Linked { .. });
        if let Some(judged) = self.state.judged().get(&event.patient)
            && matches!(event.kind, EventKind::Judged { .. })
        {
            batch.changed.judged.insert(event.patient, Arc::clone(judged));
        }
        let number = self.state.event();
        batch.events.push(NewEvent { id: id_of(&event, number, &payload), payload });
        Ok(Ok(Done::New { event: number }))
    }

    /// Whether nothing was registered for a patient since. Each change makes an encoding of its own.
    fn is_as_seen(&self, seen: &Seen) -> bool {
        match (&seen.amended, self.state.patients().get(&seen.patient)) {
            (None, None) => true,
            (Some(seen), Some(now)) => Arc::ptr_eq(seen, now),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Makes a batch durable, lets checks see it, and answers.
    fn finish(&mut self, batch: Batch) {
        let Batch { events, changed, linked, replies } = batch;
        let durable = if events.is_empty() { Ok(()) } else { self.append(&events) };
        if let Err(error) = durable {
            let unavailable = self.failure.set(&error);
            for (reply, _) in replies {
                drop(reply.send(Err(unavailable.clone())));
            }
            return;
        }
        if !events.is_empty() {
            let linked = linked.then(|| Arc::new(self.state.linked().clone()));
            self.live.publish(self.state.additions(), changed, linked, self.state.event());
        }
        for (reply, done) in replies {
            drop(reply.send(Ok(done)));
        }
    }

    fn append(&mut self, events: &[NewEvent]) -> Result<(), LogError> {
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let expected = self.state.event().saturating_sub(count);
        self.log.append(self.shard, expected, events).map(drop)
    }
}

fn damaged(error: &StateError) -> Unavailable {
    Unavailable::Damaged(error.to_string())
}

/// The id of an event: the same for a command that is sent again behind the same event, so that a
/// log that lost an answer can tell. Sequences tell two cancellations of one document apart.
fn id_of(event: &Event, number: u64, payload: &[u8]) -> EventId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&event.patient.number().to_le_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.update(payload);
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    EventId(id)
}
