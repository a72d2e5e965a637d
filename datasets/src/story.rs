//! The story patients: fixed people, each made so that one request shows one thing.
//!
//! Each story carries what its request must find, so that a test can run them all; [`Story::shows`]
//! names the rule (S1 … S30 of the description of the check).

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{person::Identity, row::HistoryRow, visit::Document};

mod cases;
mod japanese;
mod pieces;
#[cfg(test)]
mod tests;

/// A patient with a past and the request that shows what it means.
#[derive(Clone, Debug)]
pub struct Story {
    /// A short name, fixed for ever: `two-clinics`.
    pub name: &'static str,
    /// What the request shows, in a sentence for a reader.
    pub shows: &'static str,
    /// The patient; stories may share one, and two stories are about twins.
    pub patient: Identity,
    /// The body of `POST /v1/check`.
    pub request: Value,
    /// What the answer must say.
    pub expected: Expected,
    documents: Vec<Document>,
}

/// What an answer must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `findings`, `incomplete` or `clear`.
    pub outcome: &'static str,
    /// How many findings are duplicates.
    pub duplicates: usize,
    /// How many findings are contraindications.
    pub contraindications: usize,
    /// How many records stand behind all findings together.
    pub records: usize,
}

impl Story {
    /// The rows of the patient's past.
    pub fn rows(&self) -> impl Iterator<Item = HistoryRow> {
        self.documents.iter().flat_map(|document| document.rows(&self.patient))
    }

    /// What the request shows, in Japanese; the other text where nobody has written it.
    pub fn shows_ja(&self) -> &'static str {
        japanese::shows(self.name).unwrap_or(self.shows)
    }

    /// The same request under another policy, such as `extended`.
    #[must_use]
    pub fn request_under(&self, policy: &str) -> Value {
        let mut request = self.request.clone();
        if let Some(object) = request.as_object_mut() {
            object.insert("policy".to_owned(), json!(policy));
        }
        request
    }
}

/// All stories as they stand on `today`.
pub fn stories(today: Date) -> Vec<Story> {
    cases::all(today)
}

/// The request to try first: one duplicate (a brand from another clinic and pharmacy, prescribed
/// as its generic) and one contraindication, told under oral consent.
pub fn example_request(today: Date) -> Value {
    cases::two_clinics(today).request
}
