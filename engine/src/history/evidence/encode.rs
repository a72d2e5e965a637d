//! Documents to the blob of a patient.

use std::collections::HashMap;

use super::{
    DIRECTIONS_FOLLOW, DIRECTIONS_SHIFT, HAS_INSTITUTION, HAS_MORE, HAS_PHARMACY, HAS_QUANTITY,
    LineEvidence, PRESCRIPTION_IN_BLOB, PRESCRIPTION_SHIFT, RP_FOLLOWS, RP_SHIFT,
};
use crate::document::DocumentLine;
use crate::format::varint;
use crate::history::acknowledged;
use crate::history::packed::{PackedDocument, PackedId};
use crate::history::row::EVIDENCE_UNIT_BYTES;
use crate::int;

/// Up to so many documents a scan finds a prescription faster than a hash table does.
const DOCUMENTS_TO_SCAN: usize = 16;

/// Appends the blob of a patient's documents, which stand in the order of their rows. `body` is room
/// to work in.
pub(crate) fn encode(documents: &[PackedDocument<'_>], body: &mut Vec<u8>, bytes: &mut Vec<u8>) {
    body.clear();
    let positions = Positions::of(documents);
    let mut last = LineEvidence::default();
    for document in documents {
        encode_head(document, &positions, body);
        varint::write(body, int::length(document.lines.len()));
        last.rp = 0;
        for line in &*document.lines {
            last = encode_line(line, last, body);
        }
    }
    let start = bytes.len();
    varint::write(bytes, int::length(body.len()));
    bytes.extend_from_slice(body);
    let filled = (bytes.len() - start).next_multiple_of(EVIDENCE_UNIT_BYTES);
    bytes.resize(start + filled, 0);
}

/// Everything of a document before its lines.
fn encode_head(document: &PackedDocument<'_>, positions: &Positions<'_>, body: &mut Vec<u8>) {
    let prescription = document.prescription;
    let named = prescription.and_then(|id| positions.get(id));
    let more =
        document.refill_uses != 0 || document.refill_use != 0 || !document.acknowledged.is_empty();
    let prescription_bits = match (prescription, named) {
        (None, _) => 0,
        (Some(_), Some(_)) => PRESCRIPTION_IN_BLOB,
        (Some(id), None) => id.kind() + 1,
    };
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    body.push(
        document.id.kind()
            | prescription_bits << PRESCRIPTION_SHIFT
            | flag(document.institution != 0, HAS_INSTITUTION)
            | flag(document.pharmacy != 0, HAS_PHARMACY)
            | flag(more, HAS_MORE),
    );
    body.extend_from_slice(document.id.stored());
    for institution in [document.institution, document.pharmacy] {
        if institution != 0 {
            varint::write(body, u64::from(institution));
        }
    }
    match (prescription, named) {
        (None, _) => {}
        (Some(_), Some(position)) => varint::write(body, int::length(position)),
        (Some(id), None) => body.extend_from_slice(id.stored()),
    }
    if more {
        varint::write(body, u64::from(document.refill_uses));
        varint::write(body, u64::from(document.refill_use));
        acknowledged::encode(document.acknowledged, body);
    }
}

fn encode_line(line: &DocumentLine, before: LineEvidence, body: &mut Vec<u8>) -> LineEvidence {
    let step = line.rp.checked_sub(before.rp).and_then(|step| u8::try_from(step).ok());
    let step = step.filter(|step| *step < RP_FOLLOWS);
    let follows = u32::from(DIRECTIONS_FOLLOW);
    let directions = match line.directions {
        same if same == before.directions => 0,
        ordinal if ordinal < follows - 1 => u8::try_from(ordinal + 1).unwrap_or(DIRECTIONS_FOLLOW),
        _ => DIRECTIONS_FOLLOW,
    };
    let other_quantity = line.quantity != before.quantity;
    let quantity = if other_quantity { HAS_QUANTITY } else { 0 };
    body.push(quantity | step.unwrap_or(RP_FOLLOWS) << RP_SHIFT | directions << DIRECTIONS_SHIFT);
    if step.is_none() {
        varint::write(body, u64::from(line.rp));
    }
    if directions == DIRECTIONS_FOLLOW {
        varint::write(body, u64::from(line.directions));
    }
    if other_quantity {
        varint::write(body, u64::from(line.quantity));
    }
    LineEvidence { rp: line.rp, quantity: line.quantity, directions: line.directions, ..before }
}

/// Where each document stands among its patient's.
enum Positions<'d> {
    Few(&'d [PackedDocument<'d>]),
    Many(HashMap<PackedId<'d>, usize>),
}

impl<'d> Positions<'d> {
    fn of(documents: &'d [PackedDocument<'d>]) -> Self {
        if documents.len() <= DOCUMENTS_TO_SCAN {
            return Self::Few(documents);
        }
        Self::Many(documents.iter().map(|document| document.id).zip(0..).collect())
    }

    fn get(&self, id: PackedId<'_>) -> Option<usize> {
        match self {
            Self::Few(documents) => documents.iter().position(|document| document.id == id),
            Self::Many(positions) => positions.get(&id).copied(),
        }
    }
}
