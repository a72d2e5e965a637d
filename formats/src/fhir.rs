//! FHIR R4 as JP Core and JP `ePrescription` write it: `MedicationRequest` and `MedicationDispense`,
//! alone, in Bundles, or as NDJSON.
//!
//! A Bundle may be a document, a collection, a search result or a message, and have Bundles in it
//! (分割処方箋). NDJSON is one resource a line, also in several files of one export. Elements that
//! are not used are not looked at; one that has the wrong type is reported and the rest of its
//! resource is read. A resource that cannot be parsed stays as a line without a drug, which no check
//! can call clear.
//!
//! # Documents
//!
//! All orders of a Bundle with a `Composition` are one document. Others are one by prescription
//! number (`identifier` `….3.11`, else `groupIdentifier`), and without a number by patient,
//! `authoredOn` and requester. Different days or requesters under one number are different
//! documents, and the repeated number is reported.
//!
//! | of a document | from |
//! |---|---|
//! | number | `identifier` `….3.11` (dispensing: `….3.12`), `groupIdentifier`, `Composition.identifier` |
//! | basis day (S1) of a prescription | `Composition.event.period.start` (処方箋交付), else `authoredOn` as a day in Japan; a difference is reported. Only the former tells the parts of a split prescription apart |
//! | basis day (S1) of a dispensing | `whenHandedOver`; `whenPrepared` only with a report |
//! | prescription of a dispensing | `identifier` `….3.11`, else `authorizingPrescription` |
//! | kind | in-house where `category` says discharge (`DCG`), in-house (`OHI`) or inpatient (`IHP`) |
//! | institution | requester, `Composition.custodian`, its authors: the first with ten digits, through a role and the organizations around it |
//! | insured identity | `insurance`, else the `Coverage` of the patient; two different ones are none |
//!
//! # Lines
//!
//! | of a line | from |
//! |---|---|
//! | drug | YJ, else HOT, else generic name; two codes of the best system that contradict each other are no drug |
//! | days | `timing.repeat` bounds (calendar span), else `expectedSupplyDuration` or `daysSupply`, else the extension `UsageDuration` |
//! | doses, as needed | the extension `ExpectedRepeatCount`; never days, never tablets |
//! | external | the days if any are stated, else the amount to be handed out |
//!
//! FHIR states the calendar span itself, so the codes that would spread days of intake over the
//! calendar (`I1100000`, `W` and seven flags) are left out of the supplements where a span is used:
//! they must not be applied to it again (S6). Where only the days of intake are stated, they stay.
//!
//! The start of use (`PeriodOfUse`) is reported where it is not the basis day and never used:
//! semantics knows one start, the issue or dispensing day (S1).
//!
//! # Dosage form
//!
//! JP `ePrescription` has no element for 剤形区分. The first that is known decides, and a
//! contradiction is reported:
//!
//! | statement | form |
//! |---|---|
//! | a code of the ministry's form list (`….20.2.21`) in `category` or `Medication.form` | that form |
//! | usage code, first digit 1, 2, 3, 4 | oral, external, injection, other |
//! | method code, first digit | the same |
//! | route `PO`, `SL`, `B`, `TL`, `NG`, `GTT` | oral |
//! | route `AP`, `TP`, `TD`, `OP`, `OT`, `NS`, `IN`, `PR`, `VG`, `IH` and others into no vein, muscle or body cavity | external |
//! | route `IV`, `IM`, `SC`, `ID` and other injections | injection |
//! | nothing known | other, reported |
//!
//! Oral becomes as needed where `asNeeded` or the third digit of the usage code says so; so does an
//! as-needed order whose form nothing states. An external drug stays external.
//!
//! In the published examples: `naihuku`, `zenzou*`, `fukintou*`, `kakujitsu`, `youbiShitei` are oral
//! by usage code, method 1 and route `PO` alike; `gaiyou01` is external by its usage code alone
//! (eye drops, `2H…`); `gaiyou02` and `gaiyou03` by usage code, method (`2B`, `2R`) and route `AP`.
//!
//! # What is no order
//!
//! Left out, and reported: `cancelled`, `entered-in-error`; dispensings that were declined;
//! `doNotPerform`; versions (Bundle `history`); statements and administrations. Unless they are asked
//! for ([`Drafts`]), also `draft`, intents `proposal`, `plan`, `option`, and dispensings in preparation
//! or on hold. Any
//! other status counts, with a report unless it is `active`, `in-progress` or `completed`: what may
//! be taken must be checked. An order with a `modifierExtension` stays as a line without a drug; a
//! dosage with one is not used, so that the default period holds.

mod brief;
mod codes;
pub mod detected_issue;
mod documents;
mod dosage;
mod input;
mod json;
mod notes;
mod orders;
mod parties;
mod time;
mod types;

use thiserror::Error;

pub use brief::brief_prescriptions;

use crate::document::Document;
use crate::report::Report;
use crate::text::Decoded;

/// What FHIR input says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message<'t> {
    /// Its documents, in the order in which they begin; [`Document::place`] counts resources.
    pub documents: Vec<Document<'t>>,
    /// For each document, for each of its lines, the resource that it is, counted in the same way.
    pub places: Vec<Vec<u64>>,
    /// Every deviation.
    pub report: Report,
}

/// Whether orders that are not yet given count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drafts {
    /// Drafts, proposals and dispensings in preparation are none: documents to be registered, history.
    #[default]
    LeaveOut,
    /// They are what is asked about: a check, which comes before registration.
    Take,
}

/// The types to which orders refer, directly or through others.
const REFERRED_TO: [&str; 8] = [
    "Coverage",
    "Encounter",
    "Location",
    "Medication",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
];

/// Input that is no FHIR, or has nothing that could be an order.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FhirError {
    /// Neither the whole nor any line is JSON.
    #[error("{file} is not JSON; give a resource, a Bundle, or NDJSON with one resource a line")]
    Json {
        /// The file.
        file: String,
        /// What is wrong with it, and where.
        #[source]
        source: serde_json::Error,
    },
    /// No resource of it can be an order.
    #[error(
        "{file} has no MedicationRequest, MedicationDispense or Bundle; it begins with {found}"
    )]
    NoOrders {
        /// The first file.
        file: String,
        /// The type of its first resource.
        found: String,
    },
}

/// Reads one file or body.
///
/// # Errors
///
/// It is not JSON, or nothing in it can be an order.
pub fn read<'t>(file: &str, decoded: &'t Decoded) -> Result<Message<'t>, FhirError> {
    read_files(&[(file, decoded)], Drafts::LeaveOut)
}

/// What a file is in an export that writes each type of resource into files of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportPart {
    /// Resources that orders refer to and that are none themselves: of use only beside orders.
    ReferredTo,
    /// Prescriptions (`MedicationRequest`): documents, and what dispensings of other files refer to.
    Prescriptions,
    /// Anything else: dispensings, Bundles.
    Other,
}

impl ExportPart {
    /// Told by the first resource of a file.
    pub fn of(beginning: &[u8]) -> Self {
        match input::first_type(beginning).as_deref() {
            Some("MedicationRequest") => Self::Prescriptions,
            Some(name) if REFERRED_TO.contains(&name) => Self::ReferredTo,
            _ => Self::Other,
        }
    }
}

/// What the orders of a file may refer to in other files of the same export.
#[derive(Clone, Debug, Default)]
pub struct Beside<'a, 't> {
    /// Files of what is no order itself, with their names.
    pub referred_to: Vec<(&'a str, &'t Decoded)>,
    /// Files of prescriptions, whole or as [`brief_prescriptions`]. None of them becomes a document.
    pub prescriptions: Vec<(&'a str, &'t Decoded)>,
}

/// Reads a file whose references may lead to others; only its own orders become documents. Of the
/// prescriptions beside it those are kept that its dispensings name.
///
/// # Errors
///
/// One is not JSON, or nothing in the file itself can be an order.
pub fn read_beside<'t>(
    file: &str,
    decoded: &'t Decoded,
    beside: &Beside<'_, 't>,
) -> Result<Message<'t>, FhirError> {
    let (input, notes) = input::Input::collect(&[(file, decoded)], beside)?;
    Ok(message(&input, Drafts::LeaveOut, notes))
}

/// Reads several files whose references hold across them, as a bulk export writes them.
///
/// # Errors
///
/// One is not JSON, or nothing in any of them can be an order.
pub fn read_files<'t>(
    files: &[(&str, &'t Decoded)],
    drafts: Drafts,
) -> Result<Message<'t>, FhirError> {
    let (input, notes) = input::Input::collect(files, &Beside::default())?;
    Ok(message(&input, drafts, notes))
}

fn message<'t>(
    input: &input::Input<'t>,
    drafts: Drafts,
    mut notes: input::Notes<'_>,
) -> Message<'t> {
    let (documents, places) = documents::documents(input, drafts, &mut notes).into_iter().unzip();
    Message { documents, places, report: notes.report }
}
