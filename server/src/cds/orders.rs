//! The draft orders of a request as the lines of a check, read as every FHIR Bundle is.

use chofuku_formats::document::Line;
use chofuku_formats::fhir::{self, Drafts, Message};
use chofuku_formats::{Decoded, Encoding};
use chofuku_formats::{Problem, Reason};
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::wire::intake;
use crate::wire::request::{Entry, entries};

/// The largest number of orders of one request: as many as a check has lines.
const ORDERS_MAX: usize = 100;
/// The name of the orders in what is said about them.
const FILE: &str = "draftOrders";

/// The orders of a request.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Those that are checked, in the order of the check's lines.
    pub(crate) lines: Vec<OrderLine>,
    /// Those that are no orders to be checked, such as cancelled ones.
    pub(crate) left_out: Vec<LeftOut>,
    /// What deviated in them.
    pub(crate) deviations: Vec<String>,
    /// Where something that may be an order could not be read.
    pub(crate) lost: Option<String>,
    /// The references of everything that has one.
    known: Vec<String>,
}

/// An order that is a line of the check.
#[derive(Debug)]
pub(crate) struct OrderLine {
    /// Such as `MedicationRequest/1`, if it has an id.
    pub(crate) reference: Option<String>,
    /// The name of its drug as written, else its code; may be empty.
    pub(crate) name: String,
    /// Whether it has a drug code of a system that is known here.
    pub(crate) is_coded: bool,
    /// The line.
    pub(crate) json: Value,
}

/// An order that is not checked.
#[derive(Debug)]
pub(crate) struct LeftOut {
    /// Its reference, else its number among the orders.
    pub(crate) name: String,
    /// Why, in words of the reader's.
    pub(crate) why: String,
}

impl Orders {
    /// Reads the Bundle of orders.
    pub(crate) fn read(bundle: &Map<String, Value>) -> Result<Self, ApiError> {
        let (orders, others): (Vec<Entry<'_>>, Vec<Entry<'_>>) =
            entries(bundle).into_iter().partition(|entry| entry.kind() == "MedicationRequest");
        let mut read = Self::default();
        read.known.extend(orders.iter().chain(&others).filter_map(reference));
        read.pass_over(bundle, orders.len() + others.len());
        // Of the first version of FHIR: an order that nobody here can read.
        let old = others.iter().filter(|entry| entry.kind() == "MedicationOrder");
        read.left_out.extend(old.map(|entry| LeftOut {
            name: reference(entry).unwrap_or_else(|| "MedicationOrder".to_owned()),
            why: "MedicationOrder (DSTU2)".to_owned(),
        }));
        if orders.len() > ORDERS_MAX {
            return Err(ApiError::TooManyLines { found: orders.len(), max: ORDERS_MAX });
        }
        let others = others.iter().filter(|entry| entry.kind() != "MedicationOrder");
        let decoded = bundled(orders.iter().chain(others))?;
        let unreadable =
            |_| ApiError::InvalidMessage { reason: "its orders are no FHIR Bundle".into() };
        let message = fhir::read_files(&[(FILE, &decoded)], Drafts::Take).map_err(unreadable)?;
        read.take(&orders, &message);
        Ok(read)
    }

    /// Notes what of the Bundle is no resource: so many are.
    fn pass_over(&mut self, bundle: &Map<String, Value>, resources: usize) {
        let is_list = |value: &Value| value.is_array() || value.is_null();
        let entries = bundle.get("entry");
        let found = entries.and_then(Value::as_array).map_or(0, Vec::len);
        if found > resources || entries.is_some_and(|entries| !is_list(entries)) {
            self.lose("entry without a resource");
        }
        let links = bundle.get("link").and_then(Value::as_array);
        let next = |link: &Value| link.get("relation").and_then(Value::as_str) == Some("next");
        if links.is_some_and(|links| links.iter().any(next)) {
            self.lose("link to a next page, which is not read");
        }
    }

    fn lose(&mut self, what: &str) {
        let what = format!("{FILE}: {what}");
        self.lost.get_or_insert_with(|| what.clone());
        self.deviations.push(what);
    }

    fn take(&mut self, orders: &[Entry<'_>], message: &Message<'_>) {
        let mut taken = vec![false; orders.len()];
        let mut last_rp = 0_u32;
        for (document, places) in message.documents.iter().zip(&message.places) {
            let first_rp = last_rp;
            for (line, place) in document.lines.iter().zip(places) {
                let rp = first_rp.saturating_add(line.rp);
                last_rp = last_rp.max(rp);
                let position = position(*place);
                if let Some(taken) = position.and_then(|position| taken.get_mut(position)) {
                    *taken = true;
                }
                let order = position.and_then(|position| orders.get(position));
                self.lines.push(OrderLine {
                    reference: order.and_then(reference),
                    name: name(line),
                    is_coded: line.drug.is_some(),
                    json: intake::line(&Line { rp, ..line.clone() }),
                });
            }
        }
        let left_out = orders.iter().zip(1_u64..).zip(taken).filter(|(_, taken)| !taken);
        self.left_out.extend(left_out.map(|((order, number), _)| LeftOut {
            name: reference(order).unwrap_or_else(|| format!("MedicationRequest {number}")),
            why: why(&message.report.problems, number),
        }));
        self.deviations.extend(message.report.problems.iter().map(ToString::to_string));
        self.lost = self.lost.take().or_else(|| intake::lost(&message.report));
    }

    /// The lines that references name; `None` where one of them names nothing here, or there is none:
    /// nobody knows then what is selected.
    pub(crate) fn selected(&self, selections: &[String]) -> Option<Vec<usize>> {
        let is_known = |named: &String| self.known.iter().any(|known| names(named, known));
        if selections.is_empty() || !selections.iter().all(is_known) {
            return None;
        }
        let is_named = |line: &OrderLine| {
            let reference = line.reference.as_deref().unwrap_or_default();
            selections.iter().any(|named| names(named, reference))
        };
        let lines = self.lines.iter().enumerate();
        Some(lines.filter(|(_, line)| is_named(line)).map(|(position, _)| position).collect())
    }
}

/// Whether a selection names a reference: as it is, by an address, by a version, or by the id alone of a
/// drug's order.
fn names(selection: &str, reference: &str) -> bool {
    let selection = selection.split("/_history/").next().unwrap_or(selection);
    let is_address = selection.strip_suffix(reference).is_some_and(|base| base.ends_with('/'));
    let id = reference.strip_prefix("MedicationRequest/");
    !reference.is_empty() && (is_address || selection == reference || id == Some(selection))
}

/// Orders first, so that the number of an order is that of its resource behind the Bundle.
fn bundled<'e, 'v: 'e>(all: impl Iterator<Item = &'e Entry<'v>>) -> Result<Decoded, ApiError> {
    let all = all.map(|entry| match entry.full_url {
        Some(url) => json!({"fullUrl": url, "resource": entry.resource}),
        None => json!({"resource": entry.resource}),
    });
    let all: Vec<Value> = all.collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": all});
    let text = serde_json::to_string(&bundle).map_err(|_| ApiError::AnswerFailed)?;
    Ok(Decoded { text, encoding: Encoding::Utf8, replaced: false })
}

/// Which order the resource of that number is; the Bundle is the first.
fn position(place: u64) -> Option<usize> {
    usize::try_from(place.checked_sub(2)?).ok()
}

fn reference(order: &Entry<'_>) -> Option<String> {
    let id = order.resource.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())?;
    Some(format!("{}/{id}", order.kind()))
}

fn name(line: &Line<'_>) -> String {
    if !line.name.is_empty() {
        return line.name.clone().into_owned();
    }
    line.drug.as_ref().map_or_else(String::new, |drug| drug.code.clone().into_owned())
}

/// Why an order is none, as the report says of its resource.
fn why(problems: &[Problem], number: u64) -> String {
    let record = format!("{}. MedicationRequest", number + 1);
    let mut problems = problems.iter().filter(|problem| problem.record == record);
    let left_out = problems.find_map(|problem| {
        let Reason::LeftOut { found } = &problem.reason else { return None };
        Some(found.clone())
    });
    left_out.unwrap_or_else(|| "unreadable".to_owned())
}
