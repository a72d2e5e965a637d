//! Every call of the interface: its row in the document, and who describes it.
//!
//! One row makes a call's path, the lookup of its description and the proof that none is missing: a
//! [`Route`] without a row does not compile.

use super::operation::Operation;
use super::schemas::Schemas;
use super::{checks, hooks, registration, service};
use crate::route::Route;

macro_rules! calls {
    ($($method:literal $path:literal: $route:pat => $describe:path;)*) => {
        /// Method and path of every call.
        pub(super) const ALL: &[(&str, &str)] = &[$(($method, $path),)*];

        /// The description of a call.
        pub(super) fn describe(route: Route<'_>, schemas: &mut Schemas) -> Operation {
            match route {
                $($route => $describe(schemas),)*
            }
        }

        /// The row of a call.
        #[cfg(test)]
        pub(super) fn row(route: Route<'_>) -> (&'static str, &'static str) {
            match route {
                $($route => ($method, $path),)*
            }
        }
    };
}

calls! {
    "POST" "/v1/check": Route::Check => checks::check;
    "POST" "/v1/check/batch": Route::Batch => checks::batch;
    "POST" "/v1/history": Route::History => checks::history;
    "POST" "/v1/convert": Route::Convert => registration::convert;
    "POST" "/v1/documents": Route::Documents => registration::register;
    "GET" "/v1/documents/{id}": Route::Document { change: false, .. } => registration::state;
    "PUT" "/v1/documents/{id}": Route::Document { change: true, .. } => registration::change;
    "POST" "/v1/documents/{id}/cancel": Route::Cancel { .. } => registration::cancel;
    "POST" "/v1/documents/{id}/restore": Route::Restore { .. } => registration::restore;
    "POST" "/v1/patients/link": Route::Link => registration::link;
    "GET" "/v1/drugs": Route::Drugs => service::drugs;
    "GET" "/v1/drugs/{system}/{code}": Route::Drug { .. } => service::drug;
    "GET" "/cds-services": Route::HookServices => hooks::services;
    "POST" "/cds-services/medication-check": Route::Hook => hooks::hook;
    "POST" "/cds-services/medication-check/feedback": Route::Feedback => hooks::feedback;
    "GET" "/metrics": Route::Metrics => hooks::metrics;
    "GET" "/v1/status": Route::Status => service::status;
    "GET" "/healthz": Route::Health => service::health;
    "GET" "/readyz": Route::Ready => service::ready;
    "GET" "/openapi.json": Route::OpenApi => service::openapi;
    "GET" "/docs": Route::Docs => service::docs;
    "GET" "/": Route::Console { file: "index.html" } => service::console;
    "GET" "/console/{folder}/{file}": Route::Console { file: "{folder}/{file}" } => service::console_folder;
    "GET" "/console/{file}": Route::Console { .. } => service::console_file;
    "GET" "/v1/admin/lint": Route::Lint => service::lint;
    "POST" "/v1/admin/reload": Route::Reload => service::reload;
    "POST" "/v1/admin/compact": Route::Compact => service::compact;
    "POST" "/v1/admin/backup": Route::Backup => service::backup;
}
