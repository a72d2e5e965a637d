//! What a compaction may leave out: documents that no check of a later day can see.

use std::collections::HashMap;

use chofuku_engine::document::{Document, DocumentKind, DocumentLine};
use chofuku_engine::kept::{Kept, Reach};
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index};

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

impl Retention<'_> {
    /// What is kept, for whoever checks by other policies and rules later.
    pub(super) fn promise(&self) -> Kept {
        let washout_days = self.washout_days_max;
        let none = Reach { default_period_days: 0, expands_intervals: false, washout_days };
        let of = |policy: &&Policy| Reach::of(policy, washout_days);
        Kept { from: self.from, reach: self.policies.iter().map(of).fold(none, Reach::or) }
    }

    /// The documents that stay. A prescription and its dispensing results stay or go together: what
    /// supersedes a prescription, or makes a dispensing result one of a refill, is the other.
    pub(super) fn kept(&self, documents: Vec<Document>) -> Vec<Document> {
        let mut chains: HashMap<&str, bool> = HashMap::with_capacity(documents.len());
        for document in &documents {
            let stays = self.stays(document);
            // A result names its prescription; either may be looked for by the prescription's id.
            *chains.entry(chain_of(document)).or_default() |= stays;
        }
        let stays: Vec<bool> = documents
            .iter()
            .map(|document| chains.get(chain_of(document)).copied().unwrap_or(true))
            .collect();
        let mut documents = documents;
        let mut stays = stays.into_iter();
        documents.retain(|_| stays.next().unwrap_or(true));
        documents
    }

    fn stays(&self, document: &Document) -> bool {
        let age = self.from.days_since(document.day);
        self.policies.iter().any(|policy| {
            age <= i32::from(policy.look_back_days)
                || document.lines.iter().any(|line| self.is_taken(line, document.day, policy))
        })
    }

    /// Whether a line's period has not ended, or its wash-out has not: a refill counts however old
    /// it is, and a period that reaches beyond the window is told as a blind spot.
    fn is_taken(&self, line: &DocumentLine, day: Day, policy: &Policy) -> bool {
        let days = i32::from(line.supply.period(policy).days);
        day.plus(days).plus(i32::from(self.washout_days_max)) >= self.from
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
        retention.kept(documents).into_iter().map(|document| document.id).collect()
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
}
