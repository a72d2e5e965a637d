//! What a compaction may leave out: documents that no check of a later day can see.

use std::collections::HashMap;

use chofuku_engine::document::{Document, DocumentKind, DocumentLine};
use chofuku_engine::left_out::{LeftOut, Taken};
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index};

/// Days by which each further use of a refill may come late and still find its prescription; a pharmacist
/// dispenses it within seven.
const BETWEEN_USES_DAYS: i32 = 30;

/// What must stay.
#[derive(Clone, Debug)]
pub struct Retention<'p> {
    /// The day from which on checks are asked. Checks of earlier days may miss what is left out.
    pub from: Day,
    /// The policies that checks name.
    pub policies: Vec<&'p Policy>,
    /// The longest wash-out of any rule, in days.
    pub washout_days_max: u16,
}

impl<'p> Retention<'p> {
    /// What checks of today, and of yesterday's prescriptions, can see on an index.
    pub fn of(index: &Index, policies: impl IntoIterator<Item = &'p Policy>, today: Day) -> Self {
        Self {
            from: today.plus(-1),
            policies: policies.into_iter().collect(),
            washout_days_max: index.knowledge().washout_days_max(),
        }
    }
}

/// What was left out of some patients.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dropped {
    pub(super) documents: u64,
    refills: Taken,
    others: Taken,
}

impl Dropped {
    pub(super) fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.refills.add(&other.refills);
        self.others.add(&other.others);
    }

    fn note(&mut self, document: &Document, of_refill: bool) {
        self.documents += 1;
        let taken = if of_refill { &mut self.refills } else { &mut self.others };
        for line in &*document.lines {
            taken.note(document.day, line.supply);
        }
    }
}

/// A prescription and its dispensing results, which stay or go together: what supersedes a
/// prescription, or makes a dispensing result one of a refill, is the other.
#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    stays: bool,
    is_refill: bool,
}

impl Retention<'_> {
    /// The documents that stay; notes the others.
    pub(super) fn kept(
        &self,
        mut documents: Vec<Document>,
        dropped: &mut Dropped,
    ) -> Vec<Document> {
        let mut chains: HashMap<&str, Chain> = HashMap::with_capacity(documents.len());
        for document in &documents {
            // A result names its prescription; either may be looked for by the prescription's id.
            let chain = chains.entry(chain_of(document)).or_default();
            chain.stays |= self.stays(document);
            chain.is_refill |= document.refill_uses > 1 || document.refill_use > 1;
        }
        let of = |document| chains.get(chain_of(document)).copied().unwrap_or_default();
        let chains: Vec<Chain> = documents.iter().map(of).collect();
        let mut chains = chains.into_iter();
        documents.retain(|document| {
            let chain = chains.next().unwrap_or_default();
            if !chain.stays {
                dropped.note(document, chain.is_refill);
            }
            chain.stays
        });
        documents
    }

    /// What was left out, for whoever checks by other policies and rules later.
    pub(super) fn left_out(&self, dropped: &Dropped) -> Option<LeftOut> {
        let look_back_days = self.policies.iter().map(|policy| policy.look_back_days).max();
        (dropped.documents > 0).then(|| LeftOut {
            from: self.from,
            look_back_days: look_back_days.unwrap_or(0),
            refills: dropped.refills,
            others: dropped.others,
        })
    }

    fn stays(&self, document: &Document) -> bool {
        let age = self.from.days_since(document.day);
        self.policies.iter().any(|policy| {
            age <= i32::from(policy.look_back_days)
                || document.lines.iter().any(|line| self.is_taken(line, document, policy))
        })
    }

    /// Whether a line's period has not ended, or its wash-out has not: a refill counts however old
    /// it is, and a period that reaches beyond the window is told as a blind spot. A refill prescription
    /// stays for all its uses: a result that comes later is one of a refill because it does.
    fn is_taken(&self, line: &DocumentLine, document: &Document, policy: &Policy) -> bool {
        let uses = i32::from(document.refill_uses).max(1);
        let days =
            i32::from(line.supply.period(policy).days) * uses + BETWEEN_USES_DAYS * (uses - 1);
        document.day.plus(days).plus(i32::from(self.washout_days_max)) >= self.from
    }
}

/// The prescription that a document dispenses, or its own id: what another kind names means nothing.
fn chain_of(document: &Document) -> &str {
    let named = document.prescription.as_deref();
    named.filter(|_| document.kind == DocumentKind::Dispensing).unwrap_or(&document.id)
}

#[cfg(test)]
mod tests {
    use chofuku_engine::period::{Form, Supply};

    use super::*;

    fn document(id: &str, age: i32, days: &str, of: Option<&str>) -> Document {
        let supply = Supply::of(Form::Oral, days, "", []);
        Document {
            id: id.to_owned(),
            kind: if of.is_some() { DocumentKind::Dispensing } else { DocumentKind::Prescription },
            day: Day::from_number(1000 - age),
            institution: 1,
            pharmacy: 0,
            prescription: of.map(str::to_owned),
            refill_uses: 0,
            refill_use: 0,
            cancelled: false,
            acknowledged: Vec::new(),
            lines: vec![DocumentLine { rp: 1, code: 0, supply, quantity: 0, directions: 0 }],
        }
    }

    fn kept(documents: Vec<Document>) -> Vec<String> {
        let retention = Retention {
            from: Day::from_number(1000),
            policies: vec![&Policy::OFFICIAL],
            washout_days_max: 14,
        };
        let mut dropped = Dropped::default();
        retention.kept(documents, &mut dropped).into_iter().map(|document| document.id).collect()
    }

    #[test]
    fn what_can_be_seen_stays() {
        assert_eq!(kept(vec![document("in the window", 100, "7", None)]).len(), 1);
        assert_eq!(kept(vec![document("to come", -5, "7", None)]).len(), 1);
        assert_eq!(kept(vec![document("over", 101, "7", None)]).len(), 0);
        assert_eq!(kept(vec![document("taken", 120, "120", None)]).len(), 1);
        assert_eq!(kept(vec![document("washed out", 120, "106", None)]).len(), 1);
        assert_eq!(kept(vec![document("forgotten", 120, "105", None)]).len(), 0);
    }

    #[test]
    fn a_chain_stays_or_goes_together() {
        let rx = || document("rx", 130, "7", None);
        assert_eq!(kept(vec![rx(), document("d", 90, "7", Some("rx"))]), ["rx", "d"]);
        assert_eq!(kept(vec![rx(), document("d", 110, "7", Some("rx"))]).len(), 0);
        assert_eq!(
            kept(vec![document("d", 110, "7", Some("rx")), document("e", 50, "7", None)]),
            ["e"]
        );
    }

    #[test]
    fn a_refill_prescription_stays_for_all_its_uses() {
        let refill = |age| Document { refill_uses: 3, ..document("rx", age, "30", None) };
        assert_eq!(kept(vec![refill(3 * 30 + 2 * 30 + 14)]).len(), 1);
        assert_eq!(kept(vec![refill(3 * 30 + 2 * 30 + 15)]).len(), 0);
    }
}
