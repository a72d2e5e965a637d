//! The interface described for programs and people: an `OpenAPI` 3.1 document and a page made from it.
//!
//! The document is generated, once, from the types that read requests and write answers, from the table of
//! calls in [`calls`] and from the stable codes of errors. Nothing in it is written a second time, so it
//! cannot drift from what the server does; what it says and the server does not is a fault of the tests.

mod calls;
mod checks;
mod example;
mod hooks;
mod operation;
mod page;
mod parameters;
mod registration;
mod schemas;
mod service;

use std::sync::LazyLock;

use hyper::Method;
use serde_json::{Map, Value, json};

use crate::route::Route;
pub(crate) use page::{Language, html};
use schemas::Schemas;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static TEXT: LazyLock<String> = LazyLock::new(|| openapi().to_string());

/// The `OpenAPI` document of this version of the server, as `GET /openapi.json` gives it.
pub fn openapi() -> &'static Value {
    &DOCUMENT
}

/// The document as text.
pub(crate) fn text() -> &'static str {
    &TEXT
}

fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for (method, path) in calls::ALL {
        // A row that leads to no call is found by the test below.
        let Some(route) = route(method, path) else { continue };
        let operation = calls::describe(route, &mut schemas).into_json(method, route);
        let item = paths.entry(*path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(method.to_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "chofuku 重複",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Japan's duplicate-medication check (重複投薬等チェック) over HTTP.",
            "description": include_str!("openapi/introduction.md"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that gave this document."}],
        "tags": operation::Tag::ALL.map(operation::Tag::to_json),
        "paths": paths,
        "components": {"schemas": schemas.into_definitions()},
    })
}

/// The call of a row of the table.
fn route(method: &str, path: &'static str) -> Option<Route<'static>> {
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    Route::find(&method, path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn every_row_leads_to_the_call_that_it_describes() {
        for row in calls::ALL {
            let (method, path) = row;
            let route = route(method, path).unwrap_or_else(|| panic!("no call: {method} {path}"));
            assert_eq!(calls::row(route), *row);
        }
    }

    #[test]
    fn the_methods_of_a_path_are_those_that_it_takes() {
        for (_, path) in calls::ALL {
            let Err(crate::ApiError::MethodNotAllowed { allow }) =
                Route::find(&Method::TRACE, path)
            else {
                panic!("{path} takes TRACE");
            };
            let taken: Vec<&str> = allow.iter().copied().filter(|name| *name != "HEAD").collect();
            let described: Vec<&str> = calls::ALL
                .iter()
                .filter(|(_, other)| other == path)
                .map(|(method, _)| *method)
                .collect();
            assert_eq!(described, taken, "{path}");
        }
    }

    #[test]
    fn everything_is_described() {
        let document = openapi();
        let mut silent = Vec::new();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            if schema["description"].as_str().unwrap_or_default().is_empty() {
                silent.push(name.clone());
            }
            let variants = ["anyOf", "oneOf"].into_iter();
            let variants = variants.filter_map(|word| schema.get(word)?.as_array()).flatten();
            for schema in std::iter::once(schema).chain(variants) {
                for (field, value) in schema["properties"].as_object().into_iter().flatten() {
                    let of_patient = name == "Patient" && schema.get("title").is_some();
                    if !of_patient && value["description"].as_str().unwrap_or_default().is_empty() {
                        silent.push(format!("{name}.{field}"));
                    }
                }
            }
        }
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for word in ["summary", "x-summary-ja", "description", "operationId"] {
                    if operation[word].as_str().unwrap_or_default().is_empty() {
                        silent.push(format!("{method} {path}: {word}"));
                    }
                }
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    if parameter["description"].as_str().unwrap_or_default().is_empty() {
                        silent.push(format!("{method} {path}: {}", parameter["name"]));
                    }
                }
            }
        }
        assert!(silent.is_empty(), "without a description: {silent:#?}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::Object(object) => {
                    found.extend(object.get("$ref").and_then(Value::as_str));
                    object.values().for_each(|value| references(value, found));
                }
                Value::Array(list) => list.iter().for_each(|value| references(value, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let document = openapi();
        let mut found = Vec::new();
        references(document, &mut found);
        assert!(found.len() > 50, "only {} references", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_code_is_told_by_some_call() {
        let text = openapi()["paths"].to_string();
        let unnamed: Vec<&str> = Code::ALL
            .iter()
            // Of paths and methods that no call has.
            .filter(|code| !matches!(code, Code::NotFound | Code::MethodNotAllowed))
            .map(|code| code.name())
            .filter(|name| !text.contains(&format!("\"{name}\"")))
            .collect();
        assert!(unnamed.is_empty(), "{unnamed:?}");
    }
}
