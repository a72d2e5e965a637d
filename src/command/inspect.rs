//! `chofuku inspect`: what a data directory holds.

use std::process::ExitCode;

use anyhow::Context;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::{Index, generation};
use chofuku_server::Policies;
use clap::Args;
use serde_json::{Value, json};

use crate::command::{explain, registry, thousands};
use crate::config::{Site, SiteArgs};
use crate::output::Output;

/// Show what a data directory holds.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    site: SiteArgs,
    /// A drug, as SYSTEM:CODE: what it resolves to, and how many patients hold it.
    #[arg(long, value_name = "SYSTEM:CODE")]
    drug: Option<String>,
}

impl Inspect {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        let Site { data, policies } = self.site.read()?;
        let index = generation::open(&data).map_err(explain)?;
        registry::note_registered(&data, index.manifest().event);
        match &self.drug {
            Some(drug) => inspect_drug(&index, drug, out)?,
            None => inspect_generation(&index, &policies, out)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn inspect_generation(index: &Index, policies: &Policies, out: Output) -> anyhow::Result<()> {
    let (manifest, tables) = (index.manifest(), index.knowledge().tables());
    let dictionary = index.history().dictionary();
    let counts = [
        ("patients", dictionary.patients()),
        ("documents", dictionary.documents()),
        ("records", dictionary.records()),
        ("codes", count(dictionary.codes().len())),
        ("products", count(tables.products.len())),
        ("ingredients", count(tables.ingredients.len())),
        ("substances", count(tables.substances.len())),
        ("rules", count(tables.rules.len())),
        ("institutions", count(tables.institutions.len())),
    ];
    out.say(format_args!(
        "generation {} made by {} at {}, event {}",
        manifest.generation, manifest.made_by, manifest.made_at, manifest.event
    ))?;
    out.say(format_args!("drugs {}, rules {}", tables.drugs_revision, tables.rules_revision))?;
    for (name, count) in counts {
        out.say(format_args!("{:>16} {name}", thousands(count)))?;
    }
    let mut whole_from = serde_json::Map::new();
    for (name, policy) in policies.named() {
        let day = index.whole_from(policy);
        if let Some(day) = day {
            out.say(format_args!(
                "checks by policy {name} are whole from {day} on: a compaction left documents out"
            ))?;
        }
        whole_from.insert(name.to_owned(), json!(day.map(|day| day.to_string())));
    }
    out.say("sources")?;
    for source in &manifest.sources {
        let rejected = match source.rejected {
            0 => String::new(),
            rejected => format!(", {} refused", thousands(rejected)),
        };
        out.say(format_args!(
            "{:>16} rows of {} from {}{rejected}",
            thousands(source.rows),
            source.table,
            source.name
        ))?;
    }
    out.say("sections")?;
    for section in &manifest.sections {
        out.say(format_args!("{:>16} bytes {}", thousands(section.bytes), section.name))?;
    }
    let counts: serde_json::Map<String, Value> =
        counts.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
    out.value(&json!({
        "generation": manifest.generation,
        "event": manifest.event,
        "made_by": manifest.made_by,
        "made_at": manifest.made_at,
        "drugs": tables.drugs_revision,
        "rules": tables.rules_revision,
        "counts": counts,
        "whole_from": whole_from,
        "sources": manifest.sources,
        "sections": manifest.sections,
    }))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn inspect_drug(index: &Index, drug: &str, out: Output) -> anyhow::Result<()> {
    let (system, code) = drug.split_once(':').context("write the drug as SYSTEM:CODE")?;
    let system: CodeSystem = system.parse()?;
    let knowledge = index.knowledge();
    let meaning = knowledge.resolve(system, code);
    out.say(format_args!("{system} {code}: {}", meaning.resolution.name()))?;
    let products: Vec<&str> = meaning
        .products()
        .iter()
        .filter_map(|product| knowledge.product(*product))
        .map(|product| product.name.as_str())
        .collect();
    let substances: Vec<String> = meaning
        .substances()
        .iter()
        .filter_map(|substance| knowledge.substance(*substance))
        .map(|name| format!("{}@{}", name.ingredient.id, name.route))
        .collect();
    for product in &products {
        out.say(format_args!("  product {product}"))?;
    }
    for substance in &substances {
        out.say(format_args!("  substance {substance}"))?;
    }
    let mut holders = roaring::RoaringBitmap::new();
    for (ordinal, known) in index.history().dictionary().codes().iter().enumerate() {
        if known.system == system && known.code == code {
            // One code may stand in the dictionary under several written names.
            holders |= index.history().holders(u32::try_from(ordinal)?)?;
        }
    }
    out.say(format_args!("  {} patients hold it", thousands(holders.len())))?;
    out.value(&json!({
        "system": system.name(),
        "code": code,
        "resolution": meaning.resolution.name(),
        "products": products,
        "substances": substances,
        "patients": holders.len(),
    }))
}
