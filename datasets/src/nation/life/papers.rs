//! What a visit leaves on paper: prescriptions, dispensing results, in-house documents.

use crate::nation::batch::{DISPENSING, Document, IN_HOUSE, Line, OUTPATIENT, PRESCRIPTION, uuid};
use crate::nation::drugs::Treatment;
use crate::nation::life::{Item, Life, Visit, below};

/// Of 100 prescriptions, how many are electronic and so are documents themselves.
const ELECTRONIC_PERCENT: u32 = 25;

impl Life<'_> {
    /// A visit with the items at hand: handed out there, or prescribed and dispensed.
    pub(super) fn attend(&mut self, visit: Visit) {
        let Visit { clinic, day, interval, uses } = visit;
        if self.scratch.items.is_empty() {
            return;
        }
        if uses == 1 && self.random.chance(6) {
            let document = self.document(IN_HOUSE, day, clinic);
            self.hand_out(Document { setting: OUTPATIENT, ..document });
            return;
        }
        let refill_uses = (uses > 1).then_some(uses);
        let prescription = if self.random.chance(ELECTRONIC_PERCENT) {
            let document = Document { refill_uses, ..self.document(PRESCRIPTION, day, clinic) };
            let issued = self.prescribe(document);
            if self.random.chance(3) {
                return; // Never taken to a pharmacy.
            }
            Some(issued)
        } else {
            None // On paper: nobody registered it.
        };
        let mut dispensed = day;
        for refill_use in 1..=uses {
            dispensed += match refill_use {
                1 if self.random.chance(85) => 0,
                1 => 1 + below(&mut self.random, 3),
                _ => i32::from(interval) - below(&mut self.random, 6),
            };
            let pharmacy = self.pharmacy(clinic);
            let document = self.document(DISPENSING, dispensed, clinic);
            let refill_use = refill_uses.map(|_| refill_use);
            let pharmacy = Some(pharmacy);
            self.dispense(Document { pharmacy, prescription, refill_uses, refill_use, ..document });
        }
    }

    /// Issues the prescription, once or, if the first had a mistake, twice; gives the id in force.
    fn prescribe(&mut self, document: Document) -> u128 {
        let mut lines = std::mem::take(&mut self.scratch.lines);
        lines.clear();
        for item in &self.scratch.items {
            let Some(treatment) = self.nation.drugs.treatment(item.treatment) else { continue };
            let [generic, yj, receipt] = treatment.prescribed;
            let drug = match self.random.below(10) {
                0..6 => generic,
                6..8 => yj,
                _ => receipt,
            };
            push_line(&mut lines, drug, treatment, *item);
        }
        if self.random.one_in(80) {
            self.write_down(Document { is_cancelled: true, ..document }, &lines);
            let document = Document { id: uuid(self.random.bits()), ..document };
            self.write_down(document, &lines);
            self.scratch.lines = lines;
            return document.id;
        }
        self.write_down(document, &lines);
        self.scratch.lines = lines;
        document.id
    }

    fn dispense(&mut self, document: Document) {
        if self.random.one_in(120) {
            // Entered wrongly, cancelled, and entered again.
            self.hand_out(Document { is_cancelled: true, ..document });
            let id = uuid(self.random.bits());
            self.hand_out(Document { id, ..document });
        } else {
            self.hand_out(document);
        }
    }

    /// The items as products.
    pub(super) fn hand_out(&mut self, document: Document) {
        let mut lines = std::mem::take(&mut self.scratch.lines);
        lines.clear();
        for item in &self.scratch.items {
            let Some(treatment) = self.nation.drugs.treatment(item.treatment) else { continue };
            let generic = document.day >= self.generics_from;
            let (wanted, others) = if generic {
                (&treatment.generics, &treatment.brands)
            } else {
                (&treatment.brands, &treatment.generics)
            };
            let choices = if wanted.is_empty() { others } else { wanted };
            let Some(product) = choices.get(self.stock % choices.len().max(1)) else { continue };
            let drug = match treatment.mistyped {
                Some(mistyped) if self.random.one_in(5000) => mistyped,
                _ if self.writes_yj => product.yj,
                _ => product.receipt,
            };
            push_line(&mut lines, drug, treatment, *item);
        }
        if self.random.one_in(150)
            && let Some(drug) = self.random.choose(&self.nation.drugs.dummies)
        {
            let rp = lines.last().map_or(1, |line| line.rp + 1);
            let usage = self.nation.drugs.spread;
            lines.push(Line { rp, drug: *drug, form: 3, quantity: 1, usage, supplement: 0 });
        }
        self.write_down(document, &lines);
        self.scratch.lines = lines;
    }

    /// Keeps the document if it lies within the days that are asked for.
    fn write_down(&mut self, document: Document, lines: &[Line]) {
        if (self.nation.first_day()..=self.nation.today).contains(&document.day) {
            self.out.push(self.person.insured, document, lines);
        }
    }

    pub(super) fn document(&mut self, kind: u8, day: i32, institution: u32) -> Document {
        Document {
            id: uuid(self.random.bits()),
            kind,
            setting: 0,
            day,
            institution,
            pharmacy: None,
            prescription: None,
            refill_uses: None,
            refill_use: None,
            is_cancelled: false,
        }
    }
}

/// A line of the next RP, or of the same as the line before if it is taken alike.
fn push_line(lines: &mut Vec<Line>, drug: u16, treatment: &Treatment, item: Item) {
    let (form, usage) = (treatment.form, treatment.usage);
    let Item { quantity, supplement, .. } = item;
    let rp = lines.last().map_or(1, |last| {
        let alike = (last.form, last.usage, last.quantity) == (form, usage, quantity)
            && form == 1
            && last.supplement == supplement;
        if alike { last.rp } else { last.rp + 1 }
    });
    lines.push(Line { rp, drug, form, quantity, usage, supplement });
}
