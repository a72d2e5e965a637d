//! `chofuku check`: one check without a server; with `--json`, the bytes that it would answer.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use chofuku_engine::generation;
use chofuku_server::check_json;
use clap::Args;
use serde_json::Value;

use crate::command::registry;
use crate::command::{check_day_today, explain};
use crate::config::{Site, SiteArgs};
use crate::output::{FOUND, INCOMPLETE, Output};

/// Run one check without a server.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    site: SiteArgs,
    /// The body of `POST /v1/check`; standard input if left out.
    #[arg(value_name = "REQUEST.json")]
    request: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        let body = self.read()?;
        let Site { data, policies } = self.site.read()?;
        let (index, key) = generation::open_with_key(&data).map_err(explain)?;
        let live = registry::live(&data, index)?;
        let answer = match check_json(&live, &key, &policies, check_day_today(), &body) {
            Ok(answer) => answer,
            Err(error) => {
                Output::note(String::from_utf8_lossy(&error.to_json()));
                bail!("the request was refused, nothing was checked");
            }
        };
        let text = String::from_utf8_lossy(&answer);
        let answer: Value = serde_json::from_str(&text)?;
        if out.is_json() {
            Output::line(&text)?;
        } else {
            Output::line(serde_json::to_string_pretty(&answer)?)?;
        }
        // Whatever is not a clear answer must not look like one to a script.
        Ok(match answer.get("outcome").and_then(Value::as_str) {
            Some("clear") => ExitCode::SUCCESS,
            Some("findings") => ExitCode::from(FOUND),
            _ => ExitCode::from(INCOMPLETE),
        })
    }

    fn read(&self) -> anyhow::Result<Vec<u8>> {
        if let Some(path) = &self.request {
            return std::fs::read(path)
                .with_context(|| format!("{}: cannot be read", path.display()));
        }
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).context("standard input cannot be read")?;
        Ok(body)
    }
}
