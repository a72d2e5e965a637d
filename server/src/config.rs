//! What an operator decides about the server, as typed values. Making them has no effects.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::policies::Policies;
use crate::trace::ContinueTrace;

/// Everything that a server is started with, beside its data.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The data directory, in which newer generations are looked for; without one there are none.
    pub data: Option<PathBuf>,
    /// The time of the day in Japan at which registered documents are compacted; without it, only by
    /// call.
    pub compact_at: Option<Time>,
    /// Where backups are made; without it there are none.
    pub backups: Option<PathBuf>,
    /// The policies that a request can name.
    pub policies: Policies,
    /// Whether a prescription is refused of which a finding is not acknowledged.
    pub require_acknowledgement: bool,
    /// What tells the check day of a request that names none.
    pub clock: Clock,
    /// Patients to begin with, offered by the console of a server whose data is a demonstration.
    pub examples: Vec<Example>,
    /// What CDS Hooks are answered with.
    pub hooks: Hooks,
    /// How the span of a request learns of the trace that its caller began; without it, each begins one.
    pub continue_trace: Option<ContinueTrace>,
    /// What it takes and how long it waits.
    pub limits: Limits,
}

/// A made-up patient and a request about them.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Example {
    /// A short name, such as `two-clinics`.
    pub name: String,
    /// What it shows, in Japanese.
    pub ja: String,
    /// What it shows, in English.
    pub en: String,
    /// The body of `POST /v1/check`.
    pub request: serde_json::Value,
}

/// What an operator decides about CDS Hooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Who asks, where a request does not say so: the kind in the word of the interface, and the code of
    /// ten digits.
    pub actor: Option<(String, String)>,
    /// Whether a request is refused that names no insured identity; otherwise the FHIR id of the patient
    /// is taken for an opaque id of the caller's.
    pub require_insured: bool,
    /// The origins of browser pages that may read the answers; `*` for every one. None by default.
    pub cors_origins: Vec<String>,
    /// Where people reach this server, without a slash at the end; cards link there.
    pub public_url: Option<String>,
}

/// Bounds on every connection and request. As text, durations are written as in `30s` or `1m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections; further ones wait to be accepted.
    pub connections_max: usize,
    /// Bytes of the head of an HTTP/1 request that are buffered, and of an HTTP/2 header list. At
    /// least 8,192.
    pub header_bytes_max: u32,
    /// Fields of a head, at most 100.
    pub header_fields_max: usize,
    /// Bytes of path and query.
    pub uri_bytes_max: usize,
    /// Bytes of the body of a check or history, and of a line of a batch.
    pub body_bytes_max: usize,
    /// Bytes of the body of a CDS Hooks request, which brings FHIR resources along.
    pub hook_body_bytes_max: usize,
    /// Streams of one HTTP/2 connection.
    pub http2_streams_max: u32,
    /// From the first byte of an HTTP/1 head to its last.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub header_timeout: Duration,
    /// Between two pieces of a body.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub body_idle_timeout: Duration,
    /// For the whole body of a check or history.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub body_timeout: Duration,
    /// For a connection on which not a byte moves.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub idle_timeout: Duration,
    /// For how long a server that is told to stop still takes connections, with `/readyz` saying
    /// so: what a load balancer needs to look elsewhere.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub drain_notice: Duration,
    /// For requests in flight when the server has stopped taking connections.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub drain_timeout: Duration,
}

/// A limit with which no request could be answered, or that the protocol cannot keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limits.{name} is {value}; use {allowed}")]
pub struct LimitFault {
    name: &'static str,
    value: u128,
    allowed: &'static str,
}

impl Limits {
    /// Every limit that cannot be kept; none if the server can be started with them.
    pub fn faults(&self) -> Vec<LimitFault> {
        // A limit and the values between which it works; times in milliseconds.
        let bounds = [
            ("connections_max", wide(self.connections_max), 1..=MANY, "at least 1"),
            ("header_bytes_max", self.header_bytes_max.into(), 8192..=1 << 20, "8192 to 1048576"),
            ("header_fields_max", wide(self.header_fields_max), 1..=100, "1 to 100"),
            ("uri_bytes_max", wide(self.uri_bytes_max), 256..=65_534, "256 to 65534"),
            ("body_bytes_max", wide(self.body_bytes_max), 1024..=1 << 30, "1024 to 1073741824"),
            ("http2_streams_max", self.http2_streams_max.into(), 1..=MANY, "at least 1"),
            ("header_timeout", self.header_timeout.as_millis(), 1..=MANY, "at least 1ms"),
            ("body_idle_timeout", self.body_idle_timeout.as_millis(), 1..=MANY, "at least 1ms"),
            ("body_timeout", self.body_timeout.as_millis(), 1..=MANY, "at least 1ms"),
            ("idle_timeout", self.idle_timeout.as_millis(), 1..=MANY, "at least 1ms"),
        ];
        let outside = bounds.into_iter().filter(|(_, value, between, _)| !between.contains(value));
        outside.map(|(name, value, _, allowed)| LimitFault { name, value, allowed }).collect()
    }
}

/// No upper bound.
const MANY: u128 = u128::MAX;

fn wide(number: usize) -> u128 {
    u128::try_from(number).unwrap_or(MANY)
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data: None,
            compact_at: None,
            backups: None,
            policies: Policies::default(),
            require_acknowledgement: false,
            clock: Clock::default(),
            examples: Vec::new(),
            hooks: Hooks::default(),
            continue_trace: None,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            header_bytes_max: 16 * 1024,
            header_fields_max: 64,
            uri_bytes_max: 2 * 1024,
            body_bytes_max: 64 * 1024,
            hook_body_bytes_max: 1024 * 1024,
            http2_streams_max: 128,
            header_timeout: Duration::from_secs(5),
            body_idle_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_mins(1),
            drain_notice: Duration::ZERO,
            drain_timeout: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_kept() {
        assert_eq!(Limits::default().faults(), []);
    }

    #[test]
    fn a_limit_that_cannot_be_kept_is_named_with_what_can() {
        let limits =
            Limits { header_fields_max: 101, body_timeout: Duration::ZERO, ..Limits::default() };
        let faults: Vec<String> = limits.faults().iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "limits.header_fields_max is 101; use 1 to 100",
                "limits.body_timeout is 0; use at least 1ms",
            ]
        );
    }
}
