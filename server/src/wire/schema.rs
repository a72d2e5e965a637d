//! What the document of the interface says of values that answers write as a word or a text.
//!
//! The types of requests and answers describe themselves (`JsonSchema`), so that the document cannot say
//! anything else than what is read and written. The words are the engine's own lists.

use chofuku_engine::check::disclose::{Incomplete, Outcome};
use chofuku_engine::check::{Disposition, FindingKind, Level, LineWarning, NotChecked};
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::DocumentKind;
use chofuku_engine::knowledge::Resolution;
use chofuku_engine::knowledge::rule::Rule;
use chofuku_engine::period::{DaysFrom, Form};
use chofuku_loader::lint::Severity;
use schemars::{Schema, SchemaGenerator, json_schema};

/// Values that an answer names by a word.
pub(super) trait Named {
    /// Every word.
    fn words() -> Vec<&'static str>;
}

macro_rules! named {
    ($($type:ty),*) => {
        $(impl Named for $type {
            fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.name()).collect()
            }
        })*
    };
}

named!(Outcome, Incomplete, NotChecked, Disposition, FindingKind, Level, CodeSystem, Resolution);
named!(DaysFrom);

/// One of the words of a type.
pub(super) fn word<T: Named>(_: &mut SchemaGenerator) -> Schema {
    one_of(&T::words())
}

/// Some of the words of a type.
pub(super) fn words<T: Named>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": word::<T>(generator)})
}

/// What stands for a basis day.
pub(super) fn basis(_: &mut SchemaGenerator) -> Schema {
    one_of(DocumentKind::BASES)
}

/// Whose insert states a rule.
pub(super) fn stated_by(_: &mut SchemaGenerator) -> Schema {
    one_of(Rule::STATED_BY)
}

/// The kind of a warning about a new line.
pub(super) fn line_warning(_: &mut SchemaGenerator) -> Schema {
    one_of(LineWarning::NAMES)
}

/// The kind of a warning about a record.
pub(super) fn record_warning(_: &mut SchemaGenerator) -> Schema {
    let of_supply = DaysFrom::ALL.iter().filter_map(|from| from.warning());
    one_of(&of_supply.chain([Incomplete::PastUnresolved.name()]).collect::<Vec<_>>())
}

/// How bad a fault of the tables is.
pub(super) fn severity(_: &mut SchemaGenerator) -> Schema {
    one_of(&Severity::ALL.map(Severity::name))
}

/// The number of a dosage form.
pub(super) fn form(_: &mut SchemaGenerator) -> Schema {
    let numbers: Vec<u8> = Form::ALL.iter().map(|form| form.number()).collect();
    json_schema!({"type": "integer", "enum": numbers})
}

/// A calendar day.
pub(super) fn day(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date"})
}

/// A calendar day, or none.
pub(super) fn day_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "format": "date"})
}

/// A text with one of a few values.
pub(crate) fn one_of(words: &[&str]) -> Schema {
    json_schema!({"type": "string", "enum": words})
}
