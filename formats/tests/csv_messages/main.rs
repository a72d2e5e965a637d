//! Prescriptions, notebooks and dispensing results in comma-separated records: what is read from
//! whole, damaged and foreign inputs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test, and one that does not run says so"
)]

mod dispensing_result;
mod eprescription;
mod losses;
mod mutation;
mod notebook;
mod official;
mod parts;
mod quirks;
mod writer;

use chofuku_formats::{Decoded, Report, decode_message};

const PRESCRIPTION: &str = include_str!("../fixtures/prescription.csv");
const SPLIT: &str = include_str!("../fixtures/split.csv");
const NOTEBOOK: &str = include_str!("../fixtures/notebook.csv");
const DISPENSING_RESULT: &str = include_str!("../fixtures/dispensing_result.csv");

/// An input that lasts as long as the test, so that documents may borrow from it wherever it was made.
fn lasting(bytes: impl AsRef<[u8]>) -> &'static Decoded {
    Box::leak(Box::new(decode_message(bytes.as_ref())))
}

/// Every problem as `line record field: reason`.
fn problems(report: &Report) -> Vec<String> {
    let problems = report.problems.iter();
    problems
        .map(|problem| {
            let (line, record, field) = (problem.line, &problem.record, problem.field);
            format!("{line} {record} {field}: {}", problem.reason)
        })
        .collect()
}
