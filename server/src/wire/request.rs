//! Requests as they are written, and their conversion to what the engine is asked.
//!
//! Each field is read into a type that accepts only what the interface allows, so a request that
//! parses has no wrong value left; what remains are rules between fields.

mod convert;
mod document;
mod hook;
mod object;
mod parse;
pub(crate) mod text;
mod tree;
pub(crate) mod word;

use chofuku_engine::check::{ActorKind, Consent, OwnInstitution};
use chofuku_engine::code::CodeSystem;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::json;

use crate::error::ApiError;
pub(crate) use convert::{Asked, Surroundings};
use convert::{LINES_MAX, SOURCE_DOCUMENTS_MAX, SUPPLEMENTS_MAX};
pub(crate) use document::{DocumentRequest, LinkRequest, NamedRequest, Registration};
pub(crate) use hook::{CardOutcome, Entry, Feedback, FeedbackRequest, Hook, HookRequest, entries};
use object::Object;
use text::{
    DayText, DocumentId, Id, IdentityPart, InstitutionCode, Name, Quantity, Recorder, Supplement,
    Text, Usage,
};
use word::{FormNumber, RpNumber, Word};

/// The body of `POST /v1/check`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest<'a> {
    /// For whom it is asked.
    #[serde(borrow)]
    patient: Object<Patient<'a>>,
    /// The check day; today in Japan unless another is named.
    #[serde(borrow)]
    as_of: Option<Text<'a, DayText>>,
    /// Who asks. It may be left out only where `own_institution` is `include`.
    #[serde(borrow)]
    actor: Option<Object<Actor<'a>>>,
    /// Whether records of the asking institution itself are left out (`exclude`, the default) or count.
    own_institution: Option<Word<OwnInstitution>>,
    /// What the patient allowed to be told; nothing of the past unless it is said.
    #[serde(borrow)]
    consent: Option<Object<ConsentGiven<'a>>>,
    /// The documents that the new lines come from: what they state is not held against them.
    #[serde(borrow, default)]
    #[schemars(length(max = SOURCE_DOCUMENTS_MAX))]
    source_documents: Vec<Text<'a, DocumentId>>,
    /// `official` (the default), `extended`, or the name of a policy that the server is configured with.
    #[serde(borrow)]
    #[schemars(example = &"official")]
    policy: Option<Text<'a, Id>>,
    /// The new lines.
    #[serde(borrow)]
    #[schemars(length(min = 1, max = LINES_MAX))]
    lines: Vec<Object<Line<'a>>>,
}

/// The body of `POST /v1/history`: a check without new lines.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryRequest<'a> {
    /// Whose history it is.
    #[serde(borrow)]
    patient: Object<Patient<'a>>,
    /// The check day; today in Japan unless another is named.
    #[serde(borrow)]
    as_of: Option<Text<'a, DayText>>,
    /// Who asks. It may be left out only where `own_institution` is `include`.
    #[serde(borrow)]
    actor: Option<Object<Actor<'a>>>,
    /// Whether records of the asking institution itself are left out (`exclude`, the default) or count.
    own_institution: Option<Word<OwnInstitution>>,
    /// Full consent: without it the history is refused.
    #[serde(borrow)]
    consent: Option<Object<ConsentGiven<'a>>>,
    /// The documents in hand: their records become `own_chain`.
    #[serde(borrow, default)]
    #[schemars(length(max = SOURCE_DOCUMENTS_MAX))]
    source_documents: Vec<Text<'a, DocumentId>>,
    /// `official` (the default), `extended`, or the name of a policy that the server is configured with.
    #[serde(borrow)]
    #[schemars(example = &"official")]
    policy: Option<Text<'a, Id>>,
}

/// An insured identity, or an opaque id of the caller's. Both are reduced to a keyed hash before anything
/// is stored or logged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = one_identity)]
struct Patient<'a> {
    /// An opaque id of the caller's, in place of everything else.
    #[serde(borrow)]
    id: Option<Text<'a, Id>>,
    /// Insurer number (保険者番号), up to 8 digits.
    #[serde(borrow)]
    #[schemars(example = &"06130012")]
    insurer: Option<Text<'a, IdentityPart>>,
    /// Symbol (記号), if there is one.
    #[serde(borrow)]
    #[schemars(example = &"12")]
    symbol: Option<Text<'a, IdentityPart>>,
    /// Number (番号), not empty.
    #[serde(borrow)]
    #[schemars(example = &"3456")]
    number: Option<Text<'a, IdentityPart>>,
    /// Branch (枝番), one or two digits. It may be left out only for insurers of the late-elderly scheme
    /// (39…) and medical assistance (12…).
    #[serde(borrow)]
    #[schemars(example = &"01")]
    branch: Option<Text<'a, IdentityPart>>,
}

/// Either the id or the insured identity, and not a part of it.
fn one_identity(schema: &mut Schema) {
    let (text, none) = (json!({"type": "string"}), json!({"type": "null"}));
    let by_id = json!({
        "title": "Opaque id",
        "required": ["id"],
        "properties":
            {"id": text, "insurer": none, "symbol": none, "number": none, "branch": none},
    });
    let insured = json!({
        "title": "Insured identity",
        "required": ["insurer", "number"],
        "properties": {"id": none, "insurer": text, "number": text},
    });
    schema.insert("oneOf".to_owned(), json!([by_id, insured]));
}

/// Who asks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Actor<'a> {
    /// What it is.
    kind: Word<ActorKind>,
    /// Its code of 10 digits: prefecture 2, point table 1, institution 7.
    #[serde(borrow)]
    #[schemars(example = &"1311234567")]
    code: Text<'a, InstitutionCode>,
}

/// What the patient allowed to be told, and who took it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Consent", transform = recorded)]
struct ConsentGiven<'a> {
    /// `none`: that something collides. `oral`: with what. `full`: that, and everything considered.
    level: Word<Consent>,
    /// Who took the consent: demanded with `oral` (S28).
    #[serde(borrow)]
    #[schemars(example = &"dr-017")]
    recorded_by: Option<Text<'a, Recorder>>,
}

/// Oral consent names who took it.
fn recorded(schema: &mut Schema) {
    schema.insert("if".to_owned(), json!({"properties": {"level": {"const": "oral"}}}));
    let named = json!({
        "required": ["recorded_by"],
        "properties": {"recorded_by": {"type": "string"}},
    });
    schema.insert("then".to_owned(), named);
}

/// A new line (今回の薬剤).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    /// The number of its RP (剤), from 1.
    #[schemars(example = 1)]
    rp: RpNumber,
    /// Its drug.
    #[serde(borrow)]
    drug: Object<Drug<'a>>,
    /// Dosage form (剤形区分): 1 内服, 2 頓服, 3 外用, 4 内服滴剤, 5 注射, 6 医療材料, 9 他.
    #[schemars(example = 1)]
    form: FormNumber,
    // What follows is registered. A check needs none of it: it is read so that a line that could
    // not be registered is not checked either.
    /// Quantity (調剤数量) as a decimal text: days for form 1, doses for form 2.
    #[serde(borrow)]
    #[schemars(example = &"14")]
    quantity: Option<Text<'a, Quantity>>,
    /// Usage code (用法コード).
    #[serde(borrow)]
    #[schemars(example = &"1011000400000000")]
    usage: Option<Text<'a, Usage>>,
    /// Usage supplement codes (用法補足コード).
    #[serde(borrow, default)]
    #[schemars(length(max = SUPPLEMENTS_MAX))]
    usage_supplements: Vec<Text<'a, Supplement>>,
}

/// A drug as a line names it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Drug<'a> {
    /// The system of its code: receipt code, price-list code, YJ code, HOT code, generic-name code, GTIN.
    system: Word<CodeSystem>,
    /// Its code.
    #[serde(borrow)]
    #[schemars(example = &"2171022F2029")]
    code: Text<'a, Id>,
    /// The name that was written; a name of another drug is warned of (S14).
    #[serde(borrow)]
    #[schemars(example = &"アムロジピン錠5mg")]
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
