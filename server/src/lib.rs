//! The check over HTTP: the interface and its words, and a server that carries it.
//!
//! [`check_json`], [`check_request`] and [`history_json`] answer a request body without any network; the server sends
//! the same bytes. [`App::bind`] opens a socket and [`App::serve`] answers on it until it is told to
//! stop. Every error has a stable [`Code`], explained in `docs/errors.md`.

mod app;
mod body;
mod clock;
mod config;
mod connection;
mod error;
mod handler;
mod idle;
mod listener;
mod policies;
mod route;
mod state;
mod upkeep;
mod watched;
mod wire;

pub use app::{App, Drained};
pub use chofuku_live::Live;
pub use clock::Clock;
pub use config::{Config, Limits};
pub use error::{ApiError, Code};
pub use policies::{Policies, PolicyError};
pub use wire::intake::is_message;
pub use wire::{Request, Told, check_json, check_request, history_json};
