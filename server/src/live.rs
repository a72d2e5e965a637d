//! The index that answers come from, replaceable while requests run.

use std::sync::{Arc, PoisonError, RwLock};

use chofuku_engine::Index;

/// Holds the index in force. The lock is held for as long as it takes to clone a pointer, so a
/// check never waits for a swap, and keeps the index that it began with.
#[derive(Debug)]
pub struct Live(RwLock<Arc<Index>>);

impl Live {
    /// Begins with an index.
    pub fn new(index: Arc<Index>) -> Self {
        Self(RwLock::new(index))
    }

    /// The index in force.
    pub fn current(&self) -> Arc<Index> {
        // The lock guards one pointer, which no panic can leave half-written.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another index in force and returns the one before.
    pub fn swap(&self, index: Arc<Index>) -> Arc<Index> {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, index)
    }
}
