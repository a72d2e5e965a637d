//! What the document of the interface says of errors.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{ApiError, Code};
use crate::wire::finding::Finding;

impl JsonSchema for ApiError {
    fn schema_name() -> Cow<'static, str> {
        "Error".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        let findings = generator.subschema_for::<Vec<Finding<'_>>>();
        json_schema!({
            "description": "A refusal or a failure. No message holds a value of the request.",
            "type": "object",
            "properties": {
                "code": {
                    "type": "string",
                    "enum": codes,
                    "description": "What kind of error it is. Its meaning never changes; programs look at \
                        nothing else.",
                },
                "message": {
                    "type": "string",
                    "description": "What to do, for a person. It may be reworded.",
                },
                "path": {"type": "string", "description": "Where in the request it lies."},
                "allowed": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "What would be accepted there, if it can be listed.",
                },
                "findings": {
                    "allOf": [findings],
                    "description": "Of `unacknowledged`: the findings, under the consent that came with \
                        the document.",
                },
                "link": {
                    "type": "string",
                    "description": "Where the code is explained, relative to the project.",
                },
            },
            "required": ["code", "message", "link"],
        })
    }
}
