//! How long work tells how far it is, without knowing who listens.

/// What the steps of a stage are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of input files.
    Bytes,
    /// Rows, or what else is counted.
    Rows,
}

/// Told of the stages of long work and of its steps.
pub trait Progress: Sync {
    /// A stage begins; `total` is the number of steps where it is known.
    fn stage(&self, name: &str, unit: Unit, total: Option<u64>);
    /// So many more steps of the stage are done.
    fn advance(&self, steps: u64);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _name: &str, _unit: Unit, _total: Option<u64>) {}
    fn advance(&self, _steps: u64) {}
}
