//! Whose a message is, where it does not say so: flags of every command that takes messages.

use clap::Args;

/// An insured identity or an opaque id, as it is written. Nothing is judged here.
#[derive(Debug, Args)]
pub(crate) struct PatientArgs {
    /// Whose the message is, by an id of your own.
    #[arg(long, value_name = "ID", conflicts_with_all = ["insurer", "symbol", "number", "branch"])]
    pub(crate) patient_id: Option<String>,
    /// Whose the message is: 保険者番号.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) insurer: Option<String>,
    /// 記号.
    #[arg(long, value_name = "TEXT")]
    pub(crate) symbol: Option<String>,
    /// 番号.
    #[arg(long, value_name = "TEXT")]
    pub(crate) number: Option<String>,
    /// 枝番.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) branch: Option<String>,
}
