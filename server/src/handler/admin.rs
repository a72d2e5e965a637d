//! Upkeep by call: `POST /v1/admin/reload`, `/v1/admin/compact` and `/v1/admin/backup`; and what an
//! operator should look at: `GET /v1/admin/lint`.

use std::sync::Arc;

use chofuku_live::backup::Copied;
use hyper::Response;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::upkeep::{self, InForce};
use crate::wire::{self, lint::LintAnswer};

#[derive(Serialize)]
struct InForceAnswer {
    generation: u64,
    changed: bool,
}

#[derive(Serialize)]
struct BackupAnswer {
    /// In the directory of backups.
    directory: String,
    generation: u64,
    event: u64,
}

/// Puts the newest published generation in force.
pub(super) async fn reload(state: &Arc<State>) -> Result<Response<Body>, ApiError> {
    answer(upkeep::reload(state).await?)
}

/// Makes a generation of what was registered.
pub(super) async fn compact(state: &Arc<State>) -> Result<Response<Body>, ApiError> {
    answer(upkeep::compact(state).await?)
}

/// Copies the data directory.
pub(super) async fn backup(state: &Arc<State>) -> Result<Response<Body>, ApiError> {
    let name = jiff::Timestamp::now().strftime("backup-%Y%m%dT%H%M%S.%6fZ").to_string();
    let (directory, Copied { generation, event }) = upkeep::backup(state, name).await?;
    wire::to_json(&BackupAnswer { directory, generation, event }).map(respond::json)
}

/// Reports the faults of the tables in force. They are looked for anew each time, beside the requests:
/// it takes milliseconds for the demo's tables and less than a second for a nation's.
pub(super) async fn lint(state: &Arc<State>) -> Result<Response<Body>, ApiError> {
    let index = state.live.index();
    let looked = spawn_blocking(move || wire::to_json(&LintAnswer::new(&index)));
    looked.await.map_err(|_| ApiError::AnswerFailed)?.map(respond::json)
}

fn answer(in_force: InForce) -> Result<Response<Body>, ApiError> {
    let InForce { generation, unchanged } = in_force;
    wire::to_json(&InForceAnswer { generation, changed: !unchanged }).map(respond::json)
}
