//! `POST /v1/check/batch`: a check in each line, an answer or an error for each, in the same order.

mod lines;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderValue;
use hyper::{Response, StatusCode};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, Sleep, sleep_until};

use super::respond;
use crate::body::Body;
use crate::error::ApiError;
use crate::state::State;
use crate::wire::intake::Intake;
use crate::wire::{self, Surroundings, Told};
use lines::{Chunk, Line, Lines};

const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// Chunks of one batch that are answered at the same time. With the size of a chunk it bounds the
/// memory of a batch, whatever its length.
const JOBS_MAX: usize = 2;

/// Begins to answer a batch. The answers are made as fast as they are taken.
pub(super) fn answer(state: &Arc<State>, body: Incoming) -> Response<Body> {
    let answers = Answers::new(Arc::clone(state), body);
    respond::response(StatusCode::OK, NDJSON, Body::Batch(Box::new(answers)))
}

/// The answers of a batch, pulled by whoever writes them: nothing is read that cannot be answered,
/// and nothing is answered that is not taken.
#[derive(Debug)]
pub(crate) struct Answers {
    state: Arc<State>,
    input: Incoming,
    lines: Lines,
    /// In the order of their lines.
    jobs: VecDeque<JoinHandle<Vec<u8>>>,
    reading: Reading,
    /// When the input has paused for too long; counts only while it is waited for.
    idle: Pin<Box<Sleep>>,
    is_idle: bool,
}

/// How far the input is read.
#[derive(Debug)]
enum Reading {
    /// More may come.
    Open,
    /// It broke off, which the last line of the answer says.
    Broken(ApiError),
    /// It is read.
    Done,
}

impl Answers {
    fn new(state: Arc<State>, input: Incoming) -> Self {
        Self {
            lines: Lines::new(state.config.limits.body_bytes_max),
            state,
            input,
            jobs: VecDeque::with_capacity(JOBS_MAX),
            reading: Reading::Open,
            idle: Box::pin(sleep_until(Instant::now())),
            is_idle: false,
        }
    }

    /// The next answers, `None` after the last.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            self.poll_input(context);
            let Some(job) = self.jobs.front_mut() else {
                return match std::mem::replace(&mut self.reading, Reading::Done) {
                    Reading::Open => {
                        self.reading = Reading::Open;
                        Poll::Pending
                    }
                    Reading::Broken(error) => {
                        let mut answers = Vec::new();
                        push(&mut answers, Err(error));
                        Poll::Ready(Some(answers.into()))
                    }
                    Reading::Done => Poll::Ready(None),
                };
            };
            let answered = ready!(Pin::new(job).poll(context));
            self.jobs.pop_front();
            // The time that a slow taker needs is not the sender's.
            self.is_idle = false;
            if let Ok(answers) = answered {
                return Poll::Ready(Some(answers.into()));
            }
            // Answers would be missing from the order, so there are no more.
            self.jobs.clear();
            self.reading = Reading::Broken(ApiError::AnswerFailed);
        }
    }

    /// Reads lines and begins to answer them, until all jobs are busy or the input must be waited
    /// for. Without a job afterwards, no whole line is left.
    fn poll_input(&mut self, context: &mut Context<'_>) {
        while self.jobs.len() < JOBS_MAX {
            let is_open = matches!(self.reading, Reading::Open);
            if self.lines.is_full() || (!is_open && !self.lines.is_empty()) {
                self.begin_job();
                continue;
            }
            if !is_open {
                return;
            }
            match Pin::new(&mut self.input).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.is_idle = false;
                    // A frame without data holds trailers, which no call has.
                    if let Ok(data) = frame.into_data() {
                        self.lines.push(&data);
                    }
                }
                Poll::Ready(Some(Err(_))) => {
                    self.reading = Reading::Broken(ApiError::BodyIncomplete);
                }
                Poll::Ready(None) => {
                    self.lines.finish();
                    self.reading = Reading::Done;
                }
                // A sender that waits for an answer gets it; while others are answered, the lines
                // of one that does not wait are gathered.
                Poll::Pending if self.jobs.is_empty() && !self.lines.is_empty() => self.begin_job(),
                Poll::Pending => {
                    if self.poll_idle(context).is_pending() {
                        return;
                    }
                    self.reading = Reading::Broken(ApiError::BodyTimeout);
                }
            }
        }
    }

    /// Ready when the input has been waited for too long.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_idle {
            let limit = self.state.config.limits.body_idle_timeout;
            self.idle.as_mut().reset(Instant::now() + limit);
            self.is_idle = true;
        }
        self.idle.as_mut().poll(context)
    }

    /// Answers the lines that are read on another thread, so that a batch does not keep single
    /// checks waiting.
    fn begin_job(&mut self) {
        let (state, chunk) = (Arc::clone(&self.state), self.lines.take());
        self.jobs.push_back(spawn_blocking(move || answer_chunk(&state, &chunk)));
    }
}

fn answer_chunk(state: &State, chunk: &Chunk) -> Vec<u8> {
    let config = &state.config;
    let today = config.clock.today();
    let mut answers = Vec::new();
    for line in chunk.lines() {
        let answer = match line {
            Line::Whole(text) => respond::isolated(|| {
                let (key, policies) = (&state.key, &config.policies);
                let (around, intake) = (Surroundings { key, policies, today }, Intake::json(text));
                let seen = respond::counted(state);
                wire::check_seen(&state.live, &around, &intake, Told::Json, seen)
            }),
            Line::TooLong => Err(ApiError::BodyTooLarge { max: config.limits.body_bytes_max }),
        };
        push(&mut answers, answer);
    }
    answers
}

/// Adds the line of an answer or of an error.
fn push(answers: &mut Vec<u8>, answer: Result<Vec<u8>, ApiError>) {
    let line = answer.unwrap_or_else(|error| {
        respond::log(&error);
        error.to_json()
    });
    answers.extend_from_slice(&line);
    answers.push(b'\n');
}
