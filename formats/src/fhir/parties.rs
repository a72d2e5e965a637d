//! Who issued, who dispensed, whose it is: organizations and coverage behind references.

use std::borrow::Cow;

use super::codes::{extended, identified};
use super::input::{Input, Notes, Resource, clip};
use super::json::{Identifier, Party, Reference};
use crate::document::{Facility, Patient};
use crate::report::Reason;

/// How many organizations a department may be part of, one in another.
const PART_OF_MAX: usize = 4;
const PREFECTURE: [&str; 2] = [
    "urn:oid:1.2.392.100495.20.3.21",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/PrefectureNo-2digits",
];
const POINT_TABLE: [&str; 2] = [
    "urn:oid:1.2.392.100495.20.3.22",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationFeeScoreType",
];
const INSTITUTION: [&str; 2] = [
    "urn:oid:1.2.392.100495.20.3.23",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicalOrganizationID",
];
/// All ten digits in one.
const TEN_DIGITS: [&str; 4] = [
    "http://jpfhir.jp/fhir/Common/IdSystem/insurance-medical-institution-no",
    "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
    "urn:oid:1.2.392.100495.20.3.23",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicalOrganizationID",
];
const INSURER: [&str; 2] =
    ["urn:oid:1.2.392.100495.20.3.61", "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"];
const PUBLIC_PAYER: [&str; 2] = [
    "urn:oid:1.2.392.100495.20.3.71",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/PublicPayerNumber",
];
/// Livelihood protection (生活保護), the only public payer that stands in the place of an insurer.
const LIVELIHOOD: &str = "12";

/// The organization that a reference leads to: itself, or the one in which a role is held.
pub(super) fn facility<'t>(
    input: &Input<'t>,
    from: &Resource<'t>,
    reference: &Reference<'t>,
    notes: &mut Notes<'_>,
) -> Option<Facility<'t>> {
    let (mut resource, mut party) = input.party(from, reference)?;
    if let Some(organization) = party.organization.value() {
        (resource, party) = input.party(resource, organization)?;
    }
    let mut name = Cow::Borrowed("");
    for _ in 0..PART_OF_MAX {
        if name.is_empty() {
            name = party.name.value().map(super::json::Text::cow).unwrap_or_default();
        }
        let code = code(resource, party, notes);
        let above = party.part_of.value().and_then(|above| input.party(resource, above));
        if !code.is_empty() {
            let own = party.name.value().map(super::json::Text::cow);
            return Some(Facility { code, name: own.unwrap_or(name) });
        }
        match above {
            Some(next) => (resource, party) = next,
            None => break,
        }
    }
    (!name.is_empty()).then_some(Facility { code: Cow::Borrowed(""), name })
}

/// Ten digits, or as many identifiers as make them.
fn code<'t>(resource: &Resource<'t>, party: &Party<'t>, notes: &mut Notes<'_>) -> Cow<'t, str> {
    const FIELD: &str = "identifier";
    let own = party.identifier.value().map(|many| many.0.as_slice()).unwrap_or_default();
    let mut identifiers: Vec<&Identifier<'t>> = own.iter().collect();
    let extensions = party.extension.value().map(|many| many.0.as_slice()).unwrap_or_default();
    identifiers.extend(extensions.iter().filter_map(|one| one.value_identifier.as_ref()));
    let whole = identifiers
        .iter()
        .find(|one| TEN_DIGITS.contains(&one.system.get()) && digits(one.value.get(), 10));
    let part = |systems: &[&str], length: usize| {
        let found = identifiers.iter().find(|one| systems.contains(&one.system.get()))?;
        Some(found.value.get()).filter(|value| digits(value, length))
    };
    let joined = part(&PREFECTURE, 2)
        .zip(part(&POINT_TABLE, 1))
        .zip(part(&INSTITUTION, 7))
        .map(|((prefecture, table), number)| format!("{prefecture}{table}{number}"));
    match (whole, joined) {
        (Some(whole), joined) => {
            let whole = whole.value.cow();
            if let Some(found) = joined.filter(|joined| *joined != whole) {
                let reason = Reason::Differs { found, used: whole.clone().into_owned() };
                notes.add(&resource.place, FIELD, reason);
            }
            whole
        }
        (None, Some(joined)) => Cow::Owned(joined),
        (None, None) => {
            let wrong = identifiers
                .iter()
                .find(|one| TEN_DIGITS.contains(&one.system.get()) && !digits(one.value.get(), 7));
            if let Some(wrong) = wrong {
                let reason = Reason::Code { expected: 10, found: clip(wrong.value.get()) };
                notes.add(&resource.place, FIELD, reason);
            }
            Cow::Borrowed("")
        }
    }
}

fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The insured identity of an order's patient: of its own insurance, else of the one coverage of
/// that patient in its Bundle. Two different ones are none.
pub(super) fn patient<'t>(
    input: &Input<'t>,
    from: &Resource<'t>,
    subject: Option<&Reference<'t>>,
    insurance: &[Reference<'t>],
    notes: &mut Notes<'_>,
) -> Option<Patient<'t>> {
    const FIELD: &str = "Coverage";
    let mut coverages: Vec<(&Resource<'t>, &Party<'t>)> =
        insurance.iter().filter_map(|one| input.party(from, one)).collect();
    if coverages.is_empty() {
        let reference = subject.map(|subject| subject.reference.get()).unwrap_or_default();
        let all = input.coverages(from.scope, reference);
        coverages = all.into_iter().filter_map(|number| input.of_party(number)).collect();
    }
    coverages.retain(|(_, coverage)| {
        let status = coverage.status.value().map(super::json::Text::get).unwrap_or_default();
        !matches!(status, "cancelled" | "entered-in-error" | "draft")
    });
    let insured = coverages.iter().filter_map(|(at, one)| insured(input, at, one));
    let mut identities: Vec<Patient<'t>> = Vec::new();
    for identity in insured {
        if !identities.contains(&identity) {
            identities.push(identity);
        }
    }
    if identities.is_empty() {
        let public = coverages.iter().find_map(|(at, one)| livelihood(input, at, one));
        identities.extend(public);
    }
    let rivals = identities.len() > 1;
    if rivals {
        // Whose numbers they are must not reach a report.
        let found = format!("{} insured identities", identities.len());
        notes.add(&from.place, FIELD, Reason::Ambiguous { found });
        return None;
    }
    let identity = identities.pop();
    if identity.is_none() {
        notes.add(&from.place, FIELD, Reason::Missing);
    }
    identity
}

fn payer<'t>(
    input: &Input<'t>,
    coverage: (&Resource<'t>, &Party<'t>),
    systems: &[&str],
) -> Option<Cow<'t, str>> {
    let (at, coverage) = coverage;
    coverage.payor.value()?.0.iter().find_map(|payor| {
        let direct = payor.identifier.as_ref().filter(|one| systems.contains(&one.system.get()));
        if let Some(direct) = direct {
            return Some(direct.value.cow());
        }
        let (_, organization) = input.party(at, payor)?;
        let identifiers = &organization.identifier.value()?.0;
        identified(identifiers, systems).map(|found| found.value.cow())
    })
}

fn insured<'t>(input: &Input<'t>, at: &Resource<'t>, coverage: &Party<'t>) -> Option<Patient<'t>> {
    let extensions = coverage.extension.value().map(|many| many.0.as_slice()).unwrap_or_default();
    let stated = |suffix: &str| {
        let found = extended(extensions, suffix)?;
        Some(found.value_string.cow()).filter(|text| !text.is_empty())
    };
    let number = stated("InsuredPersonNumber")?;
    let insurer = payer(input, (at, coverage), &INSURER).unwrap_or_default();
    let symbol = stated("InsuredPersonSymbol").unwrap_or_default();
    let branch = stated("InsuredPersonSubNumber");
    let branch = branch.or_else(|| coverage.dependent.value().map(super::json::Text::cow));
    Some(Patient { insurer, symbol, number, branch: branch.unwrap_or_default() })
}

fn livelihood<'t>(
    input: &Input<'t>,
    at: &Resource<'t>,
    coverage: &Party<'t>,
) -> Option<Patient<'t>> {
    let insurer = payer(input, (at, coverage), &PUBLIC_PAYER)?;
    let number = coverage.subscriber_id.value()?.cow();
    let usable = insurer.starts_with(LIVELIHOOD) && insurer.len() == 8 && !number.is_empty();
    usable.then(|| Patient { insurer, number, ..Patient::default() })
}
