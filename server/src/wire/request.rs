//! Requests as they are written, and their conversion to what the engine is asked.
//!
//! Each field is read into a type that accepts only what the interface allows, so a request that
//! parses has no wrong value left; what remains are rules between fields.

mod convert;
mod document;
mod hook;
mod object;
mod parse;
mod text;
mod tree;
mod word;

use chofuku_engine::check::{ActorKind, Consent, OwnInstitution};
use chofuku_engine::code::CodeSystem;
use serde::Deserialize;

use crate::error::ApiError;
pub(crate) use convert::{Asked, Surroundings};
pub(crate) use document::{DocumentRequest, LinkRequest, NamedRequest, Registration};
pub(crate) use hook::{CardOutcome, Entry, Feedback, FeedbackRequest, Hook, HookRequest, entries};
use object::Object;
use text::{
    DayText, DocumentId, Id, IdentityPart, InstitutionCode, Name, Quantity, Recorder, Supplement,
    Text, Usage,
};
use word::{FormNumber, RpNumber, Word};

/// The body of `POST /v1/check`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest<'a> {
    #[serde(borrow)]
    patient: Object<Patient<'a>>,
    #[serde(borrow)]
    as_of: Option<Text<'a, DayText>>,
    #[serde(borrow)]
    actor: Option<Object<Actor<'a>>>,
    own_institution: Option<Word<OwnInstitution>>,
    #[serde(borrow)]
    consent: Option<Object<ConsentGiven<'a>>>,
    #[serde(borrow, default)]
    source_documents: Vec<Text<'a, DocumentId>>,
    #[serde(borrow)]
    policy: Option<Text<'a, Id>>,
    #[serde(borrow)]
    lines: Vec<Object<Line<'a>>>,
}

/// The body of `POST /v1/history`: a check without new lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryRequest<'a> {
    #[serde(borrow)]
    patient: Object<Patient<'a>>,
    #[serde(borrow)]
    as_of: Option<Text<'a, DayText>>,
    #[serde(borrow)]
    actor: Option<Object<Actor<'a>>>,
    own_institution: Option<Word<OwnInstitution>>,
    #[serde(borrow)]
    consent: Option<Object<ConsentGiven<'a>>>,
    #[serde(borrow, default)]
    source_documents: Vec<Text<'a, DocumentId>>,
    #[serde(borrow)]
    policy: Option<Text<'a, Id>>,
}

/// An insured identity, or an opaque id of the caller's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patient<'a> {
    #[serde(borrow)]
    id: Option<Text<'a, Id>>,
    #[serde(borrow)]
    insurer: Option<Text<'a, IdentityPart>>,
    #[serde(borrow)]
    symbol: Option<Text<'a, IdentityPart>>,
    #[serde(borrow)]
    number: Option<Text<'a, IdentityPart>>,
    #[serde(borrow)]
    branch: Option<Text<'a, IdentityPart>>,
}

/// Who asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor<'a> {
    kind: Word<ActorKind>,
    #[serde(borrow)]
    code: Text<'a, InstitutionCode>,
}

/// What the patient allowed to be told, and who took it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentGiven<'a> {
    level: Word<Consent>,
    #[serde(borrow)]
    recorded_by: Option<Text<'a, Recorder>>,
}

/// A new line (今回の薬剤).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    rp: RpNumber,
    #[serde(borrow)]
    drug: Object<Drug<'a>>,
    form: FormNumber,
    // What follows is registered. A check needs none of it: it is read so that a line that could
    // not be registered is not checked either.
    #[serde(borrow)]
    quantity: Option<Text<'a, Quantity>>,
    #[serde(borrow)]
    usage: Option<Text<'a, Usage>>,
    #[serde(borrow, default)]
    usage_supplements: Vec<Text<'a, Supplement>>,
}

/// A drug as a line names it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drug<'a> {
    system: Word<CodeSystem>,
    #[serde(borrow)]
    code: Text<'a, Id>,
    #[serde(borrow)]
    name: Option<Text<'a, Name>>,
}

impl<'a> CheckRequest<'a> {
    /// Reads a request.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<CheckRequest<'_>>(tree))
        })
    }
}

impl<'a> HistoryRequest<'a> {
    /// Reads a request.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse::parse(body).map_err(|refusal| {
            parse::explain(body, &refusal, |tree| parse::fault::<HistoryRequest<'_>>(tree))
        })
    }
}
