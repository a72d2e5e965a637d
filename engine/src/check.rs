//! The check: one question, answered in two steps.
//!
//! `assess` finds everything, whatever the consent; [`disclose`] decides what of it is told and is
//! the only code that turns findings into an answer.

mod assess;
mod contraindication;
pub mod disclose;
mod duplicate;
pub mod finding;
mod id;
mod interest;
mod judge;
mod line;
pub mod record;
mod records;
pub mod replay;
pub mod request;

use crate::error::FormatError;
use crate::view::View;
pub use disclose::{Answer, Outcome};
pub use finding::{FindingKind, Level};
pub use line::{LineWarning, NotChecked};
pub use record::{Disposition, Record};
pub use request::{Actor, ActorKind, Consent, NewLine, OwnInstitution, Request};

/// Checks the new lines of a request against the patient's history.
///
/// The same view and request give the same answer, for ever.
///
/// # Errors
///
/// When bytes that the check needs are damaged. There is no answer then.
pub fn check<'a>(
    view: impl Into<View<'a>>,
    request: &'a Request<'a>,
) -> Result<Answer<'a>, FormatError> {
    assess::assess(view.into(), request, disclose::disclose)
}

/// Every record of the patient with its disposition and period, in the order of evidence.
///
/// The caller has made sure of full consent; the lines of the request are not looked at.
///
/// # Errors
///
/// When bytes that are needed are damaged.
pub fn timeline<'a>(
    view: impl Into<View<'a>>,
    request: &'a Request<'a>,
) -> Result<Vec<(Disposition, Record<'a>)>, FormatError> {
    disclose::timeline(view.into(), request)
}
