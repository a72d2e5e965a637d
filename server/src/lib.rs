//! The check over HTTP: the interface and its words, and a server that carries it.
//!
//! [`check_json`], [`check_request`] and [`history_json`] answer a request body without any network; the server sends
//! the same bytes. [`App::bind`] opens a socket and [`App::serve`] answers on it until it is told to
//! stop. Every error has a stable [`Code`], explained in `docs/errors.md`.

mod app;
mod background;
mod body;
mod call;
mod cds;
mod clock;
mod config;
mod connection;
mod console;
mod cors;
mod error;
mod handler;
mod idle;
mod listener;
mod metrics;
mod openapi;
mod policies;
mod route;
mod state;
mod trace;
mod upkeep;
mod watched;
mod wire;
mod words;

pub use app::{App, Drained};
pub use background::in_the_background;
pub use chofuku_live::Live;
pub use clock::Clock;
pub use config::{Config, Example, Hooks, LimitFault, Limits};
pub use error::{ApiError, Code};
pub use openapi::openapi;
pub use policies::{Policies, PolicyError};
pub use trace::{ContinueTrace, REQUEST};
pub use wire::intake::is_message;
pub use wire::{Request, Told, check_json, check_request, history_json};
