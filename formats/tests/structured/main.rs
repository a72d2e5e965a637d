//! FHIR, the XML of the online eligibility check and UKE receipts, against fixtures written by hand.

mod fhir;
mod mutate;
mod mutations;
mod official;
mod online_eligibility;
mod receipt;
