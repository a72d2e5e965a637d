//! What every request needs: the index in force, the key of identities, and the configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chofuku_engine::patient::IdentityKey;

use crate::config::Config;
use crate::live::Live;

/// Shared by all connections.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) live: Arc<Live>,
    pub(crate) key: IdentityKey,
    pub(crate) config: Config,
    draining: AtomicBool,
}

impl State {
    pub(crate) fn new(live: Arc<Live>, key: IdentityKey, config: Config) -> Self {
        Self { live, key, config, draining: AtomicBool::new(false) }
    }

    /// Says that no new work is wanted: `/readyz` tells it from now on.
    pub(crate) fn begin_drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
