//! The registry: the log and the live state behind it, as the server sees them.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use chofuku_engine::Index;
use chofuku_log::{EventLog, LogError, Shard};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::backup::CopyLog;
use crate::command::{Command, Done, Refusal};
use crate::event::{Event, EventError};
use crate::live::Live;
use crate::state::{DocumentState, State, StateError};
use crate::writer::{Job, NewIf, Submitted, Writer};

/// The shard of a server that has all patients.
const WHOLE: Shard = Shard(0);
/// Commands that may wait for the writer; more are refused, so that memory is bounded.
const WAITING_MAX: usize = 8192;
/// Events that are read at a time.
const PAGE: usize = 4096;

/// Why nothing can be registered. Checks go on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unavailable {
    /// An append failed: whether it is durable is not known, so nothing is appended any more.
    #[error("the event log failed ({0}); restart the server once its disk is well")]
    Failed(Arc<str>),
    /// Too many registrations wait.
    #[error("too many registrations wait; send it again later")]
    Busy,
    /// The patient's documents are no longer those that were seen.
    #[error("other documents of the patient were registered meanwhile; send it again")]
    Outdated,
    /// The history of the patient is damaged.
    #[error("the registration cannot be applied: {0}")]
    Damaged(String),
    /// The writer has ended.
    #[error("the writer of the event log has ended; restart the server")]
    Ended,
}

/// Why a log and a generation do not go together.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log cannot be read.
    #[error("the event log cannot be read")]
    Log(#[from] LogError),
    /// The log ends before the generation.
    #[error(
        "the event log ends with event {found}, and generation {generation} was made with events up \
         to {folded}: events are missing; restore the log from a backup"
    )]
    Shorter {
        /// The last event of the log.
        found: u64,
        /// The generation.
        generation: u64,
        /// The last event that is folded into it.
        folded: u64,
    },
    /// The system gives no thread for the writer.
    #[error("no thread for the writer")]
    Thread(#[source] std::io::Error),
    /// An event is not one.
    #[error("event {event} cannot be read; restore the log from a backup")]
    Event {
        /// Its number.
        event: u64,
        /// Why.
        #[source]
        source: EventError,
    },
    /// The generation is damaged.
    #[error("generation {generation}: {reason}; run `chofuku verify` and restore it")]
    Generation {
        /// Its number.
        generation: u64,
        /// Why.
        reason: String,
    },
    /// An event does not apply.
    #[error("event {event} does not apply to the generation: {reason}")]
    Apply {
        /// Its number.
        event: u64,
        /// Why.
        reason: String,
    },
}

impl StartError {
    pub(crate) fn generation(generation: u64, error: &StateError) -> Self {
        Self::Generation { generation, reason: error.to_string() }
    }
}

/// Why a generation was not put in force.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Its events cannot be applied.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The writer does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The first failure of the log, for ever.
#[derive(Debug, Default)]
pub(crate) struct Failure(OnceLock<Arc<str>>);

impl Failure {
    pub(crate) fn get(&self) -> Option<Unavailable> {
        self.0.get().map(|reason| Unavailable::Failed(Arc::clone(reason)))
    }

    pub(crate) fn set(&self, error: &LogError) -> Unavailable {
        tracing::error!(%error, "the event log failed: registrations are refused from now on");
        Unavailable::Failed(Arc::clone(self.0.get_or_init(|| error.to_string().into())))
    }
}

/// Registers documents, durably. Dropping it finishes what was asked.
#[derive(Debug)]
pub struct Registry {
    live: Arc<Live>,
    failure: Arc<Failure>,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    copy: Option<Copies>,
}

/// Copies the log as of one moment to a path, while it is appended to.
struct Copies(Box<CopyLog<'static>>);

impl fmt::Debug for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Copies(…)")
    }
}

impl Registry {
    /// Applies to a generation the events behind the one that it names, and begins to register.
    /// `progress` is told of events applied and of all that there are.
    ///
    /// # Errors
    ///
    /// When an event is missing, damaged, or does not apply: a shorter history would look like
    /// "no findings".
    pub fn start(
        index: Arc<Index>,
        log: Box<dyn EventLog>,
        progress: &dyn Fn(u64, u64),
    ) -> Result<Self, StartError> {
        let state = replay(index, &*log, progress)?;
        let live = Arc::new(Live::of(state.publish()));
        let failure = Arc::new(Failure::default());
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let writer = Writer {
            log,
            shard: WHOLE,
            state,
            live: Arc::clone(&live),
            failure: Arc::clone(&failure),
        };
        let writer = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(StartError::Thread)?;
        Ok(Self { live, failure, jobs: Some(jobs), writer: Some(writer), copy: None })
    }

    /// Knows how to copy the log while it is appended to.
    #[must_use]
    pub fn with_copies(
        mut self,
        copy: impl Fn(&Path) -> Result<(), LogError> + Send + Sync + 'static,
    ) -> Self {
        self.copy = Some(Copies(Box::new(copy)));
        self
    }

    /// Copies the log as of one moment to a path.
    ///
    /// # Errors
    ///
    /// When it cannot be copied, or this registry does not know how.
    pub fn copy_log(&self, path: &Path) -> Result<(), LogError> {
        match &self.copy {
            Some(Copies(copy)) => copy(path),
            None => Err(LogError::Io {
                path: path.to_owned(),
                source: std::io::ErrorKind::Unsupported.into(),
            }),
        }
    }

    /// What checks read.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Why nothing can be registered, if so.
    pub fn failure(&self) -> Option<Unavailable> {
        self.failure.get()
    }

    /// Registers; answered when it is durable and checks see it.
    ///
    /// # Errors
    ///
    /// When nothing can be registered now; the inner error when the command contradicts what is
    /// known.
    pub async fn submit(&self, command: Command) -> Result<Result<Done, Refusal>, Unavailable> {
        self.submit_if(command, NewIf::Always).await
    }

    /// Registers on a condition.
    ///
    /// # Errors
    ///
    /// As [`Registry::submit`], and [`Unavailable::Outdated`] when the condition does not hold.
    pub async fn submit_if(
        &self,
        command: Command,
        new_if: NewIf,
    ) -> Result<Result<Done, Refusal>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Command(Box::new(Submitted { command, new_if }), reply))?;
        answer.await.unwrap_or(Err(Unavailable::Ended))
    }

    /// Puts another generation in force: the events behind the one that it names are applied to it
    /// first. Checks and registrations go on.
    ///
    /// # Errors
    ///
    /// When the events cannot be applied to it. The generation before stays in force then.
    pub async fn swap(&self, index: Arc<Index>) -> Result<(), SwapError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Swap(index, reply))?;
        Ok(answer.await.map_err(|_| Unavailable::Ended)??)
    }

    /// Trims the log to the events behind `through`.
    ///
    /// # Errors
    ///
    /// When the log fails, or ends before that event.
    pub async fn trim(&self, through: u64) -> Result<(), Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Trim(through, reply))?;
        answer.await.unwrap_or(Err(Unavailable::Ended))
    }

    /// What is known of a document that an event concerns.
    ///
    /// # Errors
    ///
    /// When the log has failed, or the writer does not answer.
    pub async fn document(&self, id: &str) -> Result<Option<DocumentState>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Document(id.to_owned(), reply))?;
        answer.await.unwrap_or(Err(Unavailable::Ended))
    }

    fn send(&self, job: Job) -> Result<(), Unavailable> {
        let jobs = self.jobs.as_ref().ok_or(Unavailable::Ended)?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Unavailable::Busy,
            TrySendError::Closed(_) => Unavailable::Ended,
        })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported when it happened.
            drop(writer.join());
        }
    }
}

/// A generation to which the events behind it are being applied.
#[derive(Debug)]
pub(crate) struct Replay(State);

impl Replay {
    /// Begins with what the generation itself holds.
    pub(crate) fn new(index: Arc<Index>, log: &dyn EventLog) -> Result<Self, StartError> {
        let (generation, folded) = (index.manifest().generation, index.manifest().event);
        let last = log.tail(WHOLE)?.sequence;
        if last < folded {
            return Err(StartError::Shorter { found: last, generation, folded });
        }
        let state = State::new(index);
        state.map(Self).map_err(|error| StartError::generation(generation, &error))
    }

    /// Applies at most so many events; `None` when there are none left.
    pub(crate) fn step(
        &mut self,
        log: &dyn EventLog,
        events_max: usize,
    ) -> Result<Option<u64>, StartError> {
        let events = log.read(WHOLE, self.0.event() + 1, events_max)?;
        if events.is_empty() {
            return Ok(None);
        }
        for stored in events {
            let number = stored.sequence;
            let event = Event::decode(&stored.payload)
                .map_err(|source| StartError::Event { event: number, source })?;
            self.0.apply(&event).map_err(|error: StateError| StartError::Apply {
                event: number,
                reason: error.to_string(),
            })?;
        }
        Ok(Some(self.0.event()))
    }

    /// The state behind the events applied so far.
    pub(crate) fn into_state(self) -> State {
        self.0
    }
}

/// The state of a generation and of every event behind it.
fn replay(
    index: Arc<Index>,
    log: &dyn EventLog,
    progress: &dyn Fn(u64, u64),
) -> Result<State, StartError> {
    let folded = index.manifest().event;
    let mut replay = Replay::new(index, log)?;
    let last = log.tail(WHOLE)?.sequence;
    while let Some(event) = replay.step(log, PAGE)? {
        progress(event - folded, last - folded);
    }
    Ok(replay.into_state())
}
