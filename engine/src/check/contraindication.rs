//! Contraindications (併用禁忌): a rule whose two sides both hold (S19, S20, S23).

use crate::check::finding::{Few, Finding, FindingKind, Level};
use crate::check::interest;
use crate::check::line::Line;
use crate::check::records::{Holding, Records};
use crate::day::Day;
use crate::error::FormatError;
use crate::knowledge::rule::Partner;
use crate::knowledge::{Knowledge, Meaning};

/// What a new line meets: a code, what it means, and its substances.
struct Met<'a> {
    code: &'a str,
    meaning: Meaning<'a>,
    substances: &'a [u32],
    /// Where it stands: a row of the history, or another line.
    record: Option<usize>,
    other_line: Option<usize>,
    /// How many days ago it ended, for wash-outs.
    ended_ago: Option<i32>,
}

/// A record as what a new line meets; `ended_ago` is given for one that has ended.
fn met<'a>(
    records: &Records<'a>,
    (record, substances): Holding<'a>,
    ended_ago: Option<i32>,
) -> Result<Met<'a>, FormatError> {
    Ok(Met {
        code: records.code(record)?,
        meaning: records.meaning(record)?,
        substances,
        record: Some(record),
        other_line: None,
        ended_ago,
    })
}

/// Collects contraindications, one for each new line, pair of ingredients and wash-out (S21).
pub(crate) struct Contraindications<'a> {
    knowledge: &'a Knowledge,
    as_of: Day,
    found: Vec<Finding>,
}

impl<'a> Contraindications<'a> {
    pub(crate) fn new(knowledge: &'a Knowledge, as_of: Day) -> Self {
        Self { knowledge, as_of, found: Vec::new() }
    }

    /// Holds every new line against the records that are active, and those that ended so many days
    /// ago.
    pub(crate) fn with_history(
        &mut self,
        lines: &[Line<'a>],
        records: &Records<'a>,
        active: &[Holding<'a>],
        ended: &[(usize, i32)],
    ) -> Result<(), FormatError> {
        for (position, line) in lines.iter().enumerate() {
            // Few records are a partner of a line, and the rules are looked up for those alone.
            let masks = || line.substances.iter().map(|mine| self.knowledge.partner_mask(*mine));
            if masks().all(<[u64]>::is_empty) {
                continue;
            }
            let meets =
                |substances: &[u32]| masks().any(|mask| interest::touches(mask, substances));
            for holding in active.iter().filter(|(_, substances)| meets(substances)) {
                self.hold_against(position, line, &met(records, *holding, None)?);
            }
            for (record, ago) in ended {
                let substances = records.substances(*record)?;
                if meets(substances) {
                    let met = met(records, (*record, substances), Some(*ago))?;
                    self.hold_against(position, line, &met);
                }
            }
        }
        Ok(())
    }

    /// Holds two lines of the request against each other (S22).
    pub(crate) fn within_request(
        &mut self,
        (first, one): (usize, &Line<'a>),
        (second, other): (usize, &Line<'a>),
    ) {
        let met = Met {
            code: other.new.code,
            meaning: other.meaning,
            substances: other.substances,
            record: None,
            other_line: Some(second),
            ended_ago: None,
        };
        self.hold_against(first, one, &met);
    }

    /// The findings, rules and partners sorted, each once.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        for finding in &mut self.found {
            for substances in [&mut finding.substances, &mut finding.partners] {
                substances.sort_unstable();
                substances.dedup();
            }
            finding.rules.sort_unstable();
            finding.rules.dedup_by_key(|(rule, _)| *rule);
        }
        self.found
    }

    fn hold_against(&mut self, position: usize, line: &Line<'a>, met: &Met<'a>) {
        for mine in line.substances {
            let partners = self.knowledge.partners(*mine);
            if partners.is_empty() {
                continue;
            }
            for theirs in met.substances {
                let start = partners.partition_point(|partner| partner.substance < *theirs);
                let run = partners.iter().skip(start);
                for partner in run.take_while(|partner| partner.substance == *theirs) {
                    if self.holds(line, *mine, met, partner) {
                        self.note(position, *mine, met, partner);
                    }
                }
            }
        }
    }

    fn holds(&self, line: &Line<'a>, mine: u32, met: &Met<'a>, partner: &Partner) -> bool {
        let Some(rule) = self.knowledge.rule(partner.rule) else { return false };
        let (line_side, met_side) = rule.oriented(partner.orientation);
        let in_washout = met.ended_ago.is_none_or(|days| {
            (1..=i32::from(rule.washout_of_record(partner.orientation))).contains(&days)
        });
        in_washout
            && rule.is_valid(self.as_of)
            && self.knowledge.side_holds(line_side, mine, &line.meaning, line.new.code)
            && self.knowledge.side_holds(met_side, partner.substance, &met.meaning, met.code)
    }

    fn note(&mut self, position: usize, mine: u32, met: &Met<'a>, partner: &Partner) {
        let ingredient = |ordinal| self.knowledge.substance(ordinal).map(|name| name.ordinal);
        let mine_ingredient = ingredient(mine);
        let partner_ingredient = ingredient(partner.substance);
        let washout = met.ended_ago.is_some();
        let same = |finding: &Finding| {
            finding.line == position
                && finding.ingredients.iter().eq(mine_ingredient.iter())
                && finding.partner_ingredient == partner_ingredient
                && finding.washout == washout
                && finding.other_line == met.other_line
        };
        let known = self.found.iter().position(same);
        if known.is_none() {
            self.found.push(Finding {
                kind: FindingKind::Contraindication,
                line: position,
                ingredients: mine_ingredient.into_iter().collect(),
                partner_ingredient,
                washout,
                other_line: met.other_line,
                substances: Few::new(),
                partners: Few::new(),
                level: Level::Ingredient,
                rules: Few::new(),
                evidence: Few::new(),
            });
        }
        let position = known.unwrap_or(self.found.len() - 1);
        let Some(finding) = self.found.get_mut(position) else { return };
        finding.substances.push(mine);
        finding.partners.push(partner.substance);
        finding.rules.push((partner.rule, partner.orientation));
        if let Some(record) = met.record
            && finding.evidence.last() != Some(&record)
        {
            finding.evidence.push(record);
        }
    }
}
