//! Code systems by URL or OID, the drug of an order, and its dosage form.

use std::borrow::Cow;

use chofuku_engine::code::CodeSystem;
use chofuku_engine::period::Form;

use super::input::{Notes, Place, clip};
use super::json::{Coding, Concept, Extension, Identifier};
use crate::document::Code;
use crate::report::Reason;

/// What an identifier or code means, told by its URL or OID.
///
/// Ministry OIDs exist with `20.1` and `20.2` for the same list; both are in use.
const DRUG_SYSTEMS: [(&str, CodeSystem); 11] = [
    ("http://capstandard.jp/iyaku.info/CodeSystem/YJ-code", CodeSystem::Yj),
    ("urn:oid:1.2.392.100495.20.1.73", CodeSystem::Yj),
    ("urn:oid:1.2.392.100495.20.2.73", CodeSystem::Yj),
    ("http://medis.or.jp/CodeSystem/master-HOT", CodeSystem::Hot),
    ("urn:oid:1.2.392.200119.4.403.1", CodeSystem::Hot),
    ("urn:oid:1.2.392.200119.4.403.2", CodeSystem::Hot),
    ("urn:oid:1.2.392.200119.4.402.1", CodeSystem::Hot),
    ("urn:oid:1.2.392.100495.20.2.74", CodeSystem::Hot),
    ("http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode", CodeSystem::Generic),
    ("urn:oid:1.2.392.100495.20.1.81", CodeSystem::Generic),
    ("urn:oid:1.2.392.100495.20.2.81", CodeSystem::Generic),
];
/// The most exact first.
const PREFERENCE: [CodeSystem; 3] = [CodeSystem::Yj, CodeSystem::Hot, CodeSystem::Generic];

/// JAMI usage code (用法コード), 16 digits.
pub(super) const USAGE: [&str; 3] = [
    "http://jami.jp/CodeSystem/MedicationUsage",
    "urn:oid:1.2.392.200250.2.2.20.20",
    "urn:oid:1.2.392.200250.2.2.20",
];
/// The usage master of the prescription service (電子処方箋用法マスタ), whose codes are JAMI's.
pub(super) const USAGE_MASTER: &str =
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription";
/// JAMI supplement code (補足用法コード), 8 characters.
pub(super) const SUPPLEMENT: [&str; 2] =
    ["http://jami.jp/CodeSystem/MedicationUsageAdditional", "urn:oid:1.2.392.200250.2.2.20.22"];
/// JAMI method (投与方法), one digit or two; the URL goes on with the kind of it.
const METHOD: [&str; 3] = [
    "http://jami.jp/CodeSystem/MedicationMethod",
    "urn:oid:1.2.392.200250.2.2.20.30",
    "urn:oid:1.2.392.200250.2.2.20.40",
];
/// Route of HL7 table 0162, under the names that the profiles gave it.
const ROUTE: [&str; 3] = [
    "http://jpfhir.jp/fhir/ePrescription/CodeSystem/route-codes",
    "http://jpfhir.jp/fhir/core/CodeSystem/route-codes",
    "http://terminology.hl7.org/CodeSystem/v2-0162",
];
/// Dosage form (剤形区分) of the ministry, the only statement of the form itself.
const FORM: [&str; 2] =
    ["http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationForm", "urn:oid:1.2.392.100495.20.2.21"];

/// RP number (RP番号).
pub(super) const RP: [&str; 2] = [
    "urn:oid:1.2.392.100495.20.3.81",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber",
];
/// Number within the RP (RP内連番).
pub(super) const RP_ORDER: [&str; 2] = [
    "urn:oid:1.2.392.100495.20.3.82",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex",
];
/// Prescription number (処方箋ID), with or without a branch behind it.
pub(super) const PRESCRIPTION: &str = "urn:oid:1.2.392.100495.20.3.11";
/// Number of a dispensing result (調剤結果ID), with or without a branch behind it.
pub(super) const DISPENSING: &str = "urn:oid:1.2.392.100495.20.3.12";

/// The value of the identifier with one of these systems.
pub(super) fn identified<'a, 't>(
    identifiers: &'a [Identifier<'t>],
    systems: &[&str],
) -> Option<&'a Identifier<'t>> {
    identifiers.iter().find(|one| systems.contains(&one.system.get()) && !one.value.is_empty())
}

/// The value of the identifier of a system that may have a branch, such as `….3.11.1`.
pub(super) fn branched<'a, 't>(
    identifiers: &'a [Identifier<'t>],
    system: &str,
) -> Option<&'a Identifier<'t>> {
    identifiers.iter().find(|one| {
        let rest = one.system.get().strip_prefix(system);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) && !one.value.is_empty()
    })
}

/// The first code of one of these systems.
pub(super) fn coded<'a, 't>(concept: &'a Concept<'t>, systems: &[&str]) -> Option<&'a Coding<'t>> {
    concept.coding.0.iter().find(|one| systems.contains(&one.system.get()) && !one.code.is_empty())
}

/// The extension whose URL ends so: the URLs changed between versions of the profiles.
pub(super) fn extended<'a, 't>(
    extensions: impl IntoIterator<Item = &'a Extension<'t>>,
    suffix: &str,
) -> Option<&'a Extension<'t>>
where
    't: 'a,
{
    extensions.into_iter().find(|one| one.url.get().ends_with(suffix))
}

fn drug_system(url: &str) -> Option<CodeSystem> {
    let hot = url.strip_prefix("http://medis.or.jp/CodeSystem/master-HOT");
    if let Some(digits) = hot {
        return ["7", "9", "11", "13"].contains(&digits).then_some(CodeSystem::Hot);
    }
    DRUG_SYSTEMS.iter().find(|(known, _)| *known == url).map(|(_, system)| *system)
}

/// The most exact code of a medication, and its name.
pub(super) fn drug<'t>(
    concept: &Concept<'t>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> (Option<Code<'t>>, Cow<'t, str>) {
    const FIELD: &str = "medication";
    let known = |one: &Coding<'t>| drug_system(one.system.get()).filter(|_| !one.code.is_empty());
    let chosen = PREFERENCE.into_iter().find_map(|system| {
        let coding = concept.coding.0.iter().find(|one| known(one) == Some(system));
        coding.map(|coding| (system, coding))
    });
    let any = chosen.map(|(_, coding)| coding).or_else(|| concept.coding.0.first());
    let name = Some(concept.text.cow()).filter(|text| !text.is_empty());
    let name = name.or_else(|| any.map(|coding| coding.display.cow())).unwrap_or_default();
    let Some((system, coding)) = chosen else {
        let found = any.map(|one| clip(&format!("{}|{}", one.system.get(), one.code.get())));
        let reason = found.map_or(Reason::Missing, |found| Reason::Value { found });
        notes.add(place, FIELD, reason);
        return (None, name);
    };
    let code = coding.code.cow();
    let rival = concept.coding.0.iter().find(|one| {
        known(one) == Some(system) && one.code.get() != code && comparable(one, coding)
    });
    if let Some(rival) = rival {
        let found = clip(&format!("{code}, {}", rival.code.get()));
        notes.add(place, FIELD, Reason::Ambiguous { found });
        return (None, name);
    }
    if let Some(expected) = wrong_length(system, &code) {
        notes.add(place, FIELD, Reason::Code { expected, found: clip(&code) });
    }
    (Some(Code { system, code }), name)
}

/// Codes of HOT differ in length by what they tell: HOT7 begins HOT9 and so on.
fn comparable(one: &Coding<'_>, other: &Coding<'_>) -> bool {
    let (one, other) = (one.code.get(), other.code.get());
    !one.starts_with(other) && !other.starts_with(one)
}

/// The length that a code should have, if it has another.
fn wrong_length(system: CodeSystem, code: &str) -> Option<usize> {
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    match system {
        CodeSystem::Yj | CodeSystem::Price | CodeSystem::Generic => {
            (code.len() != 12 || !plain).then_some(12)
        }
        CodeSystem::Hot => (![7, 9, 11, 13].contains(&code.len()) || !digits).then_some(9),
        CodeSystem::Receipt => (code.len() != 9 || !digits).then_some(9),
        CodeSystem::Gtin => (code.len() != 14 || !digits).then_some(14),
    }
}

/// The form that a JAMI usage or method code states by its first digit.
fn by_digit(code: &str) -> Option<Form> {
    match code.bytes().next()? {
        b'1' => Some(Form::Oral),
        b'2' => Some(Form::External),
        b'3' => Some(Form::Injection),
        // 注入: into a body cavity, which no form of a prescription names.
        b'4' => Some(Form::Other),
        _ => None,
    }
}

/// Whether a usage code says as needed (頓用).
pub(super) fn is_as_needed(usage: &str) -> bool {
    usage.as_bytes().get(2) == Some(&b'5')
}

fn by_route(code: &str) -> Option<Form> {
    Some(match code {
        "PO" | "SL" | "B" | "TL" | "NG" | "GTT" => Form::Oral,
        "AP" | "DT" | "IH" | "IMR" | "IN" | "MM" | "MTH" | "NP" | "NS" | "NT" | "OP" | "OT"
        | "PR" | "RM" | "SD" | "TD" | "TP" | "UR" | "VG" | "VM" | "WND" | "GU" => Form::External,
        "EP" | "IA" | "IB" | "IC" | "ID" | "IHA" | "IM" | "IO" | "IP" | "IS" | "IT" | "IV"
        | "SC" => Form::Injection,
        "ET" | "ICV" | "IU" | "OTH" | "PF" | "TRA" => Form::Other,
        _ => return None,
    })
}

/// Oral forms are one way: a route cannot tell them apart.
fn way(form: Form) -> Form {
    match form {
        Form::AsNeeded | Form::Drops => Form::Oral,
        Form::Oral | Form::External | Form::Injection | Form::Material | Form::Other => form,
    }
}

/// What an order states of its form, in the order of preference.
#[derive(Default)]
pub(super) struct FormSigns<'a, 't> {
    /// Categories of the order, and the form of its medication.
    pub(super) stated: Vec<&'a Concept<'t>>,
    /// The usage code.
    pub(super) usage: &'a str,
    /// How it is given.
    pub(super) method: Option<&'a Concept<'t>>,
    /// Where it goes in.
    pub(super) route: Option<&'a Concept<'t>>,
    /// Whether it is taken as needed.
    pub(super) as_needed: bool,
}

/// The dosage form (剤形区分), by the table of the module documentation.
pub(super) fn form(signs: &FormSigns<'_, '_>, place: &Place, notes: &mut Notes<'_>) -> Form {
    let stated = signs.stated.iter().find_map(|concept| {
        let code = coded(concept, &FORM)?.code.get();
        code.parse().ok().and_then(Form::from_number)
    });
    let method = signs.method.and_then(|method| {
        let is_method = |system: &str| METHOD.iter().any(|known| system.starts_with(known));
        let mut codes = method.coding.0.iter().filter(|one| is_method(one.system.get()));
        codes.find_map(|one| by_digit(one.code.get()))
    });
    let route = signs.route.and_then(|route| coded(route, &ROUTE));
    let route = route.and_then(|route| by_route(route.code.get()));
    let all = [stated, by_digit(signs.usage), method, route];
    let chosen = all.into_iter().flatten().next();
    if let Some(chosen) = chosen
        && let Some(other) = all.into_iter().flatten().find(|other| way(*other) != way(chosen))
    {
        let (found, used) = (format!("{other:?}"), format!("{chosen:?}"));
        notes.add(place, "dosage form", Reason::Differs { found, used });
    }
    match chosen {
        Some(Form::Oral) | None if signs.as_needed => Form::AsNeeded,
        Some(form) => form,
        None => {
            notes.add(place, "dosage form", Reason::Missing);
            Form::Other
        }
    }
}
