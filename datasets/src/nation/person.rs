//! Who lives in a nation: insured identities that no insurer ever issued, by ordinal.

use std::io;

use crate::nation::places::check_digit;
use crate::person::{Age, Identity};
use crate::random::Random;

/// Prefectures, which the late-elderly scheme and the health insurance association count by.
const PREFECTURES: u64 = 47;
/// Insurers of a kind whose three middle digits are used; 999 belongs to the demo's insurers.
const MANY: u64 = 999;
/// Law numbers of the mutual aid associations.
const MUTUAL_AID: [u64; 4] = [31, 32, 33, 34];
const MUTUAL_AID_EACH: u64 = 100;
/// Family `n` has the number `FIRST_NUMBER + n`.
const FIRST_NUMBER: u64 = 10_000_000;
/// Every seventh patient is the twin of the one before: one number, another branch.
const FAMILY: u64 = 7;

/// The insurers of the nation, all of prefecture 99, which does not exist.
#[derive(Debug)]
pub(super) struct Insurers {
    pub(super) numbers: Vec<String>,
    schemes: [Scheme; 5],
}

/// Insurers of one scheme, which follow each other.
#[derive(Clone, Copy, Debug)]
struct Scheme {
    first: u16,
    count: u32,
    by_prefecture: bool,
}

/// What an identity is made of, small enough to keep millions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Insured {
    pub(super) insurer: u16,
    pub(super) number: u64,
    pub(super) branch: u8,
}

/// The branches that identities have.
pub(super) const BRANCHES: [&str; 3] = ["", "01", "02"];

/// A patient as far as it decides where they go and what they take.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) insured: Insured,
    pub(super) home: u8,
    pub(super) age: Age,
}

impl Insurers {
    pub(super) fn all() -> io::Result<Self> {
        let mut insurers = Insurers { numbers: vec![], schemes: [Scheme::NONE; 5] };
        let late_elderly = insurers.add((1..=PREFECTURES).map(|n| eight_digits(39, n)), true)?;
        let national = insurers.add((0..MANY).map(|n| with_check_digit(99_000 + n, 5)), false)?;
        let association = insurers.add((1..=PREFECTURES).map(|n| eight_digits(1, n)), true)?;
        let societies = insurers.add((0..MANY).map(|n| eight_digits(6, n)), false)?;
        let aid =
            MUTUAL_AID.iter().flat_map(|law| (0..MUTUAL_AID_EACH).map(|n| eight_digits(*law, n)));
        let aid = insurers.add(aid, false)?;
        insurers.schemes = [late_elderly, national, association, societies, aid];
        Ok(insurers)
    }

    fn add(
        &mut self,
        numbers: impl Iterator<Item = String>,
        by_prefecture: bool,
    ) -> io::Result<Scheme> {
        let before = self.numbers.len();
        self.numbers.extend(numbers);
        let count = u32::try_from(self.numbers.len() - before).map_err(io::Error::other)?;
        let first = u16::try_from(before).map_err(io::Error::other)?;
        Ok(Scheme { first, count, by_prefecture })
    }

    fn choose(&self, scheme: usize, home: u8, random: &mut Random) -> u16 {
        let Some(scheme) = self.schemes.get(scheme) else { return 0 };
        let place =
            if scheme.by_prefecture { u32::from(home) } else { random.skewed(scheme.count) };
        scheme.first + u16::try_from(place).unwrap_or_default()
    }

    /// The identity in words.
    pub(super) fn identity(&self, who: Insured) -> Identity {
        let insurer = self.numbers.get(usize::from(who.insurer)).map_or("", String::as_str);
        let branch = BRANCHES.get(usize::from(who.branch)).copied().unwrap_or_default();
        Identity::new(insurer, &format!("{:08}", who.number), branch)
    }
}

impl Scheme {
    const NONE: Self = Self { first: 0, count: 1, by_prefecture: false };
}

impl Person {
    /// Patient `ordinal`. What a family shares is drawn from the stream of its first member, and
    /// everything else from `random`, the patient's own.
    pub(super) fn generate(
        ordinal: u64,
        insurers: &Insurers,
        home: impl Fn(&mut Random) -> u8,
        seed: u64,
        random: &mut Random,
    ) -> Self {
        let is_twin = ordinal % FAMILY == FAMILY - 1;
        let has_twin = ordinal % FAMILY == FAMILY - 2;
        let family = if is_twin { ordinal - 1 } else { ordinal };
        let shared = &mut Random::for_patient(seed, family);
        let shared = if is_twin { shared } else { &mut *random };
        let home = home(shared);
        // The late elderly are insured one by one, so nobody there has a twin.
        let percent = if is_twin || has_twin { 30 + shared.below(70) } else { shared.below(100) };
        let scheme = match percent {
            0..30 => 0,
            30..55 => 1,
            55..77 => 2,
            77..94 => 3,
            _ => 4,
        };
        let insurer = insurers.choose(scheme, home, shared);
        let branch = if scheme == 0 { 0 } else { 1 + u8::from(is_twin) };
        let age = match (scheme, random.below(100)) {
            (0, _) | (1, 0..45) | (2..=4, 0..8) => Age::Elderly,
            (1, 45..52) | (2..=4, 8..34) => Age::Child,
            _ => Age::Adult,
        };
        Self { insured: Insured { insurer, number: FIRST_NUMBER + family, branch }, home, age }
    }
}

/// Law number, prefecture 99, three digits, check digit.
fn eight_digits(law: u64, n: u64) -> String {
    with_check_digit(law * 100_000 + 99_000 + n, 7)
}

fn with_check_digit(number: u64, width: usize) -> String {
    format!("{number:0width$}{}", check_digit(number))
}
