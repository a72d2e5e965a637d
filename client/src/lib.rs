//! A typed client of chofuku, the duplicate-medication check (重複投薬等チェック), over HTTP.
//!
//! It depends on nothing of the engine: its types are its own, as the interface writes them
//! (`GET /openapi.json`). Fields that a newer server adds to answers are ignored, and words that it adds are
//! kept as `Unknown`.
//!
//! ```no_run
//! use chofuku_client::{Actor, Check, Client, Consent, Drug, Form, Line, Outcome, Patient};
//!
//! # async fn ask() -> Result<(), chofuku_client::Error> {
//! let client = Client::new("http://127.0.0.1:8080")?;
//! let patient = Patient::insured("06130012", "12", "3456", "01");
//! let check = Check::new(patient, Actor::medical_institution("1311234567"))
//!     .consent(Consent::oral("dr-017"))
//!     .line(Line::new(1, Drug::yj("2171022F2025"), Form::Oral).quantity("14"));
//! let answer = client.check(&check).await?;
//! match answer.outcome {
//!     Outcome::Clear => println!("everything was checked, nothing was found"),
//!     Outcome::Findings => answer.findings.iter().for_each(|found| println!("{}", found.message.ja)),
//!     // Never a clear one: not everything was checked, or this client is too old to know.
//!     _ => println!("not everything could be checked"),
//! }
//! # Ok(()) }
//! ```
//!
//! [`CheckAnswer::is_clear`] is the one way to ask whether a prescription collides with nothing: it holds
//! only if the outcome says so, everything was checked and nothing was found.
//!
//! **What is registered can be asked for again.** [`Client::register`], [`Client::change`] and
//! [`Client::link`] are sent again when their answer was lost, which adds nothing: the server knows the
//! document by its id. [`Client::cancel`] and [`Client::restore`] are not.
//!
//! ```no_run
//! # use chofuku_client::{Client, Document, Drug, Form, Line, Patient};
//! # async fn register(client: Client, check: chofuku_client::Check) -> Result<(), chofuku_client::Error> {
//! let prescription = Document::prescription("rx-1", Patient::id("p-1"), "2026-11-22", "1311234567")
//!     .line(Line::new(1, Drug::yj("2171022F2025"), Form::Oral).quantity("14"));
//! let registered = client.register(&prescription).await?;
//! // On any node, this check sees the prescription.
//! let answer = client.seeing(registered.event).check(&check).await?;
//! # drop(answer); Ok(()) }
//! ```
//!
//! What is asked and registered is sent as JSON. Messages of the outside (電子処方箋 CSV, FHIR), answers in the
//! words of FHIR, CDS Hooks and upkeep are calls of the same server that this client does not make.
//!
//! Plain HTTP only. The server has no TLS either; where something in front of it has, give
//! [`Client::with_connector`] a connector that does, such as that of `hyper-rustls`.

mod answer;
mod batch;
mod body;
mod client;
mod error;
mod exchange;
mod request;
mod word;

pub use answer::document::{AcknowledgedFinding, DocumentState, Registered, State, Version};
pub use answer::drug::{
    Contraindicated, DrugAnswer, DrugsAnswer, PartnerRule, Product, ProductCode,
};
pub use answer::finding::{Finding, FindingKind, Level, Message, Rule, Scope, StatedBy, Substance};
pub use answer::record::{
    Basis, BlindSpot, DaysFrom, Facility, Record, RecordDrug, Resolution, Totals, Usage,
};
pub use answer::status::{Sizes, Source, Status};
pub use answer::{
    CheckAnswer, Disposition, HistoryAnswer, HistoryRecord, IncompleteBecause, NotChecked,
    NotCheckedReason, Outcome, Policy, Snapshot, Warning,
};
pub use batch::Batch;
pub use client::Client;
pub use error::{Code, Error, Refusal};
pub use request::document::{Acknowledgement, Document, DocumentKind, Refill, Setting};
pub use request::{
    Actor, ActorKind, Check, CodeSystem, Consent, Drug, Form, History, Institution, Line,
    OwnInstitution, Patient,
};
