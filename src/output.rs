//! What a person or a program reads: results on standard output, errors on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// Exit code of a check with findings, or of tables with faults.
pub(crate) const FOUND: u8 = 3;
/// Exit code of a check that is incomplete.
pub(crate) const INCOMPLETE: u8 = 4;

/// Where results go, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A line for a person; nothing with `--json`.
    pub(crate) fn say(self, text: impl Display) -> io::Result<()> {
        if self.json { Ok(()) } else { Self::line(text) }
    }

    /// A line in every form, for what is a document in itself.
    pub(crate) fn line(text: impl Display) -> io::Result<()> {
        match writeln!(io::stdout(), "{text}") {
            // The reader has gone, as `head` does. The exit code still says what was found.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// A line with styles, which only a terminal gets.
    pub(crate) fn styled(text: impl Display) -> io::Result<()> {
        match writeln!(anstream::stdout(), "{text}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// A value for a program; nothing without `--json`.
    pub(crate) fn value(self, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            Self::line(serde_json::to_string_pretty(value)?)?;
        }
        Ok(())
    }

    /// A remark that is no result.
    pub(crate) fn note(text: impl Display) {
        if writeln!(io::stderr(), "{text}").is_err() {
            // Nobody listens on standard error; the exit code still says what happened.
        }
    }

    /// An error with everything that led to it.
    pub(crate) fn error(error: &anyhow::Error) {
        let mut text = format!("error: {error}");
        for cause in error.chain().skip(1) {
            text.push_str("\n  because: ");
            text.push_str(&cause.to_string());
        }
        Self::note(text);
    }
}

/// A text that stands out, for [`Output::styled`].
pub(crate) fn heading(text: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// An address to be opened, for [`Output::styled`].
pub(crate) fn link(url: &str) -> String {
    let style = AnsiColor::Cyan.on_default().underline();
    format!("{style}{url}{style:#}")
}
