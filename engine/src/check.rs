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
mod measure;
pub mod record;
mod records;
pub mod replay;
pub mod request;

use crate::error::FormatError;
use crate::index::Index;
use crate::map;
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

/// Checks requests one after another, each as [`check`] does.
///
/// Most of the time of a check passes while the request and the records of a patient whom nobody asked
/// about lately come from memory. Whoever knows the next requests does not wait for them: they are
/// asked for while the requests before them are checked.
pub fn check_each<'a>(
    index: &'a Index,
    requests: &'a [Request<'a>],
) -> impl Iterator<Item = Result<Answer<'a>, FormatError>> {
    let view = View::from(index);
    requests.iter().enumerate().map(move |(position, request)| {
        let ahead = |distance| requests.get(position + distance);
        if let Some(next) = ahead(LINES_AHEAD) {
            map::prefetch(&next.lines);
        }
        if let Some(next) = ahead(PLACE_AHEAD) {
            view.prefetch_bucket(next.patient);
        }
        if let Some(next) = ahead(TEXTS_AHEAD) {
            next.prefetch_texts();
        }
        if let Some(next) = ahead(ROWS_AHEAD) {
            view.prefetch_rows(next.patient);
        }
        check(view, request)
    })
}

// How many requests ahead something is asked for. Lines come before their texts, and the place of a
// patient before the rows, because one says where the other is.
const LINES_AHEAD: usize = 6;
const PLACE_AHEAD: usize = 4;
const TEXTS_AHEAD: usize = 3;
const ROWS_AHEAD: usize = 2;

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
