//! Upkeep of a running server: newer generations are put in force, and what was registered becomes
//! one. One at a time; requests go on meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chofuku_engine::manifest::Manifest;
use chofuku_engine::{Index, generation};
use chofuku_live::backup::{self, Copied, CopyLog};
use chofuku_live::compact::{Compact, Retention};
use chofuku_loader::progress::Silent;
use tokio::task::spawn_blocking;

use crate::background::in_the_background;
use crate::error::ApiError;
use crate::metrics::Done;
use crate::state::State;

/// What upkeep came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InForce {
    /// The generation in force.
    pub(crate) generation: u64,
    /// Whether it was so before.
    pub(crate) unchanged: bool,
}

/// Puts the newest published generation in force. One that cannot be opened, was made with another
/// key, or does not go with the event log is refused, and the one before keeps serving.
///
/// # Errors
///
/// Why it was refused.
pub(crate) async fn reload(state: &Arc<State>) -> Result<InForce, ApiError> {
    let data = data_of(state)?;
    let _one_at_a_time = state.upkeep.lock().await;
    put_in_force(state, data).await
}

/// Makes a new generation of the one in force and of what was registered since, puts it in force,
/// and trims the log.
///
/// # Errors
///
/// Why not. Nothing is lost then: what was registered is in the log.
pub(crate) async fn compact(state: &Arc<State>) -> Result<InForce, ApiError> {
    let compacted = compact_now(state).await;
    let done = if compacted.is_ok() { Done::Done } else { Done::Failed };
    state.metrics.compactions.of(done).add(1);
    compacted
}

async fn compact_now(state: &Arc<State>) -> Result<InForce, ApiError> {
    let data = data_of(state)?;
    let registry = state.registry()?;
    let _one_at_a_time = state.upkeep.lock().await;
    let (shared, directory) = (Arc::clone(state), data.clone());
    let today = state.config.clock.today();
    // For people: no answer depends on it.
    let made_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let compacted = spawn_blocking(move || {
        let policies = shared.config.policies.all();
        let retention = Retention::of(&shared.live.index(), policies, today);
        let compact = Compact { data: &directory, retention: &retention, made_at: &made_at };
        let threads = in_the_background().map_err(failed)?;
        threads.install(|| compact.run(&shared.live, &Silent)).map_err(failed)
    });
    let compacted = compacted.await.map_err(failed)??;
    if compacted.is_clock_doubtful(today) {
        let newest = compacted.from;
        tracing::warn!(%newest, %today, "no document is of the last weeks; is the clock right?");
    }
    let in_force = put_in_force(state, data).await?;
    registry.trim(compacted.trim_through).await?;
    tracing::info!(
        generation = in_force.generation,
        event = compacted.manifest.event,
        dropped = compacted.documents_dropped,
        "registered documents are compacted"
    );
    Ok(in_force)
}

/// Copies the data directory, with everything that was registered, to a new directory of the backups,
/// and gives its name.
///
/// # Errors
///
/// Why there is no copy.
pub(crate) async fn backup(state: &Arc<State>, name: String) -> Result<(String, Copied), ApiError> {
    let data = data_of(state)?;
    let reason = "it was started without a directory for backups";
    let backups = state.config.backups.clone().ok_or(ApiError::NotReady { reason })?;
    if !backups.is_dir() {
        let reason = "its directory for backups is not there; make it, or mount it";
        return Err(ApiError::NotReady { reason });
    }
    // Nothing is published or trimmed meanwhile.
    let _one_at_a_time = state.upkeep.lock().await;
    let (shared, to) = (Arc::clone(state), backups.join(&name));
    let copied = spawn_blocking(move || {
        let copy_log = |path: &Path| match &shared.registry {
            Some(registry) => registry.copy_log(path),
            None => Ok(()),
        };
        let copy_log: &CopyLog<'_> = &copy_log;
        backup::copy(&data, &to, shared.registry.is_some().then_some(copy_log))
    });
    Ok((name, copied.await.map_err(failed)?.map_err(failed)?))
}

/// Compacts every day at the configured time, for as long as the server runs.
pub(crate) async fn compact_daily(state: &Arc<State>) {
    let Some(time) = state.config.compact_at else { return std::future::pending().await };
    loop {
        tokio::time::sleep(state.config.clock.until(time)).await;
        if let Err(error) = compact(state).await {
            tracing::error!(%error, "registered documents were not compacted; they are in the log");
        }
    }
}

/// How often the pointer to the generation in force is looked at.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// Puts newer generations in force as they are published, for as long as the server runs. One that was
/// refused is tried again when another is published.
pub(crate) async fn watch(state: &Arc<State>) {
    let Some(data) = state.config.data.clone() else { return std::future::pending().await };
    let pointer = data.join(generation::CURRENT);
    let mut refused = None;
    loop {
        tokio::time::sleep(WATCH_EVERY).await;
        let pointer = pointer.clone();
        let read = spawn_blocking(move || std::fs::read_to_string(pointer)).await;
        let Ok(Ok(line)) = read else { continue };
        let generation = state.live.index().manifest().generation;
        let in_force = Manifest::directory_name(generation);
        if line.split(' ').next() == Some(&in_force) || refused.as_ref() == Some(&line) {
            continue;
        }
        if let Err(error) = reload(state).await {
            tracing::error!(%error, "a published generation is refused; the one before keeps serving");
            refused = Some(line);
        }
    }
}

fn data_of(state: &State) -> Result<PathBuf, ApiError> {
    let reason = "it was started without a data directory to look into";
    state.config.data.clone().ok_or(ApiError::NotReady { reason })
}

async fn put_in_force(state: &Arc<State>, data: PathBuf) -> Result<InForce, ApiError> {
    let before = state.live.index().manifest().generation;
    let fingerprint = state.key.fingerprint();
    let opened = spawn_blocking(move || {
        let threads = in_the_background().map_err(failed)?;
        threads.install(|| open(&data, fingerprint, before))
    });
    let index = opened.await.map_err(failed)??;
    let Some(index) = index else { return Ok(InForce { generation: before, unchanged: true }) };
    let generation = index.manifest().generation;
    note_what_is_left_out(state, &index);
    if let Some(registry) = &state.registry {
        registry.swap(index).await.map_err(failed)?;
    } else {
        let replaced = state.live.swap(index).map_err(failed)?;
        // Giving back the maps of a nation takes a while.
        spawn_blocking(move || drop(replaced)).await.map_err(failed)?;
    }
    state.metrics.swaps.add(1);
    tracing::info!(generation, before, "a generation is in force");
    Ok(InForce { generation, unchanged: false })
}

/// Tells the operator by which policies checks of today are not complete: they see longer than those that
/// the history was compacted for.
pub(crate) fn note_what_is_left_out(state: &State, index: &Index) {
    let today = state.config.clock.today();
    for (policy, rules) in state.config.policies.named() {
        if let Some(day) = index.whole_from(rules).filter(|day| today < *day) {
            tracing::warn!(
                policy, whole_from = %day, %today,
                "a compaction left out what checks of today can see by this policy: none of them is \
                 complete before that day"
            );
        }
    }
}

/// Opens the generation that is published, unless it is in force.
fn open(data: &Path, fingerprint: [u8; 8], before: u64) -> Result<Option<Arc<Index>>, ApiError> {
    let index = generation::open(data).map_err(failed)?;
    if index.manifest().generation == before {
        return Ok(None);
    }
    if index.manifest().key_fingerprint != fingerprint {
        let reason = "it was made with another patient key, so that nobody would have a past";
        return Err(ApiError::Upkeep { reason: reason.to_owned() });
    }
    Ok(Some(Arc::new(index)))
}

/// The error and its causes, in one line. They name files of the operator, not of patients.
fn failed(error: impl std::error::Error) -> ApiError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        reason = format!("{reason}: {next}");
        cause = next.source();
    }
    ApiError::Upkeep { reason }
}
