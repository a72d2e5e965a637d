//! The elements of FHIR JSON that are used, borrowed from the text; all others are ignored.
//!
//! Serde gives up a whole struct for one value of a wrong type. [`Lax`] limits that to one element:
//! it keeps the raw text, so that the rest of the resource is still read and the element reported.

#![expect(clippy::struct_field_names, reason = "the names are FHIR's")]

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;

/// An element that may be absent or of another type than FHIR says.
#[derive(Clone, Debug, Default)]
pub(super) enum Lax<'t, T> {
    /// Not there, or null.
    #[default]
    Missing,
    /// As FHIR says.
    Value(T),
    /// Something else: its text.
    Wrong(&'t str),
}

impl<'de: 't, 't, T: Deserialize<'t>> Deserialize<'de> for Lax<'t, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'t RawValue>::deserialize(deserializer)?.get();
        if raw == "null" {
            return Ok(Self::Missing);
        }
        Ok(match serde_json::from_str(raw) {
            Ok(value) => Self::Value(value),
            Err(_) => Self::Wrong(raw),
        })
    }
}

impl<T> Lax<'_, T> {
    /// The value, if it is one.
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Wrong(_) => None,
        }
    }
}

/// A text, also of a number or boolean where a text belongs; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'t>(pub(super) Cow<'t, str>);

impl Text<'_> {
    /// Without surrounding blanks.
    pub(super) fn get(&self) -> &str {
        self.0.trim()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.get().is_empty()
    }
}

impl<'t> Text<'t> {
    /// Without surrounding blanks, still borrowed from the text if it was.
    pub(super) fn cow(&self) -> Cow<'t, str> {
        match &self.0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Text<'de>, E> {
        Ok(Text::default())
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

/// A list; also one element without the brackets, which some writers leave out.
#[derive(Clone, Debug)]
pub(super) struct Many<T>(pub(super) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Many<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(Many(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        Ok(Many(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Many<T>, E> {
        Ok(Many(Vec::new()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

/// Enough of any resource to know how to read it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Kind<'t> {
    #[serde(borrow)]
    pub(super) resource_type: Text<'t>,
    #[serde(borrow)]
    pub(super) id: Text<'t>,
    #[serde(borrow)]
    pub(super) contained: Lax<'t, Vec<&'t RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Bundle<'t> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'t>,
    #[serde(borrow)]
    pub(super) entry: Vec<Option<Entry<'t>>>,
    #[serde(borrow)]
    pub(super) link: Lax<'t, Vec<Link<'t>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'t> {
    #[serde(borrow)]
    pub(super) full_url: Text<'t>,
    #[serde(borrow)]
    pub(super) resource: Option<&'t RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link<'t> {
    #[serde(borrow)]
    pub(super) relation: Text<'t>,
    #[serde(borrow)]
    pub(super) url: Text<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding<'t> {
    #[serde(borrow)]
    pub(super) system: Text<'t>,
    #[serde(borrow)]
    pub(super) code: Text<'t>,
    #[serde(borrow)]
    pub(super) display: Text<'t>,
}

/// A `CodeableConcept`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Concept<'t> {
    #[serde(borrow)]
    pub(super) coding: Many<Coding<'t>>,
    #[serde(borrow)]
    pub(super) text: Text<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identifier<'t> {
    #[serde(borrow)]
    pub(super) system: Text<'t>,
    #[serde(borrow)]
    pub(super) value: Text<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference<'t> {
    #[serde(borrow)]
    pub(super) reference: Text<'t>,
    #[serde(borrow)]
    pub(super) identifier: Option<Identifier<'t>>,
    #[serde(borrow)]
    pub(super) display: Text<'t>,
}

/// A `Quantity` or `Duration`; the value as it was written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quantity<'t> {
    #[serde(borrow)]
    pub(super) value: Option<&'t RawValue>,
    #[serde(borrow)]
    pub(super) unit: Text<'t>,
    #[serde(borrow)]
    pub(super) code: Text<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Period<'t> {
    #[serde(borrow)]
    pub(super) start: Text<'t>,
    #[serde(borrow)]
    pub(super) end: Text<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Extension<'t> {
    #[serde(borrow)]
    pub(super) url: Text<'t>,
    #[serde(borrow)]
    pub(super) value_string: Text<'t>,
    #[serde(borrow)]
    pub(super) value_integer: Text<'t>,
    #[serde(borrow)]
    pub(super) value_duration: Option<Quantity<'t>>,
    #[serde(borrow)]
    pub(super) value_period: Option<Period<'t>>,
    #[serde(borrow)]
    pub(super) value_identifier: Option<Identifier<'t>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Timing<'t> {
    #[serde(borrow)]
    pub(super) repeat: Repeat<'t>,
    #[serde(borrow)]
    pub(super) code: Concept<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Repeat<'t> {
    #[serde(borrow)]
    pub(super) bounds_duration: Option<Quantity<'t>>,
    #[serde(borrow)]
    pub(super) bounds_period: Option<Period<'t>>,
    #[serde(borrow)]
    pub(super) bounds_range: Option<&'t RawValue>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ratio<'t> {
    #[serde(borrow)]
    pub(super) numerator: Quantity<'t>,
    #[serde(borrow)]
    pub(super) denominator: Quantity<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Dose<'t> {
    #[serde(borrow)]
    pub(super) dose_quantity: Option<Quantity<'t>>,
    #[serde(borrow)]
    pub(super) rate_ratio: Option<Ratio<'t>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Dosage<'t> {
    #[serde(borrow)]
    pub(super) text: Text<'t>,
    #[serde(borrow)]
    pub(super) extension: Lax<'t, Many<Extension<'t>>>,
    #[serde(borrow)]
    pub(super) modifier_extension: Option<&'t RawValue>,
    #[serde(borrow)]
    pub(super) additional_instruction: Lax<'t, Many<Concept<'t>>>,
    #[serde(borrow)]
    pub(super) timing: Lax<'t, Timing<'t>>,
    #[serde(borrow)]
    pub(super) as_needed_boolean: Text<'t>,
    #[serde(borrow)]
    pub(super) as_needed_codeable_concept: Lax<'t, Concept<'t>>,
    #[serde(borrow)]
    pub(super) route: Lax<'t, Concept<'t>>,
    #[serde(borrow)]
    pub(super) method: Lax<'t, Concept<'t>>,
    #[serde(borrow)]
    pub(super) dose_and_rate: Lax<'t, Many<Dose<'t>>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DispenseRequest<'t> {
    #[serde(borrow)]
    pub(super) extension: Lax<'t, Many<Extension<'t>>>,
    #[serde(borrow)]
    pub(super) quantity: Lax<'t, Quantity<'t>>,
    #[serde(borrow)]
    pub(super) expected_supply_duration: Lax<'t, Quantity<'t>>,
    #[serde(borrow)]
    pub(super) number_of_repeats_allowed: Text<'t>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Performer<'t> {
    #[serde(borrow)]
    pub(super) actor: Reference<'t>,
    // A `Reference` directly, as in `MedicationRequest`.
    #[serde(borrow)]
    pub(super) reference: Text<'t>,
}

/// `MedicationRequest` and `MedicationDispense`: their elements do not contradict one another.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Medication<'t> {
    #[serde(borrow)]
    pub(super) identifier: Lax<'t, Many<Identifier<'t>>>,
    #[serde(borrow)]
    pub(super) group_identifier: Lax<'t, Identifier<'t>>,
    #[serde(borrow)]
    pub(super) status: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) intent: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) do_not_perform: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) category: Lax<'t, Many<Concept<'t>>>,
    #[serde(borrow)]
    pub(super) modifier_extension: Option<&'t RawValue>,
    #[serde(borrow)]
    pub(super) contained: Lax<'t, Vec<&'t RawValue>>,
    #[serde(borrow)]
    pub(super) medication_codeable_concept: Lax<'t, Concept<'t>>,
    #[serde(borrow)]
    pub(super) medication_reference: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) subject: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) authored_on: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) requester: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) performer: Lax<'t, Many<Performer<'t>>>,
    #[serde(borrow)]
    pub(super) insurance: Lax<'t, Many<Reference<'t>>>,
    #[serde(borrow)]
    pub(super) dosage_instruction: Lax<'t, Many<Dosage<'t>>>,
    #[serde(borrow)]
    pub(super) dispense_request: Lax<'t, DispenseRequest<'t>>,
    #[serde(borrow)]
    pub(super) extension: Lax<'t, Many<Extension<'t>>>,
    #[serde(borrow)]
    pub(super) quantity: Lax<'t, Quantity<'t>>,
    #[serde(borrow)]
    pub(super) days_supply: Lax<'t, Quantity<'t>>,
    #[serde(borrow)]
    pub(super) when_prepared: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) when_handed_over: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) authorizing_prescription: Lax<'t, Many<Reference<'t>>>,
}

/// What others refer to: `Composition`, `Coverage`, `Organization`, `PractitionerRole`,
/// `Encounter`, `Medication`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Party<'t> {
    #[serde(borrow)]
    pub(super) identifier: Lax<'t, Many<Identifier<'t>>>,
    #[serde(borrow)]
    pub(super) extension: Lax<'t, Many<Extension<'t>>>,
    #[serde(borrow)]
    pub(super) name: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) status: Lax<'t, Text<'t>>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Lax<'t, Many<Concept<'t>>>,
    #[serde(borrow)]
    pub(super) part_of: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) organization: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) code: Lax<'t, Many<Concept<'t>>>,
    #[serde(borrow)]
    pub(super) form: Lax<'t, Concept<'t>>,
    #[serde(borrow)]
    pub(super) beneficiary: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) subscriber_id: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) dependent: Lax<'t, Text<'t>>,
    #[serde(borrow)]
    pub(super) payor: Lax<'t, Many<Reference<'t>>>,
    #[serde(borrow)]
    pub(super) custodian: Lax<'t, Reference<'t>>,
    #[serde(borrow)]
    pub(super) author: Lax<'t, Many<Reference<'t>>>,
    #[serde(borrow)]
    pub(super) event: Lax<'t, Many<Event<'t>>>,
    #[serde(borrow)]
    pub(super) class: Lax<'t, Coding<'t>>,
}

/// `Composition.event`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'t> {
    #[serde(borrow)]
    pub(super) code: Many<Concept<'t>>,
    #[serde(borrow)]
    pub(super) period: Period<'t>,
}
