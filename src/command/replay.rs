//! `chofuku replay`: the past checked again, and what other tables or another policy would change.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use chofuku_engine::check::OwnInstitution;
use chofuku_engine::check::replay::Setting;
use chofuku_engine::policy::Policy;
use chofuku_engine::replay::{Group, Replay as Run, Replayed, Totals};
use chofuku_engine::{Day, Index, generation};
use chofuku_loader::progress::{Progress, Unit};
use chofuku_loader::trial;
use chofuku_server::Policies;
use clap::Args;
use serde_json::{Value, json};

use crate::command::{explain, registry, thousands};
use crate::config::{Site, SiteArgs};
use crate::output::Output;
use crate::progress::Bars;

/// Check every document of the history against the history before it.
///
/// With --against-tables or --against-policy the same documents are checked a second time, and the
/// findings that appear and vanish are counted by ingredients and by who asked.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    site: SiteArgs,
    /// The policy of the first run.
    #[arg(long, value_name = "NAME", default_value = Policies::DEFAULT)]
    policy: String,
    /// A folder of canonical tables to try on the same history.
    #[arg(long, value_name = "DIR")]
    against_tables: Option<PathBuf>,
    /// A policy to try on the same history.
    #[arg(long, value_name = "NAME")]
    against_policy: Option<String>,
    /// The first day of the documents that are checked; the first of all if left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Day>,
    /// The last day of the documents that are checked; the last of all if left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Day>,
    /// Count records of the institution or pharmacy that asked as well.
    #[arg(long)]
    include_own: bool,
    /// How many groups of findings to print.
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
}

impl Replay {
    pub(crate) fn run(&self, out: Output) -> anyhow::Result<ExitCode> {
        let Site { data, policies } = self.site.read()?;
        let index = generation::open(&data).map_err(explain)?;
        if !index.has_history() {
            bail!("no history was ever compiled; run `chofuku compile` with --history");
        }
        registry::note_registered(&data, index.manifest().event);
        let trial = self.against_tables.as_ref().map(|tables| {
            trial::with_tables(&data, tables)
                .with_context(|| format!("{}: cannot be tried", tables.display()))
        });
        let trial = trial.transpose()?;
        let base = self.setting(&index, policy(&policies, &self.policy)?);
        let is_compared = trial.is_some() || self.against_policy.is_some();
        let other_policy = self.against_policy.as_ref().unwrap_or(&self.policy);
        let other =
            self.setting(trial.as_ref().unwrap_or(&index), policy(&policies, other_policy)?);
        let days = self.from.unwrap_or(Day::from_number(0))
            ..=self.to.unwrap_or(Day::from_number(i32::from(u16::MAX)));
        let run = Run { base, other: is_compared.then_some(other), days };
        let whole_from = run.whole_from();
        if let Some(day) = whole_from.filter(|day| run.days.start() < day && !run.days.is_empty()) {
            Output::note(format_args!(
                "warning: a compaction left documents out; what checks of days before {day} found of \
                 them is not counted"
            ));
        }
        let bars = Bars::default();
        bars.stage("replay", Unit::Rows, Some(index.history().dictionary().patients()));
        let begun = Instant::now();
        let replayed =
            run.run(|patients| bars.advance(patients)).context("the history is damaged")?;
        let seconds = begun.elapsed().as_secs_f64();
        drop(bars);
        let report =
            Report { index: &index, replayed: &replayed, whole_from, is_compared, seconds };
        report.say(out, self.top)?;
        out.value(&report.value())?;
        Ok(ExitCode::SUCCESS)
    }

    fn setting<'a>(&self, index: &'a Index, policy: &'a Policy) -> Setting<'a> {
        let own_institution =
            if self.include_own { OwnInstitution::Include } else { OwnInstitution::Exclude };
        Setting { index, policy, own_institution }
    }
}

fn policy<'p>(policies: &'p Policies, name: &str) -> anyhow::Result<&'p Policy> {
    match policies.get(name) {
        Some((_, policy)) => Ok(policy),
        None => bail!("policy {name:?} is not known; there are {}", policies.names().join(", ")),
    }
}

/// What is told of a replay.
struct Report<'r> {
    index: &'r Index,
    replayed: &'r Replayed,
    /// The first day of which every check sees all that was recorded.
    whole_from: Option<Day>,
    is_compared: bool,
    seconds: f64,
}

impl Report<'_> {
    fn say(&self, out: Output, top: usize) -> std::io::Result<()> {
        let Replayed { patients, checks, dispensings, lines, .. } = self.replayed;
        out.say(format_args!(
            "{} checks of {} patients ({} dispensing results, {} lines) in {:.1} s: {} a second",
            thousands(*checks),
            thousands(*patients),
            thousands(*dispensings),
            thousands(*lines),
            self.seconds,
            thousands(self.rate()),
        ))?;
        self.totals(out, "found", &self.replayed.base)?;
        if !self.is_compared {
            return self.groups(out, "most often", &self.replayed.base.groups, top);
        }
        self.totals(out, "against", &self.replayed.other)?;
        out.say(format_args!("{} checks change", thousands(self.replayed.changed_checks)))?;
        self.groups(out, "appear", &self.replayed.appeared, top)?;
        self.groups(out, "vanish", &self.replayed.vanished, top)
    }

    fn totals(&self, out: Output, name: &str, totals: &Totals) -> std::io::Result<()> {
        out.say(format_args!(
            "{name}: {} duplicates, {} contraindications, {} lines not checked; {} checks in 100 \
             find something, {} dispensing results in 100 a duplicate",
            thousands(totals.duplicates),
            thousands(totals.contraindications),
            thousands(totals.not_checked),
            percent(totals.with_findings, self.replayed.checks),
            percent(totals.dispensings_with_duplicate, self.replayed.dispensings),
        ))
    }

    fn groups(
        &self,
        out: Output,
        name: &str,
        groups: &HashMap<Group, u64>,
        top: usize,
    ) -> std::io::Result<()> {
        let by_drug = self.by_drug(groups);
        let institutions = self.by_institution(groups);
        out.say(format_args!("{name}: {} findings", thousands(groups.values().sum())))?;
        for (drugs, count) in by_drug.iter().take(top) {
            out.say(format_args!("{:>14}  {drugs}", thousands(*count)))?;
        }
        for (institution, count) in institutions.iter().take(top) {
            out.say(format_args!("{:>14}  at {institution}", thousands(*count)))?;
        }
        Ok(())
    }

    fn by_drug(&self, groups: &HashMap<Group, u64>) -> Vec<(String, u64)> {
        most_frequent(groups.iter().map(|(group, count)| (self.drugs(group), *count)))
    }

    fn by_institution(&self, groups: &HashMap<Group, u64>) -> Vec<(String, u64)> {
        let of = |group: &Group| self.institution(group.asked_by).unwrap_or("unknown").to_owned();
        most_frequent(groups.iter().map(|(group, count)| (of(group), *count)))
    }

    fn label(&self, number: u32) -> &str {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        self.replayed.labels.get(number).map_or("?", String::as_str)
    }

    fn ingredients(&self, group: &Group) -> Vec<&str> {
        group.ingredients.iter().map(|ingredient| self.label(*ingredient)).collect()
    }

    fn drugs(&self, group: &Group) -> String {
        let ingredients = self.ingredients(group).join(" + ");
        let partner = group.partner.map(|partner| format!(" × {}", self.label(partner)));
        format!("{}: {ingredients}{}", group.kind.name(), partner.unwrap_or_default())
    }

    fn institution(&self, number: u32) -> Option<&str> {
        let ordinal = usize::try_from(number).ok()?.checked_sub(1)?;
        self.index.history().dictionary().institutions().get(ordinal).map(String::as_str)
    }

    fn rate(&self) -> u64 {
        let millis = (self.seconds * 1000.0).round().to_string().parse::<u64>().unwrap_or(0);
        self.replayed.checks.saturating_mul(1000) / millis.max(1)
    }

    fn value(&self) -> Value {
        let Replayed { patients, checks, dispensings, lines, changed_checks, .. } = self.replayed;
        let mut value = json!({
            "patients": patients,
            "checks": checks,
            "dispensings": dispensings,
            "lines": lines,
            "whole_from": self.whole_from.map(|day| day.to_string()),
            "seconds": self.seconds,
            "checks_a_second": self.rate(),
            "found": self.totals_value(&self.replayed.base),
        });
        if let (true, Some(fields)) = (self.is_compared, value.as_object_mut()) {
            fields.insert("against".to_owned(), self.totals_value(&self.replayed.other));
            fields.insert("changed_checks".to_owned(), json!(changed_checks));
            fields.insert("appeared".to_owned(), self.groups_value(&self.replayed.appeared));
            fields.insert("vanished".to_owned(), self.groups_value(&self.replayed.vanished));
        }
        value
    }

    fn totals_value(&self, totals: &Totals) -> Value {
        json!({
            "checks_with_findings": totals.with_findings,
            "dispensings_with_duplicate": totals.dispensings_with_duplicate,
            "duplicates": totals.duplicates,
            "contraindications": totals.contraindications,
            "lines_not_checked": totals.not_checked,
            "groups": self.groups_value(&totals.groups),
        })
    }

    fn groups_value(&self, groups: &HashMap<Group, u64>) -> Value {
        let mut groups: Vec<(&Group, &u64)> = groups.iter().collect();
        groups.sort_by(|(one, a), (other, b)| b.cmp(a).then_with(|| one.cmp(other)));
        let value = |(group, count): (&Group, &u64)| {
            json!({
                "kind": group.kind.name(),
                "ingredients": self.ingredients(group),
                "partner": group.partner.map(|partner| self.label(partner)),
                "asked_by": self.institution(group.asked_by),
                "count": count,
            })
        };
        groups.into_iter().map(value).collect()
    }
}

/// Sums by name, the most frequent first.
fn most_frequent(named: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut sums: HashMap<String, u64> = HashMap::new();
    for (name, count) in named {
        *sums.entry(name).or_default() += count;
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().collect();
    sums.sort_by(|(one, a), (other, b)| b.cmp(a).then_with(|| one.cmp(other)));
    sums
}

/// A share in percent with one digit.
fn percent(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(1000) / whole.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}
