//! The sentence of each finding, for a person: what collides with what, and until when.
//!
//! It says only what the finding's fields say. A withheld finding names the new line, which is the
//! caller's own, and nothing of the past.

mod english;
mod japanese;

use std::borrow::Cow;
use std::fmt;

use chofuku_engine::Index;
use chofuku_engine::check::disclose::{
    Against, Contraindication, Duplicate, Evidence, StatedRule, Substance,
};
use chofuku_engine::check::{NewLine, Record, Request};
use chofuku_engine::code::CodeSystem;
use chofuku_engine::knowledge::Resolution;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// Who knows the names of new lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speaker<'a> {
    index: &'a Index,
    lines: &'a [NewLine<'a>],
}

/// The sentence of a finding, written in both languages.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    line: DrugName<'a>,
    event: Event<'a>,
}

/// What a sentence tells.
#[derive(Debug)]
enum Event<'a> {
    /// A collision of which nothing may be told but its kind.
    Withheld { kind: &'static str },
    /// The same substances.
    Duplicate { ingredients: &'a [Substance<'a>], other: Other<'a> },
    /// Substances that must not meet.
    Contraindication {
        ingredient: &'a Substance<'a>,
        partner: &'a Substance<'a>,
        washout: bool,
        condition: Option<&'a str>,
        other: Other<'a>,
    },
}

/// What the new line collides with.
#[derive(Debug)]
enum Other<'a> {
    /// Records, by the one that ends last.
    Past { last: Option<DrugName<'a>>, evidence: &'a Evidence<'a> },
    /// A line of the same request.
    Line(DrugName<'a>),
}

/// A drug by its name, or by its code where it has none.
#[derive(Clone, Copy, Debug)]
struct DrugName<'a> {
    name: Option<&'a str>,
    system: CodeSystem,
    code: &'a str,
}

impl<'a> Speaker<'a> {
    pub(super) fn new(index: &'a Index, request: &'a Request<'a>) -> Self {
        Self { index, lines: &request.lines }
    }

    /// The name of the product that the code names, since the code is what is checked; the name as
    /// written where the code does not name exactly one.
    fn line(self, position: usize) -> DrugName<'a> {
        let Some(line) = self.lines.get(position) else {
            return DrugName { name: None, system: CodeSystem::Yj, code: "" };
        };
        let knowledge = self.index.knowledge();
        let meaning = knowledge.resolve(line.system, line.code);
        let known = match (meaning.resolution, meaning.products()) {
            (Resolution::Exact, [first, others @ ..])
                if others.is_empty() || line.name.is_none() =>
            {
                knowledge.product(*first).map(|product| product.name.as_str())
            }
            _ => None,
        };
        DrugName { name: known.or(line.name), system: line.system, code: line.code }
    }

    fn other(self, against: &'a Against<'a>) -> Other<'a> {
        match against {
            Against::Line(position) => Other::Line(self.line(*position)),
            Against::History(evidence) => {
                let last = evidence.records.iter().max_by_key(|record| record.end_day);
                Other::Past { last: last.map(DrugName::of_record), evidence }
            }
        }
    }
}

impl<'a> DrugName<'a> {
    fn of_record(record: &'a Record<'a>) -> Self {
        Self { name: record.name(), system: record.system(), code: record.code() }
    }
}

impl fmt::Display for DrugName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "{} {}", self.system, self.code),
        }
    }
}

impl<'a> Message<'a> {
    /// For a finding whose details need consent.
    pub(super) fn withheld(speaker: Speaker<'a>, line: usize, kind: &'static str) -> Self {
        Self { line: speaker.line(line), event: Event::Withheld { kind } }
    }

    /// For a duplicate.
    pub(super) fn duplicate(speaker: Speaker<'a>, found: &'a Duplicate<'a>) -> Self {
        let other = speaker.other(&found.against);
        let event = Event::Duplicate { ingredients: &found.ingredients, other };
        Self { line: speaker.line(found.line), event }
    }

    /// For a contraindication.
    pub(super) fn contraindication(speaker: Speaker<'a>, found: &'a Contraindication<'a>) -> Self {
        let event = Event::Contraindication {
            ingredient: &found.ingredient,
            partner: &found.partner,
            washout: found.washout,
            condition: condition(&found.rules),
            other: speaker.other(&found.against),
        };
        Self { line: speaker.line(found.line), event }
    }
}

/// The condition under which it is contraindicated; none if one insert states it without any.
fn condition<'a>(rules: &[StatedRule<'a>]) -> Option<&'a str> {
    let conditional = rules.iter().all(|stated| !stated.rule.condition.is_empty());
    rules.first().filter(|_| conditional).map(|stated| stated.rule.condition.as_str())
}

impl JsonSchema for Message<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Message".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A finding in words, for a person. It says only what its fields say.",
            "type": "object",
            "properties": {
                "ja": {"type": "string", "description": "In Japanese."},
                "en": {"type": "string", "description": "In English."},
            },
            "required": ["ja", "en"],
        })
    }
}

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Text<T>(T);

        impl<T: fmt::Display> Serialize for Text<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        let mut message = serializer.serialize_struct("Message", 2)?;
        message.serialize_field("ja", &Text(japanese::Sentence(self)))?;
        message.serialize_field("en", &Text(english::Sentence(self)))?;
        message.end()
    }
}
