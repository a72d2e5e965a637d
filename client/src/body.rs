//! Bodies of requests: one that is there, and the lines of a batch, written as they are sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::request::Check;

/// Lines are sent in pieces of about this many bytes.
const PIECE_BYTES: usize = 16 * 1024;

/// The body of a request.
pub(crate) enum Body {
    Whole(Bytes),
    Lines(Lines),
}

/// The checks of a batch.
pub(crate) struct Lines {
    checks: Box<dyn Iterator<Item = Check> + Send>,
    sent: Arc<Sent>,
}

/// How much of a batch is sent, as whoever reads its answers must know.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    checks: AtomicU64,
    is_all: AtomicBool,
}

impl Sent {
    /// How many checks are sent, and whether there are no more.
    pub(crate) fn so_far(&self) -> (u64, bool) {
        (self.checks.load(Ordering::Acquire), self.is_all.load(Ordering::Acquire))
    }
}

impl Lines {
    pub(crate) fn new(checks: Box<dyn Iterator<Item = Check> + Send>) -> (Self, Arc<Sent>) {
        let sent = Arc::new(Sent::default());
        (Self { checks, sent: Arc::clone(&sent) }, sent)
    }

    /// The next lines; none behind the last.
    fn piece(&mut self) -> Option<Bytes> {
        let mut piece = Vec::new();
        while piece.len() < PIECE_BYTES {
            let Some(check) = self.checks.next() else {
                self.sent.is_all.store(true, Ordering::Release);
                break;
            };
            // Texts and numbers always serialise; a line that did not would be refused by the server.
            piece.extend(serde_json::to_vec(&check).unwrap_or_default());
            piece.push(b'\n');
            self.sent.checks.fetch_add(1, Ordering::AcqRel);
        }
        (!piece.is_empty()).then(|| piece.into())
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(std::mem::take(bytes)),
            Self::Lines(lines) => lines.piece(),
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Lines(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Self::Lines(_) => SizeHint::default(),
        }
    }
}
