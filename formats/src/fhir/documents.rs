//! Orders to documents.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use super::input::{Body, Input, Notes, Resource, clip};
use super::json::{Medication, Reference};
use super::orders::{Key, Order, authorizing, order};
use super::{Drafts, parties};
use crate::document::{Document, Facility};
use crate::report::Reason;

struct Group<'a, 't> {
    key: Key<'t>,
    first: &'a Resource<'t>,
    orders: Vec<(&'a Resource<'t>, Order<'t>)>,
}

/// Groups the orders of an input, each into one document, in the order in which they begin, with the
/// numbers of the resources that its lines are.
pub(super) fn documents<'t>(
    input: &Input<'t>,
    drafts: Drafts,
    notes: &mut Notes<'_>,
) -> Vec<(Document<'t>, Vec<u64>)> {
    let mut groups: Vec<Group<'_, 't>> = Vec::new();
    let mut known: HashMap<Key<'t>, usize> = HashMap::new();
    for resource in input.resources.iter().filter(|resource| input.is_own(&resource.place)) {
        let Some(order) = order(input, resource, drafts, notes) else { continue };
        match known.entry(order.key.clone()) {
            Slot::Occupied(slot) => {
                if let Some(group) = groups.get_mut(*slot.get()) {
                    group.orders.push((resource, order));
                }
            }
            Slot::Vacant(slot) => {
                slot.insert(groups.len());
                let key = order.key.clone();
                groups.push(Group { key, first: resource, orders: vec![(resource, order)] });
            }
        }
    }
    let mut ids: HashMap<Cow<'t, str>, u64> = HashMap::new();
    let mut documents = Vec::with_capacity(groups.len());
    for group in groups {
        if !group.key.id.is_empty() {
            match ids.entry(group.key.id.clone()) {
                Slot::Vacant(slot) => _ = slot.insert(group.first.place.line),
                Slot::Occupied(slot) => {
                    let reason = Reason::Repeated { first: *slot.get() };
                    notes.add(&group.first.place, "document id", reason);
                }
            }
        }
        documents.push(document(input, group, notes));
    }
    documents
}

fn document<'t>(
    input: &Input<'t>,
    group: Group<'_, 't>,
    notes: &mut Notes<'_>,
) -> (Document<'t>, Vec<u64>) {
    let Group { key, first, mut orders } = group;
    number(&mut orders, notes);
    let mut refill_uses = 0;
    for (resource, order) in &orders {
        if refill_uses != 0 && order.refill_uses != refill_uses {
            let (found, used) = (order.refill_uses.to_string(), refill_uses.to_string());
            notes.add(&resource.place, "refill uses", Reason::Differs { found, used });
        }
        refill_uses = refill_uses.max(order.refill_uses);
    }
    let (institution, pharmacy, patient) = match &first.body {
        Body::Request(request) => {
            (issuer(input, first, request, notes), None, whose(input, first, request, notes))
        }
        Body::Dispense(dispense) => {
            let request = authorizing(input, first, dispense);
            let institution = request.and_then(|(at, request)| issuer(input, at, request, notes));
            let pharmacy = dispenser(input, first, dispense, notes);
            (institution, pharmacy, whose(input, first, dispense, notes))
        }
        Body::Party(_) => (None, None, None),
    };
    let places = orders.iter().map(|(resource, _)| resource.place.number).collect();
    let document = Document {
        place: first.place.number,
        id: Some(key.id).filter(|id| !id.is_empty()),
        kind: key.kind,
        patient,
        day: key.day,
        institution,
        pharmacy,
        prescription: Some(key.prescription).filter(|number| !number.is_empty()),
        refill_uses,
        refill_use: 0,
        lines: orders.into_iter().map(|(_, order)| order.line).collect(),
    };
    (document, places)
}

/// Orders by RP number and number within the RP; a line without a number is an RP of its own.
fn number(orders: &mut [(&Resource<'_>, Order<'_>)], notes: &mut Notes<'_>) {
    let mut seen: HashMap<(u32, u32), u64> = HashMap::new();
    let mut highest = orders.iter().filter_map(|(_, order)| order.rp).max().unwrap_or_default();
    for (resource, order) in orders.iter_mut() {
        if let Some(rp) = order.rp {
            let Some(within) = order.within_rp else { continue };
            match seen.entry((rp, within)) {
                Slot::Vacant(slot) => _ = slot.insert(resource.place.line),
                Slot::Occupied(slot) => {
                    let reason = Reason::Repeated { first: *slot.get() };
                    notes.add(&resource.place, "RP number", reason);
                }
            }
        } else {
            notes.add(&resource.place, "RP number", Reason::Missing);
            highest = highest.saturating_add(1);
            order.line.rp = highest;
        }
    }
    orders.sort_by_key(|(_, order)| (order.line.rp, order.within_rp));
}

/// Who issued: who ordered it, else who answers for the document, else its authors.
fn issuer<'t>(
    input: &Input<'t>,
    at: &Resource<'t>,
    request: &Medication<'t>,
    notes: &mut Notes<'_>,
) -> Option<Facility<'t>> {
    let mut best: Option<Facility<'t>> = None;
    let mut asked: Vec<(&Resource<'t>, &Reference<'t>)> = Vec::new();
    asked.extend(request.requester.value().map(|requester| (at, requester)));
    if let Some((document, composition)) = input.composition(at.scope) {
        asked.extend(composition.custodian.value().map(|custodian| (document, custodian)));
        let authors = composition.author.value().into_iter().flat_map(|many| &many.0);
        asked.extend(authors.map(|author| (document, author)));
    }
    for (from, reference) in asked {
        let found = parties::facility(input, from, reference, notes);
        let coded = found.as_ref().is_some_and(|found| !found.code.is_empty());
        if coded || best.is_none() {
            best = found;
        }
        if coded {
            break;
        }
    }
    missing(best, "institution", at, notes)
}

/// Who dispensed: the performers, else who answers for the document.
fn dispenser<'t>(
    input: &Input<'t>,
    at: &Resource<'t>,
    dispense: &Medication<'t>,
    notes: &mut Notes<'_>,
) -> Option<Facility<'t>> {
    let mut best = None;
    let performers = dispense.performer.value().into_iter().flat_map(|many| &many.0);
    let mut asked: Vec<(&Resource<'t>, &Reference<'t>)> =
        performers.map(|performer| (at, &performer.actor)).collect();
    if let Some((document, composition)) = input.composition(at.scope) {
        asked.extend(composition.custodian.value().map(|custodian| (document, custodian)));
    }
    for (from, reference) in asked {
        best = parties::facility(input, from, reference, notes);
        if best.as_ref().is_some_and(|found| !found.code.is_empty()) {
            break;
        }
    }
    missing(best, "pharmacy", at, notes)
}

fn missing<'t>(
    facility: Option<Facility<'t>>,
    field: &'static str,
    at: &Resource<'t>,
    notes: &mut Notes<'_>,
) -> Option<Facility<'t>> {
    if facility.as_ref().is_none_or(|facility| facility.code.is_empty()) {
        notes.add(&at.place, field, Reason::Missing);
    }
    facility
}

fn whose<'t>(
    input: &Input<'t>,
    at: &Resource<'t>,
    order: &Medication<'t>,
    notes: &mut Notes<'_>,
) -> Option<crate::document::Patient<'t>> {
    let insurance = order.insurance.value().map(|many| many.0.as_slice()).unwrap_or_default();
    let patient = parties::patient(input, at, order.subject.value(), insurance, notes);
    if patient.as_ref().is_some_and(|patient| patient.insurer.is_empty()) {
        notes.add(&at.place, "Coverage.payor", Reason::Missing);
    }
    hospital_stay(input, at, order, notes);
    patient
}

/// A document of a stay in hospital without a category may be in-house medication, which counts otherwise.
fn hospital_stay<'t>(
    input: &Input<'t>,
    at: &Resource<'t>,
    order: &Medication<'t>,
    notes: &mut Notes<'_>,
) {
    if order.category.value().is_some() {
        return;
    }
    let scope = input.scopes.get(at.scope).filter(|scope| scope.composition.is_some());
    let encounters = scope.into_iter().flat_map(|scope| &scope.encounters);
    for (_, encounter) in encounters.filter_map(|number| input.of_party(*number)) {
        let class = encounter.class.value().map(|class| class.code.get()).unwrap_or_default();
        if matches!(class, "IMP" | "ACUTE" | "NONAC") {
            let taken = "no statement that the order is in-house";
            let reason = Reason::ReadAs { found: clip(class), taken };
            notes.add(&at.place, "Encounter.class", reason);
            return;
        }
    }
}
