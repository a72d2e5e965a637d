//! Whether a prescriber has seen what a prescription collides with (`require_acknowledgement`).

use chofuku_engine::check::disclose::Finding;
use chofuku_engine::check::{self, Actor, ActorKind, Consent, NewLine, OwnInstitution, Request};
use chofuku_engine::document::{DocumentKind, WrittenLine};
use chofuku_live::{Live, Seen};
use serde_json::Value;

use super::answer::CheckAnswer;
use super::request::{Asked, Registration};
use crate::error::ApiError;
use crate::policies::Policies;

/// Refuses a prescription of which a finding is not acknowledged. It is checked as its institution
/// checks it, on its own day, under the default policy. Gives what was checked against, so that the
/// prescription is registered only if that is still so.
///
/// The prescriber names findings by the ids that were told: without consent those are other ids than
/// with it. All of one kind must be there.
///
/// # Errors
///
/// [`ApiError::Unacknowledged`] with the findings under the consent that came with the document, and
/// when the index is damaged.
pub(crate) fn require(
    live: &Live,
    policies: &Policies,
    registration: &Registration,
) -> Result<Option<Seen>, ApiError> {
    let document = &registration.document;
    if document.kind != DocumentKind::Prescription {
        return Ok(None);
    }
    let Some((policy_name, policy)) = policies.get(Policies::DEFAULT) else { return Ok(None) };
    let snapshot = live.snapshot(registration.patient);
    let asked = |consent| Asked {
        policy_name,
        request: Request {
            patient: registration.patient,
            as_of: document.day,
            actor: Some(Actor { kind: ActorKind::MedicalInstitution, code: &document.institution }),
            own_institution: OwnInstitution::Exclude,
            consent,
            source_documents: vec![&document.id],
            policy,
            lines: document.lines.iter().map(new_line).collect(),
        },
    };
    for consent in [Consent::None, Consent::Full] {
        let asked = asked(consent);
        let answer = check::check(snapshot.view(), &asked.request)?;
        let acknowledged = |finding: &Finding<'_>| {
            let id = finding.id();
            registration.acknowledged.iter().any(|known| known.finding == id.as_str())
        };
        if answer.findings.iter().all(acknowledged) {
            return Ok(Some(snapshot.seen()));
        }
    }
    let asked = asked(registration.consent);
    let answer = check::check(snapshot.view(), &asked.request)?;
    let told = serde_json::to_value(CheckAnswer::new(&snapshot, &asked, &answer, &[]));
    let mut told = told.map_err(|_| ApiError::AnswerFailed)?;
    let findings = told.get_mut("findings").map(Value::take).unwrap_or_default();
    Err(ApiError::Unacknowledged { findings })
}

fn new_line(line: &WrittenLine) -> NewLine<'_> {
    NewLine {
        rp: line.rp,
        system: line.system,
        code: &line.code,
        name: Some(line.name.as_str()).filter(|name| !name.is_empty()),
        form: line.form,
    }
}
