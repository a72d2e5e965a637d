//! How long work tells how far it is, without knowing who listens.

/// Told of the stages of long work and of its steps.
pub trait Progress: Sync {
    /// A stage begins; `total` is the number of steps where it is known.
    fn stage(&self, name: &str, total: Option<u64>);
    /// So many more steps of the stage are done.
    fn advance(&self, steps: u64);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _name: &str, _total: Option<u64>) {}
    fn advance(&self, _steps: u64) {}
}
