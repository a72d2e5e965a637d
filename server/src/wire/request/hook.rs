//! Requests of CDS Hooks as they are written. The specification lets clients add what they like beside
//! its own fields, so that unknown ones are passed over; what stands under our own key of `extension` is
//! read as strictly as a check.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::object::Object;
use super::parse;
use super::text::{Comment, Id, Name, Text, Timestamp};
use super::word::{Vocabulary, Word};
use crate::error::ApiError;

/// The largest number of cards of one feedback.
const FEEDBACK_MAX: usize = 100;

/// The body of `POST /cds-services/medication-check`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HookRequest<'a> {
    /// The hook. `medication-prescribe` is deprecated.
    pub(crate) hook: Word<Hook>,
    /// Read so that a request without it is refused; an answer depends on what is asked alone.
    #[serde(borrow)]
    #[expect(dead_code, reason = "demanded by the specification")]
    hook_instance: Text<'a, Name>,
    /// What is going on.
    #[serde(borrow)]
    context: Object<Context<'a>>,
    /// FHIR resources by the keys of `GET /cds-services`: `patient` and `coverage`.
    prefetch: Option<Map<String, Value>>,
    /// What CDS Hooks has no field for.
    extension: Option<Object<Extension>>,
    /// Where clients of older versions name the user.
    #[serde(borrow)]
    user_id: Option<Text<'a, Name>>,
    /// Where clients of older versions name the user.
    #[serde(borrow)]
    user: Option<Text<'a, Name>>,
}

/// The context of the hooks that are served here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "HookContext")]
struct Context<'a> {
    /// Who sees the cards, such as `Practitioner/1`.
    #[serde(borrow)]
    user_id: Option<Text<'a, Name>>,
    /// The FHIR id of the patient.
    #[serde(borrow)]
    patient_id: Text<'a, Name>,
    /// References of the draft orders that are selected (`order-select`).
    selections: Option<Vec<String>>,
    /// A FHIR Bundle of the orders: at most 100 `MedicationRequests`.
    draft_orders: Option<Map<String, Value>>,
    /// Of the deprecated hook `medication-prescribe`.
    medications: Option<Map<String, Value>>,
}

/// Extensions of a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "HookExtension")]
struct Extension {
    /// The fields of a check beside patient and lines.
    #[serde(rename = "com.chofuku")]
    settings: Option<Object<Settings>>,
    /// Of the guide for interactions (PDDI-CDS), whose clients say in it whether repeats are left out.
    #[serde(rename = "pddi-configuration-items")]
    pddi: Option<Map<String, Value>>,
}

/// What CDS Hooks has no field for: the fields of a check beside patient and lines, as they are there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HookSettings")]
struct Settings {
    /// Who asks, as in a check.
    actor: Option<Value>,
    /// Whether records of the asking institution itself count, as in a check.
    own_institution: Option<Value>,
    /// What the patient allowed to be told, as in a check; `none` without it.
    consent: Option<Value>,
    /// The check day; today in Japan without it.
    as_of: Option<Value>,
    /// The policy; `official` without it.
    policy: Option<Value>,
    /// Documents that the orders come from, as in a check.
    source_documents: Option<Value>,
    /// What becomes at signing of what was shown at selection.
    repeats: Option<Word<Repeats>>,
}

/// A hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    OrderSelect,
    OrderSign,
    /// Deprecated in favour of the others.
    MedicationPrescribe,
}

impl Vocabulary for Hook {
    const WORDS: &'static [&'static str] = &["order-select", "order-sign", "medication-prescribe"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "order-select" => Some(Self::OrderSelect),
            "order-sign" => Some(Self::OrderSign),
            "medication-prescribe" => Some(Self::MedicationPrescribe),
            _ => None,
        }
    }
}

/// What becomes, at signing, of what was shown at selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// It is left out, and the answer says so.
    Filter,
    /// It is shown again.
    Show,
}

impl Vocabulary for Repeats {
    const WORDS: &'static [&'static str] = &["filter", "show"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "filter" => Some(Self::Filter),
            "show" => Some(Self::Show),
            _ => None,
        }
    }
}

impl<'a> HookRequest<'a> {
    /// Reads a request.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<HookRequest<'_>>(tree))
        })
    }

    /// The FHIR id of the patient.
    pub(crate) fn patient_id(&self) -> &str {
        let id = self.context.0.patient_id.as_str();
        id.strip_prefix("Patient/").unwrap_or(id)
    }

    /// Who sees the cards, if it is said.
    pub(crate) fn user(&self) -> Option<&str> {
        let users = [&self.context.0.user_id, &self.user_id, &self.user];
        users.into_iter().flatten().map(Text::as_str).find(|user| !user.is_empty())
    }

    /// The orders that are asked about, as the FHIR Bundle that was sent.
    pub(crate) fn orders(&self) -> Result<&Map<String, Value>, ApiError> {
        let Object(context) = &self.context;
        let (orders, path) = match self.hook.0 {
            Hook::OrderSelect | Hook::OrderSign => (&context.draft_orders, "context.draftOrders"),
            Hook::MedicationPrescribe => (&context.medications, "context.medications"),
        };
        orders.as_ref().ok_or_else(|| ApiError::MissingField { path: path.to_owned() })
    }

    /// The references of the orders whose findings are shown; `None` for all of them.
    pub(crate) fn selections(&self) -> Result<Option<&[String]>, ApiError> {
        match (self.hook.0, &self.context.0.selections) {
            (Hook::OrderSign | Hook::MedicationPrescribe, _) => Ok(None),
            (Hook::OrderSelect, Some(selections)) => Ok(Some(selections)),
            (Hook::OrderSelect, None) => {
                Err(ApiError::MissingField { path: "context.selections".to_owned() })
            }
        }
    }

    /// The resources that were fetched under a key: one, or those of a Bundle.
    pub(crate) fn prefetched(&self, key: &str) -> Vec<Entry<'_>> {
        let Some(Value::Object(found)) = self.prefetch.as_ref().and_then(|all| all.get(key)) else {
            return Vec::new();
        };
        if found.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
            return vec![Entry { full_url: None, resource: found }];
        }
        entries(found)
    }

    /// The fields of the check that stand in the extension.
    pub(crate) fn settings(&self) -> Map<String, Value> {
        let settings = self.our_extension();
        let Some(settings) = settings else { return Map::new() };
        [
            ("actor", &settings.actor),
            ("own_institution", &settings.own_institution),
            ("consent", &settings.consent),
            ("as_of", &settings.as_of),
            ("policy", &settings.policy),
            ("source_documents", &settings.source_documents),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
        .collect()
    }

    /// Whether repeats are left out: as our extension says, else as that of the guide, else they are.
    pub(crate) fn filters_repeats(&self) -> bool {
        if let Some(repeats) = self.our_extension().and_then(|settings| settings.repeats) {
            return repeats.0 == Repeats::Filter;
        }
        let key = match self.hook.0 {
            Hook::OrderSelect => "cache-for-order-sign-filtering",
            Hook::OrderSign | Hook::MedicationPrescribe => "filter-out-repeated-alerts",
        };
        let pddi = self.extension.as_ref().and_then(|Object(extension)| extension.pddi.as_ref());
        pddi.and_then(|items| items.get(key)).and_then(Value::as_bool).unwrap_or(true)
    }

    fn our_extension(&self) -> Option<&Settings> {
        let Object(extension) = self.extension.as_ref()?;
        extension.settings.as_ref().map(|Object(settings)| settings)
    }
}

/// An entry of a Bundle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'v> {
    pub(crate) full_url: Option<&'v Value>,
    pub(crate) resource: &'v Map<String, Value>,
}

impl Entry<'_> {
    /// The type of its resource.
    pub(crate) fn kind(&self) -> &str {
        self.resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
    }
}

/// The entries of a Bundle. Some clients leave out the `resource` around one, which is meant.
pub(crate) fn entries(bundle: &Map<String, Value>) -> Vec<Entry<'_>> {
    let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten();
    entries
        .filter_map(Value::as_object)
        .filter_map(|entry| {
            let bare = || entry.contains_key("resourceType").then_some(entry);
            let wrapped = entry.get("resource").map(Value::as_object);
            let resource = wrapped.unwrap_or_else(bare)?;
            Some(Entry { full_url: entry.get("fullUrl"), resource })
        })
        .collect()
}

/// The body of `POST /cds-services/medication-check/feedback`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct FeedbackRequest<'a> {
    /// One or more cards, at most 100.
    #[serde(borrow)]
    feedback: Vec<Object<Feedback<'a>>>,
}

/// What a user made of a card.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CardFeedback")]
pub(crate) struct Feedback<'a> {
    /// The uuid of the card.
    #[serde(borrow)]
    card: Text<'a, Id>,
    /// What became of it.
    outcome: Word<CardOutcome>,
    /// The suggestions that were accepted.
    #[serde(borrow)]
    accepted_suggestions: Option<Vec<Object<Accepted<'a>>>>,
    /// Why it was overridden.
    #[serde(borrow)]
    override_reason: Option<Object<OverrideReason<'a>>>,
    /// When.
    #[serde(borrow)]
    outcome_timestamp: Text<'a, Timestamp>,
}

/// What became of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CardOutcome {
    Accepted,
    Overridden,
}

impl Vocabulary for CardOutcome {
    const WORDS: &'static [&'static str] = &["accepted", "overridden"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "accepted" => Some(Self::Accepted),
            "overridden" => Some(Self::Overridden),
            _ => None,
        }
    }
}

/// A suggestion of a card.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AcceptedSuggestion")]
struct Accepted<'a> {
    /// The uuid of the suggestion.
    #[serde(borrow)]
    id: Text<'a, Id>,
}

/// Why a card was overridden.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OverrideReason<'a> {
    /// One of the reasons of the card.
    #[serde(borrow)]
    reason: Option<Object<Coding<'a>>>,
    /// What the user wrote.
    #[serde(borrow)]
    user_comment: Option<Text<'a, Comment>>,
}

/// A reason by its code.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ReasonCoding")]
struct Coding<'a> {
    /// The code of the reason.
    #[serde(borrow)]
    code: Text<'a, Id>,
}

impl<'a> FeedbackRequest<'a> {
    /// Reads feedback.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<FeedbackRequest<'_>>(tree))
        })
    }

    /// What was made of each card, at most so many.
    pub(crate) fn all(&self) -> Result<impl Iterator<Item = &Feedback<'a>>, ApiError> {
        if !(1..=FEEDBACK_MAX).contains(&self.feedback.len()) {
            let expected = format!("a list of 1 to {FEEDBACK_MAX} cards");
            return Err(ApiError::value("feedback", expected));
        }
        Ok(self.feedback.iter().map(|Object(feedback)| feedback))
    }
}

impl Feedback<'_> {
    /// The uuid of the card.
    pub(crate) fn card(&self) -> &str {
        self.card.as_str()
    }

    pub(crate) fn outcome(&self) -> CardOutcome {
        self.outcome.0
    }

    /// The uuids of the suggestions that were accepted.
    pub(crate) fn suggestions(&self) -> impl Iterator<Item = &str> {
        let all = self.accepted_suggestions.iter().flatten();
        all.map(|Object(accepted)| accepted.id.as_str())
    }

    /// Why the card was overridden: the code and what the user added.
    pub(crate) fn reason(&self) -> Option<String> {
        let Object(reason) = self.override_reason.as_ref()?;
        let code = reason.reason.as_ref().map(|Object(coding)| coding.code.as_str());
        let comment = reason.user_comment.as_ref().map(Text::as_str);
        let comment = comment.filter(|comment| !comment.is_empty());
        match (code, comment) {
            (Some(code), Some(comment)) => Some(format!("{code}: {comment}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    /// When, as the client wrote it.
    pub(crate) fn at(&self) -> &str {
        self.outcome_timestamp.as_str()
    }
}
