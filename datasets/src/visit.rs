//! What a visit leaves behind: documents and their lines, and how they become rows.

use jiff::{ToSpan, civil::Date};

use crate::{formulary::Coded, person::Identity, row::HistoryRow};

/// The kind of a document, with what only that kind has.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Prescription,
    Dispensing { pharmacy: String, prescription: String, refill_use: Option<u32> },
    InHouse { setting: &'static str },
}

/// One line; its position in the document gives the RP number.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) drug: Coded,
    pub(crate) form: u8,
    pub(crate) quantity: u32,
    pub(crate) usage: String,
}

/// A document of one patient.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) date: Date,
    pub(crate) institution: String,
    /// Total uses, if it is a refill prescription.
    pub(crate) refill_uses: Option<u32>,
    pub(crate) cancelled: bool,
    pub(crate) lines: Vec<Line>,
}

/// The day `days` after `date`, or before it if negative.
pub(crate) fn shift(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

impl Document {
    /// A prescription that is live and no refill.
    pub(crate) fn prescription(
        id: String,
        date: Date,
        institution: &str,
        lines: Vec<Line>,
    ) -> Self {
        Self {
            id,
            kind: Kind::Prescription,
            date,
            institution: institution.to_owned(),
            refill_uses: None,
            cancelled: false,
            lines,
        }
    }

    /// The result of dispensing this prescription, with the lines that were really dispensed.
    pub(crate) fn dispensed(
        &self,
        id: String,
        date: Date,
        pharmacy: &str,
        lines: Vec<Line>,
    ) -> Self {
        let kind = Kind::Dispensing {
            pharmacy: pharmacy.to_owned(),
            prescription: self.id.clone(),
            refill_use: self.refill_uses.map(|_| 1),
        };
        Self { id, kind, date, lines, ..self.clone() }
    }

    /// An in-house administration (院内処方等).
    pub(crate) fn in_house(
        id: String,
        setting: &'static str,
        date: Date,
        institution: &str,
        lines: Vec<Line>,
    ) -> Self {
        let kind = Kind::InHouse { setting };
        Self { kind, ..Self::prescription(id, date, institution, lines) }
    }

    /// The rows of the document, one for each line.
    pub(crate) fn rows(&self, patient: &Identity) -> impl Iterator<Item = HistoryRow> {
        let frame = self.frame(patient);
        self.lines.iter().zip(1..).map(move |(line, rp): (&Line, u32)| HistoryRow {
            rp: rp.to_string(),
            drug_system: line.drug.system.to_owned(),
            drug_code: line.drug.code.clone(),
            drug_name: line.drug.name.clone(),
            form: line.form.to_string(),
            quantity: line.quantity.to_string(),
            usage: line.usage.clone(),
            ..frame.clone()
        })
    }

    /// The cells that all rows of the document share.
    fn frame(&self, patient: &Identity) -> HistoryRow {
        let mut frame = HistoryRow {
            document: self.id.clone(),
            insurer: patient.insurer.clone(),
            symbol: patient.symbol.clone(),
            number: patient.number.clone(),
            branch: patient.branch.clone(),
            date: self.date.to_string(),
            institution: self.institution.clone(),
            refill_uses: self.refill_uses.map(|uses| uses.to_string()).unwrap_or_default(),
            status: if self.cancelled { "cancelled".to_owned() } else { String::new() },
            ..HistoryRow::default()
        };
        match &self.kind {
            Kind::Prescription => "prescription".clone_into(&mut frame.kind),
            Kind::InHouse { setting } => {
                "in_house".clone_into(&mut frame.kind);
                (*setting).clone_into(&mut frame.setting);
            }
            Kind::Dispensing { pharmacy, prescription, refill_use } => {
                "dispensing".clone_into(&mut frame.kind);
                frame.pharmacy.clone_from(pharmacy);
                frame.prescription.clone_from(prescription);
                frame.refill_use = refill_use.map(|n| n.to_string()).unwrap_or_default();
            }
        }
        frame
    }
}
