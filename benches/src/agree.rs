//! The engine's findings against those of `SQLite`, pair by pair: the third independent reading of the rule.

use std::collections::BTreeMap;

use anyhow::Result;
use chofuku_engine::check::{Consent, check_each};
use chofuku_engine::patient::IdentityKey;
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index};

use crate::engine::{self, Pair};
use crate::peers::meaning::Tables;
use crate::peers::sqlite::{Reading, Sqlite};
use crate::workload::{Check, Line, Sample};

/// Differences that are told; the rest are counted.
const DIFFERENCES_SHOWN: usize = 5;

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Agreement {
    /// Checks that were asked, under each policy.
    pub checks: u64,
    /// Pairs of a new line and a record that both found: duplicates, contraindications, wash-outs.
    pub pairs: [u64; 3],
    /// Checks on which the two differ.
    pub differing: u64,
    /// The first of these.
    pub shown: Vec<String>,
}

/// Makes checks that collide: with askers, and with partners of drugs that patients have had.
pub fn collide(sample: &Sample, tables: &Tables, checks: &mut [Check], seed: u64) {
    let drugs = sample.drugs();
    let mut by_side: BTreeMap<(usize, usize), Vec<&Line>> = BTreeMap::new();
    let mut sides_of = BTreeMap::new();
    for drug in &drugs {
        let sides = tables.meaning(&drug.system, &drug.code).sides;
        for side in &sides {
            by_side.entry(*side).or_default().push(drug);
        }
        sides_of.insert((&drug.system, &drug.code), sides);
    }
    let partners = |line: &Line| {
        let sides = sides_of.get(&(&line.system, &line.code)).into_iter().flatten();
        let across = sides.filter_map(|(rule, side)| by_side.get(&(*rule, 1 - side)));
        across.flatten().copied().collect()
    };
    sample.with_partners(checks, partners, seed);
    sample.with_askers(checks, seed);
}

/// Asks both sides every check under both built-in policies.
///
/// # Errors
///
/// When a side cannot answer; a difference is no error but in the result.
pub fn compare(
    index: &Index,
    key: &IdentityKey,
    sqlite: &Sqlite,
    checks: &[Check],
    today: Day,
) -> Result<Agreement> {
    let mut agreement = Agreement::default();
    let readings = [(Reading::Official, &Policy::OFFICIAL), (Reading::Extended, &Policy::EXTENDED)];
    for (reading, policy) in readings {
        let mut checker = sqlite.checker(reading, i64::from(today.number()))?;
        let requests = engine::requests(checks, key, today, policy, Consent::Full)?;
        for (asked, answer) in checks.iter().zip(check_each(index, &requests)) {
            let ours = engine::pairs(&answer?);
            let told = checker.check(asked)?;
            let mut theirs: Vec<Pair> = told.into_iter().map(|told| told.pair).collect();
            theirs.sort_unstable();
            agreement.note(asked, reading, &ours, &theirs);
        }
    }
    Ok(agreement)
}

impl Agreement {
    fn note(&mut self, asked: &Check, reading: Reading, ours: &[Pair], theirs: &[Pair]) {
        self.checks += 1;
        let [duplicates, contraindications, washouts] = &mut self.pairs;
        for pair in ours {
            match (&pair.ingredients, pair.washout) {
                (None, _) => *duplicates += 1,
                (Some(_), false) => *contraindications += 1,
                (Some(_), true) => *washouts += 1,
            }
        }
        if ours != theirs {
            self.differing += 1;
            if self.shown.len() < DIFFERENCES_SHOWN {
                self.shown.push(difference(asked, reading, ours, theirs));
            }
        }
    }
}

fn difference(asked: &Check, reading: Reading, ours: &[Pair], theirs: &[Pair]) -> String {
    let only = |one: &[Pair], other: &[Pair]| {
        let missing = one.iter().filter(|pair| !other.contains(pair));
        missing.map(|pair| format!("{pair:?}")).collect::<Vec<_>>().join("\n    ")
    };
    format!(
        "{reading:?}: {asked:?}\n  the engine found {}, SQLite {}\n  only the engine:\n    {}\n  \
         only SQLite:\n    {}",
        ours.len(),
        theirs.len(),
        only(ours, theirs),
        only(theirs, ours),
    )
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use chofuku_datasets::demo_history;
    use chofuku_datasets::nation::Format;

    use super::*;
    use crate::data;
    use crate::nation::{self, Nation};
    use crate::peers::past::Pasts;

    #[test]
    fn the_rule_in_sql_finds_what_the_engine_finds() {
        let folder = tempfile::tempdir().unwrap();
        let mut nation = Nation::generate(folder.path(), 1_500, 5, &[Format::Csv]).unwrap();
        // The demo's patients are made to show what a nation has seldom.
        let demo = folder.path().join("demo.csv");
        let options = demo_history::Options { seed: 5, patients: 500, today: nation::today() };
        demo_history::write(File::create(&demo).unwrap(), &options).unwrap();
        nation.csv.push(demo);
        let data = folder.path().join("data");
        data::compile(&nation, nation.history(), &data).unwrap();
        let (index, key) = chofuku_engine::generation::open_with_key(&data).unwrap();
        let tables = Tables::read(&nation.tables).unwrap();
        let pasts = Pasts::read(nation.history()).unwrap();
        assert_eq!(pasts.lines, index.history().dictionary().records());
        let sqlite = Sqlite::load(&folder.path().join("peer"), &tables, &pasts).unwrap();
        let sample = Sample::draw(nation.history(), 500, 1).unwrap();
        let mut checks = sample.checks(500, 500, 1);
        collide(&sample, &tables, &mut checks, 2);
        let today = Day::from(nation::today());
        let agreement = compare(&index, &key, &sqlite, &checks, today).unwrap();
        assert_eq!(agreement.differing, 0, "{}", agreement.shown.join("\n"));
        assert_eq!(agreement.checks, 1000);
        let [duplicates, contraindications, washouts] = agreement.pairs;
        let enough = duplicates > 100 && contraindications > 20 && washouts > 0;
        assert!(enough, "{:?}", agreement.pairs);
    }

    #[test]
    fn a_difference_is_counted_and_told() {
        let pair = |line| Pair {
            line,
            ingredients: None,
            washout: false,
            document: "d".to_owned(),
            rp: 1,
            end_day: 0,
        };
        let asked = Check { patient: Default::default(), asker: None, lines: Vec::new() };
        let mut agreement = Agreement::default();
        agreement.note(&asked, Reading::Official, &[pair(0)], &[pair(0)]);
        assert_eq!(agreement.differing, 0);
        agreement.note(&asked, Reading::Official, &[pair(0)], &[pair(1)]);
        assert_eq!((agreement.differing, agreement.shown.len()), (1, 1));
    }
}
