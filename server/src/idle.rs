//! When a connection has waited long enough: no byte moves on it, or the head of a request begins
//! and does not end.
//!
//! One timer a connection, not one a request: a request only notes the time, and the timer looks
//! at the notes when it fires.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::Limits;

/// What has happened on a connection. Everything touches it from the connection's own task, so
/// nothing depends on the order of memory accesses.
#[derive(Debug)]
pub(crate) struct Activity {
    opened: Instant,
    /// Requests whose answers are not finished.
    requests: AtomicUsize,
    /// When a byte last moved, in milliseconds after `opened`.
    moved_ms: AtomicU64,
    /// When the head began that is being read, in the same way; `NONE` between requests.
    head_ms: AtomicU64,
    /// Whether heads come as HTTP/2 frames, which are bounded by the protocol; known from the first
    /// bytes.
    is_http2: OnceLock<bool>,
}

const NONE: u64 = u64::MAX;
const HTTP2_PREFACE: &[u8] = b"PRI ";

/// Why a connection is closed that its peer keeps open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// No byte moved.
    Idle,
    /// The head of a request did not end.
    Head,
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "idle",
            Self::Head => "the head of a request did not end in time",
        })
    }
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            opened: Instant::now(),
            requests: AtomicUsize::new(0),
            moved_ms: AtomicU64::new(0),
            head_ms: AtomicU64::new(NONE),
            is_http2: OnceLock::new(),
        }
    }

    /// Notes that the head of a request is complete; the request lasts as long as what this returns.
    pub(crate) fn begin(self: &Arc<Self>) -> InFlight {
        self.requests.fetch_add(1, Relaxed);
        self.head_ms.store(NONE, Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Notes that a byte moved.
    pub(crate) fn moved(&self) -> u64 {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(NONE - 1);
        self.moved_ms.store(now, Relaxed);
        now
    }

    /// Notes bytes that came.
    pub(crate) fn read(&self, bytes: &[u8]) {
        let is_http2 = *self.is_http2.get_or_init(|| bytes.starts_with(HTTP2_PREFACE));
        let now = self.moved();
        // Bytes during a request are its body.
        let is_head = self.requests.load(Relaxed) == 0 && !is_http2;
        if is_head && self.head_ms.load(Relaxed) == NONE {
            self.head_ms.store(now, Relaxed);
        }
    }

    /// The earliest time at which the connection may be closed, and why, if nothing happens before.
    fn deadline(&self, limits: &Limits) -> (Instant, Expiry) {
        let after = |ms, limit| self.opened + Duration::from_millis(ms) + limit;
        let idle = after(self.moved_ms.load(Relaxed), limits.idle_timeout);
        let head = match self.head_ms.load(Relaxed) {
            NONE => return (idle, Expiry::Idle),
            began => after(began, limits.header_timeout),
        };
        if head < idle { (head, Expiry::Head) } else { (idle, Expiry::Idle) }
    }

    /// Ends when the connection has waited long enough.
    pub(crate) fn expiry(self: Arc<Self>, limits: Limits) -> impl Future<Output = Expiry> {
        let mut timer: Pin<Box<Sleep>> = Box::pin(sleep_until(self.deadline(&limits).0));
        std::future::poll_fn(move |context| {
            loop {
                let (deadline, why) = self.deadline(&limits);
                if timer.deadline() > deadline {
                    timer.as_mut().reset(deadline);
                }
                ready!(timer.as_mut().poll(context));
                if timer.deadline() >= deadline {
                    return Poll::Ready(why);
                }
                timer.as_mut().reset(deadline);
            }
        })
    }
}

/// A request whose answer is not finished.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Relaxed);
        self.0.moved();
    }
}
