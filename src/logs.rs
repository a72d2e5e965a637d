//! What the server logs, on standard error. No line holds what a caller sent.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Sends every line of the log to standard error from now on.
///
/// # Errors
///
/// When the filter cannot be read.
pub(crate) fn to_stderr(log: &Log) -> anyhow::Result<()> {
    let is_terminal = io::stderr().is_terminal();
    let as_json = match log.format {
        LogFormat::Auto => !is_terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&log.filter)?)
        .with_ansi(is_terminal)
        .with_writer(io::stderr);
    if as_json {
        subscriber.json().flatten_event(true).with_current_span(false).init();
    } else {
        subscriber.init();
    }
    Ok(())
}
