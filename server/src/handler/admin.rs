//! Upkeep by call: `POST /v1/admin/reload`, `/v1/admin/compact` and `/v1/admin/backup`.

use std::sync::Arc;

use chofuku_live::backup::Copied;
use hyper::Response;
use serde::Serialize;

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::upkeep::{self, InForce};
use crate::wire;

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

fn answer(in_force: InForce) -> Result<Response<Body>, ApiError> {
    let InForce { generation, unchanged } = in_force;
    wire::to_json(&InForceAnswer { generation, changed: !unchanged }).map(respond::json)
}
