//! The configuration of an operator: defaults, then a file, then the environment, then flags.
//!
//! Each layer is a table of TOML laid over the one before, so a setting is written once, as a field of
//! [`Settings`], and has its key in the file, its variable `CHOFUKU_…` and its place in
//! `chofuku config check` from there. Every value is checked in its own layer, so that an error names
//! the line, the variable or the flag that it came from.

mod file;
mod layer;
mod settings;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use anyhow::Context;
use chofuku_server::Policies;
use clap::Args;

pub(crate) use layer::{Configured, Flag, Source, variable};
pub(crate) use settings::{Log, LogFormat, Settings};

/// The commented file of defaults, as `chofuku config default` prints it.
pub(crate) const DEFAULT_FILE: &str = include_str!("../contrib/chofuku.toml");
/// The variable that names the configuration file.
pub(crate) const FILE_VARIABLE: &str = "CHOFUKU_CONFIG";

/// Where a command finds its data directory and its policies.
#[derive(Debug, Default, Args)]
pub(crate) struct SiteArgs {
    /// The data directory, in which generations are published; else `CHOFUKU_DATA`, or `data` of the
    /// configuration.
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The configuration, a TOML file; else `CHOFUKU_CONFIG`. `chofuku config default` prints one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What a command needs of the configuration that works on a data directory.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) data: PathBuf,
    pub(crate) policies: Policies,
}

impl SiteArgs {
    /// Reads every layer. `flags` are those of the command beside `--data`.
    pub(crate) fn configured(&self, flags: Vec<Flag>) -> anyhow::Result<Configured> {
        let data = self.data.as_ref().map(|data| Flag::path("--data", "data", data));
        let flags = data.into_iter().chain(flags).collect();
        let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        let in_environment = environment.iter().find(|(name, _)| name == FILE_VARIABLE);
        let file = self.config.clone().or_else(|| in_environment.map(|(_, path)| path.into()));
        Ok(layer::gather(file, &environment, flags)?)
    }

    /// Whether anything names a configuration.
    pub(crate) fn has_file(&self) -> bool {
        self.config.is_some() || std::env::var_os(FILE_VARIABLE).is_some()
    }

    /// The data directory and the policies.
    pub(crate) fn read(&self) -> anyhow::Result<Site> {
        let settings = self.configured(Vec::new())?.settings;
        let data = settings.data.clone().context(NO_DATA)?;
        Ok(Site { data, policies: settings.policies()? })
    }
}

/// What to do where nothing names a data directory.
pub(crate) const NO_DATA: &str = "no data directory is named: give --data DATA, set CHOFUKU_DATA, \
                                  or set `data` in the file of --config";

/// Everything that is wrong with a configuration, a reason a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Faults(pub(crate) Vec<String>);

impl Faults {
    /// Nothing, or the faults.
    pub(crate) fn none(reasons: Vec<String>) -> Result<(), Self> {
        if reasons.is_empty() { Ok(()) } else { Err(Self(reasons)) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Faults {}
