//! Small random worlds in which everything collides, and valid requests about them.
//!
//! The tables hold few ingredients and few codes, so that most codes mean something and many mean
//! something doubtful; days lie at the edges of periods, windows and coverage. Whatever is made is
//! input that a loader must accept. The same seed gives the same world everywhere.

mod dice;
mod history;
mod requests;
mod tables;

use jiff::{ToSpan, civil::Date};
use serde_json::Value;

use crate::World;
use dice::Dice;

/// A world and a handful of requests for it: bodies of `POST /v1/check`.
pub fn world(seed: u64) -> (World, Vec<Value>) {
    let mut dice = Dice::new(seed);
    let today: Date = dice.pick(&TODAYS).parse().expect("a date");
    let mut world = tables::tables(&mut dice, today);
    let patients = identities(&mut dice);
    history::fill(&mut dice, &mut world, &patients, today);
    let count = 5 + dice.below(3);
    let requests = (0..count).map(|_| requests::request(&mut dice, &world, &patients, today));
    let requests = requests.collect();
    (world, requests)
}

/// Check days around which everything lies: an ordinary one, and ends of months and years.
const TODAYS: [&str; 4] = ["2026-06-15", "2025-01-05", "2024-03-01", "2026-12-31"];

/// One way to name a patient, as columns: insurer, symbol, number, branch, opaque id.
type Identity = [&'static str; 5];

/// Identities that a careless key would mix up. A request may ask for one without a history.
const IDENTITIES: [Identity; 9] = [
    ["06130012", "12", "3456", "01", ""],
    ["06130012", "12", "3456", "02", ""],
    ["06130012", "123", "456", "01", ""],
    ["06130012", "12", "3450", "01", ""],
    ["0613001", "212", "3456", "01", ""],
    ["39131234", "", "00012345", "", ""],
    ["", "", "", "", "3456"],
    ["", "", "", "", "06130012-12-3456-01"],
    ["", "", "", "", "患者一"],
];

/// Two to six patients.
fn identities(dice: &mut Dice) -> Vec<Identity> {
    let mut patients = IDENTITIES.to_vec();
    dice.shuffle(&mut patients);
    patients.truncate(2 + usize::from(dice.byte(5)));
    patients
}

/// A code of the national price list, its last digit right.
fn with_check_digit(eleven: &str) -> String {
    let digits = '0'..='9';
    let mut codes = digits.map(|digit| format!("{eleven}{digit}"));
    codes.find(|code| !crate::resolve::fails_check_digit(code)).expect("one digit is right")
}

/// The day so many days before another; after it, when the number is negative.
fn days_before(day: Date, days: i64) -> Date {
    day.checked_sub(days.days()).expect("days lie in this era")
}
