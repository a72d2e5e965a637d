//! Stories about when two drugs are one substance, or must not meet.

use jiff::civil::Date;

use super::{CLEAR, finds, one_duplicate, patient};
use crate::{
    person::{Identity, LATE_ELDERLY},
    story::{
        Expected, Story,
        pieces::{
            AMLODIPINE, AMLODIPINE_GENERIC, CALONAL_GRANULES, CARDIOLOGY, DUMMY, EXFORGE,
            FRANDOL_TAPE, HOSPITAL, LOXONIN_TAPE, LOXOPROFEN_GENERIC, MEDICINE, MORNING,
            ORTHOPAEDICS, PARACETAMOL_POWDER, PATCH_DAILY, PHARMACY, Supplied, THREE_TIMES,
            UROLOGY, ZALUTIA, asks,
        },
    },
};

pub(super) fn compound(today: Date) -> Story {
    let supplied = Supplied {
        id: "compound",
        institution: CARDIOLOGY,
        prescribed_ago: 20,
        pharmacy: PHARMACY,
        dispensed_ago: 20,
        dose: (EXFORGE, 1, 56, MORNING),
    };
    one_duplicate(
        "compound",
        "A compound of valsartan and amlodipine shares one component with a prescription by \
         generic name: level ingredient (S18).",
        patient(2),
        supplied.documents(today).to_vec(),
        (HOSPITAL, today, (AMLODIPINE_GENERIC, 1, 28, MORNING)),
    )
}

pub(super) fn other_route(today: Date) -> Story {
    let patient = patient(8);
    let supplied = Supplied {
        id: "other-route",
        institution: ORTHOPAEDICS,
        prescribed_ago: 4,
        pharmacy: PHARMACY,
        dispensed_ago: 4,
        dose: (LOXONIN_TAPE, 3, 1, PATCH_DAILY),
    };
    Story {
        name: "other-route",
        shows: "Loxoprofen as a tape and as a tablet: another route is another substance.",
        documents: supplied.documents(today).to_vec(),
        request: asks(HOSPITAL, &patient, today, &[(LOXOPROFEN_GENERIC, 1, 7, THREE_TIMES)]),
        expected: CLEAR,
        patient,
    }
}

pub(super) fn nitrate_tape(today: Date) -> Story {
    let patient = patient(10);
    let supplied = Supplied {
        id: "nitrate",
        institution: CARDIOLOGY,
        prescribed_ago: 5,
        pharmacy: PHARMACY,
        dispensed_ago: 4,
        dose: (FRANDOL_TAPE, 3, 28, PATCH_DAILY),
    };
    Story {
        name: "nitrate-tape",
        shows: "A nitrate tape, which many forget to name as a drug, and tadalafil: a \
                contraindication across routes (S20).",
        documents: supplied.documents(today).to_vec(),
        request: asks(UROLOGY, &patient, today, &[(ZALUTIA, 1, 14, MORNING)]),
        expected: finds(0, 1, 1),
        patient,
    }
}

pub(super) fn dummy_code(today: Date) -> Story {
    let patient = patient(11);
    let supplied = Supplied {
        id: "dummy",
        institution: MEDICINE,
        prescribed_ago: 3,
        pharmacy: PHARMACY,
        dispensed_ago: 3,
        dose: (DUMMY, 1, 14, MORNING),
    };
    Story {
        name: "dummy-code",
        shows: "A drug in the past that no code names: nothing is found, and it is not clear \
                either (S25).",
        documents: supplied.documents(today).to_vec(),
        request: asks(HOSPITAL, &patient, today, &[(AMLODIPINE, 1, 14, MORNING)]),
        expected: Expected { outcome: "incomplete", ..CLEAR },
        patient,
    }
}

pub(super) fn two_yj7(today: Date) -> Story {
    let supplied = Supplied {
        id: "two-yj7",
        institution: MEDICINE,
        prescribed_ago: 3,
        pharmacy: PHARMACY,
        dispensed_ago: 3,
        dose: (PARACETAMOL_POWDER, 1, 7, THREE_TIMES),
    };
    one_duplicate(
        "two-yj7",
        "Acetaminophen under 1141001 and under 1141007 is one ingredient. The patient is insured \
         by the late-elderly scheme, so the branch is left out.",
        Identity::new(LATE_ELDERLY, "90000015", ""),
        supplied.documents(today).to_vec(),
        (HOSPITAL, today, (CALONAL_GRANULES, 1, 5, THREE_TIMES)),
    )
}
