//! Live data: what is registered counts in the next check, and is never lost.
//!
//! A [`Command`] is decided against everything that is known of its documents (`state`), becomes an
//! [`Event`], is made durable by the event log together with the other commands of its batch, is
//! applied to the patients that it concerns, and is answered only then ([`Registry`]). Checks read a
//! [`Snapshot`] of [`Live`]: the generation in force and, for a patient of whom something was
//! registered since, that patient encoded anew.

pub mod backup;
mod command;
pub mod compact;
mod event;
mod live;
mod registry;
mod state;
mod writer;

pub use command::{Command, Done, Named, Refusal};
pub use event::{Event, EventError, EventKind, JudgedLine, Judgement};
pub use live::{Live, Overlay, Seen, Snapshot};
pub use registry::{Registry, StartError, SwapError, Unavailable};
pub use state::{DocumentState, Version};
pub use writer::NewIf;
