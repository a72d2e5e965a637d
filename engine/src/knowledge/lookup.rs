//! Exact codes to their entries, in one cache line each.
//!
//! The fsts are what is stored: they are small and answer by prefix and by name. One look-up in an
//! fst walks a node for each character of the code, though, and a check resolves a code a line. So
//! opening reads the keys out of them once more into a hash table, which gives the same answers.

use fst::{IntoStreamer, Map, Streamer};

use crate::code::CodeSystem;
use crate::format::section::Checked;
use crate::int;

/// Longer codes stay with the fst. No national code has more than 14 characters.
const CODE_BYTES_MAX: usize = 16;

/// What a code is looked up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// The codes of a system.
    Codes(CodeSystem),
    /// Prefixes of 9 and 7 characters (S13).
    Prefixes,
}

impl Table {
    const fn number(self) -> u16 {
        match self {
            Self::Prefixes => 0,
            Self::Codes(CodeSystem::Receipt) => 1,
            Self::Codes(CodeSystem::Price) => 2,
            Self::Codes(CodeSystem::Yj) => 3,
            Self::Codes(CodeSystem::Hot) => 4,
            Self::Codes(CodeSystem::Generic) => 5,
            Self::Codes(CodeSystem::Gtin) => 6,
        }
    }
}

/// A code of at most 16 bytes: its first and its last eight bytes, which overlap, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    head: u64,
    tail: u64,
    /// Table and length.
    tag: u16,
}

impl Key {
    fn new(table: Table, code: &[u8]) -> Option<Self> {
        let length = u16::try_from(code.len()).ok().filter(|_| code.len() <= CODE_BYTES_MAX)?;
        let (head, tail) = match (code.first_chunk(), code.last_chunk()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => (code.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), 0),
        };
        Some(Self { head, tail, tag: table.number() << 8 | length })
    }

    /// Both halves and the rest multiplied into each other; the high half of a product mixes best.
    fn hash(&self) -> u64 {
        let one = self.head ^ 0x9e37_79b9_7f4a_7c15;
        let other =
            self.tail.rotate_left(29) ^ u64::from(self.tag).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let product = u128::from(one) * u128::from(other | 1);
        int::low64(product) ^ int::low64(product >> 64)
    }
}

/// A place of the table, with the fields of its [`Key`]; free where the tag is [`FREE`].
#[derive(Clone, Copy, Debug)]
struct Slot {
    head: u64,
    tail: u64,
    tag: u16,
    entry: u32,
}

const FREE: u16 = u16::MAX;
const NO_SLOT: Slot = Slot { head: 0, tail: 0, tag: FREE, entry: 0 };
const _: () = assert!(size_of::<Slot>() == 24);

impl Slot {
    fn holds(&self, key: &Key) -> bool {
        self.head == key.head && self.tail == key.tail && self.tag == key.tag
    }
}

/// A hash table with open addressing, at most three quarters full.
#[derive(Debug)]
pub(super) struct Lookup {
    slots: Vec<Slot>,
    mask: usize,
}

/// What the table says of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Its entry.
    Entry(u32),
    /// It has none.
    Nothing,
    /// The code is too long for the table: only the fst knows.
    AskFst,
}

impl Lookup {
    /// An empty table with room for so many codes.
    pub(super) fn for_codes(count: usize) -> Self {
        let size = (count + count / 3 + 1).next_power_of_two();
        Self { slots: vec![NO_SLOT; size], mask: size - 1 }
    }

    /// Takes over every key of an fst that is short enough.
    pub(super) fn take_over(&mut self, table: Table, map: &Map<Checked>) {
        let mut stream = map.into_stream();
        while let Some((code, entry)) = stream.next() {
            if let (Some(key), Ok(entry)) = (Key::new(table, code), u32::try_from(entry)) {
                self.insert(&key, entry);
            }
        }
    }

    fn insert(&mut self, key: &Key, entry: u32) {
        let mut place = int::wide(key.hash()) & self.mask;
        // A free slot is met: there is room for every code, and each comes once.
        for _ in 0..=self.mask {
            if let Some(found) = self.slots.get_mut(place)
                && found.tag == FREE
            {
                *found = Slot { head: key.head, tail: key.tail, tag: key.tag, entry };
                return;
            }
            place = (place + 1) & self.mask;
        }
    }

    /// Looks a code up.
    pub(super) fn find(&self, table: Table, code: &str) -> Found {
        let Some(key) = Key::new(table, code.as_bytes()) else { return Found::AskFst };
        let mut place = int::wide(key.hash()) & self.mask;
        while let Some(slot) = self.slots.get(place).filter(|slot| slot.tag != FREE) {
            if slot.holds(&key) {
                return Found::Entry(slot.entry);
            }
            place = (place + 1) & self.mask;
        }
        Found::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [Table; 2] = [Table::Prefixes, Table::Codes(CodeSystem::Yj)];

    /// Codes of every length up to 20, of which many share head or tail.
    fn codes() -> Vec<String> {
        let mut codes: Vec<String> = (0..=20).map(|length| "7".repeat(length)).collect();
        for number in 0..2000_u32 {
            codes.push(format!("{number:05}"));
            codes.push(format!("2171{number:04}F202"));
            codes.push(format!("2171022F{number:04}"));
            codes.push(format!("4987{number:06}0012"));
        }
        codes.extend(["あ".to_owned(), "般".repeat(5), "\0".to_owned(), "\0\0".to_owned()]);
        codes.sort();
        codes.dedup();
        codes
    }

    #[test]
    fn a_code_is_found_in_its_own_table_and_nowhere_else() {
        let codes = codes();
        let mut lookup = Lookup::for_codes(codes.len());
        for (code, entry) in codes.iter().zip(0..).step_by(2) {
            if let Some(key) = Key::new(TABLES[1], code.as_bytes()) {
                lookup.insert(&key, entry);
            }
        }
        for (code, entry) in codes.iter().zip(0..) {
            let expected = match (code.len() > CODE_BYTES_MAX, entry % 2) {
                (true, _) => Found::AskFst,
                (false, 0) => Found::Entry(entry),
                (false, _) => Found::Nothing,
            };
            assert_eq!(lookup.find(TABLES[1], code), expected, "{code:?}");
            assert_ne!(lookup.find(TABLES[0], code), Found::Entry(entry), "{code:?}");
        }
    }

    #[test]
    fn an_empty_table_finds_nothing_and_a_full_one_ends() {
        let mut lookup = Lookup::for_codes(0);
        assert_eq!(lookup.find(Table::Prefixes, "2171022F2"), Found::Nothing);
        let codes = codes();
        lookup = Lookup::for_codes(codes.len());
        let keys = codes.iter().filter_map(|code| Key::new(TABLES[0], code.as_bytes()));
        keys.zip(0..).for_each(|(key, entry)| lookup.insert(&key, entry));
        let free = lookup.slots.iter().filter(|slot| slot.tag == FREE).count();
        assert!(free * 4 >= lookup.slots.len(), "{free} of {} are free", lookup.slots.len());
        assert_eq!(lookup.find(TABLES[1], "2171022F2"), Found::Nothing);
    }
}
