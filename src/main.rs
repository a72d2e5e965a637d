//! The binary `chofuku`: parses the command line and runs one subcommand. No logic.
//!
//! Exit codes: 0 done (for `check`: clear), 1 an error, 2 a wrong command line, 3 findings or
//! faults, 4 a check that is incomplete. Only a check that found nothing, on everything, exits 0.

mod command;
mod config;
mod greeting;
mod output;
mod overview;
mod progress;
mod supervisor;
mod telemetry;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use output::Output;

/// A check and a compilation allocate in small pieces on every core.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The open engine for Japan's duplicate-medication check (重複投薬等チェック).
#[derive(Debug, Parser)]
#[command(name = "chofuku", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done or clear, 1 error, 2 wrong command line, 3 findings or \
                        faults, 4 incomplete check.\n\nStart with: chofuku demo\nOne command in \
                        full: chofuku help COMMAND"
)]
struct Cli {
    /// Print the result as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build demo tables and a synthetic history, compile, serve, and run an example check.
    Demo(command::demo::Demo),
    /// Write tables and the history of a synthetic nation of any size.
    Generate(command::generate::Generate),
    /// Turn official lists into canonical tables.
    Tables(command::tables::Tables),
    /// Turn package inserts into rows of contraindications for review.
    Inserts(command::inserts::Inserts),
    /// Turn messages of the outside into a history table.
    Convert(command::convert::Convert),
    /// Compile tables and history files and publish them as a new generation.
    Compile(command::compile::Compile),
    /// Make a new generation of the one in force and of what was registered since.
    Compact(command::compact::Compact),
    /// Copy a data directory whole.
    Backup(command::backup::Backup),
    /// Make a data directory of a backup.
    Restore(command::backup::Restore),
    /// Read every byte of the generation in force and compare every checksum.
    Verify(command::verify::Verify),
    /// Report faults of canonical tables.
    Lint(command::lint::Lint),
    /// Run one check without a server.
    Check(command::check::Check),
    /// Serve checks over HTTP.
    Serve(command::serve::Serve),
    /// Show what a data directory holds.
    Inspect(command::inspect::Inspect),
    /// Check the past again, with other tables or another policy beside.
    Replay(command::replay::Replay),
    /// Check a configuration, or print that of the defaults.
    Config(command::config::Config),
    /// Print a completion script for a shell.
    Completions(command::completions::Completions),
    /// Write manual pages.
    Man(command::man::Man),
}

impl Cli {
    /// The command line, with its help by groups.
    fn described() -> clap::Command {
        overview::with_overview(Self::command())
    }
}

fn main() -> ExitCode {
    let given = Cli::described().get_matches();
    let Cli { json, command } = match Cli::from_arg_matches(&given) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let out = Output::new(json);
    let done = match command {
        Command::Demo(command) => command.run(out),
        Command::Generate(command) => command.run(out),
        Command::Tables(command) => command.run(out),
        Command::Inserts(command) => command.run(out),
        Command::Convert(command) => command.run(out),
        Command::Compile(command) => command.run(out),
        Command::Compact(command) => command.run(out),
        Command::Backup(command) => command.run(out),
        Command::Restore(command) => command.run(out),
        Command::Verify(command) => command.run(out),
        Command::Lint(command) => command.run(out),
        Command::Check(command) => command.run(out),
        Command::Serve(command) => command.run(),
        Command::Inspect(command) => command.run(out),
        Command::Replay(command) => command.run(out),
        Command::Config(command) => command.run(out),
        Command::Completions(command) => command.run(Cli::described()),
        Command::Man(command) => command.run(Cli::described()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            Output::error(&error);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::described().debug_assert();
    }

    #[test]
    fn the_overview_names_every_command_once() {
        let shown: Vec<&str> =
            overview::GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        let command = Cli::command();
        let known: BTreeSet<&str> =
            command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(shown.len(), known.len(), "{shown:?}");
        assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), known);
    }
}
