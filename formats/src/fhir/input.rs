//! Resources out of a resource, a Bundle or NDJSON, with the scope in which references hold.

use std::borrow::Cow;
use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;

use super::json::{Bundle, Entry, Kind, Medication, Party, Reference};
pub(super) use super::notes::{Notes, Place, clip};
use super::types::is_beside;
use super::{Beside, FhirError};
use crate::report::{FileRead, Reason, Report};
use crate::text::{Decoded, Encoding, Lines};

/// A Bundle of split prescriptions (分割処方箋) has Bundles in it; nothing real goes deeper.
const BUNDLES_DEPTH_MAX: usize = 4;
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

pub(super) struct Resource<'t> {
    pub(super) place: Place,
    pub(super) scope: usize,
    pub(super) id: Cow<'t, str>,
    full_url: Cow<'t, str>,
    pub(super) body: Body<'t>,
    contained: Vec<(Cow<'t, str>, Party<'t>)>,
}

pub(super) enum Body<'t> {
    Request(Box<Medication<'t>>),
    Dispense(Box<Medication<'t>>),
    Party(Box<Party<'t>>),
}

/// A Bundle, or everything that stands in none.
#[derive(Default)]
pub(super) struct Scope {
    parent: Option<usize>,
    /// The Composition of a document Bundle.
    pub(super) composition: Option<usize>,
    /// Coverages whose patient is not in the input.
    pub(super) loose: Vec<usize>,
    pub(super) encounters: Vec<usize>,
}

pub(super) struct Input<'t> {
    pub(super) resources: Vec<Resource<'t>>,
    pub(super) scopes: Vec<Scope>,
    index: HashMap<(usize, Cow<'t, str>), usize>,
    coverages: Vec<usize>,
    /// Coverages by their patient, and by the reference to one who is not in the input.
    of_patient: HashMap<usize, Vec<usize>>,
    of_reference: HashMap<(usize, Cow<'t, str>), Vec<usize>>,
    /// Whether there was anything that may hold orders.
    any: bool,
    /// A type that was given instead.
    other: Option<String>,
    number: u64,
    /// Files of which the orders are documents; those behind them are only referred to.
    own_files: usize,
    /// The prescriptions that dispensings of the own files name.
    named: HashSet<String>,
}

/// One file in the course of being read.
struct Source<'t> {
    file: usize,
    text: &'t str,
    lines: Lines<'t>,
    /// The line of everything in it, for one line of NDJSON.
    line: Option<u64>,
}

impl<'t> Source<'t> {
    fn line(&mut self, raw: &'t str) -> u64 {
        let offset = raw.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        self.line.unwrap_or_else(|| self.lines.at(u64::try_from(offset).unwrap_or(u64::MAX)))
    }
}

impl<'t> Input<'t> {
    /// Collects the resources of all files, and what they may refer to beside them.
    pub(super) fn collect<'r>(
        files: &[(&'r str, &'t Decoded)],
        beside: &Beside<'r, 't>,
    ) -> Result<(Self, Notes<'r>), FhirError> {
        let mut notes = Notes { files: Vec::new(), report: Report::default() };
        let mut input = Self {
            resources: Vec::new(),
            scopes: vec![Scope::default()],
            index: HashMap::new(),
            coverages: Vec::new(),
            of_patient: HashMap::new(),
            of_reference: HashMap::new(),
            any: false,
            other: None,
            number: 0,
            own_files: files.len(),
            named: HashSet::new(),
        };
        for (name, decoded) in files {
            input.file_noted(name, decoded, &mut notes)?;
        }
        if !input.any {
            let file = notes.files.first().copied().unwrap_or_default().to_owned();
            let found = input.other.take().unwrap_or_else(|| "nothing".to_owned());
            return Err(FhirError::NoOrders { file, found });
        }
        input.named = input.named_prescriptions();
        let named = (!input.named.is_empty()).then_some(&beside.prescriptions);
        for (name, decoded) in named.into_iter().flatten().chain(&beside.referred_to) {
            input.file_noted(name, decoded, &mut notes)?;
        }
        input.make_index(&mut notes);
        input.index_coverages();
        Ok((input, notes))
    }

    fn file_noted<'r>(
        &mut self,
        name: &'r str,
        decoded: &'t Decoded,
        notes: &mut Notes<'r>,
    ) -> Result<(), FhirError> {
        let (file, before) = (notes.files.len(), self.resources.len());
        notes.files.push(name);
        self.file(file, name, decoded, notes)?;
        let (encoding, rows) = (Some(decoded.encoding), self.resources.len() - before);
        notes.report.files.push(FileRead { file: name.to_owned(), encoding, rows });
        if decoded.replaced {
            let reason = Reason::Undecodable { encoding: decoded.encoding };
            notes.report.problem(name, 1, "", reason);
        } else if decoded.encoding == Encoding::Cp932 {
            let (found, taken) = ("bytes that are not UTF-8".to_owned(), "CP932");
            notes.report.problem(name, 1, "", Reason::ReadAs { found, taken });
        }
        Ok(())
    }

    /// The addresses of the prescriptions that the dispensings read so far name.
    fn named_prescriptions(&self) -> HashSet<String> {
        let dispensings = self.resources.iter().filter_map(|resource| match &resource.body {
            Body::Dispense(dispensing) => dispensing.authorizing_prescription.value(),
            Body::Request(_) | Body::Party(_) => None,
        });
        let references = dispensings.filter_map(|references| references.0.first());
        references.map(|reference| address(reference.reference.get()).to_owned()).collect()
    }

    /// Whether the orders of a resource are documents.
    pub(super) fn is_own(&self, place: &Place) -> bool {
        place.file < self.own_files
    }

    fn file(
        &mut self,
        file: usize,
        name: &str,
        decoded: &'t Decoded,
        notes: &mut Notes<'_>,
    ) -> Result<(), FhirError> {
        let text = decoded.text.as_str();
        let mut source = Source { file, text, lines: Lines::new(text), line: None };
        let error = match serde_json::from_str::<&'t RawValue>(text) {
            Ok(raw) => {
                self.resource(raw.get(), Cow::Borrowed(""), 0, 0, &mut source, notes);
                return Ok(());
            }
            Err(error) => error,
        };
        let mut wrong = Vec::new();
        let mut read = false;
        for (line, text) in (1_u64..).zip(text.lines()) {
            if text.trim().is_empty() {
                continue;
            }
            source.line = Some(line);
            match serde_json::from_str::<&'t RawValue>(text) {
                Ok(raw) if raw.get().starts_with('{') => {
                    read = true;
                    self.resource(raw.get(), Cow::Borrowed(""), 0, 0, &mut source, notes);
                }
                Ok(raw) => wrong.push((line, Reason::Value { found: clip(raw.get()) })),
                Err(error) => wrong.push((line, Reason::Malformed { error: error.to_string() })),
            }
        }
        if !read {
            return Err(FhirError::Json { file: name.to_owned(), source: error });
        }
        for (line, reason) in wrong {
            notes.report.loss_in(name, line, "", "", reason);
        }
        Ok(())
    }

    fn resource(
        &mut self,
        raw: &'t str,
        full_url: Cow<'t, str>,
        scope: usize,
        depth: usize,
        source: &mut Source<'t>,
        notes: &mut Notes<'_>,
    ) {
        self.number += 1;
        let line = source.line(raw);
        let mut place =
            Place { file: source.file, line, number: self.number, kind: Cow::Borrowed("resource") };
        let kind = match serde_json::from_str::<Kind<'t>>(raw) {
            Ok(kind) => kind,
            Err(error) => {
                notes.loss(&place, "", Reason::Malformed { error: error.to_string() });
                return;
            }
        };
        let name = kind.resource_type.get();
        place.kind = known(name);
        note_contained(&kind, &place, notes);
        let body = match name {
            "Bundle" => {
                self.bundle(raw, &place, scope, depth, source, notes);
                return;
            }
            "MedicationRequest" => {
                if !self.is_own(&place)
                    && !self.named.contains(&format!("{name}/{}", kind.id.get()))
                {
                    return;
                }
                self.any = true;
                Body::Request(Box::new(parse(raw, &place, notes)))
            }
            // Nothing refers to a dispensing.
            "MedicationDispense" if !self.is_own(&place) => return,
            "MedicationDispense" => {
                self.any = true;
                Body::Dispense(Box::new(parse(raw, &place, notes)))
            }
            "Composition" | "Coverage" | "Organization" | "PractitionerRole" | "Encounter"
            | "Medication" => Body::Party(Box::new(parse(raw, &place, notes))),
            // Only the address of it is of use: whose coverage it is.
            "Patient" => Body::Party(Box::default()),
            other => {
                self.no_order(other, &place, notes);
                return;
            }
        };
        self.other.get_or_insert_with(|| clip(name));
        self.keep(name, kind.id.cow(), full_url, scope, body, place, notes);
    }

    /// A resource that can hold no order and that no order refers to.
    fn no_order(&mut self, name: &str, place: &Place, notes: &mut Notes<'_>) {
        if name.is_empty() {
            notes.loss(place, "resourceType", Reason::Missing);
            return;
        }
        self.other.get_or_insert_with(|| clip(name));
        if matches!(name, "MedicationStatement" | "MedicationAdministration") {
            let found = format!("a {name} is no order and no supply");
            notes.add(place, "resourceType", Reason::LeftOut { found });
        } else if !is_beside(name) {
            notes.loss(place, "resourceType", Reason::UnknownRecord);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one resource, used once")]
    fn keep(
        &mut self,
        name: &str,
        id: Cow<'t, str>,
        full_url: Cow<'t, str>,
        scope: usize,
        body: Body<'t>,
        place: Place,
        notes: &mut Notes<'_>,
    ) {
        let number = self.resources.len();
        if let Some(scope) = self.scopes.get_mut(scope) {
            match name {
                "Composition" if scope.composition.is_some() => {
                    notes.add(&place, "", Reason::Ambiguous { found: "a second one".to_owned() });
                }
                "Composition" => scope.composition = Some(number),
                "Coverage" => self.coverages.push(number),
                "Encounter" => scope.encounters.push(number),
                _ => {}
            }
        }
        let contained = match &body {
            Body::Request(order) | Body::Dispense(order) => contained(order, &place, notes),
            Body::Party(_) => Vec::new(),
        };
        self.resources.push(Resource { place, scope, id, full_url, body, contained });
    }

    fn bundle(
        &mut self,
        raw: &'t str,
        place: &Place,
        parent: usize,
        depth: usize,
        source: &mut Source<'t>,
        notes: &mut Notes<'_>,
    ) {
        self.any = true;
        if depth >= BUNDLES_DEPTH_MAX {
            notes.loss(place, "entry", Reason::TooDeep { limit: BUNDLES_DEPTH_MAX });
            return;
        }
        let bundle = match serde_json::from_str::<Bundle<'t>>(raw) {
            Ok(bundle) => bundle,
            Err(error) => {
                notes.loss(place, "entry", Reason::Malformed { error: error.to_string() });
                return;
            }
        };
        if bundle.kind.get() == "history" {
            // Old and new versions side by side: each would count.
            notes.loss(place, "type", Reason::LeftOut { found: "versions (history)".to_owned() });
            return;
        }
        if let Some(links) = notes.value(place, "link", &bundle.link)
            && let Some(next) = links.iter().find(|link| link.relation.get() == "next")
        {
            notes.loss(place, "link", Reason::NotUsed { found: clip(next.url.get()) });
        }
        let scope = self.scopes.len();
        self.scopes.push(Scope { parent: Some(parent), ..Scope::default() });
        for entry in bundle.entry {
            let Entry { full_url, resource } = entry.unwrap_or_default();
            match resource {
                Some(resource) => {
                    self.resource(resource.get(), full_url.cow(), scope, depth + 1, source, notes);
                }
                None => notes.loss(place, "entry.resource", Reason::Missing),
            }
        }
    }

    /// Each resource by its address; prescriptions too if a dispensing may name one.
    fn make_index(&mut self, notes: &mut Notes<'_>) {
        let dispenses = self.resources.iter().any(|one| matches!(one.body, Body::Dispense(_)));
        for (number, resource) in self.resources.iter().enumerate() {
            match resource.body {
                Body::Request(_) if !dispenses => continue,
                Body::Dispense(_) => continue,
                Body::Request(_) | Body::Party(_) => {}
            }
            if !resource.full_url.is_empty() {
                let key = (resource.scope, resource.full_url.clone());
                self.index.entry(key).or_insert(number);
            }
            if resource.id.is_empty() {
                continue;
            }
            let address = format!("{}/{}", resource.place.kind, resource.id);
            match self.index.entry((resource.scope, Cow::Owned(address))) {
                Slot::Vacant(slot) => _ = slot.insert(number),
                Slot::Occupied(slot) => {
                    let first = self.resources.get(*slot.get()).map_or(0, |one| one.place.line);
                    notes.add(&resource.place, "id", Reason::Repeated { first });
                }
            }
        }
    }

    /// Each coverage by whom it covers: a bulk export has millions of both.
    fn index_coverages(&mut self) {
        for number in std::mem::take(&mut self.coverages) {
            let Some((at, coverage)) = self.of_party(number) else { continue };
            let whose = coverage.beneficiary.value().map(|one| one.reference.cow());
            let (scope, whose) = (at.scope, whose.unwrap_or_default());
            if let Some(patient) = self.find(scope, &whose) {
                self.of_patient.entry(patient).or_default().push(number);
                continue;
            }
            if let Some(scope) = self.scopes.get_mut(scope) {
                scope.loose.push(number);
            }
            if !whose.is_empty() {
                self.of_reference.entry((scope, whose)).or_default().push(number);
            }
        }
    }

    /// The coverages of the patient whom a reference names; in a document also those that name
    /// nobody in the input, because everything in a document is about one patient.
    pub(super) fn coverages(&self, scope: usize, patient: &str) -> Vec<usize> {
        let of_patient = self.find(scope, patient).and_then(|one| self.of_patient.get(&one));
        let mut all = of_patient.cloned().unwrap_or_default();
        let document = self.scopes.get(scope).filter(|scope| scope.composition.is_some());
        if let Some(document) = document {
            all.extend(&document.loose);
        } else {
            let named = self.of_reference.get(&(scope, Cow::Borrowed(patient)));
            all.extend(named.into_iter().flatten());
        }
        all
    }

    /// The number of the resource that a reference names, here or in a Bundle around.
    pub(super) fn find(&self, scope: usize, reference: &str) -> Option<usize> {
        if reference.is_empty() {
            return None;
        }
        let mut scope = Some(scope);
        while let Some(here) = scope {
            for key in [reference, address(reference)] {
                if let Some(number) = self.index.get(&(here, Cow::Borrowed(key))) {
                    return Some(*number);
                }
            }
            scope = self.scopes.get(here).and_then(|here| here.parent);
        }
        None
    }

    /// The party that a reference of a resource names, contained ones included.
    pub(super) fn party<'a>(
        &'a self,
        from: &'a Resource<'t>,
        reference: &Reference<'t>,
    ) -> Option<(&'a Resource<'t>, &'a Party<'t>)> {
        let reference = reference.reference.get();
        if let Some(id) = reference.strip_prefix('#') {
            let contained = from.contained.iter().find(|(contained, _)| contained == id);
            return contained.map(|(_, party)| (from, party));
        }
        self.of_party(self.find(from.scope, reference)?)
    }

    /// The Composition of the Bundle in which a resource stands.
    pub(super) fn composition(&self, scope: usize) -> Option<(&Resource<'t>, &Party<'t>)> {
        self.of_party(self.scopes.get(scope)?.composition?)
    }

    /// The party of that number.
    pub(super) fn of_party(&self, number: usize) -> Option<(&Resource<'t>, &Party<'t>)> {
        let resource = self.resources.get(number)?;
        match &resource.body {
            Body::Party(party) => Some((resource, party)),
            Body::Request(_) | Body::Dispense(_) => None,
        }
    }
}

/// The type of the first resource of a beginning that holds it whole.
pub(super) fn first_type(beginning: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Typed {
        #[serde(rename = "resourceType")]
        name: String,
    }
    let beginning = beginning.strip_prefix(UTF8_MARK).unwrap_or(beginning);
    let mut values = serde_json::Deserializer::from_slice(beginning).into_iter::<Typed>();
    values.next()?.ok().map(|typed| typed.name)
}

/// `Type/id` at the end of an absolute address, without a version.
fn address(reference: &str) -> &str {
    let reference = reference.split("/_history/").next().unwrap_or(reference);
    let mut slashes = reference.rmatch_indices('/').map(|(at, _)| at);
    let second = slashes.nth(1);
    second.and_then(|at| reference.get(at + 1..)).unwrap_or(reference)
}

/// A resource; one that cannot be parsed is reported and stays as an empty one, so that an order
/// remains a line that nobody can check instead of no line.
fn parse<'t, T: serde::Deserialize<'t> + Default>(
    raw: &'t str,
    place: &Place,
    notes: &mut Notes<'_>,
) -> T {
    serde_json::from_str(raw).unwrap_or_else(|error| {
        notes.loss(place, "", Reason::Malformed { error: error.to_string() });
        T::default()
    })
}

fn contained<'t>(
    order: &Medication<'t>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Vec<(Cow<'t, str>, Party<'t>)> {
    let mut all = Vec::new();
    for raw in notes.value(place, "contained", &order.contained).into_iter().flatten() {
        let raw: &'t RawValue = raw;
        if let (Ok(kind), Ok(party)) =
            (serde_json::from_str::<Kind<'t>>(raw.get()), serde_json::from_str(raw.get()))
        {
            all.push((kind.id.cow(), party));
        } else {
            notes.add(place, "contained", Reason::Value { found: clip(raw.get()) });
        }
    }
    all
}

/// Notes orders inside of a resource, which are not read as orders. A dispensing may have its
/// prescription in it.
fn note_contained(kind: &Kind<'_>, place: &Place, notes: &mut Notes<'_>) {
    for raw in kind.contained.value().into_iter().flatten() {
        let Ok(inner) = serde_json::from_str::<Kind<'_>>(raw.get()) else { continue };
        let name = inner.resource_type.get();
        let is_order = matches!(name, "MedicationRequest" | "MedicationDispense");
        let is_referred_to = name == "MedicationRequest" && place.kind == "MedicationDispense";
        if is_order && !is_referred_to {
            notes.loss(place, "contained", Reason::NotUsed { found: name.to_owned() });
        }
    }
}

/// The name of a resource type without an allocation for each resource.
fn known(name: &str) -> Cow<'static, str> {
    const KNOWN: [&str; 9] = [
        "MedicationRequest",
        "MedicationDispense",
        "Bundle",
        "Composition",
        "Coverage",
        "Organization",
        "PractitionerRole",
        "Medication",
        "Patient",
    ];
    let known = KNOWN.into_iter().find(|known| *known == name);
    known.map_or_else(|| Cow::Owned(clip(name)), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_type_and_id() {
        for (reference, expected) in [
            ("Patient/1", "Patient/1"),
            ("https://example.org/fhir/Patient/1", "Patient/1"),
            ("https://example.org/fhir/Patient/1/_history/3", "Patient/1"),
            ("urn:uuid:20ade057", "urn:uuid:20ade057"),
            ("", ""),
        ] {
            assert_eq!(address(reference), expected);
        }
    }
}
