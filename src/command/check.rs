//! `chofuku check`: one check without a server; with `--json`, the bytes that it would answer.

mod message;

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use chofuku_engine::generation;
use chofuku_server::{Request, Told, check_request, is_message};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::command::registry;
use crate::command::{check_day_today, explain};
use crate::config::{Site, SiteArgs};
use crate::output::{FOUND, INCOMPLETE, Output};

/// Run one check without a server.
///
/// The request is the body of `POST /v1/check` in JSON, or one prescription or dispensing as
/// 電子処方箋 CSV, JAHIS symbol, お薬手帳 or FHIR: the first bytes tell. What a message does not say is
/// given beside it, as with the server's query parameters.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    message: message::MessageArgs,
    /// In which words to answer.
    #[arg(long, value_enum, value_name = "SHAPE", default_value_t = Accept::Json)]
    accept: Accept,
    /// The request; standard input if left out.
    #[arg(value_name = "REQUEST")]
    request: Option<PathBuf>,
}

/// The words of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Accept {
    /// The interface's own.
    Json,
    /// A FHIR Bundle of `DetectedIssue` resources.
    Fhir,
    /// The fields of a result of the national service (電子処方箋管理サービス).
    Eps,
}

impl Check {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        let body = self.read()?;
        let given = self.message.parameters();
        let parameters: Vec<_> = given.iter().map(|(name, value)| (*name, &**value)).collect();
        let request = if is_message(&body) {
            Request::Message(&body, &parameters)
        } else if let Some((name, _)) = parameters.first() {
            let flag = message::flag(name);
            bail!("{flag} goes with a message; a request in JSON says it itself, leave {flag} out");
        } else {
            Request::Json(&body)
        };
        let Site { data, policies } = self.site.read()?;
        let (index, key) = generation::open_with_key(&data).map_err(explain)?;
        let live = registry::live(&data, index)?;
        let today = check_day_today();
        let check = |told| check_request(&live, &key, &policies, today, request, told);
        let refused = |error: chofuku_server::ApiError| {
            Output::note(String::from_utf8_lossy(&error.to_json()));
            anyhow::anyhow!("the request was refused, nothing was checked")
        };
        // Its own words say the outcome, whatever others are asked for.
        let own = check(Told::Json).map_err(refused)?;
        let answer = match self.accept {
            Accept::Json => own.clone(),
            Accept::Fhir => check(Told::Fhir).map_err(refused)?,
            Accept::Eps => check(Told::NationalService).map_err(refused)?,
        };
        let text = String::from_utf8_lossy(&answer);
        if out.is_json() {
            Output::line(&text)?;
        } else {
            let answer: Value = serde_json::from_str(&text)?;
            Output::line(serde_json::to_string_pretty(&answer)?)?;
        }
        let own: Value = serde_json::from_slice(&own)?;
        // Whatever is not a clear answer must not look like one to a script.
        Ok(match own.get("outcome").and_then(Value::as_str) {
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
