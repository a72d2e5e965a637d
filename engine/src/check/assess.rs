//! The assessment: everything that the check finds, before anybody decides what may be told.

use crate::check::contraindication::Contraindications;
use crate::check::duplicate;
use crate::check::finding::{self, Finding};
use crate::check::interest::Interest;
use crate::check::judge::{Breadth, Judged};
use crate::check::line::{self, Line, Lines};
use crate::check::records::Records;
use crate::check::request::{Consent, Request};
use crate::error::FormatError;
use crate::view::View;

/// Everything that a check found. Only [`super::disclose`] reads it.
#[derive(Debug)]
pub(crate) struct Assessment<'c, 'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) lines: &'c [Line<'a>],
    pub(crate) records: &'c Records<'a>,
    pub(crate) judged: &'c Judged,
    /// Sorted (S24).
    pub(crate) findings: &'c [Finding],
}

/// Finds everything, and hands it to `tell`. Consent decides only how much is counted beside the
/// findings (S29).
pub(crate) fn assess<'a, T>(
    view: View<'a>,
    request: &'a Request<'a>,
    tell: impl FnOnce(&Assessment<'_, 'a>) -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    // The rows are two reads of distant memory away; the new lines are judged while those go on.
    view.prefetch_bucket(request.patient);
    let knowledge = view.knowledge();
    let mut lines = Lines::with_capacity(request.lines.len());
    for new in &request.lines {
        lines.push(Line::find(knowledge, *new));
    }
    view.prefetch_rows(request.patient);
    line::judge(knowledge, request.as_of, &mut lines);
    let records = Records::find(view, request)?;
    // Counts beside the findings are told with full consent only, and cost a look at every record.
    let breadth = match request.consent {
        Consent::Full => Breadth::EveryRecord,
        Consent::None | Consent::Oral => Breadth::WhatTouches,
    };
    let (judged, findings) = weigh(&lines, &records, breadth)?;
    tell(&Assessment {
        request,
        lines: &lines,
        records: &records,
        judged: &judged,
        findings: &findings,
    })
}

/// Weighs lines that are judged against records that are found.
pub(crate) fn weigh<'a>(
    lines: &[Line<'a>],
    records: &Records<'a>,
    breadth: Breadth,
) -> Result<(Judged, Vec<Finding>), FormatError> {
    let knowledge = records.view.knowledge();
    let within = records.asked.policy.intra_prescription;
    if records.rows().is_empty() && !within {
        return Ok((Judged::default(), Vec::new()));
    }
    // The substances of the new lines and of their partners: a record that touches none of them
    // cannot be evidence.
    let mut interest = Interest::new(knowledge.tables().substances.len());
    for substance in lines.iter().flat_map(|line| line.substances) {
        interest.insert(*substance);
        interest.insert_all(knowledge.partner_mask(*substance));
    }
    let judged = records.judge(&interest, breadth)?;
    if judged.touching.is_empty() && judged.washed_out.is_empty() && !within {
        return Ok((judged, Vec::new()));
    }
    let touching = records.holding(&judged.touching)?;
    let mut findings = duplicate::with_history(lines, &touching, knowledge);
    let mut contraindications = Contraindications::new(knowledge, records.asked.as_of);
    contraindications.with_history(lines, records, &touching, &judged.washed_out)?;
    if within {
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
    Ok((judged, findings))
}
