//! A whole history checked again, with other tables or another policy beside: what would change.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::check::finding::FindingKind;
use crate::check::replay::{Checked, Found, Setting};
use crate::day::Day;
use crate::document::DocumentKind;
use crate::error::FormatError;

/// Buckets of patients that one core takes at a time.
const BUCKETS_A_STEP: usize = 1024;

/// What is checked again, and beside what.
#[derive(Debug)]
pub struct Replay<'a> {
    /// The setting that differences are counted from.
    pub base: Setting<'a>,
    /// The setting to compare, on the same history.
    pub other: Option<Setting<'a>>,
    /// The basis days of the documents that are checked.
    pub days: RangeInclusive<Day>,
}

/// How often something was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Checks with at least one finding.
    pub with_findings: u64,
    /// Checks of dispensing results with at least one duplicate.
    pub dispensings_with_duplicate: u64,
    /// Lines that could not be checked.
    pub not_checked: u64,
    /// Duplicates.
    pub duplicates: u64,
    /// Contraindications.
    pub contraindications: u64,
    /// Findings by what collides and who asked.
    pub groups: HashMap<Group, u64>,
}

/// What collides, and who asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// The kind.
    pub kind: FindingKind,
    /// Ids of the ingredients of the new line, as labels of [`Replayed::labels`].
    pub ingredients: Vec<u32>,
    /// The id of the contraindicated partner's ingredient.
    pub partner: Option<u32>,
    /// Dictionary ordinal + 1; 0 for none.
    pub asked_by: u32,
}

/// What a replay counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Patients with a document that was checked.
    pub patients: u64,
    /// Documents that were checked.
    pub checks: u64,
    /// Dispensing results among them.
    pub dispensings: u64,
    /// Lines of all of them.
    pub lines: u64,
    /// What the base setting found.
    pub base: Totals,
    /// What the other setting found.
    pub other: Totals,
    /// Findings of the other setting that the base does not have.
    pub appeared: HashMap<Group, u64>,
    /// Findings of the base that the other setting does not have.
    pub vanished: HashMap<Group, u64>,
    /// Checks in which anything appeared or vanished.
    pub changed_checks: u64,
    /// Ingredient ids, by the numbers that groups carry.
    pub labels: Vec<String>,
}

impl Replay<'_> {
    /// The first day of which every check sees all that was recorded; `None` where no compaction left
    /// anything out.
    pub fn whole_from(&self) -> Option<Day> {
        let settings = [Some(&self.base), self.other.as_ref()];
        settings.into_iter().flatten().filter_map(|set| set.index.whole_from(set.policy)).max()
    }

    /// Checks every document of the days; `advance` is told of patients that are done.
    ///
    /// # Errors
    ///
    /// When bytes that are needed are damaged.
    pub fn run(&self, advance: impl Fn(u64) + Sync) -> Result<Replayed, FormatError> {
        let labels = Labels::of(&self.base, self.other.as_ref());
        let history = self.base.index.history();
        let steps = history.bucket_count().div_ceil(BUCKETS_A_STEP);
        // Folded before it is reduced: few groups recur, so adding two halves costs as much as
        // counting one.
        let replayed =
            (0..steps).into_par_iter().try_fold(Replayed::default, |mut counts, step| {
                let mut done = 0;
                let buckets = step * BUCKETS_A_STEP..(step + 1) * BUCKETS_A_STEP;
                for bucket in buckets.start..buckets.end.min(history.bucket_count()) {
                    for patient in history.bucket(bucket)? {
                        let (_, rows) = patient?;
                        self.patient(&rows, &labels, &mut counts)?;
                        done += 1;
                    }
                }
                advance(done);
                Ok(counts)
            });
        let mut replayed = replayed.try_reduce(Replayed::default, |mut one, other| {
            one.add(other);
            Ok(one)
        })?;
        replayed.labels = labels.names;
        Ok(replayed)
    }

    fn patient(
        &self,
        patient: &crate::history::PatientRows<'_>,
        labels: &Labels,
        counts: &mut Replayed,
    ) -> Result<(), FormatError> {
        let mut base = self.base.replay(patient, &self.days)?;
        if base.is_empty() {
            return Ok(());
        }
        counts.patients += 1;
        for check in &mut base {
            labels.base(check);
            counts.checks += 1;
            counts.dispensings += u64::from(check.kind == DocumentKind::Dispensing);
            counts.lines += crate::int::length(check.lines);
            counts.base.count(check);
        }
        let Some(setting) = &self.other else { return Ok(()) };
        let mut other = setting.replay(patient, &self.days)?;
        for (base, other) in base.iter_mut().zip(&mut other) {
            labels.other(other);
            counts.other.count(other);
            counts.compare(base, other);
        }
        Ok(())
    }
}

impl Totals {
    fn count(&mut self, check: &Checked) {
        self.not_checked += crate::int::length(check.not_checked);
        self.with_findings += u64::from(!check.findings.is_empty());
        let mut duplicate = false;
        for found in &check.findings {
            match found.kind {
                FindingKind::Duplicate => {
                    duplicate |= found.other_line.is_none();
                    self.duplicates += 1;
                }
                FindingKind::Contraindication => self.contraindications += 1,
            }
            *self.groups.entry(group(check, found)).or_default() += 1;
        }
        if check.kind == DocumentKind::Dispensing {
            self.dispensings_with_duplicate += u64::from(duplicate);
        }
    }

    fn add(&mut self, other: Self) {
        self.with_findings += other.with_findings;
        self.dispensings_with_duplicate += other.dispensings_with_duplicate;
        self.not_checked += other.not_checked;
        self.duplicates += other.duplicates;
        self.contraindications += other.contraindications;
        add(&mut self.groups, other.groups);
    }
}

impl Replayed {
    /// Counts what one check has and the other has not.
    fn compare(&mut self, base: &mut Checked, other: &mut Checked) {
        if base.findings == other.findings {
            return;
        }
        base.findings.sort_unstable();
        other.findings.sort_unstable();
        let vanished = missing(&base.findings, &other.findings);
        let appeared = missing(&other.findings, &base.findings);
        self.changed_checks += u64::from(!vanished.is_empty() || !appeared.is_empty());
        for found in vanished {
            *self.vanished.entry(group(base, found)).or_default() += 1;
        }
        for found in appeared {
            *self.appeared.entry(group(other, found)).or_default() += 1;
        }
    }

    fn add(&mut self, other: Self) {
        self.patients += other.patients;
        self.checks += other.checks;
        self.dispensings += other.dispensings;
        self.lines += other.lines;
        self.changed_checks += other.changed_checks;
        self.base.add(other.base);
        self.other.add(other.other);
        add(&mut self.appeared, other.appeared);
        add(&mut self.vanished, other.vanished);
    }
}

/// The findings of a sorted list that another sorted list has not, each as often as it is missing.
fn missing<'f>(of: &'f [Found], from: &[Found]) -> Vec<&'f Found> {
    let mut rest = from.iter().peekable();
    let mut missing = Vec::new();
    for found in of {
        while rest.next_if(|other| *other < found).is_some() {}
        if rest.next_if(|other| *other == found).is_none() {
            missing.push(found);
        }
    }
    missing
}

fn group(check: &Checked, found: &Found) -> Group {
    Group {
        kind: found.kind,
        ingredients: found.ingredients.clone(),
        partner: found.partner,
        asked_by: check.asked_by,
    }
}

fn add<K: Hash + Eq>(to: &mut HashMap<K, u64>, from: HashMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key).or_default() += count;
    }
}

/// Numbers of ingredients that mean the same in both settings.
struct Labels {
    names: Vec<String>,
    base: Vec<u32>,
    other: Vec<u32>,
}

impl Labels {
    fn of<'a>(base: &Setting<'a>, other: Option<&Setting<'a>>) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut names = Vec::new();
        let mut of = |setting: Option<&Setting<'a>>| -> Vec<u32> {
            let ingredients =
                setting.map(|setting| &setting.index.knowledge().tables().ingredients);
            let number = |id| {
                *numbers.entry(id).or_insert_with(|| {
                    names.push(id.to_owned());
                    crate::int::ordinal(names.len() - 1)
                })
            };
            let ids = ingredients.into_iter().flatten().map(|ingredient| ingredient.id.as_str());
            ids.map(number).collect()
        };
        let (base, other) = (of(Some(base)), of(other));
        Self { names, base, other }
    }

    fn base(&self, check: &mut Checked) {
        relabel(&self.base, check);
    }

    fn other(&self, check: &mut Checked) {
        relabel(&self.other, check);
    }
}

fn relabel(numbers: &[u32], check: &mut Checked) {
    let number = |ordinal: &mut u32| {
        *ordinal = numbers.get(crate::int::to_usize(*ordinal)).copied().unwrap_or(u32::MAX);
    };
    for found in &mut check.findings {
        found.ingredients.iter_mut().for_each(number);
        found.partner.iter_mut().for_each(number);
    }
}
