//! New lines: which are checked, and what is odd about them (S12 to S16).

use smallvec::SmallVec;

use crate::check::request::NewLine;
use crate::code;
use crate::day::Day;
use crate::knowledge::{CodeEntryRef, Knowledge, Meaning, Resolution};
use crate::name;
use crate::period::Form;
use crate::word::words;

/// Why a new line is not checked. The first that holds is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotChecked {
    /// A medical material, which is not a drug.
    Material,
    /// A code that stands for no known drug.
    DummyCode,
    /// A code that nothing is known of.
    UnknownCode,
    /// No product with insurance coverage on the check day.
    NotCovered,
    /// A product whose substances the table does not know.
    NoSubstance,
}

words! {
    NotChecked {
        Material => "material",
        DummyCode => "dummy_code",
        UnknownCode => "unknown_code",
        NotCovered => "not_covered",
        NoSubstance => "no_substance",
    }
}

/// What is odd about a new line. It is checked all the same, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineWarning<'r> {
    /// The check digit is wrong (S15).
    CheckDigit(&'r str),
    /// The code was resolved by its prefix (S13).
    Resolution(Resolution),
    /// The name is none of the product's (S14).
    NameMismatch(&'r str),
}

impl LineWarning<'_> {
    /// Every word that [`LineWarning::name`] gives.
    pub const NAMES: &'static [&'static str] = &["check_digit", "resolution", "name_mismatch"];

    /// The word used in answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CheckDigit(_) => "check_digit",
            Self::Resolution(_) => "resolution",
            Self::NameMismatch(_) => "name_mismatch",
        }
    }

    /// What the warning speaks of.
    pub const fn detail(&self) -> &str {
        match self {
            Self::CheckDigit(code) => code,
            Self::Resolution(resolution) => resolution.name(),
            Self::NameMismatch(name) => name,
        }
    }
}

/// The lines of a request; most have no more than stand in place.
pub(crate) type Lines<'a> = SmallVec<[Line<'a>; 6]>;

/// A new line and what its code means.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) new: NewLine<'a>,
    entry: Option<CodeEntryRef>,
    pub(crate) meaning: Meaning<'a>,
    /// The substances that are checked; none of a line that is not.
    pub(crate) substances: &'a [u32],
    pub(crate) not_checked: Option<NotChecked>,
    odd: Odd,
    /// How many checked lines before this one carry the same code: tells their findings' ids apart.
    pub(crate) occurrence: usize,
}

/// What is odd about a line, by kind of [`LineWarning`].
#[derive(Clone, Copy, Debug, Default)]
struct Odd {
    check_digit: bool,
    resolution: bool,
    name: bool,
}

impl<'a> Line<'a> {
    /// Looks the code of a new line up, and asks for what it means: all lines are looked up before
    /// the first is judged, so that they wait for memory together.
    #[inline]
    pub(crate) fn find(knowledge: &'a Knowledge, new: NewLine<'a>) -> Self {
        let entry = knowledge.find(new.system, new.code);
        knowledge.prefetch_meaning(entry);
        let (meaning, odd) = (Meaning::NOTHING, Odd::default());
        Self { new, entry, meaning, substances: &[], not_checked: None, odd, occurrence: 0 }
    }

    /// A line of a record as if it were new; what is odd about it was said when it was.
    pub(crate) fn recorded(new: NewLine<'a>, meaning: Meaning<'a>, as_of: Day) -> Self {
        let not_checked = not_checked(&new, &meaning, as_of);
        let substances = checked(&meaning, not_checked);
        let odd = Odd::default();
        Self { new, entry: None, meaning, substances, not_checked, odd, occurrence: 0 }
    }

    /// What is odd about it.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = LineWarning<'a>> {
        let Odd { check_digit, resolution, name } = self.odd;
        let all = [
            check_digit.then_some(LineWarning::CheckDigit(self.new.code)),
            resolution.then_some(LineWarning::Resolution(self.meaning.resolution)),
            self.new.name.filter(|_| name).map(LineWarning::NameMismatch),
        ];
        all.into_iter().flatten()
    }

    pub(crate) fn has_warnings(&self) -> bool {
        self.odd.check_digit || self.odd.resolution || self.odd.name
    }
}

/// Judges the new lines of a request.
pub(crate) fn judge<'a>(knowledge: &'a Knowledge, as_of: Day, lines: &mut [Line<'a>]) {
    for position in 0..lines.len() {
        let (before, rest) = lines.split_at_mut(position);
        let Some(line) = rest.first_mut() else { return };
        let new = &line.new;
        // Equal codes have equal entries, which are compared faster.
        let is_same = |known: &&Line<'a>| {
            known.entry == line.entry && known.not_checked.is_none() && known.new.is_same_code(new)
        };
        line.occurrence = before.iter().filter(is_same).count();
        line.meaning = knowledge.meaning(line.entry);
        line.not_checked = not_checked(new, &line.meaning, as_of);
        line.substances = checked(&line.meaning, line.not_checked);
        if !matches!(line.not_checked, Some(NotChecked::Material | NotChecked::DummyCode)) {
            line.odd = odd(new, &line.meaning, knowledge);
        }
    }
}

fn checked<'a>(meaning: &Meaning<'a>, not_checked: Option<NotChecked>) -> &'a [u32] {
    if not_checked.is_some() { &[] } else { meaning.substances() }
}

fn not_checked(new: &NewLine<'_>, meaning: &Meaning<'_>, as_of: Day) -> Option<NotChecked> {
    if new.form == Form::Material {
        return Some(NotChecked::Material);
    }
    match meaning.resolution {
        Resolution::Dummy => return Some(NotChecked::DummyCode),
        Resolution::Unknown => return Some(NotChecked::UnknownCode),
        Resolution::Exact | Resolution::First9 | Resolution::Yj7 => {}
    }
    if !meaning.is_covered(as_of) {
        return Some(NotChecked::NotCovered);
    }
    meaning.substances().is_empty().then_some(NotChecked::NoSubstance)
}

fn odd(new: &NewLine<'_>, meaning: &Meaning<'_>, knowledge: &Knowledge) -> Odd {
    let check_digit = new.system.has_check_digit() && !code::check_digit_holds(new.code);
    if !meaning.has_products() {
        return Odd { check_digit, ..Odd::default() };
    }
    let is_known = |written| is_known_name(written, meaning, knowledge);
    Odd {
        check_digit,
        resolution: meaning.resolution != Resolution::Exact,
        name: new.name.is_some_and(|written| !is_known(written)),
    }
}

fn is_known_name(written: &str, meaning: &Meaning<'_>, knowledge: &Knowledge) -> bool {
    // Most names are written as the table has them, and most codes name one product.
    if !written.is_empty() && written == meaning.name() {
        return true;
    }
    let products = || meaning.products().iter().filter_map(|product| knowledge.product(*product));
    // Comparing in any other way costs an allocation a name.
    if products().any(|product| product.names().any(|known| known == written)) {
        return true;
    }
    let written = name::comparable(written);
    meaning.products().iter().any(|product| knowledge.is_name_of(&written, *product))
}
