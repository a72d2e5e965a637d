//! `chofuku man`: manual pages, made from the command line itself.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::output::Output;

/// Print the manual page, or write one for every command into a directory.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The directory for `chofuku.1`, `chofuku-serve.1` and all others; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, command: clap::Command) -> anyhow::Result<ExitCode> {
        if let Some(directory) = &self.out {
            let place = || format!("{}: no manual pages can be written", directory.display());
            std::fs::create_dir_all(directory).with_context(place)?;
            clap_mangen::generate_to(command, directory).with_context(place)?;
        } else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            Output::line(String::from_utf8_lossy(&page).trim_end())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
