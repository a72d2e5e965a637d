//! Which checks are asked: random patients who have a past, and new lines as the nation prescribes.
//!
//! Everything is drawn from the history files, by seed, so that the engine and its peers are asked
//! the same list. Patients are those with the smallest hashes of their identities: each is as likely
//! as the other, however many records it has and in whatever order the files stand.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use anyhow::ensure;
use rustc_hash::FxHasher;

use crate::dice::{Dice, mix};
use crate::history_file::{self, Row};

/// New lines of a check.
pub const LINES: usize = 4;
/// New lines of the check of the worst patient.
pub const LINES_OF_THE_WORST: usize = 20;
/// Documents that are looked at for the lines of one check before it may have fewer.
const TRIES: usize = 64;

/// A new line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// RP number.
    pub rp: u32,
    /// The system of the code.
    pub system: String,
    /// The code.
    pub code: String,
    /// The name beside it; may be empty.
    pub name: String,
    /// Dosage form.
    pub form: u8,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// A pharmacy, else a medical institution.
    pub pharmacy: bool,
    /// Ten digits.
    pub code: String,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Insurer, symbol, number, branch, opaque id.
    pub patient: [String; 5],
    /// Who asks, if it is said.
    pub asker: Option<Asker>,
    /// The new lines.
    pub lines: Vec<Line>,
}

/// A line of a sampled patient's past.
#[derive(Clone, Debug)]
struct PastLine {
    document: u64,
    cancelled: bool,
    institution: String,
    pharmacy: String,
    line: Line,
}

/// A sampled patient.
#[derive(Clone, Debug)]
struct Past {
    patient: [String; 5],
    lines: Vec<PastLine>,
}

/// Patients drawn from history files, from which checks are made.
#[derive(Debug)]
pub struct Sample {
    pasts: Vec<Past>,
    /// The patient with the longest run of rows.
    longest: Past,
    /// The youngest day of a document that was read, `YYYY-MM-DD`.
    pub youngest: String,
}

impl Sample {
    /// Draws so many patients. `sparsely` is that of [`history_file::read`].
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or nobody has a record.
    pub fn draw(paths: &[PathBuf], patients: usize, sparsely: usize) -> anyhow::Result<Self> {
        let mut kept: BTreeMap<u64, Past> = BTreeMap::new();
        let nobody = Past { patient: <[String; 5]>::default(), lines: Vec::new() };
        let (mut longest, mut run) = (nobody.clone(), nobody);
        let mut youngest = String::new();
        history_file::read(paths, sparsely, |row| {
            if row.date() > youngest.as_str() {
                row.date().clone_into(&mut youngest);
            }
            let patient = row.patient();
            if run.patient != patient {
                if run.lines.len() > longest.lines.len() {
                    longest = run.clone();
                }
                run = Past { patient: patient.map(str::to_owned), lines: Vec::new() };
            }
            let line = past_line(&row);
            let hash = hash_of(patient);
            // Whoever is among the smallest at the end was so from the first row on.
            if kept.len() < patients || kept.last_key_value().is_some_and(|(last, _)| hash <= *last)
            {
                let past = kept.entry(hash).or_insert_with(|| Past {
                    patient: patient.map(str::to_owned),
                    lines: Vec::new(),
                });
                past.lines.push(line.clone());
                if kept.len() > patients {
                    kept.pop_last();
                }
            }
            run.lines.push(line);
            Ok(())
        })?;
        if run.lines.len() > longest.lines.len() {
            longest = run;
        }
        ensure!(!kept.is_empty(), "the history files hold no records");
        Ok(Self { pasts: kept.into_values().collect(), longest, youngest })
    }

    /// How many patients were drawn.
    pub fn patients(&self) -> usize {
        self.pasts.len()
    }

    /// Records and documents of the worst patient that was met.
    pub fn longest(&self) -> (usize, usize) {
        let documents = self.longest.lines.iter().map(|line| line.document);
        let documents: std::collections::BTreeSet<_> = documents.collect();
        (self.longest.lines.len(), documents.len())
    }

    /// So many checks of random patients. In `repeats` of 1,000 the first line is one that the
    /// patient has had before.
    pub fn checks(&self, count: usize, repeats: usize, seed: u64) -> Vec<Check> {
        let mut dice = Dice::new(seed);
        let mut order: Vec<&Past> = self.pasts.iter().collect();
        dice.shuffle(&mut order);
        order
            .into_iter()
            .cycle()
            .take(count)
            .map(|past| self.check(past, repeats, &mut dice))
            .collect()
    }

    /// The check of the worst patient that was met: half of the lines are its own.
    pub fn worst(&self, seed: u64) -> Check {
        let mut dice = Dice::new(seed);
        let mut lines = Vec::new();
        for _ in 0..TRIES {
            if let Some(own) =
                dice.choose(&self.longest.lines).filter(|_| lines.len() < LINES_OF_THE_WORST / 2)
            {
                add(&mut lines, &own.line);
            }
        }
        self.fill(&mut lines, LINES_OF_THE_WORST, &mut dice);
        Check { patient: self.longest.patient.clone(), asker: None, lines }
    }

    /// Names an asker in every second check, half of them one who knows the patient.
    pub fn with_askers(&self, checks: &mut [Check], seed: u64) {
        let mut dice = Dice::new(seed);
        let own: BTreeMap<&[String; 5], &Past> =
            self.pasts.iter().map(|past| (&past.patient, past)).collect();
        for check in checks.iter_mut().skip(1).step_by(2) {
            let past = own.get(&check.patient).copied().filter(|_| dice.per_mille(500));
            let Some(past) = past.or_else(|| dice.choose(&self.pasts)) else { continue };
            let Some(line) = dice.choose(&past.lines) else { continue };
            let pharmacy = !line.pharmacy.is_empty() && dice.per_mille(500);
            let code = if pharmacy { &line.pharmacy } else { &line.institution };
            if !code.is_empty() {
                check.asker = Some(Asker { pharmacy, code: code.clone() });
            }
        }
    }

    /// Makes the last line of every second check one that `partners` names for a line of the
    /// patient's past: by chance alone, two drugs that must not meet hardly ever do.
    pub fn with_partners<'p>(
        &self,
        checks: &mut [Check],
        partners: impl Fn(&Line) -> Vec<&'p Line>,
        seed: u64,
    ) {
        let mut dice = Dice::new(seed);
        let pasts: BTreeMap<&[String; 5], &Past> =
            self.pasts.iter().map(|past| (&past.patient, past)).collect();
        for check in checks.iter_mut().step_by(2) {
            let past = pasts.get(&check.patient).map_or(&[][..], |past| &past.lines);
            let possible: Vec<_> = past.iter().flat_map(|past| partners(&past.line)).collect();
            if let Some(partner) = dice.choose(&possible) {
                check.lines.pop();
                add(&mut check.lines, partner);
            }
        }
    }

    /// Every drug that was met, once for each way of writing it.
    pub fn drugs(&self) -> Vec<Line> {
        let lines = self.pasts.iter().flat_map(|past| &past.lines).map(|past| &past.line);
        let drugs: BTreeMap<_, _> =
            lines.map(|line| ((&line.system, &line.code, &line.name), line)).collect();
        drugs.into_values().cloned().collect()
    }

    fn check(&self, past: &Past, repeats: usize, dice: &mut Dice) -> Check {
        let mut lines = Vec::with_capacity(LINES);
        if dice.per_mille(repeats) {
            let live: Vec<_> = past.lines.iter().filter(|line| !line.cancelled).collect();
            if let Some(own) = dice.choose(&live) {
                add(&mut lines, &own.line);
            }
        }
        self.fill(&mut lines, LINES, dice);
        Check { patient: past.patient.clone(), asker: None, lines }
    }

    /// Fills up with whole documents of other patients, so that drugs stand together as they do.
    fn fill(&self, lines: &mut Vec<Line>, count: usize, dice: &mut Dice) {
        for _ in 0..TRIES {
            let Some(donor) = dice.choose(&self.pasts) else { return };
            let Some(drawn) = dice.choose(&donor.lines) else { return };
            let of_document = donor.lines.iter().filter(|line| line.document == drawn.document);
            for line in of_document {
                if lines.len() == count {
                    return;
                }
                add(lines, &line.line);
            }
        }
    }
}

/// How many of 1,000 checks must repeat a drug so that `wanted` of 1,000 have a duplicate, given the
/// shares (of 1,000) without and with a repeat in every check.
pub fn repeats_for(wanted: usize, without: usize, with: usize) -> usize {
    let missing = wanted.saturating_sub(without) * 1000;
    missing.checked_div(with.saturating_sub(without)).unwrap_or(0).min(1000)
}

/// A line with a code that is not there yet.
fn add(lines: &mut Vec<Line>, line: &Line) {
    if lines.iter().all(|known| known.code != line.code) {
        let rp = u32::try_from(lines.len() + 1).unwrap_or(u32::MAX);
        lines.push(Line { rp, ..line.clone() });
    }
}

fn past_line(row: &Row<'_>) -> PastLine {
    PastLine {
        document: hash_of([row.document()]),
        cancelled: !row.status().is_empty(),
        institution: row.institution().to_owned(),
        pharmacy: row.pharmacy().to_owned(),
        line: Line {
            rp: 0,
            system: row.drug_system().to_owned(),
            code: row.drug_code().to_owned(),
            name: row.drug_name().to_owned(),
            form: row.form().parse().unwrap_or(9),
        },
    }
}

/// A hash that is the same in every run.
pub fn hash_of<const N: usize>(parts: [&str; N]) -> u64 {
    let mut hasher = FxHasher::default();
    parts.hash(&mut hasher);
    mix(hasher.finish())
}

#[cfg(test)]
mod tests {
    use chofuku_datasets::nation::Format;

    use super::*;
    use crate::nation::Nation;

    #[test]
    fn a_seed_gives_the_same_checks_of_patients_with_a_past() {
        let folder = tempfile::tempdir().unwrap();
        let nation = Nation::generate(folder.path(), 300, 3, &[Format::Csv]).unwrap();
        let sample = Sample::draw(nation.history(), 50, 1).unwrap();
        assert_eq!(sample.patients(), 50);
        let checks = sample.checks(120, 500, 9);
        assert_eq!(checks, sample.checks(120, 500, 9));
        assert_eq!(checks.len(), 120);
        assert!(checks.iter().all(|check| check.lines.len() == LINES));
        let patients: std::collections::BTreeSet<_> =
            checks.iter().map(|check| &check.patient).collect();
        assert_eq!(patients.len(), 50);
        assert!(
            sample.longest().0 >= sample.pasts.iter().map(|past| past.lines.len()).max().unwrap()
        );
        assert_eq!(sample.worst(1).lines.len(), LINES_OF_THE_WORST);
        let mut asked = checks.clone();
        sample.with_askers(&mut asked, 4);
        assert!(asked.iter().any(|check| check.asker.is_some()));
    }

    #[test]
    fn repeats_are_chosen_for_a_share_of_duplicates() {
        assert_eq!(repeats_for(160, 60, 560), 200);
        assert_eq!(repeats_for(160, 200, 560), 0);
        assert_eq!(repeats_for(160, 0, 100), 1000);
        assert_eq!(repeats_for(160, 100, 100), 0);
    }
}
