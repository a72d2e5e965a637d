//! Exchanges held against the `OpenAPI` document of the server, so that it cannot say anything that the
//! server does not do.
//!
//! What the document leaves open for later versions is closed here: an answer with a field that is not
//! described breaks the contract.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// An answer as it came.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// Its `content-type`, if it has one.
    pub content_type: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// The document, and what was made of it.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    /// By JSON pointer.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// Of a document.
    pub fn new(document: &Value) -> Self {
        let mut document = document.clone();
        let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
        for (name, schema) in schemas.expect("the document has schemas") {
            close(schema);
            assert!(jsonschema::draft202012::meta::is_valid(schema), "{name} is no schema");
        }
        Self { document, validators: Mutex::default() }
    }

    /// The document, closed.
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Whether a call may be answered so.
    ///
    /// # Errors
    ///
    /// What is not as described.
    pub fn answer(&self, method: &str, path: &str, answer: Answer<'_>) -> Result<(), String> {
        let method = if method == "HEAD" { "GET" } else { method };
        let what = format!("{method} {path}: {}", answer.status);
        let Some(template) = self.template(path) else {
            return self.refusal(&what, answer, "not_found");
        };
        let operation = ["", "paths", &template, &method.to_lowercase()].map(escaped).join("/");
        if self.document.pointer(&operation).is_none() {
            return self.refusal(&what, answer, "method_not_allowed");
        }
        let response = format!("{operation}/responses/{}", answer.status);
        let described =
            self.document.pointer(&response).ok_or(format!("{what}: no such status"))?;
        if described.get("content").is_none() {
            let is_empty = answer.body.is_empty();
            return is_empty.then_some(()).ok_or(format!("{what}: no body is described"));
        }
        let content = answer.content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        let content = content.trim();
        let is_described = |media| described.pointer(&format!("/content/{}", escaped(media)));
        // A file may be of any type.
        if is_described("*/*").is_some() {
            return Ok(());
        }
        if is_described(content).is_none() {
            return Err(format!("{what}: no answer of type {content:?} is described"));
        }
        let schema = format!("{response}/content/{}/schema", escaped(content));
        if ["text/html", "text/plain", "application/openmetrics-text"].contains(&content) {
            return Ok(());
        }
        let lines = format!("{schema}/x-line");
        if self.document.pointer(&lines).is_some() {
            let mut each = answer.body.split(|byte| *byte == b'\n');
            return each
                .by_ref()
                .filter(|line| !line.is_empty())
                .try_for_each(|line| self.holds(&lines, &what, line));
        }
        self.holds(&schema, &what, answer.body)
    }

    /// Whether a body of JSON is as a call takes it.
    ///
    /// # Errors
    ///
    /// What is not as described.
    pub fn request(&self, method: &str, path: &str, body: &Value) -> Result<(), String> {
        let template = self.template(path).ok_or(format!("{path}: no such path"))?;
        let operation = ["", "paths", &template, &method.to_lowercase()].map(escaped).join("/");
        let content = "/requestBody/content";
        let lines = format!("{operation}{content}/application~1x-ndjson/schema/x-line");
        let whole = format!("{operation}{content}/application~1json/schema");
        let schema = if self.document.pointer(&lines).is_some() { lines } else { whole };
        self.valid(&schema, &format!("{method} {path}"), body)
    }

    /// Whether a value is of a type of the document.
    ///
    /// # Errors
    ///
    /// What is not as described.
    pub fn value(&self, name: &str, value: &Value) -> Result<(), String> {
        self.valid(&format!("/components/schemas/{name}"), name, value)
    }

    /// Where a call is not described, an answer is a refusal.
    fn refusal(&self, what: &str, answer: Answer<'_>, code: &str) -> Result<(), String> {
        let body: Value = parsed(what, answer.body)?;
        self.value("Error", &body)?;
        // What is wrong with a head is found before its path is looked at.
        let of_the_head = ["uri_too_long", "too_many_headers"];
        let told = body.get("code").and_then(Value::as_str).unwrap_or_default();
        if told == code || of_the_head.contains(&told) {
            return Ok(());
        }
        Err(format!("{what}: {told}, not {code}, where no call is described"))
    }

    fn holds(&self, schema: &str, what: &str, body: &[u8]) -> Result<(), String> {
        self.valid(schema, what, &parsed(what, body)?)
    }

    fn valid(&self, schema: &str, what: &str, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let faults: Vec<String> = validator
            .iter_errors(value)
            .map(|fault| format!("  {}: {fault}", fault.instance_path()))
            .collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(format!("{what}: not as {schema} says:\n{}\n{value}", faults.join("\n")))
    }

    fn validator(&self, pointer: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let made = validators.entry(pointer.to_owned()).or_insert_with(|| {
            // The whole document, so that its references lead somewhere.
            let part = |name| self.document.get(name).cloned().unwrap_or_default();
            let schema = json!({
                "$ref": format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")),
                "paths": part("paths"),
                "components": part("components"),
            });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&schema).expect("the document is made of schemas"))
        });
        Arc::clone(made)
    }

    /// The path of the document that a path is one of.
    fn template(&self, path: &str) -> Option<String> {
        let path = path.split('?').next().unwrap_or_default();
        let paths = self.document.get("paths")?.as_object()?;
        let fits = |template: &str| {
            let (mut parts, mut written) = (template.split('/'), path.split('/'));
            loop {
                match (parts.next(), written.next()) {
                    (None, None) => return true,
                    (Some(part), Some(text)) if part.starts_with('{') && !text.is_empty() => {}
                    (Some(part), Some(text)) if part == text => {}
                    _ => return false,
                }
            }
        };
        paths.keys().find(|template| fits(template)).cloned()
    }
}

/// No fields but those that are described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn parsed(what: &str, body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|fault| format!("{what}: not JSON: {fault}"))
}

/// A part of a JSON pointer.
fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// A value without its nulls, as optional fields are compared: left out and null say the same.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
