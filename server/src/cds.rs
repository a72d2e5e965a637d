//! CDS Hooks 2.0: draft orders to a check, and its answer to cards. `docs/cds-hooks.md` says how.
//!
//! Orders become the body of a check in JSON, as every other message does, and cards are made of the
//! answer in JSON: a card can say nothing that consent keeps back.

mod cards;
mod evidence;
mod identity;
mod language;
mod markdown;
mod memory;
mod orders;
mod services;

use std::borrow::Cow;
use std::time::{Duration, Instant};

use chofuku_engine::check::Answer;
use chofuku_engine::patient::PatientKey;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::metrics::{INDICATORS, count};
use crate::state::State;
use crate::wire::hook::{AnswerExtension, Checked, HookAnswer};
use crate::wire::intake::Intake;
use crate::wire::request::{Hook, HookRequest};
use crate::wire::{self, Surroundings, Told};
use cards::Cards;
use memory::Viewer;
use orders::Orders;

pub(crate) use language::Language;
pub(crate) use memory::{Memory, Seen, Shown};
pub(crate) use services::services;

/// Where the calls of CDS Hooks begin.
pub(crate) const PATH: &str = "/cds-services";
/// The key of what is ours in `extension`.
pub(crate) const EXTENSION: &str = "com.chofuku";

/// Answers a hook: the body that is sent. `seen` is shown what the engine found.
pub(crate) fn answer(
    state: &State,
    request: &HookRequest<'_>,
    language: Language,
    now: Instant,
    seen: impl FnOnce(Duration, usize, &Answer<'_>),
) -> Result<Vec<u8>, ApiError> {
    let orders = Orders::read(request.orders()?)?;
    let selected = request.selections()?.and_then(|selections| orders.selected(selections));
    let public_url = state.config.hooks.public_url.as_deref();
    let mut cards = Cards::new(language, public_url, &orders);
    let mut checked = Checked::default();
    let told;
    let mut remembered = Remembered::default();
    if !orders.lines.is_empty() {
        let asked = Asked::of(state, request, &orders)?;
        told = asked.told(state, &orders, seen)?;
        let findings = told.get("findings").and_then(Value::as_array);
        let findings = findings.ok_or(ApiError::AnswerFailed)?.iter();
        for finding in findings.filter(|finding| is_selected(finding, selected.as_deref())) {
            let showing = Showing { state, request, asked: &asked, now };
            showing.show(finding, &told, &mut cards, &mut remembered)?;
        }
        cards.incomplete(&told, selected.as_deref());
        let of_check = |name: &str| told.get(name).filter(|value| !is_empty(value));
        checked = Checked {
            outcome: of_check("outcome"),
            complete: of_check("complete"),
            warnings: of_check("warnings"),
            policy: of_check("policy"),
            snapshot: of_check("snapshot"),
            identity: Some(asked.identity),
            repeated: cards.repeated(),
        };
    }
    cards.left_out(&orders);
    let repeated = checked.repeated;
    let answer = HookAnswer { cards: cards.finish(), extension: AnswerExtension { ours: checked } };
    let body = wire::to_json(&answer)?;
    // Only now is it certain that they are shown.
    state.shown.remember(remembered.seen, remembered.shown, now);
    state.metrics.repeats.add(u64::try_from(repeated).unwrap_or(u64::MAX));
    for card in &answer.cards {
        count(&INDICATORS, &state.metrics.cards, card.indicator);
    }
    Ok(body)
}

/// A check as it is asked.
struct Asked {
    /// Its body in JSON.
    body: Vec<u8>,
    patient: PatientKey,
    /// How the patient is named in it.
    identity: &'static str,
    /// Who asks; empty where it is not named.
    institution: String,
}

impl Asked {
    fn of(state: &State, request: &HookRequest<'_>, orders: &Orders) -> Result<Self, ApiError> {
        let (body, identity) = check_body(state, request, orders)?;
        let code = body.get("actor").and_then(|actor| actor.get("code")).and_then(Value::as_str);
        let institution = code.unwrap_or_default().to_owned();
        let body = serde_json::to_vec(&Value::Object(body)).map_err(|_| ApiError::AnswerFailed)?;
        let patient = wire::patient_of(&body, &around(state)).map_err(in_extension)?;
        Ok(Self { body, patient, identity, institution })
    }

    /// The answer as it is told.
    fn told(
        &self,
        state: &State,
        orders: &Orders,
        seen: impl FnOnce(Duration, usize, &Answer<'_>),
    ) -> Result<Value, ApiError> {
        let (deviations, lost) = (orders.deviations.clone(), orders.lost.clone());
        let intake = Intake { body: Cow::Borrowed(&self.body), deviations, lost };
        let told = wire::check_seen(&state.live, &around(state), &intake, Told::Json, seen);
        let told = told.map_err(in_extension)?;
        serde_json::from_slice(&told).map_err(|_| ApiError::AnswerFailed)
    }
}

fn around(state: &State) -> Surroundings<'_> {
    let config = &state.config;
    Surroundings { key: &state.key, policies: &config.policies, today: config.clock.today() }
}

/// What an answer shows, to be remembered once it is certain that it is one.
#[derive(Default)]
struct Remembered {
    seen: Vec<Seen>,
    shown: Vec<(String, Shown)>,
}

/// One request on its way to cards.
struct Showing<'s, 'r> {
    state: &'s State,
    request: &'s HookRequest<'r>,
    asked: &'s Asked,
    now: Instant,
}

impl Showing<'_, '_> {
    /// Makes the card of a finding, unless the same user was shown the same at selection, there.
    fn show(
        &self,
        finding: &Value,
        told: &Value,
        cards: &mut Cards<'_>,
        remembered: &mut Remembered,
    ) -> Result<(), ApiError> {
        let patient = self.asked.patient;
        let user = self.request.user();
        let institution = self.asked.institution.as_str();
        let viewer = Viewer { user: user.unwrap_or_default(), institution };
        if user.is_some() && self.request.filters_repeats() {
            let seen = memory::seen(patient, viewer, finding);
            let hook = self.request.hook.0;
            if hook == Hook::OrderSign && self.state.shown.was_seen(&seen, self.now) {
                cards.repeat(finding);
                return Ok(());
            }
            if hook == Hook::OrderSelect {
                remembered.seen.push(seen);
            }
        }
        let day = told.pointer("/snapshot/as_of").and_then(Value::as_str).unwrap_or_default();
        let uuid = memory::uuid(patient, viewer, day, finding);
        let (line, suggestion) = cards.finding(finding, &uuid)?;
        let id = finding.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let institution = institution.to_owned();
        let shown = Shown { patient, finding: id, line, institution, suggestion };
        remembered.shown.push((uuid, shown));
        Ok(())
    }
}

/// The body of the check, and how the patient is named in it.
fn check_body(
    state: &State,
    request: &HookRequest<'_>,
    orders: &Orders,
) -> Result<(Map<String, Value>, &'static str), ApiError> {
    let hooks = &state.config.hooks;
    let mut body = request.settings();
    let (patient, identity) = identity::patient(request, &state.key, hooks.require_insured)?;
    body.insert("patient".to_owned(), patient);
    if let (false, Some((kind, code))) = (body.contains_key("actor"), &hooks.actor) {
        body.insert("actor".to_owned(), json!({"kind": kind, "code": code}));
    }
    if !body.contains_key("actor") {
        // Nobody's own records can be left out: more is found, never less.
        body.entry("own_institution").or_insert_with(|| Value::from("include"));
    }
    let lines = orders.lines.iter().map(|line| line.json.clone());
    body.insert("lines".to_owned(), lines.collect());
    Ok((body, identity))
}

/// Says where a fault of the check's body stands in the request: its fields come from our extension.
fn in_extension(error: ApiError) -> ApiError {
    error.moved(|path| {
        let first = path.split(['.', '[']).next().unwrap_or_default();
        match first {
            "patient" | "lines" => path,
            _ => format!("extension.{EXTENSION}.{path}"),
        }
    })
}

/// Whether a finding is about a selected order, or against one.
fn is_selected(finding: &Value, selected: Option<&[usize]>) -> bool {
    let Some(selected) = selected else { return true };
    let mut lines = ["line", "other_line"].into_iter().filter_map(|name| line_of(finding, name));
    lines.any(|line| selected.contains(&line))
}

fn line_of(value: &Value, name: &str) -> Option<usize> {
    usize::try_from(value.get(name)?.as_u64()?).ok()
}

/// Values that CDS Hooks wants left out.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
