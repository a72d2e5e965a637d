//! What `chofuku` without a command says: its commands, by what somebody wants to do.

use std::fmt::Write;

use clap::builder::StyledStr;

use crate::output::heading;

/// Every command, once, in the order in which somebody meets them.
pub(crate) const GROUPS: [(&str, &[&str]); 7] = [
    ("Try it", &["demo", "generate"]),
    ("Make tables", &["tables", "inserts", "lint"]),
    ("Bring in history", &["convert", "compile"]),
    ("Check", &["serve", "check", "replay"]),
    ("Look", &["inspect", "verify", "config"]),
    ("Keep", &["compact", "backup", "restore"]),
    ("Install", &["completions", "man"]),
];

/// Gives a command its help by groups.
pub(crate) fn with_overview(command: clap::Command) -> clap::Command {
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (title, names) in GROUPS {
        section(&mut text, title);
        for name in names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            line(&mut text, name, &about);
        }
    }
    section(&mut text, "Options");
    text.push_str("{options}{after-help}");
    command.help_template(StyledStr::from(text))
}

fn section(text: &mut String, title: &str) {
    text.push('\n');
    text.push_str(&heading(title));
    text.push('\n');
}

fn line(text: &mut String, name: &str, about: &str) {
    if writeln!(text, "  {name:<12} {about}").is_err() {
        // Memory takes every text.
    }
}
