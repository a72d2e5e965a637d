//! What every request needs: the index in force, the key of identities, and the configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chofuku_engine::patient::IdentityKey;
use chofuku_live::{Live, Registry};

use crate::cds::Memory;
use crate::config::Config;
use crate::error::ApiError;
use crate::metrics::Metrics;

/// Shared by all connections.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) live: Arc<Live>,
    /// What registers documents; none without an event log.
    pub(crate) registry: Option<Registry>,
    pub(crate) key: IdentityKey,
    pub(crate) config: Config,
    /// Held by upkeep, so that there is one at a time.
    pub(crate) upkeep: tokio::sync::Mutex<()>,
    pub(crate) metrics: Metrics,
    /// The cards of CDS Hooks that were shown.
    pub(crate) shown: Memory,
    draining: AtomicBool,
}

impl State {
    pub(crate) fn new(
        live: Arc<Live>,
        registry: Option<Registry>,
        key: IdentityKey,
        config: Config,
    ) -> Self {
        Self {
            live,
            registry,
            key,
            config,
            upkeep: tokio::sync::Mutex::default(),
            metrics: Metrics::default(),
            shown: Memory::default(),
            draining: AtomicBool::new(false),
        }
    }

    /// What registers documents.
    ///
    /// # Errors
    ///
    /// When the server was started without an event log.
    pub(crate) fn registry(&self) -> Result<&Registry, ApiError> {
        self.registry.as_ref().ok_or(ApiError::NotReady { reason: "it has no event log" })
    }

    /// Says that no new work is wanted: `/readyz` tells it from now on.
    pub(crate) fn begin_drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
