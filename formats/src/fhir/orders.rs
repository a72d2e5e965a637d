//! One `MedicationRequest` or `MedicationDispense` as a line, and what groups it into a document.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::document::DocumentKind;

use super::Drafts;
use super::codes::{DISPENSING, PRESCRIPTION, RP, RP_ORDER, branched, drug, identified};
use super::dosage::{Stated, supply};
use super::input::{Body, Input, Notes, Resource, clip};
use super::json::{Concept, DispenseRequest, Identifier, Medication, Text};
use super::time;
use crate::document::Line;
use crate::report::Reason;

/// Orders with the same key are one document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key<'t> {
    pub(super) scope: usize,
    pub(super) kind: DocumentKind,
    /// Its own number.
    pub(super) id: Cow<'t, str>,
    pub(super) day: Option<Day>,
    /// When it was written, to the second; empty where a number or a document says it better.
    pub(super) authored: Cow<'t, str>,
    pub(super) subject: Cow<'t, str>,
    /// The reference to who ordered or handed out.
    pub(super) by: Cow<'t, str>,
    /// The prescription that a dispensing names.
    pub(super) prescription: Cow<'t, str>,
}

/// A line and its place in a document.
pub(super) struct Order<'t> {
    pub(super) key: Key<'t>,
    pub(super) rp: Option<u32>,
    pub(super) within_rp: Option<u32>,
    /// Total uses of a refill prescription, 0 where none is stated.
    pub(super) refill_uses: u8,
    pub(super) line: Line<'t>,
}

/// Reads one; `None` where it is no order or supply that counts, which is reported.
pub(super) fn order<'t>(
    input: &Input<'t>,
    resource: &Resource<'t>,
    drafts: Drafts,
    notes: &mut Notes<'_>,
) -> Option<Order<'t>> {
    let (order, dispense) = match &resource.body {
        Body::Request(order) => (order, false),
        Body::Dispense(order) => (order, true),
        Body::Party(_) => return None,
    };
    if !counts(input, resource, order, dispense, drafts, notes) {
        return None;
    }
    let mut key = key(input, resource, order, dispense, notes);
    let identifiers = identifiers(order);
    let rp = positive(identifiers, &RP, resource, notes);
    let within_rp = positive(identifiers, &RP_ORDER, resource, notes);
    let (line, refill_uses) = line(input, resource, order, &key, rp, notes);
    let in_document = input.composition(resource.scope).is_some();
    if in_document || !key.id.is_empty() {
        key.authored = Cow::Borrowed("");
    }
    if in_document {
        key.by = Cow::Borrowed("");
    }
    Some(Order { key, rp, within_rp, refill_uses, line })
}

fn identifiers<'a, 't>(order: &'a Medication<'t>) -> &'a [Identifier<'t>] {
    order.identifier.value().map(|many| many.0.as_slice()).unwrap_or_default()
}

/// Whether it is an order or supply at all, by status, intent and `doNotPerform`.
fn counts<'t>(
    input: &Input<'t>,
    resource: &Resource<'t>,
    order: &Medication<'t>,
    dispense: bool,
    drafts: Drafts,
    notes: &mut Notes<'_>,
) -> bool {
    let place = &resource.place;
    let out = |found: &str, notes: &mut Notes<'_>, field| {
        notes.add(place, field, Reason::LeftOut { found: clip(found) });
        false
    };
    let composition = input.composition(resource.scope);
    let composition = composition.and_then(|(_, party)| party.status.value()).map(Text::get);
    match composition.unwrap_or_default() {
        "entered-in-error" => return out("entered-in-error", notes, "Composition.status"),
        "preliminary" if drafts == Drafts::LeaveOut => {
            return out("preliminary", notes, "Composition.status");
        }
        _ => {}
    }
    if notes
        .value(place, "doNotPerform", &order.do_not_perform)
        .is_some_and(|no| no.get() == "true")
    {
        return out("an order not to give it", notes, "doNotPerform");
    }
    let status = notes.value(place, "status", &order.status).map(Text::get).unwrap_or_default();
    match (status, dispense) {
        ("active", false) | ("in-progress", true) | ("completed", _) => {}
        ("draft", false) | ("preparation" | "on-hold", true) if drafts == Drafts::Take => {}
        ("draft" | "cancelled" | "entered-in-error", _)
        | ("preparation" | "declined" | "on-hold", true) => return out(status, notes, "status"),
        ("", _) => notes.add(place, "status", Reason::Missing),
        (other, _) => {
            // Stopped, on hold or unknown: it may be taken, so it counts.
            let taken = "an order that counts";
            notes.add(place, "status", Reason::ReadAs { found: clip(other), taken });
        }
    }
    let intent = notes.value(place, "intent", &order.intent).map(Text::get).unwrap_or_default();
    match intent {
        _ if dispense => true,
        "proposal" | "plan" | "option" if drafts == Drafts::Take => true,
        "proposal" | "plan" | "option" => out(intent, notes, "intent"),
        "order" | "original-order" | "reflex-order" | "filler-order" | "instance-order" => true,
        "" => {
            notes.add(place, "intent", Reason::Missing);
            true
        }
        other => {
            let reason = Reason::ReadAs { found: clip(other), taken: "an order" };
            notes.add(place, "intent", reason);
            true
        }
    }
}

fn key<'t>(
    input: &Input<'t>,
    resource: &Resource<'t>,
    order: &Medication<'t>,
    dispense: bool,
    notes: &mut Notes<'_>,
) -> Key<'t> {
    let place = &resource.place;
    let identifiers = notes.value(place, "identifier", &order.identifier);
    let identifiers = identifiers.map(|many| many.0.as_slice()).unwrap_or_default();
    let own = branched(identifiers, if dispense { DISPENSING } else { PRESCRIPTION });
    let group = notes.value(place, "groupIdentifier", &order.group_identifier);
    let group = group.filter(|group| !dispense && !group.value.is_empty());
    let composition = input.composition(resource.scope).and_then(|(_, party)| {
        party.identifier.value()?.0.iter().find(|one| !one.value.is_empty())
    });
    let id = own.or(group).or(composition).map(|one| one.value.cow()).unwrap_or_default();
    let subject = notes.value(place, "subject", &order.subject);
    let subject = subject.map(|one| one.reference.cow()).unwrap_or_default();
    let by = if dispense {
        let performer = notes.value(place, "performer", &order.performer);
        let first = performer.and_then(|many| many.0.first());
        first.map(|one| {
            if one.actor.reference.is_empty() {
                one.reference.cow()
            } else {
                one.actor.reference.cow()
            }
        })
    } else {
        notes.value(place, "requester", &order.requester).map(|one| one.reference.cow())
    };
    let (day, authored) = if dispense {
        handed_over(resource, order, notes)
    } else {
        issued(input, resource, order, notes)
    };
    Key {
        scope: resource.scope,
        kind: kind(order, dispense, resource, notes),
        id,
        day,
        authored,
        subject,
        by: by.unwrap_or_default(),
        prescription: if dispense {
            prescription(input, resource, order, notes)
        } else {
            Cow::Borrowed("")
        },
    }
}

/// Outpatient prescriptions and dispensings, in-house ones where the category says so.
fn kind<'t>(
    order: &Medication<'t>,
    dispense: bool,
    resource: &Resource<'t>,
    notes: &mut Notes<'_>,
) -> DocumentKind {
    let categories = notes.value(&resource.place, "category", &order.category);
    let codes = categories.into_iter().flat_map(|many| &many.0).flat_map(|one| &one.coding.0);
    let mut kind = None;
    for coding in codes {
        kind = kind.or(match coding.code.get() {
            // HL7's category, and the prescription categories (処方区分) of MERIT-9.
            "discharge" | "DCG" | "OHI" => Some(DocumentKind::InHouse),
            "inpatient" | "IHP" => Some(DocumentKind::Inpatient),
            _ => None,
        });
        if coding.code.get() == "DCG" || coding.code.get() == "discharge" {
            kind = Some(DocumentKind::InHouse);
        }
    }
    kind.unwrap_or(if dispense { DocumentKind::Dispensing } else { DocumentKind::Prescription })
}

/// The issue day (交付日): of the document if it states one, else the day of `authoredOn`.
fn issued<'t>(
    input: &Input<'t>,
    resource: &Resource<'t>,
    order: &Medication<'t>,
    notes: &mut Notes<'_>,
) -> (Option<Day>, Cow<'t, str>) {
    const FIELD: &str = "authoredOn";
    let place = &resource.place;
    let authored = notes.value(place, FIELD, &order.authored_on).map(Text::cow).unwrap_or_default();
    let day = time::day(&authored);
    if day.is_none() && !authored.is_empty() {
        notes.add(place, FIELD, Reason::Date { found: clip(&authored) });
    }
    let event = input.composition(resource.scope).and_then(|(at, party)| {
        let event = &party.event.value()?.0;
        let start =
            event.iter().map(|one| one.period.start.get()).find(|start| !start.is_empty())?;
        let day = time::day(start);
        if day.is_none() {
            notes.add(&at.place, "event", Reason::Date { found: clip(start) });
        }
        day
    });
    if let (Some(event), Some(day)) = (event, day)
        && event != day
    {
        let reason = Reason::Differs { found: day.to_string(), used: event.to_string() };
        notes.add(place, FIELD, reason);
    }
    if event.is_none() && authored.is_empty() {
        notes.add(place, FIELD, Reason::Missing);
    }
    (event.or(day), authored)
}

/// The dispensing day (調剤日).
fn handed_over<'t>(
    resource: &Resource<'t>,
    order: &Medication<'t>,
    notes: &mut Notes<'_>,
) -> (Option<Day>, Cow<'t, str>) {
    let place = &resource.place;
    let handed = notes.value(place, "whenHandedOver", &order.when_handed_over);
    if let Some(handed) = handed.filter(|handed| !handed.is_empty()) {
        let day = time::day(handed.get());
        if day.is_none() {
            notes.add(place, "whenHandedOver", Reason::Date { found: clip(handed.get()) });
        }
        return (day, handed.cow());
    }
    let prepared = notes.value(place, "whenPrepared", &order.when_prepared).map(Text::cow);
    let prepared = prepared.unwrap_or_default();
    let day = time::day(&prepared);
    notes.add(
        place,
        "whenHandedOver",
        match day {
            Some(_) => {
                Reason::ReadAs { found: clip(&prepared), taken: "the day, of the preparation" }
            }
            None => Reason::Missing,
        },
    );
    (day, prepared)
}

/// The prescription that a dispensing names: by number, or as the reference stands.
fn prescription<'t>(
    input: &Input<'t>,
    resource: &Resource<'t>,
    order: &Medication<'t>,
    notes: &mut Notes<'_>,
) -> Cow<'t, str> {
    const FIELD: &str = "authorizingPrescription";
    let references = notes.value(&resource.place, FIELD, &order.authorizing_prescription);
    let reference = references.and_then(|many| many.0.first());
    if let Some(named) = branched(identifiers(order), PRESCRIPTION) {
        return named.value.cow();
    }
    let Some(reference) = reference else { return Cow::Borrowed("") };
    if let Some(identifier) = reference.identifier.as_ref().filter(|one| !one.value.is_empty()) {
        return identifier.value.cow();
    }
    let number = authorizing(input, resource, order).and_then(|(_, request)| {
        let group = request.group_identifier.value().filter(|one| !one.value.is_empty());
        let own = branched(identifiers(request), PRESCRIPTION).or(group);
        own.map(|one| one.value.cow())
    });
    number.unwrap_or_else(|| {
        let found = clip(reference.reference.get());
        let taken = "the number of the prescription";
        notes.add(&resource.place, FIELD, Reason::ReadAs { found, taken });
        reference.reference.cow()
    })
}

/// The prescription of a dispensing, if it is in the input.
pub(super) fn authorizing<'a, 't>(
    input: &'a Input<'t>,
    resource: &Resource<'t>,
    order: &Medication<'t>,
) -> Option<(&'a Resource<'t>, &'a Medication<'t>)> {
    let reference = order.authorizing_prescription.value()?.0.first()?;
    let number = input.find(resource.scope, reference.reference.get())?;
    let found = input.resources.get(number)?;
    match &found.body {
        Body::Request(request) => Some((found, request)),
        Body::Dispense(_) | Body::Party(_) => None,
    }
}

fn positive(
    identifiers: &[Identifier<'_>],
    systems: &[&str],
    resource: &Resource<'_>,
    notes: &mut Notes<'_>,
) -> Option<u32> {
    let found = identified(identifiers, systems)?;
    let number = found.value.get().parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        let reason = Reason::Value { found: clip(found.value.get()) };
        notes.add(&resource.place, "identifier", reason);
    }
    number
}

/// The line, and the uses of a refill prescription.
fn line<'t>(
    input: &Input<'t>,
    resource: &Resource<'t>,
    order: &Medication<'t>,
    key: &Key<'t>,
    rp: Option<u32>,
    notes: &mut Notes<'_>,
) -> (Line<'t>, u8) {
    let place = &resource.place;
    let (concept, form) = medication(input, resource, order, notes);
    let nothing = Concept::default();
    let (mut drug, name) = drug(concept.unwrap_or(&nothing), place, notes);
    if order.modifier_extension.is_some() {
        // It may turn the meaning of the whole around; the line stays as one that is not checked.
        drug = None;
        let found = "modifierExtension, and the drug of its order".to_owned();
        notes.add(place, "modifierExtension", Reason::NotUsed { found });
    }
    let dosages = notes.value(place, "dosageInstruction", &order.dosage_instruction);
    let dosages = dosages.map(|many| many.0.as_slice()).unwrap_or_default();
    let nothing = DispenseRequest::default();
    let request = notes.value(place, "dispenseRequest", &order.dispense_request);
    let request = request.unwrap_or(&nothing);
    let mut stated = Stated { day: key.day, ..Stated::default() };
    stated.forms.extend(form);
    stated.forms.extend(order.category.value().into_iter().flat_map(|many| &many.0));
    let expected = notes.value(place, "expectedSupplyDuration", &request.expected_supply_duration);
    stated.supply = expected.or_else(|| notes.value(place, "daysSupply", &order.days_supply));
    let amount = notes.value(place, "dispenseRequest.quantity", &request.quantity);
    stated.amount = amount.or_else(|| notes.value(place, "quantity", &order.quantity));
    for extensions in [&request.extension, &order.extension] {
        let own = notes.value(place, "extension", extensions);
        stated.extensions.extend(own.into_iter().flat_map(|many| &many.0));
    }
    let supply = supply(dosages, &stated, place, notes);
    let line = Line {
        rp: rp.unwrap_or_default(),
        drug,
        name,
        form: supply.form,
        quantity: supply.quantity,
        usage: supply.usage,
        usage_text: supply.usage_text,
        supplements: supply.supplements,
        dose: supply.dose,
        unit: supply.unit,
    };
    (line, refill_uses(request, resource, notes))
}

/// The concept of the drug, and of its form where a `Medication` states it.
fn medication<'a, 't>(
    input: &'a Input<'t>,
    resource: &'a Resource<'t>,
    order: &'a Medication<'t>,
    notes: &mut Notes<'_>,
) -> (Option<&'a Concept<'t>>, Option<&'a Concept<'t>>) {
    let place = &resource.place;
    let own = notes.value(place, "medicationCodeableConcept", &order.medication_codeable_concept);
    let reference = notes.value(place, "medicationReference", &order.medication_reference);
    let Some(reference) = reference.filter(|_| own.is_none()) else { return (own, None) };
    let Some((_, medication)) = input.party(resource, reference) else {
        let found = clip(reference.reference.get());
        notes.add(place, "medicationReference", Reason::Value { found });
        return (None, None);
    };
    let code = notes.value(place, "Medication.code", &medication.code);
    (code.and_then(|many| many.0.first()), medication.form.value())
}

/// FHIR counts the uses after the first.
fn refill_uses(
    request: &DispenseRequest<'_>,
    resource: &Resource<'_>,
    notes: &mut Notes<'_>,
) -> u8 {
    let repeats = request.number_of_repeats_allowed.get();
    if repeats.is_empty() {
        return 0;
    }
    match repeats.parse::<u8>().ok().and_then(|repeats| repeats.checked_add(1)) {
        Some(1) => 0,
        Some(uses) => uses,
        None => {
            let reason = Reason::Value { found: clip(repeats) };
            notes.add(&resource.place, "dispenseRequest.numberOfRepeatsAllowed", reason);
            0
        }
    }
}
