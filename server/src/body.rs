//! Bodies: reading one within its bounds, and the two kinds that answers have.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::{HeaderMap, header};
use tokio::time::{Instant, timeout_at};

use crate::config::Limits;
use crate::error::ApiError;
use crate::handler::batch::Answers;

/// What is read of a body that is refused, so that its sender gets to read the refusal: closing a
/// connection with unread bytes would reset it.
const DISCARDED_BYTES_MAX: usize = 1024 * 1024;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// Bytes that are all there; empty once they are sent.
    Whole(Bytes),
    /// Answers of a batch, made as they are sent.
    Batch(Box<Answers>),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(std::mem::take(bytes)),
            Self::Batch(answers) => ready!(answers.poll_next(context)),
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Batch(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Self::Batch(_) => SizeHint::default(),
        }
    }
}

/// Reads a whole body of at most `limits.body_bytes_max` bytes.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    limits: &Limits,
) -> Result<Bytes, ApiError> {
    let max = limits.body_bytes_max;
    let too_large = ApiError::BodyTooLarge { max };
    let stated = body.size_hint().lower();
    let is_too_large = usize::try_from(stated).map_or(true, |stated| stated > max);
    if is_too_large && headers.contains_key(header::EXPECT) {
        // Its sender waits for leave to send it, and does not get it.
        return Err(too_large);
    }
    let mut reader = Reader::new(body, limits);
    let Some(first) = reader.next().await? else { return Ok(Bytes::new()) };
    // A length of zero is what a body without a stated length has at least: it says nothing.
    let is_whole = usize::try_from(stated).is_ok_and(|stated| stated > 0 && stated == first.len());
    if !is_too_large && is_whole {
        // The usual case: one piece, which is passed on without a copy.
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(usize::try_from(stated).unwrap_or(max).min(max));
    let mut seen = first.len();
    whole.extend_from_slice(&first);
    while let Some(piece) = reader.next().await? {
        seen = seen.saturating_add(piece.len());
        if seen <= max {
            whole.extend_from_slice(&piece);
        } else if seen > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if seen > max { Err(too_large) } else { Ok(whole.into()) }
}

/// Reads a body of a request that is refused, within the same times and not without end.
pub(crate) async fn discard(headers: &HeaderMap, body: Incoming, limits: &Limits) {
    if body.is_end_stream() || headers.contains_key(header::EXPECT) {
        return;
    }
    let mut reader = Reader::new(body, limits);
    let mut seen = 0_usize;
    while let Ok(Some(piece)) = reader.next().await {
        seen = seen.saturating_add(piece.len());
        if seen > DISCARDED_BYTES_MAX {
            return;
        }
    }
}

/// The pieces of a body, each within its time.
struct Reader {
    body: Incoming,
    limits: Limits,
    deadline: Instant,
}

impl Reader {
    fn new(body: Incoming, limits: &Limits) -> Self {
        Self { body, limits: *limits, deadline: Instant::now() + limits.body_timeout }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        loop {
            let frame = match self.soon().await {
                Some(frame) => frame,
                None => self.in_time().await?,
            };
            match frame {
                None => return Ok(None),
                Some(Err(_)) => return Err(ApiError::BodyIncomplete),
                Some(Ok(frame)) => {
                    // A frame without data holds trailers, which no call has.
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The next frame if it is there, or there once the connection has been looked at again; most
    /// bodies come with their heads. Setting a timer for them would wake another thread.
    async fn soon(&mut self) -> Option<Next> {
        let mut asked = false;
        poll_fn(|context| match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
            Poll::Pending if asked => Poll::Ready(None),
            Poll::Pending => {
                asked = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }

    /// The next frame if it comes in time.
    async fn in_time(&mut self) -> Result<Next, ApiError> {
        let deadline = self.deadline.min(Instant::now() + self.limits.body_idle_timeout);
        let frame = timeout_at(deadline, self.body.frame()).await;
        frame.map_err(|_| ApiError::BodyTimeout)
    }
}

/// What a body gives when it is asked: a frame, an error, or its end.
type Next = Option<Result<Frame<Bytes>, hyper::Error>>;
