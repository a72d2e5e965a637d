//! Consent: what of an assessment is told. The only code that turns findings into an answer.
//!
//! What may not be told has no place in the type: a [`Withheld`] finding has no field for the past.

use crate::check::assess::Assessment;
use crate::check::finding::{Few, Finding as Found, FindingKind, Level};
pub use crate::check::id::FindingId;
use crate::check::id::{LineCode, Statement};
use crate::check::line::{Line, LineWarning, NotChecked};
use crate::check::record::{Disposition, Record};
use crate::check::records::{Records, supply_warning};
use crate::check::request::{Consent, Request};
use crate::day::Day;
use crate::error::FormatError;
use crate::knowledge::Knowledge;
use crate::knowledge::rule::Rule;
use crate::knowledge::tables::Ingredient;
use crate::view::View;
use crate::word::words;

/// The answer to a check, under the consent of its request.
#[derive(Debug)]
pub struct Answer<'a> {
    /// What the caller must look at (S25).
    pub outcome: Outcome,
    /// Whether everything was checkable: no reason why not.
    pub incomplete_because: Vec<Incomplete>,
    /// The findings, sorted (S24).
    pub findings: Vec<Finding<'a>>,
    /// New lines that were not checked, by index.
    pub not_checked: Vec<(usize, NotChecked)>,
    /// What is odd about new lines, by index.
    pub line_warnings: Vec<(usize, LineWarning<'a>)>,
    /// What is odd about records that are told of.
    pub record_warnings: Vec<RecordWarning<'a>>,
    /// With full consent, what was considered beside the findings.
    pub considered: Option<Considered<'a>>,
}

impl Answer<'_> {
    /// Adds a reason of the caller's why not everything could be checked: then nothing is clear (S25).
    pub fn add_incomplete(&mut self, why: Incomplete) {
        self.incomplete_because.push(why);
        if self.outcome == Outcome::Clear {
            self.outcome = Outcome::Incomplete;
        }
    }
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There are findings.
    Findings,
    /// There are none, but not everything could be checked.
    Incomplete,
    /// Everything was checked and nothing was found.
    Clear,
}

words! {
    Outcome {
        Findings => "findings",
        Incomplete => "incomplete",
        Clear => "clear",
    }
}

/// Why a check is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomplete {
    /// A new line was not checked.
    LineNotChecked,
    /// A record that would count has a code that nothing is known of.
    PastUnresolved,
    /// A compaction left out what a check of that day may see by its policy and rules.
    PastLeftOut,
    /// What the caller was given could not be read whole: it may state drugs that are no lines.
    Input,
}

words! {
    Incomplete {
        LineNotChecked => "line_not_checked",
        PastUnresolved => "past_unresolved",
        PastLeftOut => "past_left_out",
        Input => "input",
    }
}

/// A finding as it is told.
#[derive(Debug)]
pub enum Finding<'a> {
    /// A collision with the past, without consent (S26).
    Withheld(Withheld<'a>),
    /// A duplicate.
    Duplicate(Duplicate<'a>),
    /// A contraindication.
    Contraindication(Contraindication<'a>),
}

/// That a new line collides with the past, and how; nothing else.
#[derive(Debug)]
pub struct Withheld<'a> {
    /// The kind.
    pub kind: FindingKind,
    /// The index of the new line.
    pub line: usize,
    code: LineCode<'a>,
}

/// A duplicate (重複投薬).
#[derive(Debug)]
pub struct Duplicate<'a> {
    /// The index of the new line.
    pub line: usize,
    /// How close the drugs are (S18).
    pub level: Level,
    /// The shared substances.
    pub ingredients: Vec<Substance<'a>>,
    /// What it collides with.
    pub against: Against<'a>,
    codes: Codes<'a>,
}

/// A contraindication (併用禁忌).
#[derive(Debug)]
pub struct Contraindication<'a> {
    /// The index of the new line.
    pub line: usize,
    /// The ingredient of the new line, with the routes that match.
    pub ingredient: Substance<'a>,
    /// The ingredient that it must not meet, with the routes that match.
    pub partner: Substance<'a>,
    /// Whether the partner has ended and is still washed out (S23).
    pub washout: bool,
    /// The rules, in the order of the table.
    pub rules: Vec<StatedRule<'a>>,
    /// What it collides with.
    pub against: Against<'a>,
    codes: Codes<'a>,
}

/// The new lines that a finding is about, for its id: the one, and the other line of the request if
/// it collides with that.
#[derive(Clone, Copy, Debug)]
struct Codes<'a> {
    line: LineCode<'a>,
    other: Option<LineCode<'a>>,
}

impl Finding<'_> {
    /// A stable hash of what it states (S24).
    pub fn id(&self) -> FindingId {
        match self {
            Self::Withheld(finding) => finding.id(),
            Self::Duplicate(finding) => finding.id(),
            Self::Contraindication(finding) => finding.id(),
        }
    }
}

impl Withheld<'_> {
    /// Depends on the new line and the kind alone (S26).
    pub fn id(&self) -> FindingId {
        let mut statement = Statement::of_records(0);
        statement.text("withheld").text(self.kind.name()).line(&self.code);
        statement.id()
    }
}

impl Duplicate<'_> {
    /// A stable hash of what it states (S24).
    pub fn id(&self) -> FindingId {
        let kind = (FindingKind::Duplicate, false);
        identify(kind, &self.codes, [&self.ingredients, &[]], &self.against)
    }
}

impl Contraindication<'_> {
    /// A stable hash of what it states (S24).
    pub fn id(&self) -> FindingId {
        let sides = [&self.ingredient, &self.partner].map(std::slice::from_ref);
        let kind = (FindingKind::Contraindication, self.washout);
        identify(kind, &self.codes, sides, &self.against)
    }
}

/// What a new line collides with.
#[derive(Debug)]
pub enum Against<'a> {
    /// Records of the past.
    History(Evidence<'a>),
    /// Another line of the request.
    Line(usize),
}

/// The records behind a finding.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Counts over all of them.
    pub totals: Totals,
    /// Whether two of them look like one prescription registered twice (S11).
    pub possible_double_registration: bool,
    /// All of them, by basis day, document and RP.
    pub records: Vec<Record<'a>>,
}

/// Counts over the evidence of a finding (S21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Records.
    pub records: usize,
    /// Distinct issuing institutions.
    pub institutions: usize,
    /// Distinct pharmacies.
    pub pharmacies: usize,
    /// The first basis day.
    pub first_day: Day,
    /// The last end day.
    pub last_day: Day,
    /// Days from the check day to the last end day, both included; negative after a wash-out.
    pub days_left: i32,
}

/// An ingredient and the route or routes by which it is taken.
#[derive(Debug)]
pub struct Substance<'a> {
    /// The ingredient.
    pub ingredient: &'a Ingredient,
    /// The routes, ascending.
    pub routes: Vec<&'a str>,
}

/// A rule, seen from the new line.
#[derive(Clone, Copy, Debug)]
pub struct StatedRule<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Whose insert states it: `line`, `partner` or `both`.
    pub stated_by: &'static str,
}

/// What is odd about a record (S4), or why nothing is known of it.
#[derive(Clone, Copy, Debug)]
pub struct RecordWarning<'a> {
    /// The kind of warning.
    pub kind: &'static str,
    /// The record.
    pub record: Record<'a>,
}

/// What a check considered, told with full consent only (S30).
#[derive(Debug)]
pub struct Considered<'a> {
    /// How many records ended in each disposition, in order.
    counts: [u32; Disposition::ALL.len()],
    /// How many different drugs (sets of substances) are active.
    pub active_drugs: u32,
    /// Records that are still taken and that the rule does not see (S8).
    pub blind_spots: Vec<Record<'a>>,
}

impl Considered<'_> {
    /// How many records ended in each disposition, in order, without those that none did.
    pub fn counts(&self) -> impl Iterator<Item = (Disposition, u32)> {
        Disposition::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

/// Decides what is told.
pub(crate) fn disclose<'a>(assessment: &Assessment<'_, 'a>) -> Result<Answer<'a>, FormatError> {
    let consent = assessment.request.consent;
    let (mut not_checked, mut line_warnings) = (Vec::new(), Vec::new());
    for (position, line) in assessment.lines.iter().enumerate() {
        not_checked.extend(line.not_checked.map(|reason| (position, reason)));
        if line.has_warnings() {
            line_warnings.extend(line.warnings().map(|warning| (position, warning)));
        }
    }
    let mut incomplete_because = Vec::new();
    if not_checked.iter().any(|(_, reason)| *reason != NotChecked::Material) {
        incomplete_because.push(Incomplete::LineNotChecked);
    }
    if !assessment.judged.unresolved.is_empty() {
        incomplete_because.push(Incomplete::PastUnresolved);
    }
    let (as_of, policy) = (assessment.request.as_of, assessment.request.policy);
    if assessment.records.view.index().is_left_out(as_of, policy) {
        incomplete_because.push(Incomplete::PastLeftOut);
    }
    let outcome = match (assessment.findings.is_empty(), incomplete_because.is_empty()) {
        (false, _) => Outcome::Findings,
        (true, false) => Outcome::Incomplete,
        (true, true) => Outcome::Clear,
    };
    Ok(Answer {
        outcome,
        incomplete_because,
        findings: findings(assessment)?,
        not_checked,
        line_warnings,
        record_warnings: record_warnings(assessment)?,
        considered: match consent {
            Consent::Full => Some(considered(assessment)?),
            Consent::None | Consent::Oral => None,
        },
    })
}

fn findings<'a>(assessment: &Assessment<'_, 'a>) -> Result<Vec<Finding<'a>>, FormatError> {
    let mut told: Vec<Finding<'a>> = Vec::with_capacity(assessment.findings.len());
    let mut last_withheld = None;
    for finding in assessment.findings {
        let Some(line) = assessment.lines.get(finding.line) else { continue };
        if assessment.request.consent == Consent::None && finding.other_line.is_none() {
            // Sorted by kind and line first, so those of one (line, kind) follow each other.
            if last_withheld.replace((finding.kind, finding.line))
                != Some((finding.kind, finding.line))
            {
                let (kind, code) = (finding.kind, LineCode::from(line));
                told.push(Finding::Withheld(Withheld { kind, line: finding.line, code }));
            }
            continue;
        }
        told.push(tell(assessment, finding, line)?);
    }
    if assessment.request.consent == Consent::None {
        withheld_first(&mut told);
    }
    Ok(told)
}

/// With the ingredients withheld, the order among findings of one line must not tell of them:
/// the withheld one comes before those inside the request.
fn withheld_first(told: &mut [Finding<'_>]) {
    told.sort_by_key(|finding| match finding {
        Finding::Withheld(finding) => (finding.kind, finding.line, false),
        Finding::Contraindication(finding) => (FindingKind::Contraindication, finding.line, true),
        Finding::Duplicate(finding) => (FindingKind::Duplicate, finding.line, true),
    });
    // The sort is stable, so findings inside the request keep their order.
}

fn tell<'a>(
    assessment: &Assessment<'_, 'a>,
    finding: &Found,
    line: &Line<'a>,
) -> Result<Finding<'a>, FormatError> {
    let knowledge = assessment.records.view.knowledge();
    let against = match finding.other_line {
        Some(other) => Against::Line(other),
        None => Against::History(evidence(assessment, finding)?),
    };
    let other = finding.other_line.and_then(|other| assessment.lines.get(other));
    let codes = Codes { line: line.into(), other: other.map(LineCode::from) };
    Ok(match finding.kind {
        FindingKind::Duplicate => Finding::Duplicate(Duplicate {
            line: finding.line,
            level: finding.level,
            ingredients: finding
                .substances
                .iter()
                .filter_map(|ordinal| substance(knowledge, std::slice::from_ref(ordinal)))
                .collect(),
            against,
            codes,
        }),
        FindingKind::Contraindication => Finding::Contraindication(Contraindication {
            line: finding.line,
            ingredient: substance(knowledge, &finding.substances).ok_or(BROKEN_SUBSTANCE)?,
            partner: substance(knowledge, &finding.partners).ok_or(BROKEN_SUBSTANCE)?,
            washout: finding.washout,
            rules: finding
                .rules
                .iter()
                .filter_map(|(rule, orientation)| {
                    let rule = knowledge.rule(*rule)?;
                    Some(StatedRule {
                        rule,
                        stated_by: rule.stated_by_seen_from_line(*orientation),
                    })
                })
                .collect(),
            against,
            codes,
        }),
    })
}

const BROKEN_SUBSTANCE: FormatError =
    FormatError::Truncated { section: "knowledge-tables", what: "substance" };

/// Substances of one ingredient as that ingredient and its routes.
fn substance<'a>(knowledge: &'a Knowledge, ordinals: &[u32]) -> Option<Substance<'a>> {
    let names = || ordinals.iter().filter_map(|ordinal| knowledge.substance(*ordinal));
    let ingredient = names().next()?.ingredient;
    Some(Substance { ingredient, routes: names().map(|name| name.route).collect() })
}

fn evidence<'a>(
    assessment: &Assessment<'_, 'a>,
    finding: &Found,
) -> Result<Evidence<'a>, FormatError> {
    let records = assessment.records;
    // Collecting into a result would not know how many there are, and copy them as it grows.
    let mut told = Vec::with_capacity(finding.evidence.len());
    for position in &finding.evidence {
        told.push(records.record(*position)?);
    }
    Ok(Evidence {
        totals: totals(assessment.request.as_of, &told),
        possible_double_registration: records.are_twins_among(&finding.evidence)?,
        records: told,
    })
}

fn totals(as_of: Day, records: &[Record<'_>]) -> Totals {
    let (mut institutions, mut pharmacies) = (Few::new(), Few::new());
    let first = records.first();
    let mut first_day = first.map_or(as_of, |record| record.basis_day);
    let mut last_day = first.map_or(as_of, |record| record.end_day);
    for record in records {
        first_day = first_day.min(record.basis_day);
        last_day = last_day.max(record.end_day);
        let (institution, pharmacy) = record.institution_numbers();
        note(&mut institutions, institution);
        note(&mut pharmacies, pharmacy);
    }
    Totals {
        records: records.len(),
        institutions: institutions.len(),
        pharmacies: pharmacies.len(),
        first_day,
        last_day,
        days_left: last_day.days_since(as_of).saturating_add(1),
    }
}

/// Notes an institution by its number, unless it is none or known. Few records are evidence of one
/// finding, so that looking through those before is faster than sorting.
fn note(known: &mut Few<u32>, number: u32) {
    if number != 0 && !known.contains(&number) {
        known.push(number);
    }
}

/// The id of a finding about substances of the new line and of its partner, each with its routes.
fn identify(
    (kind, washout): (FindingKind, bool),
    codes: &Codes<'_>,
    sides: [&[Substance<'_>]; 2],
    against: &Against<'_>,
) -> FindingId {
    let records = match against {
        Against::History(evidence) => evidence.records.as_slice(),
        Against::Line(_) => &[],
    };
    // Of two lines of a request, which comes first says nothing.
    let (codes, sides) = match (codes.other, sides) {
        (Some(other), [mine, theirs]) if other < codes.line => {
            let codes = Codes { line: other, other: Some(codes.line) };
            (codes, if theirs.is_empty() { sides } else { [theirs, mine] })
        }
        _ => (*codes, sides),
    };
    let mut statement = Statement::of_records(records.len());
    statement.text(kind.name()).number(usize::from(washout)).line(&codes.line);
    for side in sides {
        statement.number(side.iter().map(|substance| substance.routes.len()).sum());
        for substance in side {
            for route in &substance.routes {
                statement.text(&substance.ingredient.id).text(route);
            }
        }
    }
    match against {
        Against::History(_) => statement.text("history"),
        Against::Line(_) => statement.text("prescription"),
    };
    for record in records {
        let document = record.stored_document().unpack();
        statement.bytes(document.as_bytes()).text(record.code()).text(record.system().name());
        statement.number(crate::int::to_usize(record.rp));
    }
    if let Some(other) = &codes.other {
        statement.line(other);
    }
    statement.id()
}

fn record_warnings<'a>(
    assessment: &Assessment<'_, 'a>,
) -> Result<Vec<RecordWarning<'a>>, FormatError> {
    let (records, judged) = (assessment.records, assessment.judged);
    let mut odd: Vec<(usize, &'static str)> = Vec::new();
    let considered: [&[usize]; 2] = match assessment.request.consent {
        Consent::None => return Ok(Vec::new()),
        Consent::Oral => [&[], &[]],
        Consent::Full => [&judged.counted.odd, &judged.unresolved],
    };
    let [of_supply, unresolved] = considered;
    if of_supply.is_empty() && unresolved.is_empty() && assessment.findings.is_empty() {
        return Ok(Vec::new());
    }
    odd.extend(unresolved.iter().map(|position| (*position, Incomplete::PastUnresolved.name())));
    let evidence = assessment.findings.iter().flat_map(|finding| &finding.evidence);
    for position in of_supply.iter().chain(evidence) {
        let warning = supply_warning(records.row(*position)?)?;
        odd.extend(warning.map(|kind| (*position, kind)));
    }
    odd.sort_unstable();
    odd.dedup();
    odd.into_iter()
        .map(|(position, kind)| Ok(RecordWarning { kind, record: records.record(position)? }))
        .collect()
}

fn considered<'a>(assessment: &Assessment<'_, 'a>) -> Result<Considered<'a>, FormatError> {
    let (records, counted) = (assessment.records, &assessment.judged.counted);
    let mut blind_spots = Vec::new();
    if assessment.request.policy.explain_blind_spots {
        for position in &counted.outside_window {
            // Looked at in the hot section first: most have ended, and their evidence is not needed.
            if records.end_day(*position)? >= assessment.request.as_of {
                blind_spots.push(records.record(*position)?);
            }
        }
    }
    Ok(Considered { counts: counted.dispositions, active_drugs: counted.active_drugs, blind_spots })
}

/// Every record with its disposition, for a caller with full consent.
pub(crate) fn timeline<'a>(
    view: View<'a>,
    request: &'a Request<'a>,
) -> Result<Vec<(Disposition, Record<'a>)>, FormatError> {
    let records = Records::find(view, request)?;
    let dispositions = records.dispositions()?.into_iter().enumerate();
    dispositions.map(|(position, found)| Ok((found, records.record(position)?))).collect()
}
