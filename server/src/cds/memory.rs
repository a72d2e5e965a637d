//! What was shown, for as long as somebody may come back to it: cards, so that feedback finds its finding,
//! and findings shown at selection, so that they are not shown again at signing.
//!
//! Bounded in number and time. What is forgotten too early is shown again, and feedback to it is refused
//! and not lost silently. Nothing here is written anywhere, and no name of a patient or user is kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chofuku_engine::patient::PatientKey;
use chofuku_live::JudgedLine;
use serde_json::Value;

/// Cards and findings that are remembered, each.
const SHOWN_MAX: usize = 65_536;
/// For how long a card can get feedback.
const CARDS_FOR: Duration = Duration::from_hours(24);
/// For how long a finding that was shown at selection is not shown again at signing.
const SEEN_FOR: Duration = Duration::from_hours(1);

/// Everything that is remembered.
#[derive(Debug)]
pub(crate) struct Memory {
    cards: Mutex<Bounded<u128, Shown>>,
    seen: Mutex<Bounded<u128, [u8; 32]>>,
}

/// A card that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) patient: PatientKey,
    /// The id of its finding, as it was told.
    pub(crate) finding: String,
    pub(crate) line: JudgedLine,
    /// Who asked; empty where it was not named.
    pub(crate) institution: String,
    /// The uuid of what it suggests, if anything.
    pub(crate) suggestion: Option<String>,
}

/// Before whose eyes a card is: what was judged at one institution is not judged at another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'a> {
    /// Empty where the request names none.
    pub(crate) user: &'a str,
    /// Empty where the request names none.
    pub(crate) institution: &'a str,
}

/// A finding before the eyes of a user: whose and which it is, and everything that was told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    key: u128,
    told: [u8; 32],
}

/// A finding as one user sees it at one institution. It is the same only if every word of it is: other evidence, another
/// day or another consent make it another one.
pub(crate) fn seen(patient: PatientKey, viewer: Viewer<'_>, finding: &Value) -> Seen {
    let Viewer { user, institution } = viewer;
    let id = finding.get("id").and_then(Value::as_str).unwrap_or_default();
    let [user, institution, id] = [user, institution, id].map(str::as_bytes);
    let mut told = finding.clone();
    if let Some(told) = told.as_object_mut() {
        // Where it stands among the orders is not what it says.
        told.remove("line");
        told.remove("other_line");
    }
    let key = hash(&[b"seen", &patient.number().to_le_bytes(), user, institution, id]);
    Seen { key: number(&key), told: *blake3::hash(told.to_string().as_bytes()).as_bytes() }
}

/// The uuid of a card: the same for the same finding, patient, viewer and check day. It cannot be guessed
/// without the patient's key, and says nothing of what it was made from.
pub(crate) fn uuid(patient: PatientKey, viewer: Viewer<'_>, day: &str, finding: &Value) -> String {
    let id = finding.get("id").and_then(Value::as_str).unwrap_or_default();
    let patient = patient.number().to_le_bytes();
    let Viewer { user, institution } = viewer;
    let [user, institution, day, id] = [user, institution, day, id].map(str::as_bytes);
    made_of(&[b"card", &patient, user, institution, day, id])
}

/// The uuid of what a card suggests.
pub(crate) fn suggestion(card: &str) -> String {
    made_of(&[b"suggestion", card.as_bytes()])
}

fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_le_bytes()).update(part);
    }
    let mut hash = [0; 16];
    hasher.finalize_xof().fill(&mut hash);
    hash
}

fn number(hash: &[u8; 16]) -> u128 {
    u128::from_le_bytes(*hash)
}

/// A uuid of version 8: its bits are the program's own.
fn made_of(parts: &[&[u8]]) -> String {
    let hash = hash(parts);
    let mut uuid = String::with_capacity(36);
    for (position, byte) in hash.into_iter().enumerate() {
        let byte = match position {
            6 => 0x80 | (byte & 0x0f),
            8 => 0x80 | (byte & 0x3f),
            _ => byte,
        };
        if matches!(position, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        let digits = [byte >> 4, byte & 0x0f].map(u32::from);
        uuid.extend(digits.into_iter().filter_map(|digit| char::from_digit(digit, 16)));
    }
    uuid
}

impl Default for Memory {
    fn default() -> Self {
        let (cards, seen) = (Bounded::new(SHOWN_MAX, CARDS_FOR), Bounded::new(SHOWN_MAX, SEEN_FOR));
        Self { cards: Mutex::new(cards), seen: Mutex::new(seen) }
    }
}

impl Memory {
    /// Remembers what an answer shows.
    pub(crate) fn remember(&self, seen: Vec<Seen>, shown: Vec<(String, Shown)>, now: Instant) {
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        for (uuid, shown) in shown {
            cards.insert(number(&hash(&[uuid.as_bytes()])), shown, now);
        }
        drop(cards);
        let mut known = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for Seen { key, told } in seen {
            known.insert(key, told, now);
        }
    }

    /// The card of a uuid.
    pub(crate) fn card(&self, uuid: &str, now: Instant) -> Option<Shown> {
        let cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        cards.get(number(&hash(&[uuid.as_bytes()])), now).cloned()
    }

    /// Whether the same was shown to the same user at selection, not long ago.
    pub(crate) fn was_seen(&self, seen: &Seen, now: Instant) -> bool {
        let known = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(seen.key, now) == Some(&seen.told)
    }
}

/// A map that forgets what is old, and the oldest where there is too much.
#[derive(Debug)]
struct Bounded<K, V> {
    entries_max: usize,
    keeps_for: Duration,
    /// With the number of the insertion.
    values: HashMap<K, (u64, Instant, V)>,
    /// Every insertion, the oldest first. A key that was inserted again stands in it twice.
    order: VecDeque<(u64, Instant, K)>,
    insertions: u64,
}

impl<K: Copy + Eq + std::hash::Hash, V> Bounded<K, V> {
    fn new(entries_max: usize, keeps_for: Duration) -> Self {
        let (values, order) = (HashMap::new(), VecDeque::new());
        Self { entries_max, keeps_for, values, order, insertions: 0 }
    }

    fn insert(&mut self, key: K, value: V, now: Instant) {
        self.insertions += 1;
        self.values.insert(key, (self.insertions, now, value));
        self.order.push_back((self.insertions, now, key));
        while let Some((insertion, when, oldest)) = self.order.front().copied() {
            let is_old = now.saturating_duration_since(when) > self.keeps_for;
            if !is_old && self.order.len() <= self.entries_max {
                break;
            }
            self.order.pop_front();
            if self.values.get(&oldest).is_some_and(|(last, ..)| *last == insertion) {
                self.values.remove(&oldest);
            }
        }
    }

    fn get(&self, key: K, now: Instant) -> Option<&V> {
        let (_, when, value) = self.values.get(&key)?;
        (now.saturating_duration_since(*when) <= self.keeps_for).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PATIENT: PatientKey = PatientKey::from_number(7);
    const VIEWER: Viewer<'_> = Viewer { user: "dr", institution: "1311234567" };

    #[test]
    fn what_is_old_or_too_much_is_forgotten() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut bounded = Bounded::new(2, Duration::from_secs(10));
        bounded.insert(1, "a", at(0));
        bounded.insert(2, "b", at(1));
        assert_eq!((bounded.get(1, at(10)), bounded.get(1, at(11))), (Some(&"a"), None));
        bounded.insert(1, "c", at(2));
        assert_eq!(bounded.get(1, at(2)), Some(&"c"), "its later insertion keeps it");
        bounded.insert(3, "d", at(3));
        assert_eq!((bounded.get(2, at(3)), bounded.order.len()), (None, 2));
        bounded.insert(4, "e", at(30));
        assert_eq!((bounded.values.len(), bounded.order.len()), (1, 1));
    }

    #[test]
    fn what_changed_in_a_word_was_not_seen() {
        let memory = Memory::default();
        let finding = json!({"id": "f", "line": 0, "totals": {"records": 1}});
        let now = Instant::now();
        memory.remember(vec![seen(PATIENT, VIEWER, &finding)], Vec::new(), now);
        let was_seen = |patient, viewer: Viewer<'_>, finding: &Value| {
            memory.was_seen(&seen(patient, viewer, finding), now)
        };
        assert!(was_seen(PATIENT, VIEWER, &finding));
        let moved = json!({"id": "f", "line": 3, "totals": {"records": 1}});
        assert!(was_seen(PATIENT, VIEWER, &moved), "another place is not another finding");
        let worse = json!({"id": "f", "line": 0, "totals": {"records": 2}});
        assert!(!was_seen(PATIENT, VIEWER, &worse));
        assert!(!was_seen(PATIENT, Viewer { user: "nurse", ..VIEWER }, &finding));
        assert!(!was_seen(PATIENT, Viewer { institution: "", ..VIEWER }, &finding));
        assert!(!was_seen(PatientKey::from_number(8), VIEWER, &finding));
        let later = now + SEEN_FOR + Duration::from_secs(1);
        assert!(!memory.was_seen(&seen(PATIENT, VIEWER, &finding), later));
    }

    #[test]
    fn a_uuid_is_one_of_version_8() {
        let finding = json!({"id": "f"});
        let one = uuid(PATIENT, VIEWER, "2026-11-22", &finding);
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{one}");
        assert_eq!(one.as_bytes().get(14), Some(&b'8'));
        assert!(one.as_bytes().get(19).is_some_and(|digit| b"89ab".contains(digit)));
        assert_eq!(one, uuid(PATIENT, VIEWER, "2026-11-22", &finding));
        assert_ne!(one, uuid(PATIENT, VIEWER, "2026-11-23", &finding));
        for other in [Viewer { user: "nurse", ..VIEWER }, Viewer { institution: "", ..VIEWER }] {
            assert_ne!(one, uuid(PATIENT, other, "2026-11-22", &finding));
        }
        assert_ne!(one, suggestion(&one));
    }
}
