//! What deviates in FHIR, with the place of the resource in which it stands.

use std::borrow::Cow;

use super::json::Lax;
use crate::report::{Reason, Report};

/// How much of a wrong element a report repeats, in characters.
const FOUND_MAX: usize = 60;

/// Where a resource stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    /// The line on which it begins.
    pub(super) line: u64,
    /// Its number among all resources of the input, from 1.
    pub(super) number: u64,
    pub(super) kind: Cow<'static, str>,
}

/// Collects problems, and knows the names of the files.
pub(super) struct Notes<'r> {
    pub(super) files: Vec<&'r str>,
    pub(super) report: Report,
}

impl<'r> Notes<'r> {
    pub(super) fn add(&mut self, place: &Place, field: &'static str, reason: Reason) {
        let (file, record) = self.named(place);
        self.report.problem_in(file, place.line, record, field, reason);
    }

    /// Notes a deviation because of which something that may be an order was not read.
    pub(super) fn loss(&mut self, place: &Place, field: &'static str, reason: Reason) {
        let (file, record) = self.named(place);
        self.report.loss_in(file, place.line, record, field, reason);
    }

    fn named(&self, place: &Place) -> (&'r str, String) {
        let file = self.files.get(place.file).copied().unwrap_or_default();
        (file, format!("{}. {}", place.number, place.kind))
    }

    /// The value of an element; one of a wrong type is reported.
    pub(super) fn value<'a, T>(
        &mut self,
        place: &Place,
        field: &'static str,
        element: &'a Lax<'_, T>,
    ) -> Option<&'a T> {
        match element {
            Lax::Missing => None,
            Lax::Value(value) => Some(value),
            Lax::Wrong(raw) => {
                self.add(place, field, Reason::Value { found: clip(raw) });
                None
            }
        }
    }
}

/// The beginning of a text, for a report.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(FOUND_MAX).collect()
}
