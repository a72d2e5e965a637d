//! Who the demo patients are: insured identities that no insurer ever issued.

use crate::random::Random;

/// An insured identity. Insurer numbers of prefecture 99, which does not exist, mark it as fiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Insurer number (保険者番号), 8 digits, or 6 for national health insurance.
    pub insurer: String,
    /// Symbol (記号).
    pub symbol: String,
    /// Number (番号).
    pub number: String,
    /// Branch (枝番); empty for the late-elderly scheme, where it may be left out.
    pub branch: String,
}

/// The fictitious insurer of the late-elderly scheme (後期高齢者医療, law number 39).
pub(crate) const LATE_ELDERLY: &str = "39999990";
/// A fictitious health insurance society (law number 06).
pub(crate) const SOCIETY: &str = "06999999";
/// A fictitious municipality of the national health insurance.
const NATIONAL: &str = "999995";

/// The symbol (記号) of every invented identity.
pub(crate) const SYMBOL: &str = "架空";

/// How old a patient is, as far as it decides what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Child,
    Adult,
    Elderly,
}

/// A generated patient.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) ordinal: u32,
    pub(crate) identity: Identity,
    pub(crate) age: Age,
    pub(crate) prefers_generics: bool,
}

impl Identity {
    pub(crate) fn new(insurer: &str, number: &str, branch: &str) -> Self {
        Self {
            insurer: insurer.to_owned(),
            symbol: SYMBOL.to_owned(),
            number: number.to_owned(),
            branch: branch.to_owned(),
        }
    }
}

impl Person {
    /// Patient `ordinal`. Every seventh is the twin of the one before: the same insurance number
    /// and another branch, two people whose histories must never mix.
    pub(crate) fn generate(ordinal: u32, random: &mut Random) -> Self {
        let twin = ordinal % 7 == 6;
        let family = if twin { ordinal - 1 } else { ordinal };
        let (insurer, age) = match family % 7 {
            0 | 3 => (LATE_ELDERLY, Age::Elderly),
            1 => (NATIONAL, Age::Elderly),
            5 => (SOCIETY, Age::Child),
            2 => (NATIONAL, Age::Adult),
            _ => (SOCIETY, Age::Adult),
        };
        let branch = match (insurer, twin) {
            (LATE_ELDERLY, _) => "",
            (_, true) => "02",
            (_, false) => "01",
        };
        let number = format!("{:08}", 10_000_000 + u64::from(family));
        let prefers_generics = random.chance(80);
        Self { ordinal, identity: Identity::new(insurer, &number, branch), age, prefers_generics }
    }
}
