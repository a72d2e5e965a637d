//! `chofuku compact`: what was registered becomes a generation, with no server running.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chofuku_engine::generation;
use chofuku_live::compact::{self, Retention};
use clap::Args;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::command::{check_day_today, explain, now, registry, thousands};
use crate::config::{Site, SiteArgs};
use crate::output::Output;
use crate::progress::Bars;

/// Make a new generation of the one in force and of what was registered since, and trim the log.
///
/// A running server does this itself: `POST /v1/admin/compact`.
#[derive(Debug, Args)]
pub(crate) struct Compact {
    #[command(flatten)]
    site: SiteArgs,
}

impl Compact {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        if !self.site.has_file() {
            Output::note(
                "warning: no configuration is named, so only the built-in policies decide what is \
                 left out; give --config if the site has others",
            );
        }
        let Site { data, policies } = self.site.read()?;
        let data = &data;
        let (index, _) = generation::open_with_key(data).map_err(explain)?;
        let today = check_day_today();
        let retention = Retention::of(&index, policies.all(), today);
        let registry = registry::open(data, Arc::new(index))?;
        let compact = compact::Compact { data, retention: &retention, made_at: &now() };
        let compacted = compact.run(registry.live(), &Bars::default())?;
        let runtime = Runtime::new().context("no thread")?;
        runtime
            .block_on(registry.trim(compacted.trim_through))
            .context("the generation is published, and the log cannot be trimmed")?;
        if compacted.is_clock_doubtful(today) {
            Output::note(format_args!(
                "warning: nothing was recorded from {} to today, {today}: is the clock right? what was \
                 to be seen then is kept",
                compacted.from
            ));
        }
        let manifest = &compacted.manifest;
        if out.is_json() {
            let answer = json!({
                "generation": manifest.generation,
                "event": manifest.event,
                "documents_dropped": compacted.documents_dropped,
            });
            Output::line(answer)?;
        } else {
            out.say(format_args!(
                "published generation {} with events up to {}; {} documents that no check can see \
                 any more are left out",
                manifest.generation,
                thousands(manifest.event),
                thousands(compacted.documents_dropped),
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
