//! The schemas of the wire types, gathered while calls are described.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::error::ApiError;

/// Where the document keeps the types.
const DEFINITIONS: &str = "/components/schemas";

/// Two generators: what is read and what is written differ in which fields are there.
pub(super) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = DEFINITIONS.into();
                settings.meta_schema = None;
            })
        };
        let read = settings().for_deserialize().into_generator();
        let mut written = settings().for_serialize().into_generator();
        // Refusals name it without asking for it.
        drop(written.subschema_for::<ApiError>());
        Self { read, written }
    }

    /// A type of requests, by reference.
    pub(super) fn request<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// A type of answers, by reference.
    pub(super) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// Every type that was named, by its name.
    pub(super) fn into_definitions(mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        for (name, written) in self.written.take_definitions(true) {
            let read = all.insert(name.clone(), written);
            debug_assert!(read.is_none(), "a type of requests and one of answers are both {name}");
        }
        for value in all.values_mut() {
            if let Ok(schema) = <&mut Schema>::try_from(value) {
                RecursiveTransform(one_line).transform(schema);
            }
        }
        all
    }
}

/// A description is a paragraph, however its comment is broken into lines.
fn one_line(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}
