//! The days of one patient: which documents they leave.
//!
//! The numbers below are tuned together, so that the nation looks as the national service says:
//! 8.75 drug lines a patient in 100 days, a duplicate for about 16 of 100 dispensing results, and
//! 700 times as many duplicates as contraindications. `tests/suite/nation.rs` holds them to it.

use crate::nation::Nation;
use crate::nation::batch::{Batch, DISCHARGE, DISPENSING, Document, IN_HOUSE, INPATIENT, Line};
use crate::nation::drugs::Treatments;
use crate::nation::person::Person;
use crate::nation::places::Sort;
use crate::person::Age;
use crate::random::Random;
use crate::regimen::Supply;

mod papers;

/// How many days a chronic visit covers.
const INTERVALS: [u16; 12] = [28, 28, 28, 30, 35, 42, 56, 56, 60, 84, 90, 90];
/// Of 100 chronic visits, how many come before the supply ends.
const EARLY_PERCENT: u32 = 40;
/// Of 100 dispensings, how many are at a pharmacy where the patient went by chance.
const STRANGE_PHARMACY_PERCENT: u32 = 18;
/// Of 100 patients, how many take everything to one pharmacy.
const FAMILY_PHARMACY_PERCENT: u32 = 20;
/// Of 100 drugs that a patient has already, how many another clinic leaves out, having asked.
const ASKED_PERCENT: u32 = 15;
/// One patient in so many is given what must not be combined, if chance has it so.
const CARELESS_ONE_IN: u32 = 15;
/// One patient in so many goes from pharmacy to pharmacy.
pub(super) const WORST_ONE_IN: u64 = 10_000;
/// What such a patient leaves in 100 days, as in a case that the ministry describes.
const WORST_DISPENSINGS: i32 = 81;
const WORST_PHARMACIES: u32 = 29;
const WORST_CLINICS: u32 = 12;

/// A drug of a visit, before anybody chooses a product for it.
#[derive(Clone, Copy, Debug)]
struct Item {
    treatment: u16,
    quantity: u16,
    supplement: u8,
}

/// What a clinic does at a visit.
#[derive(Clone, Copy, Debug)]
struct Visit {
    clinic: u32,
    day: i32,
    /// Days until the next one.
    interval: u16,
    uses: u8,
}

/// Lists that every patient needs and that are made once.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    regimen: Vec<u16>,
    items: Vec<Item>,
    lines: Vec<Line>,
}

/// One patient while the documents are made.
#[derive(Debug)]
pub(super) struct Life<'a> {
    nation: &'a Nation,
    person: Person,
    random: Random,
    out: &'a mut Batch,
    scratch: &'a mut Scratch,
    /// Everything with a substance of what is already taken for long.
    taken: Treatments,
    /// Everything that must not be combined with what was ever prescribed.
    clashing: Treatments,
    is_careless: bool,
    /// Always here, for those who have such a one.
    family_pharmacy: Option<u32>,
    /// From this day on generic products are dispensed.
    generics_from: i32,
    /// Which of several equal products the pharmacies have in stock.
    stock: usize,
    /// The pharmacies of this patient write YJ codes.
    writes_yj: bool,
}

impl<'a> Life<'a> {
    /// Appends all documents of patient `ordinal` to `out`.
    pub(super) fn live(
        nation: &'a Nation,
        ordinal: u64,
        out: &'a mut Batch,
        scratch: &'a mut Scratch,
    ) {
        let mut random = Random::for_patient(nation.seed, ordinal);
        let person = nation.person(ordinal, &mut random);
        let places = &nation.places;
        let family_pharmacy = random
            .chance(FAMILY_PHARMACY_PERCENT)
            .then(|| places.choose(person.home, Sort::Pharmacy, &mut random));
        // Four of five want generics, and some of them only since a few weeks.
        let span = i32::try_from(nation.days).unwrap_or(i32::MAX);
        let generics_from = match random.below(20) {
            0..4 => i32::MAX,
            4 => nation.today - below(&mut random, span),
            _ => i32::MIN,
        };
        let stock = usize::try_from(random.below(1 << 16)).unwrap_or_default();
        let writes_yj = random.chance(40);
        let is_careless = random.one_in(CARELESS_ONE_IN);
        let before = out.entries.len();
        let mut life = Self {
            nation,
            person,
            random,
            out,
            scratch,
            taken: Treatments::default(),
            clashing: Treatments::default(),
            is_careless,
            family_pharmacy,
            generics_from,
            stock,
            writes_yj,
        };
        if ordinal % WORST_ONE_IN == WORST_ONE_IN - 1 {
            life.go_from_pharmacy_to_pharmacy();
        } else {
            life.go_on();
            while life.out.entries.len() == before {
                life.fall_ill();
            }
        }
    }

    fn go_on(&mut self) {
        let draw = self.random.below(1000);
        let clinics = match (self.person.age, draw) {
            (Age::Child, 0..936) | (Age::Adult, 0..709) | (Age::Elderly, 0..336) => 0,
            (Age::Child, _) | (Age::Adult, 709..964) | (Age::Elderly, 336..855) => 1,
            (Age::Adult, _) | (Age::Elderly, 855..968) => 2,
            (Age::Elderly, 968..996) => 3,
            (Age::Elderly, _) => 5,
        };
        for _ in 0..clinics {
            self.attend_clinic();
        }
        for _ in 0..self.illnesses() {
            self.fall_ill();
        }
        if self.random.chance(3) {
            self.see_dentist();
        }
        if self.person.age == Age::Elderly && self.random.chance(1) {
            self.stay_in_hospital();
        }
    }

    /// How often somebody falls ill; a few do so again and again.
    fn illnesses(&mut self) -> u32 {
        let draw = self.random.below(1000);
        match (self.person.age, draw) {
            (_, 996..) => 7 + self.random.below(16),
            (_, 973..) => 3 + self.random.below(4),
            (Age::Child, 0..364) | (Age::Adult, 0..255) | (Age::Elderly, 0..137) => 1,
            (Age::Child, 364..500) | (Age::Adult, 255..300) | (Age::Elderly, 137..164) => 2,
            _ => 0,
        }
    }

    /// One clinic over the whole time, with the same drugs at every visit.
    fn attend_clinic(&mut self) {
        let clinic = self.place(Sort::Medical);
        let wanted = match self.person.age {
            Age::Elderly => 3 + self.random.below(4) + self.random.below(3),
            Age::Adult | Age::Child => 2 + self.random.below(4),
        };
        self.choose_regimen(wanted);
        let interval = self.choose(&INTERVALS);
        let refill = interval <= 30 && self.random.chance(6);
        let uses = if refill { 3 } else { 1 };
        let first = self.nation.first_day();
        let cycle = i32::from(interval) * i32::from(uses);
        let mut day = first - below(&mut self.random, cycle);
        while day <= self.nation.today {
            self.chronic_visit(Visit { clinic, day, interval, uses });
            let early = if self.random.chance(EARLY_PERCENT) {
                1 + below(&mut self.random, 6)
            } else {
                -below(&mut self.random, 4)
            };
            day += cycle - early;
        }
    }

    /// Fills the regimen with drugs that the patient does not have yet.
    fn choose_regimen(&mut self, wanted: u32) {
        self.scratch.regimen.clear();
        let nation = self.nation;
        let known = self.taken;
        for _ in 0..wanted {
            let list =
                if self.random.chance(8) { &nation.drugs.rare } else { &nation.drugs.chronic };
            let Some(treatment) = self.random.choose(list).copied() else { continue };
            let within = self.taken.contains(treatment) && !known.contains(treatment);
            let asked = known.contains(treatment) && self.random.chance(ASKED_PERCENT);
            // One clinic never prescribes a substance twice; another one may not know.
            if within || asked || !self.is_compatible(treatment) {
                continue;
            }
            self.take(treatment, true);
            self.scratch.regimen.push(treatment);
        }
    }

    fn chronic_visit(&mut self, visit: Visit) {
        self.scratch.items.clear();
        for at in 0..self.scratch.regimen.len() {
            let treatment = self.scratch.regimen.get(at).copied().unwrap_or_default();
            self.add_item(treatment, visit.interval);
        }
        // Refills are for settled treatments: nothing is added to them.
        if visit.uses == 1 && self.random.chance(20) {
            let nation = self.nation;
            let extra = match self.random.below(10) {
                0 => self.random.choose(&nation.drugs.rare_external),
                _ => self.random.choose(&nation.drugs.occasional),
            };
            self.add_compatible(extra.copied(), visit.interval);
        }
        self.attend(visit);
    }

    /// An illness of some days: another clinic, often another pharmacy.
    fn fall_ill(&mut self) {
        let drugs = &self.nation.drugs;
        let choices = if self.person.age == Age::Child { &drugs.paediatric } else { &drugs.acute };
        let Some(bundle) = self.random.choose(choices) else { return };
        self.scratch.items.clear();
        for treatment in bundle {
            self.add_compatible(Some(*treatment), 7);
        }
        let clinic = self.place(Sort::Medical);
        let day = self.any_day();
        self.attend(Visit { clinic, day, interval: 7, uses: 1 });
    }

    fn see_dentist(&mut self) {
        self.scratch.items.clear();
        let nation = self.nation;
        for treatment in &nation.drugs.dental {
            self.add_compatible(Some(*treatment), 3);
        }
        let clinic = self.place(Sort::Dental);
        let day = self.any_day();
        self.attend(Visit { clinic, day, interval: 3, uses: 1 });
    }

    /// A ward stay: what is given there and what is taken home.
    fn stay_in_hospital(&mut self) {
        self.scratch.items.clear();
        let nation = self.nation;
        for treatment in &nation.drugs.ward {
            self.add_compatible(Some(*treatment), 14);
        }
        let hospital = self.place(Sort::Medical);
        let admitted = self.any_day();
        let document = self.document(IN_HOUSE, admitted, hospital);
        self.hand_out(Document { setting: INPATIENT, ..document });
        let discharged = admitted + 3 + below(&mut self.random, 10);
        let document = self.document(IN_HOUSE, discharged, hospital);
        self.hand_out(Document { setting: DISCHARGE, ..document });
    }

    /// The same few drugs again and again, from many clinics and pharmacies.
    fn go_from_pharmacy_to_pharmacy(&mut self) {
        self.choose_regimen(14);
        let home = self.person.home;
        let start = self.place(Sort::Pharmacy);
        let clinics: Vec<u32> = (0..WORST_CLINICS).map(|_| self.place(Sort::Medical)).collect();
        for n in 0..WORST_DISPENSINGS {
            self.scratch.items.clear();
            for _ in 0..4 - self.random.below(10) / 7 {
                let Some(treatment) = self.random.choose(&self.scratch.regimen).copied() else {
                    break;
                };
                if self.scratch.items.iter().all(|item| item.treatment != treatment) {
                    self.add_item(treatment, 14);
                }
            }
            let day = self.nation.today - n * 99 / (WORST_DISPENSINGS - 1);
            let clinic = self.random.choose(&clinics).copied().unwrap_or_default();
            let turn = u32::try_from(n).unwrap_or_default() % WORST_PHARMACIES;
            let pharmacy = self.nation.places.pharmacy_after(home, start, turn);
            let document = self.document(DISPENSING, day, clinic);
            self.hand_out(Document { pharmacy: Some(pharmacy), ..document });
        }
    }

    fn is_compatible(&self, treatment: u16) -> bool {
        self.is_careless || !self.clashing.contains(treatment)
    }

    fn add_compatible(&mut self, treatment: Option<u16>, interval: u16) {
        let Some(treatment) = treatment else { return };
        let asked = self.taken.contains(treatment) && self.random.chance(ASKED_PERCENT);
        if self.is_compatible(treatment) && !asked {
            self.take(treatment, false);
            self.add_item(treatment, interval);
        }
    }

    fn take(&mut self, treatment: u16, is_chronic: bool) {
        if let Some(treatment) = self.nation.drugs.treatment(treatment) {
            self.clashing.add(&treatment.clashing);
            if is_chronic {
                self.taken.add(&treatment.same);
            }
        }
    }

    fn add_item(&mut self, ordinal: u16, interval: u16) {
        let Some(treatment) = self.nation.drugs.treatment(ordinal) else { return };
        let days = match treatment.supply {
            Supply::UntilNextVisit => u32::from(interval),
            Supply::UntilNextVisitAtMost(limit) => u32::from(interval).min(limit),
            Supply::Days(own) => own,
            Supply::Count(count) => count,
        };
        let days = u16::try_from(days).unwrap_or(u16::MAX);
        let (quantity, supplement) = if treatment.is_weekly {
            (days.div_ceil(7), 1)
        } else if matches!(treatment.supply, Supply::UntilNextVisit) && self.random.one_in(250) {
            (days / 2, 2)
        } else {
            (days, 0)
        };
        self.scratch.items.push(Item { treatment: ordinal, quantity, supplement });
    }

    fn pharmacy(&mut self, clinic: u32) -> u32 {
        if self.random.chance(STRANGE_PHARMACY_PERCENT) {
            return self.place(Sort::Pharmacy);
        }
        self.family_pharmacy.unwrap_or_else(|| self.nation.places.gate(self.person.home, clinic))
    }

    /// A place at home or, seldom, anywhere.
    fn place(&mut self, sort: Sort) -> u32 {
        let places = &self.nation.places;
        let prefecture =
            if self.random.chance(4) { places.home(&mut self.random) } else { self.person.home };
        places.choose(prefecture, sort, &mut self.random)
    }

    fn any_day(&mut self) -> i32 {
        let days = self.nation.today - self.nation.first_day() + 1;
        self.nation.today - below(&mut self.random, days)
    }

    fn choose(&mut self, intervals: &[u16]) -> u16 {
        self.random.choose(intervals).copied().unwrap_or(28)
    }
}

fn below(random: &mut Random, limit: i32) -> i32 {
    let below = random.below(u32::try_from(limit).unwrap_or_default());
    i32::try_from(below).unwrap_or_default()
}
