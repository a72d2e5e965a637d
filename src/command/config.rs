//! `chofuku config`: the configuration that is in force, and the file of defaults.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::command::serve::ServeFlags;
use crate::config::{Configured, DEFAULT_FILE, Faults, SiteArgs, Source, variable};
use crate::output::{Output, heading};

/// Check or print a configuration.
#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say which settings `chofuku serve` would have, where each came from, and what is wrong.
    Check(Box<Check>),
    /// Print the commented file of defaults.
    Default,
}

/// Check a configuration as `chofuku serve` with the same options would read it.
#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    flags: ServeFlags,
    /// The file to check; else that of --config or `CHOFUKU_CONFIG`.
    #[arg(value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
}

impl Config {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Check(check) => check.run(out),
            Command::Default => {
                Output::line(DEFAULT_FILE.trim_end())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Check {
    fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let Self { site: SiteArgs { data, config }, flags, file } = self;
        let site = SiteArgs { data, config: file.or(config) };
        let configured = match site.configured(flags.given()) {
            Ok(configured) => configured,
            Err(error) => match error.downcast::<Faults>() {
                Ok(Faults(faults)) => return refused(out, &faults),
                Err(error) => return Err(error),
            },
        };
        show(&configured, out)?;
        let faults = configured.settings.faults();
        let mut warnings = configured.settings.warnings();
        warnings.extend(configured.unknown.iter().map(|name| format!("{name} is no setting")));
        out.value(&as_json(&configured, &faults, &warnings))?;
        if !out.is_json() {
            for warning in &warnings {
                Output::note(format_args!("warning: {warning}"));
            }
        }
        if faults.is_empty() {
            out.say("\nThe configuration can be used.")?;
            return Ok(ExitCode::SUCCESS);
        }
        if !out.is_json() {
            tell(&faults);
        }
        Ok(ExitCode::FAILURE)
    }
}

/// Says why there are no settings to show.
fn refused(out: Output, faults: &[String]) -> anyhow::Result<ExitCode> {
    out.value(&json!({"settings": {}, "faults": faults, "warnings": []}))?;
    if !out.is_json() {
        tell(faults);
    }
    Ok(ExitCode::FAILURE)
}

fn tell(faults: &[String]) {
    for fault in faults {
        Output::note(format_args!("error: {fault}"));
    }
    Output::note("the configuration cannot be used");
}

fn show(configured: &Configured, out: Output) -> anyhow::Result<()> {
    if out.is_json() {
        return Ok(());
    }
    let rows: Vec<(String, String, String)> = configured
        .shown()
        .into_iter()
        .map(|shown| {
            let value = shown.value.map_or_else(|| "not set".to_owned(), |value| value.to_string());
            (shown.key, value, shown.source.to_string())
        })
        .collect();
    let wide = |of: fn(&(String, String, String)) -> &String, title: &str| {
        rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0).max(title.len())
    };
    let (key, value) = (wide(|row| &row.0, "setting"), wide(|row| &row.1, "value").min(40));
    let title = format!("{:key$}  {:value$}  from", "setting", "value");
    if std::io::stdout().is_terminal() {
        Output::styled(heading(&title))?;
    } else {
        Output::line(title)?;
    }
    for (name, text, source) in rows {
        Output::line(format_args!("{name:key$}  {text:value$}  {source}"))?;
    }
    Ok(())
}

fn as_json(configured: &Configured, faults: &[String], warnings: &[String]) -> Value {
    let settings: serde_json::Map<String, Value> = configured
        .shown()
        .into_iter()
        .map(|shown| {
            let kind = match &shown.source {
                Source::Default => "default",
                Source::File(_) => "file",
                Source::Environment(_) => "environment",
                Source::Flag(_) => "flag",
            };
            let mut entry = json!({
                "value": shown.value,
                "source": kind,
                "variable": variable(&shown.key),
            });
            if let (Some(entry), false) = (entry.as_object_mut(), kind == "default") {
                entry.insert("from".to_owned(), json!(shown.source.to_string()));
            }
            if let (Some(entry), true) = (entry.as_object_mut(), shown.key.starts_with("policies."))
            {
                // A policy is a table, which no variable holds.
                entry.remove("variable");
            }
            (shown.key, entry)
        })
        .collect();
    json!({"settings": settings, "faults": faults, "warnings": warnings})
}
