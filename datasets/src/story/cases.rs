//! The stories themselves, one function each, and what most of them share.

use jiff::civil::Date;

use super::{
    Expected, Story,
    pieces::{Dose, asks},
};
use crate::{
    person::{Identity, SOCIETY},
    visit::Document,
};

mod drugs;
mod people;
mod periods;

pub(super) use people::two_clinics;

pub(super) fn all(today: Date) -> Vec<Story> {
    vec![
        people::two_clinics(today),
        people::own_renewal(today),
        drugs::compound(today),
        periods::long_refill(today),
        periods::long_supply(today),
        periods::washout(today),
        people::many_pharmacies(today),
        people::elder_twin(today),
        people::younger_twin(today),
        drugs::other_route(today),
        periods::as_needed(today),
        drugs::nitrate_tape(today),
        drugs::dummy_code(today),
        periods::discharge(today),
        periods::result_cancelled(today),
        periods::lost_answer(today),
        drugs::two_yj7(today),
    ]
}

fn patient(number: u32) -> Identity {
    Identity::new(SOCIETY, &format!("900{number:02}"), "01")
}

fn finds(duplicates: usize, contraindications: usize, records: usize) -> Expected {
    Expected { outcome: "findings", duplicates, contraindications, records }
}

const CLEAR: Expected =
    Expected { outcome: "clear", duplicates: 0, contraindications: 0, records: 0 };

/// A story in which `asking` finds one duplicate with one record behind it.
fn one_duplicate(
    name: &'static str,
    shows: &'static str,
    patient: Identity,
    documents: Vec<Document>,
    (asking, today, dose): (&str, Date, Dose),
) -> Story {
    let request = asks(asking, &patient, today, &[dose]);
    Story { name, shows, documents, request, expected: finds(1, 0, 1), patient }
}
