//! One prescription while its records come.

use std::borrow::Cow;

use chofuku_engine::Day;
use chofuku_engine::document::DocumentKind;

use super::Header;
use super::group::Groups;
use crate::csv_message::{
    BEHIND_DRUGS, EraNotation, FacilityFields, Notes, Record, Width, day, facility, shown,
};
use crate::document::{Document, Facility, Patient};
use crate::report::Reason;

/// Records that a prescription has once.
const ONCE: [u16; 22] =
    [1, 2, 3, 5, 11, 12, 13, 14, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31, 51, 63, 64, 82];
/// The records of RPs, which stand behind those of the prescription as a whole.
const RPS: std::ops::Range<u16> = 101..300;
const INSTITUTION: FacilityFields =
    FacilityFields { prefecture: 3, point_table: 1, code: 2, name: 4 };
/// The beginning of a payer's number that stands for medical assistance (生活保護).
const MEDICAL_ASSISTANCE: &str = "12";
/// The most uses that the law allows.
const REFILL_USES_MAX: u8 = 3;

/// The fields of the records that say nothing of use.
const fn passed_over(number: u16) -> Option<usize> {
    Some(match number {
        2 | 24 => 3,
        3 | 4 | 5 | 11 | 61 | 81 => 4,
        12 | 13 | 14 | 21 | 25 | 31 | 52 | 60 | 62 => 2,
        301 => 5,
        _ => return None,
    })
}

/// What is known of a prescription so far.
#[derive(Debug)]
pub(super) struct Prescription<'t> {
    place: u64,
    header: Option<Header>,
    /// The line on which each record of `ONCE` came first.
    first: [u64; ONCE.len()],
    institution: Option<Facility<'t>>,
    insured: Patient<'t>,
    /// Payer and beneficiary of public schemes (公費).
    public: Option<Patient<'t>>,
    day: Option<Day>,
    is_split: bool,
    refill_uses: u8,
    id: Option<Cow<'t, str>>,
    groups: Groups<'t>,
    /// The first record of an RP.
    begun_by: u16,
}

impl<'t> Prescription<'t> {
    pub(super) fn new(place: u64, header: Option<Header>) -> Self {
        Self {
            place,
            header,
            first: [0; ONCE.len()],
            institution: None,
            insured: Patient::default(),
            public: None,
            day: None,
            is_split: false,
            refill_uses: 0,
            id: None,
            groups: Groups::new(matches!(header, Some(Header::Symbol(_)))),
            begun_by: 0,
        }
    }

    /// Begins the next one, in the space of the one that is finished.
    pub(super) fn restart(&mut self, place: u64, header: Option<Header>) {
        let mut groups = std::mem::replace(&mut self.groups, Groups::new(false));
        groups.restart(matches!(header, Some(Header::Symbol(_))));
        *self = Self { groups, ..Self::new(place, header) };
    }

    pub(super) fn take(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        notes.used += 1;
        self.note_order(record, notes);
        if self.is_repeated(record, notes) {
            return;
        }
        match record.number {
            1 => self.institution(record, notes),
            22 | 23 => self.insured(record, notes),
            27..=30 => self.public(record, notes),
            51 => self.issued(record, notes),
            63 => self.split(record, notes),
            64 => self.refill(record, notes),
            82 => self.exchange_number(record, notes),
            101 => self.groups.group(record, notes),
            102 => self.groups.part(record, notes),
            111 => self.groups.usage(record, notes),
            181 => self.groups.supplement(record, notes),
            201 => self.groups.drug(record, notes),
            211 | 221 | 231 | 241 => self.groups.detail(record, notes),
            281 => self.groups.drug_supplement(record, notes),
            302 => {}
            number if passed_over(number).is_some() => {
                // Its content is of no use, but a line end may have been lost in it.
                record.width(1, passed_over(number).unwrap_or(0), notes);
            }
            _ => {
                notes.used -= 1;
                self.unknown(record, notes);
            }
        }
    }

    /// A record that the layout does not know. Before the RPs, records that are numbered as those of
    /// the prescription as a whole hold no drug, nor do those that are numbered behind all of drugs;
    /// anything else may be a drug's.
    fn unknown(&self, record: &Record<'_>, notes: &mut Notes<'_>) {
        let of_whole = self.begun_by == 0 && (1..RPS.start).contains(&record.number);
        if of_whole || BEHIND_DRUGS.contains(&record.number) {
            notes.note(record.line, record.number, "", Reason::UnknownRecord);
        } else {
            notes.loss(record.line, record.number, "", Reason::UnknownRecord);
        }
    }

    fn note_order(&mut self, record: &Record<'_>, notes: &mut Notes<'_>) {
        if RPS.contains(&record.number) && self.begun_by == 0 {
            self.begun_by = record.number;
        } else if self.begun_by != 0 && record.number != 0 && record.number < RPS.start {
            let reason = Reason::Order { after: self.begun_by };
            notes.note(record.line, record.number, "", reason);
        }
    }

    /// Whether the record came before; the first one counts.
    fn is_repeated(&mut self, record: &Record<'_>, notes: &mut Notes<'_>) -> bool {
        if record.number >= RPS.start {
            return false;
        }
        let place = ONCE.iter().position(|number| *number == record.number);
        let Some(first) = place.and_then(|place| self.first.get_mut(place)) else { return false };
        if *first == 0 {
            *first = record.line;
            return false;
        }
        notes.note(record.line, record.number, "", Reason::Repeated { first: *first });
        true
    }

    fn institution(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let width = record.width(5, 5, notes);
        // A decoded symbol: code and name without point table and prefecture. The name is safe.
        let is_compact = width == Width::Short && record.raw(1).len() == 7 && !record.is_empty(2);
        if is_compact && record.ascii(2).is_none() {
            let name = record.text(2, "名称", notes);
            let reason = Reason::ReadAs { found: shown(name), taken: "名称" };
            notes.note(record.line, 1, "名称", reason);
            self.institution = Some(Facility { code: Cow::Borrowed(""), name: name.into() });
            return;
        }
        let facility = facility(record, INSTITUTION, notes);
        let is_there = !facility.code.is_empty() || !facility.name.is_empty();
        self.institution = is_there.then_some(facility);
    }

    fn insured(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let (min, max) = if record.number == 22 { (2, 2) } else { (4, 5) };
        if record.width(min, max, notes) == Width::Long {
            // Whose record this is cannot be told if its columns may have moved.
            return;
        }
        if record.number == 22 {
            let insurer = record.code(1, "保険者番号", notes);
            let is_number = insurer.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number || !matches!(insurer.len(), 6 | 8) {
                notes.note(record.line, 22, "保険者番号", Reason::Personal);
            }
            self.insured.insurer = insurer.into();
        } else {
            self.insured.symbol = record.code(1, "記号", notes).into();
            self.insured.number = record.code(2, "番号", notes).into();
            self.insured.branch = record.code(4, "枝番", notes).into();
        }
    }

    fn public(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        if record.width(3, 3, notes) == Width::Long {
            return;
        }
        let insurer = record.code(1, "負担者番号", notes);
        let number = record.code(2, "受給者番号", notes);
        let known = self.public.as_ref();
        let is_better = known.is_none_or(|known| {
            insurer.starts_with(MEDICAL_ASSISTANCE)
                && !known.insurer.starts_with(MEDICAL_ASSISTANCE)
        });
        if is_better && !insurer.is_empty() {
            let (insurer, number) = (insurer.into(), number.into());
            self.public = Some(Patient { insurer, number, ..Patient::default() });
        }
    }

    fn issued(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        record.width(2, 2, notes);
        let text = record.code(1, "交付年月日", notes);
        self.day = day(text, EraNotation::Digit);
        if self.day.is_none() {
            let found = shown(text);
            let reason = if found.is_empty() { Reason::Empty } else { Reason::Date { found } };
            notes.note(record.line, 51, "交付年月日", reason);
        }
    }

    fn split(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        record.width(3, 3, notes);
        // Anything but one single part: a number that cannot be read is a split all the same.
        let total = record.code(1, "総分割回数", notes);
        let parts: Option<u8> = total.parse().ok().filter(|parts| *parts > 0);
        if parts.is_none() {
            notes.note(record.line, 63, "総分割回数", Reason::Value { found: shown(total) });
        }
        self.is_split = parts != Some(1);
    }

    fn refill(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        record.width(2, 2, notes);
        let text = record.code(1, "リフィル総使用回数", notes);
        let uses = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        if uses.is_none_or(|uses| !(1..=REFILL_USES_MAX).contains(&uses)) {
            let reason = Reason::Value { found: shown(text) };
            notes.note(record.line, 64, "リフィル総使用回数", reason);
        }
        self.refill_uses = uses.unwrap_or(0);
    }

    fn exchange_number(&mut self, record: &Record<'t>, notes: &mut Notes<'_>) {
        let width = record.width(3, 3, notes);
        let id = record.code(2, "引換番号", notes);
        if width != Width::Long && record.raw(1) == "1" && !id.is_empty() {
            self.id = Some(id.into());
        } else if width == Width::Whole && !record.is_empty(1) && record.raw(1) != "1" {
            let reason = Reason::Value { found: shown(record.code(1, "種別", notes)) };
            notes.note(record.line, 82, "種別", reason);
        }
    }

    /// The document; nothing of it stays.
    pub(super) fn finish(&mut self, notes: &mut Notes<'_>) -> Document<'t> {
        let lines = self.groups.finish(self.is_split, notes);
        let missing = |record: u16, is_there: bool, notes: &mut Notes<'_>| {
            if !is_there {
                notes.note(self.place, record, "", Reason::Missing);
            }
        };
        missing(201, !lines.is_empty(), notes);
        let patient = patient(std::mem::take(&mut self.insured), self.public.take());
        if self.header.is_some() {
            let came = |number: u16| {
                let known = ONCE.iter().zip(self.first).find(|(once, _)| **once == number);
                known.is_some_and(|(_, line)| line != 0)
            };
            missing(1, came(1), notes);
            missing(51, came(51), notes);
            let insurer = patient.as_ref().is_some_and(|patient| !patient.insurer.is_empty());
            missing(22, insurer || came(22), notes);
            let number = patient.as_ref().is_some_and(|patient| !patient.number.is_empty());
            missing(23, number || !insurer, notes);
        }
        Document {
            place: self.place,
            id: self.id.take(),
            kind: DocumentKind::Prescription,
            patient,
            day: self.day,
            institution: self.institution.take(),
            pharmacy: None,
            prescription: None,
            refill_uses: self.refill_uses,
            refill_use: 0,
            lines,
        }
    }
}

/// The insured identity, else the public scheme's.
fn patient<'t>(insured: Patient<'t>, public: Option<Patient<'t>>) -> Option<Patient<'t>> {
    if insured.insurer.is_empty() && public.is_some() {
        return public;
    }
    (insured != Patient::default()).then_some(insured)
}
