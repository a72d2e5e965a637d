//! Events: what is registered, in the words of the interface and in a form that lasts.
//!
//! The payload of an event is JSON, which says what its fields are, so that a log outlives the
//! program that wrote it. The log around it carries sequence, checksum and chain.

use chofuku_engine::Day;
use chofuku_engine::code::CodeSystem;
use chofuku_engine::document::{Acknowledged, WrittenDocument};
use chofuku_engine::patient::PatientKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of the payload. A program refuses what it does not know.
const VERSION: u32 = 1;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whom it concerns.
    pub patient: PatientKey,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum EventKind {
    /// A document was registered.
    Registered {
        /// The document.
        document: WrittenDocument,
        /// Findings that the prescriber judged acceptable.
        acknowledged: Vec<Acknowledged>,
    },
    /// A document was changed (変更): this version counts in the place of the one before.
    Changed {
        /// The new version.
        document: WrittenDocument,
        /// Findings that the prescriber judged acceptable.
        acknowledged: Vec<Acknowledged>,
    },
    /// A document was cancelled (取消).
    Cancelled {
        /// Its id.
        document: String,
    },
    /// A cancellation was undone (取消の復元).
    Restored {
        /// The document's id.
        document: String,
    },
    /// Two identities are one person: their histories join.
    Linked {
        /// The other identity.
        #[serde(with = "key")]
        same_as: PatientKey,
    },
    /// A finding was judged where it was shown, before any document of it is registered.
    Judged {
        /// The judgement.
        judgement: Judgement,
    },
}

/// What a prescriber made of a finding that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The id of the finding, as it was told.
    pub finding: String,
    /// The new line that it was found on.
    pub line: JudgedLine,
    /// Whether the finding was judged acceptable; else what it suggested was done.
    pub overridden: bool,
    /// Why, in a word of the interface and in words of the prescriber's.
    pub reason: Option<String>,
    /// The institution that asked; empty where it was not named.
    pub institution: String,
    /// The day in Japan on which it came.
    pub day: Day,
    /// When it was judged, as the caller wrote it.
    pub at: String,
}

/// A new line by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedLine {
    /// The system of the code.
    pub system: CodeSystem,
    /// The code, as it was asked.
    pub code: String,
}

/// Why a payload is no event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It was written by another version of the program.
    #[error(
        "the event has version {found}, this program reads {VERSION}; use the program that wrote it"
    )]
    Version {
        /// The version of the payload.
        found: u32,
    },
    /// It does not parse.
    #[error("the event is not what this program writes")]
    Payload(#[from] serde_json::Error),
}

/// An event as it is written.
#[derive(Serialize, Deserialize)]
struct Payload<K> {
    version: u32,
    #[serde(with = "key")]
    patient: PatientKey,
    event: K,
}

/// What every version of a payload has.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl Event {
    /// The payload of the event.
    ///
    /// # Errors
    ///
    /// When it does not encode, which no event does.
    pub fn encode(&self) -> Result<Vec<u8>, EventError> {
        let payload = Payload { version: VERSION, patient: self.patient, event: &self.kind };
        Ok(serde_json::to_vec(&payload)?)
    }

    /// The event of a payload.
    ///
    /// # Errors
    ///
    /// When it is of another version, or not an event.
    pub fn decode(payload: &[u8]) -> Result<Self, EventError> {
        let Head { version } = serde_json::from_slice(payload)?;
        if version != VERSION {
            return Err(EventError::Version { found: version });
        }
        let Payload { patient, event, .. } = serde_json::from_slice::<Payload<EventKind>>(payload)?;
        Ok(Self { patient, kind: event })
    }

    /// The document that it concerns.
    pub fn document(&self) -> Option<&str> {
        match &self.kind {
            EventKind::Registered { document, .. } | EventKind::Changed { document, .. } => {
                Some(&document.id)
            }
            EventKind::Cancelled { document } | EventKind::Restored { document } => Some(document),
            EventKind::Linked { .. } | EventKind::Judged { .. } => None,
        }
    }
}

/// Patient keys as 32 hexadecimal digits.
mod key {
    use super::{Deserialize, Deserializer, PatientKey, Serializer};

    pub(super) fn serialize<S: Serializer>(
        key: &PatientKey,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", key.number()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<PatientKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| text.len() == 32);
        let expected = "a patient key of 32 hexadecimal digits";
        number.map(PatientKey::from_number).ok_or_else(|| serde::de::Error::custom(expected))
    }
}

#[cfg(test)]
mod tests {
    use chofuku_engine::document::{DocumentKind, WrittenLine};
    use chofuku_engine::period::Form;

    use super::*;

    fn document() -> WrittenDocument {
        WrittenDocument {
            id: "rx-1".to_owned(),
            kind: DocumentKind::Prescription,
            day: Day::from_number(20_000),
            institution: "1310000001".to_owned(),
            pharmacy: String::new(),
            prescription: None,
            refill_uses: 3,
            refill_use: 0,
            cancelled: false,
            lines: vec![WrittenLine {
                rp: 1,
                system: CodeSystem::Yj,
                code: "2171022F2025".to_owned(),
                name: "アムロジピン".to_owned(),
                form: Form::Oral,
                quantity: "28".to_owned(),
                usage: String::new(),
                supplements: String::new(),
            }],
        }
    }

    fn judgement() -> Judgement {
        Judgement {
            finding: "f".to_owned(),
            line: JudgedLine { system: CodeSystem::Yj, code: "2171022F2025".to_owned() },
            overridden: true,
            reason: Some("other: 経過観察".to_owned()),
            institution: "1310000001".to_owned(),
            day: Day::from_number(20_000),
            at: "2026-11-22T01:02:03Z".to_owned(),
        }
    }

    #[test]
    fn every_kind_comes_back() {
        let reason = Some("経過観察".to_owned());
        let acknowledged = vec![Acknowledged { finding: "f".to_owned(), reason }];
        let id = || "rx-1".to_owned();
        for kind in [
            EventKind::Registered { document: document(), acknowledged: acknowledged.clone() },
            EventKind::Changed { document: document(), acknowledged },
            EventKind::Cancelled { document: id() },
            EventKind::Restored { document: id() },
            EventKind::Linked { same_as: PatientKey::from_number(7) },
            EventKind::Judged { judgement: judgement() },
        ] {
            let event = Event { patient: PatientKey::from_number(u128::MAX - 5), kind };
            assert_eq!(Event::decode(&event.encode().unwrap()).unwrap(), event);
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let event = Event {
            patient: PatientKey::from_number(1),
            kind: EventKind::Cancelled { document: "a".into() },
        };
        let text = String::from_utf8(event.encode().unwrap()).unwrap();
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("cancelled", "forgotten"),
            ("00000001", "1"),
            ("00000001", "0000000g"),
            ("\"document\":\"a\"", "\"document\":\"a\",\"more\":1"),
            ("}}", "}"),
        ] {
            assert!(text.contains(from), "{from} in {text}");
            let changed = text.replace(from, to);
            assert!(Event::decode(changed.as_bytes()).is_err(), "{changed}");
        }
    }
}
