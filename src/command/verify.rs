//! `chofuku verify`: every byte against every checksum.

use std::process::ExitCode;

use chofuku_engine::generation;
use chofuku_loader::progress::{Progress, Unit};
use clap::Args;
use serde_json::json;

use crate::command::{explain, registry, thousands};
use crate::config::SiteArgs;
use crate::output::Output;
use crate::progress::Bars;

/// Read every byte of the generation in force.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    site: SiteArgs,
}

impl Verify {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        let bars = Bars::default();
        bars.stage("verify", Unit::Rows, None);
        let data = self.site.read()?.data;
        let index = generation::verify(&data).map_err(explain)?;
        drop(bars);
        let manifest = index.manifest();
        // The log itself is verified by whoever opens it, which may be a running server.
        registry::has_log(&data, manifest.event)?;
        let bytes: u64 = manifest.sections.iter().map(|section| section.bytes).sum();
        out.say(format_args!(
            "generation {}: {} sections, {} bytes, every checksum is right",
            manifest.generation,
            manifest.sections.len(),
            thousands(bytes),
        ))?;
        out.value(&json!({
            "generation": manifest.generation,
            "sections": manifest.sections.len(),
            "bytes": bytes,
        }))?;
        Ok(ExitCode::SUCCESS)
    }
}
