//! Bounded texts of a request, borrowed from the body wherever it writes them without escapes.

use std::borrow::Cow;
use std::fmt;

use chofuku_engine::Day;
use chofuku_engine::document::DOCUMENT_ID_CHARACTERS_MAX;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// What a text must be to be accepted.
pub(crate) trait Rule {
    /// The rule in words, behind "the value must be".
    const EXPECTED: &'static str;

    /// The fewest and the most characters.
    const CHARACTERS: (usize, usize);

    /// What [`Rule::accepts`] asks beyond the number of characters, as a regular expression.
    const PATTERN: Option<&'static str>;

    /// Whether a text is accepted.
    fn accepts(text: &str) -> bool;
}

/// The rule as the document of the interface tells it.
pub(crate) fn schema<R: Rule>() -> Schema {
    let (min, max) = R::CHARACTERS;
    let mut schema = json_schema!({"type": "string", "maxLength": max});
    if min > 0 {
        schema.insert("minLength".to_owned(), min.into());
    }
    if let Some(pattern) = R::PATTERN {
        schema.insert("pattern".to_owned(), pattern.into());
    }
    schema
}

/// A text that its rule accepts.
pub(crate) struct Text<'a, R> {
    text: Cow<'a, str>,
    rule: std::marker::PhantomData<R>,
}

impl<R> Text<'_, R> {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R> fmt::Debug for Text<'_, R> {
    /// A request may hold what names a patient, so none of its texts is printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl<'de: 'a, 'a, R: Rule> Deserialize<'de> for Text<'a, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(std::marker::PhantomData))
    }
}

impl<R: Rule> JsonSchema for Text<'_, R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema::<R>()
    }
}

struct TextVisitor<R>(std::marker::PhantomData<R>);

impl<R: Rule> TextVisitor<R> {
    fn accept<'a, E: Error>(&self, text: Cow<'a, str>) -> Result<Text<'a, R>, E> {
        if R::accepts(&text) {
            return Ok(Text { text, rule: self.0 });
        }
        // The text itself is left out: the error is told and may be logged.
        Err(E::invalid_value(Unexpected::Other("another text"), self))
    }
}

impl<'de, R: Rule> Visitor<'de> for TextVisitor<R> {
    type Value = Text<'de, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(R::EXPECTED)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.accept(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.accept(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        self.accept(Cow::Owned(text))
    }
}

macro_rules! rules {
    ($(
        $(#[$doc:meta])*
        $rule:ident: $expected:literal, $min:literal to $max:expr $(, $pattern:literal, $also:expr)?;
    )*) => {
        $(
            $(#[$doc])*
            pub(crate) enum $rule {}

            impl Rule for $rule {
                const EXPECTED: &'static str = $expected;
                const CHARACTERS: (usize, usize) = ($min, $max);
                const PATTERN: Option<&'static str> = rules!(@pattern $($pattern)?);

                fn accepts(text: &str) -> bool {
                    $(
                        let also: fn(&str) -> bool = $also;
                        if !also(text) {
                            return false;
                        }
                    )?
                    characters(text, $min, $max)
                }
            }
        )*
    };
    (@pattern) => { None };
    (@pattern $pattern:literal) => { Some($pattern) };
}

rules! {
    /// A part of an insured identity, which may be empty.
    IdentityPart: "a text of at most 64 characters", 0 to 64;
    /// A code, an id or the name of a policy.
    Id: "a text of 1 to 64 characters", 1 to 64;
    /// The id of a document.
    DocumentId: "a document id of 1 to 128 characters", 1 to DOCUMENT_ID_CHARACTERS_MAX;
    /// Who took an oral consent.
    Recorder: "who took the consent: 1 to 64 characters, not only spaces",
        1 to 64, r"\S", |text| !text.trim().is_empty();
    /// The name written beside a code; empty where there is none.
    Name: "a text of at most 256 characters", 0 to 256;
    /// The code of an institution or pharmacy.
    InstitutionCode: "10 digits: prefecture 2, point table 1, institution 7",
        10 to 10, "^[0-9]{10}$", |text| text.bytes().all(|byte| byte.is_ascii_digit());
    /// A quantity.
    Quantity: "a decimal number as text, of at most 6 digits and 5 decimals, such as \"14\"",
        1 to 12, r"^[0-9]{1,6}(\.[0-9]{1,5})?$", is_quantity;
    /// A usage code (用法コード); empty where there is none.
    Usage: "a text of at most 64 characters", 0 to 64;
    /// A usage supplement code (用法補足コード). Semicolons stand between those of a line.
    Supplement: "a code of 8 characters", 8 to 8, "^[^;]*$", |text| !text.contains(';');
    /// Why a finding is acceptable.
    Reason: "a text of 1 to 1,000 characters", 1 to 1000;
    /// What a user wrote of a card.
    Comment: "a text of at most 900 characters", 0 to 900;
    /// A moment with its offset from UTC.
    Timestamp: "a moment in ISO 8601, such as 2026-11-22T01:02:03Z",
        1 to 64, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+([Zz]|[+-][0-9:]+)$",
        |text| text.parse::<jiff::Timestamp>().is_ok();
    /// A calendar day that a record can have: on one far from all records, every check would be clear.
    DayText: "a day written YYYY-MM-DD, from 1970-01-01 to 2149-06-06",
        10 to 10, "^(19[7-9]|20[0-9]|21[0-4])[0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        |text| text.parse::<Day>().is_ok_and(|day| day.to_row().is_some());
}

impl Text<'_, DayText> {
    /// The day that it writes.
    pub(crate) fn day(&self) -> Option<Day> {
        self.text.parse().ok()
    }
}

/// Whether a text has `min` to `max` characters. Bytes are counted first: there are never fewer.
fn characters(text: &str, min: usize, max: usize) -> bool {
    if text.len() <= max && min <= 1 {
        return text.len() >= min;
    }
    (min..=max).contains(&text.chars().take(max + 1).count())
}

fn is_quantity(text: &str) -> bool {
    let digits = |part: &str, max: usize| {
        (1..=max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match text.split_once('.') {
        None => digits(text, 6),
        Some((whole, fraction)) => digits(whole, 6) && digits(fraction, 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(characters("", 0, 64) && !characters("", 1, 64));
        assert!(characters(&"錠".repeat(64), 1, 64));
        assert!(!characters(&"錠".repeat(65), 1, 64));
        assert!(characters("用法補足コード８", 8, 8) && !characters("1234567", 8, 8));
    }

    /// Texts near what the rules accept, and made of what they look at.
    fn texts() -> Vec<String> {
        let parts =
            ["", "0", "12", "123456", "12345678", ".", ";", " ", "\u{3000}", "錠", "-", "2026"];
        let mut texts: Vec<String> = Vec::new();
        for first in parts {
            for second in parts {
                for third in parts {
                    texts.push([first, second, third].concat());
                }
            }
        }
        let long = [63, 64, 65, 127, 128, 129, 256, 257, 1000, 1001];
        texts.extend(long.iter().flat_map(|length| ["x".repeat(*length), "錠".repeat(*length)]));
        let days =
            ["2026-11-22", "2026-02-31", "2026-13-01", "2026-00-01", "2026-1-1", "0000-01-01"];
        texts.extend(
            days.iter().chain(&["1311234567", "１３１１２３４５６７"]).map(|day| (*day).into()),
        );
        texts
    }

    fn described<R: Rule>(text: &str) -> bool {
        let schema = schema::<R>().to_value();
        jsonschema::draft202012::new(&schema).unwrap().is_valid(&text.into())
    }

    fn is_as_described<R: Rule>() {
        for text in texts() {
            assert_eq!(R::accepts(&text), described::<R>(&text), "{}: {text:?}", R::EXPECTED);
        }
    }

    #[test]
    fn the_document_says_of_a_text_what_is_accepted() {
        is_as_described::<IdentityPart>();
        is_as_described::<Id>();
        is_as_described::<DocumentId>();
        is_as_described::<Recorder>();
        is_as_described::<Name>();
        is_as_described::<InstitutionCode>();
        is_as_described::<Quantity>();
        is_as_described::<Usage>();
        is_as_described::<Supplement>();
        is_as_described::<Reason>();
        // A pattern does not know how long a month is.
        for text in texts() {
            assert!(!DayText::accepts(&text) || described::<DayText>(&text), "{text}");
        }
        assert!(!described::<DayText>("2026-13-01"));
    }

    #[test]
    fn a_quantity_is_a_plain_decimal() {
        for text in ["14", "0", "0.5", "999999.99999", "000014"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1234567", "1.123456", "１４", "1 "]
        {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
