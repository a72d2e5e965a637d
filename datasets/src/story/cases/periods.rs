//! Stories about which documents count, and for how long.

use jiff::civil::Date;

use super::{CLEAR, finds, one_duplicate, patient};
use crate::{
    story::{
        Story,
        pieces::{
            BEDTIME, BLOPRESS, CANDESARTAN_GENERIC, CARDIOLOGY, CRESTOR, FOR_PAIN, FP, HOSPITAL,
            LANSOPRAZOLE_GENERIC, LOXONIN, LOXOPROFEN_GENERIC, MEDICINE, MORNING, NEUROLOGY,
            ORTHOPAEDICS, OTHER_PHARMACY, PAROXETINE_GENERIC, PHARMACY, PSYCHIATRY,
            ROSUVASTATIN_GENERIC, Supplied, TAKEPRON, THREE_TIMES, THYRADIN, asks, line,
            prescribed,
        },
    },
    visit::{Document, shift},
};

pub(super) fn long_refill(today: Date) -> Story {
    let dose = (CRESTOR, 1, 120, MORNING);
    let mut prescription = prescribed("long-refill", CARDIOLOGY, today, 105, dose);
    prescription.refill_uses = Some(3);
    let day = prescription.date;
    let id = "story-long-refill-dp".to_owned();
    let result = prescription.dispensed(id, day, PHARMACY, vec![line(dose)]);
    one_duplicate(
        "long-refill",
        "A refill of 120 days per use counts on day 105: refills are exempt from the window of \
         100 days.",
        patient(3),
        vec![prescription, result],
        (HOSPITAL, today, (ROSUVASTATIN_GENERIC, 1, 28, MORNING)),
    )
}

pub(super) fn long_supply(today: Date) -> Story {
    let patient = patient(4);
    let supplied = Supplied {
        id: "long-supply",
        institution: MEDICINE,
        prescribed_ago: 101,
        pharmacy: PHARMACY,
        dispensed_ago: 101,
        dose: (THYRADIN, 1, 120, MORNING),
    };
    Story {
        name: "long-supply",
        shows: "120 days that are no refill stop counting after day 100 although they are still \
                taken: a blind spot of the national rule (S8), named under the policy extended.",
        documents: supplied.documents(today).to_vec(),
        request: asks(HOSPITAL, &patient, today, &[(THYRADIN, 1, 28, MORNING)]),
        expected: CLEAR,
        patient,
    }
}

pub(super) fn washout(today: Date) -> Story {
    let patient = patient(5);
    let supplied = Supplied {
        id: "washout",
        institution: NEUROLOGY,
        prescribed_ago: 18,
        pharmacy: OTHER_PHARMACY,
        dispensed_ago: 18,
        dose: (FP, 1, 14, MORNING),
    };
    Story {
        name: "washout",
        shows: "Selegiline ended 5 days ago. Officially clear; under the policy extended an \
                antidepressant within 14 days is a contraindication (S23).",
        documents: supplied.documents(today).to_vec(),
        request: asks(PSYCHIATRY, &patient, today, &[(PAROXETINE_GENERIC, 1, 14, BEDTIME)]),
        expected: CLEAR,
        patient,
    }
}

pub(super) fn as_needed(today: Date) -> Story {
    let supplied = Supplied {
        id: "as-needed",
        institution: ORTHOPAEDICS,
        prescribed_ago: 12,
        pharmacy: PHARMACY,
        dispensed_ago: 12,
        dose: (LOXONIN, 2, 10, FOR_PAIN),
    };
    one_duplicate(
        "as-needed",
        "Ten doses as needed count for 14 days, not for ten (S3).",
        patient(9),
        supplied.documents(today).to_vec(),
        (HOSPITAL, today, (LOXOPROFEN_GENERIC, 1, 7, THREE_TIMES)),
    )
}

pub(super) fn discharge(today: Date) -> Story {
    let lines = vec![line((TAKEPRON, 1, 14, MORNING))];
    let ward = Document::in_house(
        "story-discharge-1".to_owned(),
        "inpatient",
        shift(today, -6),
        HOSPITAL,
        lines.clone(),
    );
    let home = Document::in_house(
        "story-discharge-2".to_owned(),
        "discharge",
        shift(today, -2),
        HOSPITAL,
        lines,
    );
    one_duplicate(
        "discharge",
        "What was given on the ward does not count, what was taken home at discharge does.",
        patient(12),
        vec![ward, home],
        (MEDICINE, today, (LANSOPRAZOLE_GENERIC, 1, 28, MORNING)),
    )
}

pub(super) fn result_cancelled(today: Date) -> Story {
    let supplied = Supplied {
        id: "result-cancelled",
        institution: CARDIOLOGY,
        prescribed_ago: 6,
        pharmacy: PHARMACY,
        dispensed_ago: 5,
        dose: (BLOPRESS, 1, 28, MORNING),
    };
    let [prescription, mut result] = supplied.documents(today);
    result.cancelled = true;
    one_duplicate(
        "result-cancelled",
        "The pharmacy cancelled its result, so the prescription counts again, from its issue day.",
        patient(13),
        vec![prescription, result],
        (HOSPITAL, today, (CANDESARTAN_GENERIC, 1, 28, MORNING)),
    )
}

pub(super) fn lost_answer(today: Date) -> Story {
    let patient = patient(14);
    let dose = (BLOPRESS, 1, 28, MORNING);
    let first = prescribed("lost-answer-1", CARDIOLOGY, today, 2, dose);
    let second = prescribed("lost-answer-2", CARDIOLOGY, today, 2, dose);
    Story {
        name: "lost-answer",
        shows: "An answer was lost and the prescription registered twice: one finding with two \
                records that says possible_double_registration (S11).",
        documents: vec![first, second],
        request: asks(HOSPITAL, &patient, today, &[(CANDESARTAN_GENERIC, 1, 28, MORNING)]),
        expected: finds(1, 0, 2),
        patient,
    }
}
