//! FHIR, the XML of the online eligibility check and UKE receipts, against fixtures written by hand.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed step of a test ends the test, and one that did not run says so"
)]

mod fhir;
mod fhir_documents;
mod mutations;
mod official;
mod online_eligibility;
mod pharmacy_receipt;
mod pitfalls;
mod receipt;
