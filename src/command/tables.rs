//! `chofuku tables`: official lists to canonical tables, and what could not be resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use chofuku_loader::progress::{Progress, Unit};
use chofuku_loader::tables::{self, Built, CheckCounts, Item, Sources};
use clap::Args;
use serde_json::json;

use crate::command::thousands;
use crate::output::Output;
use crate::progress::Bars;

/// Turn official lists into canonical tables.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    /// Price lists (薬価基準収載品目リスト), xlsx or csv.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    price_list: Vec<PathBuf>,
    /// Generic-name masters (一般名処方マスタ) and their exceptions, xlsx or csv.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    generic_names: Vec<PathBuf>,
    /// Receipt-code masters (医薬品マスター): the full file and its differences, csv or zip.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    receipt_master: Vec<PathBuf>,
    /// Lists of contraindicated pairs, csv.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pairs: Vec<PathBuf>,
    /// The payment fund's tables of contraindicated combinations (支払基金コンピュータチェックマスタ,
    /// `IY_HeiyoKinki*.csv`), unpacked; their pairs are added to those of the lists.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    check_master: Vec<PathBuf>,
    /// HOT masters (標準医薬品マスター), csv.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    hot: Vec<PathBuf>,
    /// Usage masters (電子処方箋用法マスタ), xlsx or csv; editions of both schemes may be given.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    usages: Vec<PathBuf>,
    /// The table of ingredient names that are one ingredient; the built-in one if left out.
    #[arg(long, value_name = "FILE")]
    aliases: Option<PathBuf>,
    /// The folder in which the tables are written.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Unresolved items of one reason that are printed; all are in unresolved.csv. 0 prints all.
    #[arg(long, value_name = "N", default_value_t = 3)]
    limit: usize,
}

impl Tables {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let sources = Sources {
            price_lists: self.price_list,
            generic_names: self.generic_names,
            receipt_masters: self.receipt_master,
            pairs: self.pairs,
            check_masters: self.check_master,
            hot: self.hot,
            usages: self.usages,
            aliases: self.aliases,
        };
        let bars = Bars::default();
        bars.stage("tables", Unit::Rows, None);
        let built = tables::build(&sources)?;
        drop(bars);
        built.write(&self.out)?;
        print_sources(&built, self.limit, out)?;
        print_counts(&built, out)?;
        print_items("not resolved", &built.report.unresolved, self.limit, out)?;
        print_items("decided", &built.report.notices, self.limit, out)?;
        out.say(format_args!("wrote canonical tables to {}", self.out.display()))?;
        out.value(&summary(&built))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn print_sources(built: &Built, limit: usize, out: Output) -> anyhow::Result<()> {
    for file in &built.report.sources.files {
        let encoding = file.encoding.map(|encoding| format!(", {encoding}")).unwrap_or_default();
        out.say(format_args!("read {} ({} rows{encoding})", file.file, file.rows))?;
    }
    let problems = &built.report.sources.problems;
    let shown = if limit == 0 { problems.len() } else { limit };
    for problem in problems.iter().take(shown) {
        out.say(format_args!("  odd: {problem}"))?;
    }
    if problems.len() > shown {
        out.say(format_args!("  odd: {} more", problems.len() - shown))?;
    }
    Ok(())
}

fn print_counts(built: &Built, out: Output) -> anyhow::Result<()> {
    let counts = built.report.counts;
    for (what, resolved, all) in [
        ("products of the price list", counts.price_products_resolved, counts.price_products),
        ("receipt codes", counts.receipt_codes_resolved, counts.receipt_codes),
        ("generic-name codes", counts.generic_codes_resolved, counts.generic_codes),
        ("pairs", counts.pairs_resolved, counts.pairs),
        ("pairs with codes on both sides", counts.pairs_coded_resolved, counts.pairs_coded),
    ] {
        let (resolved, all) = (count(resolved), count(all));
        out.say(format_args!(
            "{:>8} of {:>8} {what} resolved",
            thousands(resolved),
            thousands(all)
        ))?;
    }
    if counts.check != CheckCounts::default() {
        out.say(format_args!("check master: {}", counts.check))?;
    }
    for (what, rows) in [
        ("ingredients", counts.ingredients),
        ("drugs", counts.drugs),
        ("contraindications", counts.contraindications),
    ] {
        out.say(format_args!("{:>8} rows of {what}.csv", thousands(count(rows))))?;
    }
    Ok(())
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Items by kind, so that a long list does not hide a short one.
fn print_items(title: &str, items: &[Item], limit: usize, out: Output) -> anyhow::Result<()> {
    let mut by_kind: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for item in items {
        by_kind.entry(item.kind.to_string()).or_default().push(item);
    }
    for (kind, items) in by_kind {
        out.say(format_args!("{title}: {} of kind {kind}", items.len()))?;
        let shown = if limit == 0 { items.len() } else { limit };
        for item in items.iter().take(shown) {
            out.say(format_args!("  {} {}: {}", item.item, item.name, item.reason))?;
        }
    }
    Ok(())
}

fn summary(built: &Built) -> serde_json::Value {
    let counts = built.report.counts;
    let items = |items: &[Item]| -> Vec<serde_json::Value> {
        let value = |item: &Item| {
            json!({
                "kind": item.kind.to_string(),
                "item": item.item,
                "name": item.name,
                "reason": item.reason.to_string(),
            })
        };
        items.iter().map(value).collect()
    };
    json!({
        "price_products": counts.price_products,
        "price_products_resolved": counts.price_products_resolved,
        "receipt_codes": counts.receipt_codes,
        "receipt_codes_resolved": counts.receipt_codes_resolved,
        "generic_codes": counts.generic_codes,
        "generic_codes_resolved": counts.generic_codes_resolved,
        "pairs": counts.pairs,
        "pairs_resolved": counts.pairs_resolved,
        "check_master": {
            "code_pairs": counts.check.code_pairs,
            "code_pairs_resolved": counts.check.code_pairs_resolved,
            "deleted": counts.check.deleted,
            "pairs": counts.check.pairs,
            "pairs_of_lists": counts.check.pairs_of_lists,
            "pairs_shared": counts.check.pairs_shared,
            "rules_added": counts.check.rules_added,
        },
        "ingredients": counts.ingredients,
        "drugs": counts.drugs,
        "contraindications": counts.contraindications,
        "unresolved": items(&built.report.unresolved),
        "notices": items(&built.report.notices),
    })
}
