//! Upkeep by call: `POST /v1/admin/reload`, `/v1/admin/compact` and `/v1/admin/backup`; and what an
//! operator should look at: `GET /v1/admin/lint`.

use std::sync::Arc;

use chofuku_live::backup::Copied;
use hyper::Response;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::upkeep::{self, InForce};
use crate::wire::{self, lint::LintAnswer};

/// Which generation is in force now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InForce")]
pub(crate) struct InForceAnswer {
    /// Its number.
    generation: u64,
    /// Whether it was another one before.
    changed: bool,
}

/// A backup that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Backup")]
pub(crate) struct BackupAnswer {
    /// Its name in the directory of backups.
    directory: String,
    /// The generation that it holds.
    generation: u64,
    /// The last event that it holds.
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
    let (directory, Copied { generation, event, .. }) = upkeep::backup(state, name).await?;
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
