//! `chofuku completions`: completion scripts, made from the command line itself.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use crate::output::Output;

/// Print a completion script, such as `chofuku completions bash > chofuku.bash`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, mut command: clap::Command) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "chofuku", &mut script);
        Output::line(String::from_utf8_lossy(&script).trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
