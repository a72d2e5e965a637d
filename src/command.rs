//! The subcommands, one file each: arguments, the call, and what a person reads of it.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod compact;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod demo;
pub(crate) mod generate;
pub(crate) mod inserts;
pub(crate) mod inspect;
pub(crate) mod lint;
pub(crate) mod man;
pub(crate) mod patient;
pub(crate) mod registry;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod tables;
pub(crate) mod verify;

use std::io;
use std::net::SocketAddr;

use chofuku_engine::Day;
use chofuku_engine::error::OpenError;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

/// Now, in UTC, as RFC 3339 writes it.
pub(crate) fn now() -> String {
    Timestamp::now().to_string()
}

/// Today in Japan, which has no daylight-saving time.
pub(crate) fn today_in_japan() -> jiff::civil::Date {
    Timestamp::now().to_zoned(TimeZone::fixed(offset(9))).date()
}

/// Today in Japan as the engine counts days.
pub(crate) fn check_day_today() -> Day {
    Day::from(today_in_japan())
}

/// A number with commas, for people.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An error of opening a data directory, with the command that helps.
pub(crate) fn explain(error: OpenError) -> anyhow::Error {
    let hint = match &error {
        OpenError::Format { .. } | OpenError::NotInManifest { .. } => {
            Some("compile again, or restore the data directory from a backup")
        }
        OpenError::NotPublished { .. }
        | OpenError::Io { .. }
        | OpenError::Current { .. }
        | OpenError::OtherKey { .. }
        | OpenError::Key { .. } => None,
    };
    match hint {
        Some(hint) => anyhow::Error::new(error).context(format!("cannot be opened: {hint}")),
        None => anyhow::Error::new(error),
    }
}

/// An error of opening a socket, with what helps.
pub(crate) fn cannot_listen(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let hints = [
        (io::ErrorKind::AddrInUse, "; another program does, so choose another port with --listen"),
        (io::ErrorKind::AddrNotAvailable, "; this machine does not have that address"),
        (io::ErrorKind::PermissionDenied, "; take a port from 1024 up, or be allowed to"),
    ];
    let hint = hints.into_iter().find(|(kind, _)| *kind == error.kind());
    let hint = hint.map_or("", |(_, hint)| hint);
    anyhow::Error::new(error).context(format!("{address}: cannot be listened on{hint}"))
}
