//! One call as `OpenAPI` describes it, and what every call has.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::parameters;
use crate::error::Code;
use crate::route::Route;

/// What a call is about.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    Check,
    Registration,
    Drugs,
    Hooks,
    Service,
    Upkeep,
}

impl Tag {
    pub(super) const ALL: [Self; 6] =
        [Self::Check, Self::Registration, Self::Drugs, Self::Hooks, Self::Service, Self::Upkeep];

    const fn name(self) -> &'static str {
        match self {
            Self::Check => "Check",
            Self::Registration => "Registration",
            Self::Drugs => "Drugs",
            Self::Hooks => "CDS Hooks",
            Self::Service => "Service",
            Self::Upkeep => "Upkeep",
        }
    }

    const fn in_japanese(self) -> &'static str {
        match self {
            Self::Check => "チェック",
            Self::Registration => "登録",
            Self::Drugs => "医薬品",
            Self::Hooks => "CDS Hooks",
            Self::Service => "サービス",
            Self::Upkeep => "保守",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Check => "The check, and the history that it looks at.",
            Self::Registration => "Documents of patients, answered once they are durable.",
            Self::Drugs => "What the tables know of drugs.",
            Self::Hooks => "Orders of an electronic medical record, answered with cards.",
            Self::Service => "How the server is, and what it offers.",
            Self::Upkeep => "For the operator: generations and backups.",
        }
    }

    pub(super) fn to_json(self) -> Value {
        json!({
            "name": self.name(),
            "x-name-ja": self.in_japanese(),
            "description": self.description(),
        })
    }
}

/// A call.
pub(super) struct Operation {
    /// Its name in generated clients.
    pub(super) id: &'static str,
    pub(super) tag: Tag,
    /// In one line, in English and in Japanese.
    pub(super) summary: [&'static str; 2],
    pub(super) description: &'static str,
    /// Beside those of the path.
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    /// How it can fail, beside what every call has.
    pub(super) codes: Vec<Code>,
    /// Whether it waits for the event of the header `min-event`.
    pub(super) waits: bool,
}

/// The body of a request.
pub(super) struct Body {
    /// Of its JSON.
    pub(super) schema: Value,
    /// Whether it must be there.
    pub(super) required: bool,
    pub(super) example: Value,
}

/// An answer that is no error.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    /// By media type.
    pub(super) content: Vec<(&'static str, Value)>,
    /// By name.
    pub(super) headers: Vec<(&'static str, Value)>,
}

impl Answer {
    /// A JSON object.
    pub(super) fn json(status: u16, description: &'static str, schema: Value) -> Self {
        let content = Map::from_iter([("schema".to_owned(), schema)]);
        let content = vec![("application/json", Value::Object(content))];
        Self { status, description, content, headers: Vec::new() }
    }
}

/// How every call can fail before it is looked at.
const OF_EVERY_CALL: [Code; 2] = [Code::UriTooLong, Code::TooManyHeaders];
/// How a call with a body can fail.
const OF_A_BODY: [Code; 3] = [Code::BodyIncomplete, Code::BodyTimeout, Code::BodyTooLarge];
/// How reading a JSON object can fail.
pub(super) const OF_AN_OBJECT: [Code; 5] = [
    Code::InvalidJson,
    Code::UnknownField,
    Code::MissingField,
    Code::DuplicateField,
    Code::InvalidValue,
];

impl Operation {
    /// The call in the document. What it takes as a body, its route says.
    pub(super) fn into_json(mut self, method: &str, route: Route<'_>) -> Value {
        let mut parameters = parameters::of_path(route);
        parameters.append(&mut self.parameters);
        if self.waits {
            parameters.push(parameters::min_event());
            self.codes.extend([Code::InvalidValue, Code::EventNotReached]);
        }
        self.codes.extend(OF_EVERY_CALL);
        self.codes.extend((method != "GET").then_some(Code::CrossSite));
        let mut operation = Map::new();
        let mut put = |name: &str, value: Value| operation.insert(name.to_owned(), value);
        let [english, japanese] = self.summary;
        put("operationId", self.id.into());
        put("tags", json!([self.tag.name()]));
        put("summary", english.into());
        put("x-summary-ja", japanese.into());
        put("description", self.description.into());
        if !parameters.is_empty() {
            put("parameters", parameters.into());
        }
        if let Some(body) = &self.body {
            self.codes.extend(OF_A_BODY);
            let types = route.body_types();
            self.codes.extend(types.map(|_| Code::UnsupportedMediaType));
            put("requestBody", body.to_json(types.unwrap_or(&["application/json"])));
        }
        put("responses", self.responses());
        Value::Object(operation)
    }

    fn responses(&self) -> Value {
        let mut responses = Map::new();
        for answer in &self.answers {
            responses.insert(answer.status.to_string(), answer.to_json());
        }
        let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        // In the order of the documentation, and each once.
        for code in Code::ALL.iter().filter(|code| self.codes.contains(code)) {
            by_status.entry(code.status().as_u16()).or_default().push(code.name());
        }
        for (status, codes) in by_status {
            responses.insert(status.to_string(), refusal(&codes));
        }
        Value::Object(responses)
    }
}

fn refusal(codes: &[&str]) -> Value {
    let schema = json!({
        "allOf": [{"$ref": "#/components/schemas/Error"}],
        "properties": {"code": {"enum": codes}},
    });
    json!({
        "description": format!("`{}`", codes.join("`, `")),
        "content": {"application/json": {"schema": schema}},
    })
}

impl Body {
    fn to_json(&self, types: &[&'static str]) -> Value {
        let mut content = Map::new();
        for media in types {
            let body = match *media {
                "application/json" => json!({"schema": self.schema, "example": self.example}),
                "text/csv" => json!({"schema": {
                    "type": "string",
                    "description": "電子処方箋 CSV, a JAHIS symbol, or お薬手帳; UTF-8 or Shift_JIS.",
                }}),
                "application/fhir+json" => json!({"schema": {
                    "type": "object",
                    "description": "A FHIR Bundle with one document.",
                    "properties": {"resourceType": {"const": "Bundle"}},
                    "required": ["resourceType"],
                }}),
                _ => json!({
                    "schema": {
                        "type": "string",
                        "description": "One request in each line.",
                        "x-line": self.schema,
                    },
                    "example": format!("{}\n", self.example),
                }),
            };
            content.insert((*media).to_owned(), body);
        }
        json!({"required": self.required, "content": content})
    }
}

impl Answer {
    fn to_json(&self) -> Value {
        let mut answer = json!({"description": self.description});
        let named = |parts: &[(&'static str, Value)]| -> Value {
            parts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        if let Value::Object(answer) = &mut answer {
            if !self.headers.is_empty() {
                answer.insert("headers".to_owned(), named(&self.headers));
            }
            if !self.content.is_empty() {
                answer.insert("content".to_owned(), named(&self.content));
            }
        }
        answer
    }
}
