//! The assessment: everything that the check finds, before anybody decides what may be told.

use crate::check::contraindication::Contraindications;
use crate::check::duplicate;
use crate::check::finding::{self, Finding};
use crate::check::interest::Interest;
use crate::check::line::{self, Line};
use crate::check::records::{Breadth, Judged, Records};
use crate::check::request::{Consent, Request};
use crate::error::FormatError;
use crate::knowledge::Knowledge;
use crate::view::View;

/// Everything that a check found. Only [`super::disclose`] reads it.
#[derive(Debug)]
pub(crate) struct Assessment<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) records: Records<'a>,
    pub(crate) judged: Judged,
    /// Sorted (S24).
    pub(crate) findings: Vec<Finding>,
}

/// Finds everything. Consent decides only how much is counted beside the findings (S29).
pub(crate) fn assess<'a>(
    view: View<'a>,
    request: &'a Request<'a>,
) -> Result<Assessment<'a>, FormatError> {
    // The rows are two reads of distant memory away; the new lines are judged while those go on.
    view.prefetch_bucket(request.patient);
    let mut lines: Vec<Line<'a>> = Vec::with_capacity(request.lines.len());
    for new in &request.lines {
        lines.push(line::judge(view.knowledge(), request.as_of, *new, &lines));
        if lines.len() == 1 {
            view.prefetch_rows(request.patient);
        }
    }
    let records = Records::find(view, request)?;
    weigh(request, lines, records)
}

/// Weighs lines that are judged against records that are found.
pub(crate) fn weigh<'a>(
    request: &'a Request<'a>,
    lines: Vec<Line<'a>>,
    records: Records<'a>,
) -> Result<Assessment<'a>, FormatError> {
    let knowledge = records.view.knowledge();
    // Counts beside the findings are told with full consent only, and cost a look at every record.
    let breadth = match request.consent {
        Consent::Full => Breadth::EveryRecord,
        Consent::None | Consent::Oral => Breadth::WhatTouches,
    };
    let judged = records.judge(&interest(knowledge, &lines), breadth)?;
    let mut findings = duplicate::with_history(&lines, &records, &judged.active)?;
    let mut contraindications = Contraindications::new(knowledge, request.as_of);
    contraindications.with_history(&lines, &records, &judged)?;
    if request.policy.intra_prescription {
        for (first, one) in lines.iter().enumerate() {
            for (second, other) in lines.iter().enumerate().skip(first + 1) {
                let (one, other) = ((first, one), (second, other));
                findings.extend(duplicate::within_request(one, other, knowledge));
                contraindications.within_request(one, other);
            }
        }
    }
    findings.append(&mut contraindications.into_findings());
    finding::sort(&mut findings);
    Ok(Assessment { request, lines, records, judged, findings })
}

/// The substances of the new lines and of their partners: a record that touches none of them
/// cannot be evidence.
fn interest(knowledge: &Knowledge, lines: &[Line<'_>]) -> Interest {
    let mut interest = Interest::new(knowledge.tables().substances.len());
    for substance in lines.iter().flat_map(Line::substances) {
        interest.insert(*substance);
        interest.insert_all(knowledge.partner_mask(*substance));
    }
    interest
}
