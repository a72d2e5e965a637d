//! Stories about who is asking and whose past it is.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{CLEAR, finds, patient};
use crate::{
    person::{Identity, SOCIETY},
    places::Places,
    story::{
        Story,
        pieces::{
            AMLODIPINE, BEDTIME, BELSOMRA, CARDIOLOGY, CLARITHROMYCIN, FLORID_GEL, HOSPITAL,
            LOXONIN, MEDICINE, MORNING, MUCODYNE, MYSLEE, NORVASC, ORTHOPAEDICS, OTHER_PHARMACY,
            PHARMACY, PSYCHIATRY, Supplied, THREE_TIMES, TWICE, WARFARIN, ZOLPIDEM, asks,
        },
    },
    visit::Document,
};

/// The past of the first two stories: a brand from one clinic, a sleeping drug from another.
fn hanako(today: Date) -> Vec<Document> {
    let norvasc = Supplied {
        id: "hanako-1",
        institution: MEDICINE,
        prescribed_ago: 10,
        pharmacy: PHARMACY,
        dispensed_ago: 10,
        dose: (NORVASC, 1, 28, MORNING),
    };
    let belsomra = Supplied {
        id: "hanako-2",
        institution: PSYCHIATRY,
        prescribed_ago: 7,
        pharmacy: OTHER_PHARMACY,
        dispensed_ago: 5,
        dose: (BELSOMRA, 1, 28, BEDTIME),
    };
    let over = Supplied {
        id: "hanako-3",
        institution: ORTHOPAEDICS,
        prescribed_ago: 60,
        pharmacy: PHARMACY,
        dispensed_ago: 60,
        dose: (LOXONIN, 1, 7, THREE_TIMES),
    };
    [over, norvasc, belsomra].iter().flat_map(|supplied| supplied.documents(today)).collect()
}

pub(in crate::story) fn two_clinics(today: Date) -> Story {
    let patient = patient(1);
    let doses = [
        (AMLODIPINE, 1, 28, MORNING),
        (CLARITHROMYCIN, 1, 7, TWICE),
        (MUCODYNE, 1, 7, THREE_TIMES),
    ];
    let mut request = asks(HOSPITAL, &patient, today, &doses);
    if let Some(object) = request.as_object_mut() {
        let consent = json!({"level": "oral", "recorded_by": "demo-doctor-1"});
        object.insert("consent".to_owned(), consent);
    }
    Story {
        name: "two-clinics",
        shows: "A brand of one clinic meets its generic from another (S17), and clarithromycin \
                meets suvorexant (S19); a third line is clear.",
        documents: hanako(today),
        request,
        expected: finds(1, 1, 2),
        patient,
    }
}

pub(super) fn own_renewal(today: Date) -> Story {
    let patient = patient(1);
    Story {
        name: "own-renewal",
        shows: "The same patient at the clinic that prescribed the brand: its own records do not \
                count (S7.9, own_institution).",
        // The documents came with the first story.
        documents: vec![],
        request: asks(MEDICINE, &patient, today, &[(NORVASC, 1, 28, MORNING)]),
        expected: CLEAR,
        patient,
    }
}

/// 81 dispensings of one drug at 29 pharmacies, three a day, all of them still running.
pub(super) fn many_pharmacies(today: Date) -> Story {
    let places = Places::all();
    let dose = (ZOLPIDEM, 1, 30, BEDTIME);
    let mut documents = vec![];
    let pharmacies = places.pharmacies.iter().take(29).cycle();
    for ((n, pharmacy), clinic) in (0_i64..81).zip(pharmacies).zip(places.clinics.iter().cycle()) {
        let id = format!("many-{n:02}");
        let supplied = Supplied {
            id: &id,
            institution: clinic,
            prescribed_ago: 1 + n / 3,
            pharmacy,
            dispensed_ago: 1 + n / 3,
            dose,
        };
        documents.extend(supplied.documents(today));
    }
    let patient = patient(6);
    // A clinic that issued none of them, so that no record is left out as its own.
    let request = asks("1339900010", &patient, today, &[(MYSLEE, 1, 14, BEDTIME)]);
    Story {
        name: "many-pharmacies",
        shows: "81 dispensings at 29 pharmacies are one finding (S21).",
        documents,
        request,
        expected: finds(1, 0, 81),
        patient,
    }
}

fn twins(branch: &str) -> Identity {
    Identity::new(SOCIETY, "90007", branch)
}

pub(super) fn elder_twin(today: Date) -> Story {
    let patient = twins("01");
    let supplied = Supplied {
        id: "twin-1",
        institution: CARDIOLOGY,
        prescribed_ago: 12,
        pharmacy: PHARMACY,
        dispensed_ago: 12,
        dose: (WARFARIN, 1, 28, MORNING),
    };
    Story {
        name: "elder-twin",
        shows: "Branch 01 of an insurance number takes warfarin: miconazole gel is \
                contraindicated.",
        documents: supplied.documents(today).to_vec(),
        request: gel(&patient, today),
        expected: finds(0, 1, 1),
        patient,
    }
}

pub(super) fn younger_twin(today: Date) -> Story {
    let patient = twins("02");
    let supplied = Supplied {
        id: "twin-2",
        institution: ORTHOPAEDICS,
        prescribed_ago: 3,
        pharmacy: PHARMACY,
        dispensed_ago: 3,
        dose: (LOXONIN, 1, 7, THREE_TIMES),
    };
    Story {
        name: "younger-twin",
        shows: "Branch 02 of the same number is another person: the same request is clear.",
        documents: supplied.documents(today).to_vec(),
        request: gel(&patient, today),
        expected: CLEAR,
        patient,
    }
}

fn gel(patient: &Identity, today: Date) -> Value {
    asks(HOSPITAL, patient, today, &[(FLORID_GEL, 1, 7, THREE_TIMES)])
}
