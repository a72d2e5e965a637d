//! What an operator decides about the server, as typed values. Making them has no effects.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;

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

/// Bounds on every connection and request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub header_timeout: Duration,
    /// Between two pieces of a body.
    pub body_idle_timeout: Duration,
    /// For the whole body of a check or history.
    pub body_timeout: Duration,
    /// For a connection on which not a byte moves.
    pub idle_timeout: Duration,
    /// For how long a server that is told to stop still takes connections, with `/readyz` saying
    /// so: what a load balancer needs to look elsewhere.
    pub drain_notice: Duration,
    /// For requests in flight when the server has stopped taking connections.
    pub drain_timeout: Duration,
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
