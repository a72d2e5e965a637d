//! Half a year of a generated patient: which documents it leaves.

use jiff::civil::Date;

use crate::{
    formulary::{Coded, Formulary},
    person::{Age, Person},
    places::Places,
    random::Random,
    regimen::{ACUTE, CHRONIC, DENTAL, OCCASIONAL, PAEDIATRIC, Regimen, Supply, WARD},
    visit::{Document, Kind, Line, shift},
};

/// How far back a history reaches: past the 100-day window, so that there is something outside it.
const DAYS_BACK: u32 = 200;
/// How many days a chronic visit covers.
const INTERVALS: [u32; 9] = [28, 28, 28, 30, 35, 56, 60, 84, 90];
/// The code for a drug that has none, where a document must name one.
const DUMMY_CODE: &str = "666660000";

/// The documents of one patient while they are made.
#[derive(Debug)]
pub(crate) struct Course<'a> {
    formulary: &'a Formulary,
    places: &'a Places,
    person: &'a Person,
    random: Random,
    today: Date,
    /// On this day the pharmacy's brands become generics, for patients who want them.
    switched: Date,
    usual_pharmacy: String,
    documents: Vec<Document>,
}

impl<'a> Course<'a> {
    /// All documents of `person` up to `today`.
    pub(crate) fn of(
        person: &'a Person,
        formulary: &'a Formulary,
        places: &'a Places,
        today: Date,
        mut random: Random,
    ) -> Vec<Document> {
        let switched = shift(today, -random.days(0, 2 * DAYS_BACK));
        let usual_pharmacy = random.choose(&places.pharmacies).cloned().unwrap_or_default();
        let documents = Vec::new();
        let mut course =
            Self { formulary, places, person, random, today, switched, usual_pharmacy, documents };
        course.live();
        course.documents
    }

    fn live(&mut self) {
        let (clinics, acute) = match self.person.age {
            Age::Child => (0, 1 + self.random.below(4)),
            Age::Adult => (self.random.below(2), self.random.below(4)),
            Age::Elderly => (1 + self.random.below(3), self.random.below(3)),
        };
        for _ in 0..clinics {
            self.attend_clinic();
        }
        for _ in 0..acute {
            self.fall_ill();
        }
        if self.random.chance(15) {
            self.see_dentist();
        }
        if self.person.age == Age::Elderly && self.random.chance(8) {
            self.stay_in_hospital();
        }
    }

    /// One clinic over the whole time, with the same drugs at every visit.
    fn attend_clinic(&mut self) {
        let clinic = self.random.choose(&self.places.clinics).cloned().unwrap_or_default();
        let mut regimens = Vec::new();
        for _ in 0..2 + self.random.below(4) {
            let Some(regimen) = self.random.choose(&CHRONIC) else { continue };
            // One clinic does not prescribe one drug twice.
            if regimens.iter().all(|other: &Regimen| other.group != regimen.group) {
                regimens.push(*regimen);
            }
        }
        let interval = *self.random.choose(&INTERVALS).unwrap_or(&28);
        let limited = regimens
            .iter()
            .any(|regimen| matches!(regimen.supply, Supply::UntilNextVisitAtMost(_)));
        let refill = interval <= 30 && self.random.chance(20) && !limited;
        let uses = if refill { 3 } else { 1 };
        let mut date = shift(self.today, -self.random.days(DAYS_BACK - 28, DAYS_BACK));
        while date <= self.today {
            self.chronic_visit(&clinic, &regimens, date, interval, uses);
            // Patients come back a little before they run out: early refills overlap.
            date = shift(date, i64::from(interval * uses) - self.random.days(0, 7));
        }
    }

    fn chronic_visit(
        &mut self,
        clinic: &str,
        regimens: &[Regimen],
        date: Date,
        days: u32,
        uses: u32,
    ) {
        let mut regimens = regimens.to_vec();
        // Refills are for settled treatments: nothing is added to them, tapes least of all.
        if uses == 1
            && self.random.chance(20)
            && let Some(extra) = self.random.choose(&OCCASIONAL)
        {
            regimens.push(*extra);
        }
        let lines = self.prescribe(&regimens, days);
        let mut prescription = Document::prescription(self.id("rx"), date, clinic, lines);
        if uses > 1 {
            prescription.refill_uses = Some(uses);
        }
        if self.random.chance(2) {
            // Issued with a mistake, cancelled, and issued again under another id.
            let cancelled = Document { cancelled: true, ..prescription.clone() };
            self.documents.push(cancelled);
            prescription.id = self.id("rx");
        }
        self.documents.push(prescription.clone());
        if self.random.chance(3) {
            return; // Never taken to a pharmacy.
        }
        let mut day = date;
        for n in 1..=uses {
            day = if n == 1 { self.days_later(date) } else { shift(day, i64::from(days) - 3) };
            self.dispense(&prescription, &regimens, day, days, n);
        }
    }

    /// An illness of some days: another clinic, often another pharmacy.
    fn fall_ill(&mut self) {
        let choices: &[&[Regimen]] =
            if self.person.age == Age::Child { &PAEDIATRIC } else { &ACUTE };
        let Some(regimens) = self.random.choose(choices).copied() else { return };
        let clinic = self.random.choose(&self.places.clinics).cloned().unwrap_or_default();
        let date = shift(self.today, -self.random.days(0, DAYS_BACK));
        let mut lines = self.prescribe(regimens, 7);
        if self.random.chance(4) {
            lines.push(extemporaneous());
        }
        if self.random.chance(8) {
            // The clinic hands the drugs out itself.
            let id = self.id("ih");
            self.documents.push(Document::in_house(id, "outpatient", date, &clinic, lines));
            return;
        }
        let prescription = Document::prescription(self.id("rx"), date, &clinic, lines);
        self.documents.push(prescription.clone());
        let day = self.days_later(date);
        self.dispense(&prescription, regimens, day, 7, 1);
    }

    fn see_dentist(&mut self) {
        let Some(dentist) = self.random.choose(&self.places.dentists).cloned() else { return };
        let date = shift(self.today, -self.random.days(0, DAYS_BACK));
        let lines = self.prescribe(&DENTAL, 3);
        let prescription = Document::prescription(self.id("rx"), date, &dentist, lines);
        self.documents.push(prescription.clone());
        self.dispense(&prescription, &DENTAL, date, 3, 1);
    }

    /// A ward stay: what is given there does not count, what is taken home does.
    fn stay_in_hospital(&mut self) {
        let Some(hospital) = self.places.clinics.first() else { return };
        let admitted = shift(self.today, -self.random.days(5, 60));
        let lines = self.prescribe(&WARD, 14);
        let id = self.id("ih");
        self.documents.push(Document::in_house(id, "inpatient", admitted, hospital, lines.clone()));
        let discharged = shift(admitted, self.random.days(3, 5));
        let id = self.id("ih");
        self.documents.push(Document::in_house(id, "discharge", discharged, hospital, lines));
    }

    fn dispense(
        &mut self,
        prescription: &Document,
        regimens: &[Regimen],
        day: Date,
        days: u32,
        n: u32,
    ) {
        if day > self.today {
            return;
        }
        let pharmacy = if self.random.chance(85) {
            self.usual_pharmacy.clone()
        } else {
            self.random.choose(&self.places.pharmacies).cloned().unwrap_or_default()
        };
        let mut lines: Vec<Line> =
            regimens.iter().filter_map(|regimen| self.hand_out(regimen, day, days)).collect();
        if lines.len() > 2 && self.random.chance(2) {
            // The pharmacist found leftovers and left a line out.
            lines.pop();
        }
        lines
            .extend(prescription.lines.iter().filter(|line| line.drug.code == DUMMY_CODE).cloned());
        let mut result = prescription.dispensed(self.id("dp"), day, &pharmacy, lines);
        if let (Kind::Dispensing { refill_use, .. }, Some(_)) =
            (&mut result.kind, prescription.refill_uses)
        {
            *refill_use = Some(n);
        }
        if self.random.chance(1) {
            self.documents.push(Document { cancelled: true, ..result.clone() });
            result.id = self.id("dp");
        }
        self.documents.push(result);
    }

    /// The lines as a doctor writes them: by generic name, by brand, in either code system.
    fn prescribe(&mut self, regimens: &[Regimen], days: u32) -> Vec<Line> {
        regimens
            .iter()
            .filter_map(|regimen| {
                let products = self.formulary.interchangeable(regimen.group);
                let product = products.brands.first().or(products.generics.first())?;
                let drug = match self.random.below(10) {
                    0..=4 => product.by_generic(),
                    5..=7 => product.by_yj(),
                    _ => product.by_receipt(),
                };
                Some(line(regimen, drug, days))
            })
            .collect()
    }

    /// The line as a pharmacy dispenses it: a product, a generic one for those who want it.
    fn hand_out(&mut self, regimen: &Regimen, day: Date, days: u32) -> Option<Line> {
        let products = self.formulary.interchangeable(regimen.group);
        let generic = self.person.prefers_generics && day >= self.switched;
        let (first, second) = if generic {
            (&products.generics, &products.brands)
        } else {
            (&products.brands, &products.generics)
        };
        let choices = if first.is_empty() { second } else { first };
        // A pharmacy keeps one product of a group in stock, so a patient gets the same again.
        let product = choices.get(usize::try_from(self.person.ordinal).ok()? % choices.len())?;
        let drug = if self.random.chance(50) { product.by_receipt() } else { product.by_yj() };
        Some(line(regimen, drug, days))
    }

    fn days_later(&mut self, date: Date) -> Date {
        let days = if self.random.chance(80) { 0 } else { self.random.days(1, 3) };
        shift(date, days)
    }

    /// The next document id of this patient.
    fn id(&self, kind: &str) -> String {
        format!("demo-{:06}-{kind}-{:03}", self.person.ordinal, self.documents.len())
    }
}

fn line(regimen: &Regimen, drug: Coded, days: u32) -> Line {
    let quantity = match regimen.supply {
        Supply::UntilNextVisit => days,
        Supply::UntilNextVisitAtMost(limit) => days.min(limit),
        Supply::Days(own) => own,
        Supply::Count(count) => count,
    };
    Line { drug, form: regimen.form, quantity, usage: regimen.usage.to_owned() }
}

/// A drug that no code list has, made up at the pharmacy.
fn extemporaneous() -> Line {
    let name = "院内製剤（架空）".to_owned();
    let drug = Coded { system: "receipt", code: DUMMY_CODE.to_owned(), name };
    Line { drug, form: 3, quantity: 1, usage: "2B72000000000000".to_owned() }
}
