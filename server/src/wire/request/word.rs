//! Words of a request: fields that have one of a few values.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chofuku_engine::check::{ActorKind, Consent, OwnInstitution};
use chofuku_engine::code::CodeSystem;
use chofuku_engine::period::Form;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use crate::wire::schema;

/// A value of the engine and the words that stand for it.
pub(crate) trait Vocabulary: Sized {
    /// Every word.
    const WORDS: &'static [&'static str];

    /// The value of a word.
    fn of(word: &str) -> Option<Self>;
}

/// A value written as one of its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WordVisitor(PhantomData)).map(Self)
    }
}

impl<T: Vocabulary> JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": T::WORDS})
    }
}

struct WordVisitor<T>(PhantomData<T>);

impl<T: Vocabulary> Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", T::WORDS.join(", "))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        T::of(word).ok_or_else(|| E::unknown_variant("another word", T::WORDS))
    }
}

impl Vocabulary for CodeSystem {
    const WORDS: &'static [&'static str] = &["receipt", "price", "yj", "hot", "generic", "gtin"];

    fn of(word: &str) -> Option<Self> {
        word.parse().ok()
    }
}

impl Vocabulary for ActorKind {
    const WORDS: &'static [&'static str] = &["medical_institution", "pharmacy"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "medical_institution" => Some(Self::MedicalInstitution),
            "pharmacy" => Some(Self::Pharmacy),
            _ => None,
        }
    }
}

impl Vocabulary for OwnInstitution {
    const WORDS: &'static [&'static str] = &["exclude", "include"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "exclude" => Some(Self::Exclude),
            "include" => Some(Self::Include),
            _ => None,
        }
    }
}

impl Vocabulary for Consent {
    const WORDS: &'static [&'static str] = &["none", "oral", "full"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "oral" => Some(Self::Oral),
            "full" => Some(Self::Full),
            _ => None,
        }
    }
}

/// The kind of a document that is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KindWord {
    Prescription,
    Dispensing,
    InHouse,
}

impl Vocabulary for KindWord {
    const WORDS: &'static [&'static str] = &["prescription", "dispensing", "in_house"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "prescription" => Some(Self::Prescription),
            "dispensing" => Some(Self::Dispensing),
            "in_house" => Some(Self::InHouse),
            _ => None,
        }
    }
}

/// Where an in-house document was administered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Outpatient,
    Discharge,
    Inpatient,
}

impl Vocabulary for Setting {
    const WORDS: &'static [&'static str] = &["outpatient", "discharge", "inpatient"];

    fn of(word: &str) -> Option<Self> {
        match word {
            "outpatient" => Some(Self::Outpatient),
            "discharge" => Some(Self::Discharge),
            "inpatient" => Some(Self::Inpatient),
            _ => None,
        }
    }
}

/// A number of uses of a refill prescription.
#[derive(Clone, Copy, Debug, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Uses(#[schemars(range(min = 1, max = USES_MAX))] pub(crate) u8);

const USES_MAX: u64 = 99;

impl<'de> Deserialize<'de> for Uses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(UsesVisitor)
    }
}

struct UsesVisitor;

impl Visitor<'_> for UsesVisitor {
    type Value = Uses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 1 to 99")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Uses, E> {
        let uses = u8::try_from(number).ok().filter(|_| (1..=USES_MAX).contains(&number));
        uses.map(Uses).ok_or_else(|| E::invalid_value(Unexpected::Other("another number"), &self))
    }
}

/// A dosage form, written as its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormNumber(pub(crate) Form);

const FORMS: &[&str] = &["1", "2", "3", "4", "5", "6", "9"];

impl<'de> Deserialize<'de> for FormNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(FormVisitor)
    }
}

impl JsonSchema for FormNumber {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Form".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema::form(generator)
    }
}

struct FormVisitor;

impl Visitor<'_> for FormVisitor {
    type Value = FormNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of a dosage form (剤形区分): 1 to 6 or 9")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<FormNumber, E> {
        let form = u8::try_from(number).ok().and_then(Form::from_number);
        form.map(FormNumber).ok_or_else(|| E::unknown_variant("another number", FORMS))
    }
}

/// The number of an RP, from 1.
#[derive(Clone, Copy, Debug, JsonSchema)]
#[schemars(inline)]
pub(crate) struct RpNumber(#[schemars(range(min = 1))] pub(crate) u32);

impl<'de> Deserialize<'de> for RpNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(RpVisitor)
    }
}

struct RpVisitor;

impl Visitor<'_> for RpVisitor {
    type Value = RpNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 1")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<RpNumber, E> {
        let rp = u32::try_from(number).ok().filter(|rp| *rp > 0);
        rp.map(RpNumber).ok_or_else(|| E::invalid_value(Unexpected::Other("another number"), &self))
    }
}
