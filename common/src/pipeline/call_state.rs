//! Once per call: time limit and retry.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use super::attempt::Attempt;
use super::retry::{is_worth_repeating, leaves_doubt, may_repeat, outcome};
use super::{CoreParts, Operation, trace};
use crate::error::Reach;
use crate::http::transport::BoxFuture;
use crate::http::{Request, Response};
use crate::{Error, ErrorKind, Result, Secret};

/// What all attempts of one call share.
pub(super) struct CallState<'a> {
    pub(super) core: &'a CoreParts,
    pub(super) operation: &'a Operation,
    /// The secrets in the request, to be masked in the service's words.
    pub(super) secrets: &'a [Secret],
    pub(super) deadline: Option<Instant>,
    pub(super) retries: bool,
    pub(super) streamed: bool,
    pub(super) progress: Progress,
}

/// How far the call has got, readable after its future was dropped by the time limit.
#[derive(Default)]
pub(super) struct Progress {
    attempts: AtomicU32,
    /// One of `NOWHERE`, `SENT` and `ANSWERED`, for the attempt under way.
    place: AtomicU8,
    /// An earlier attempt may have been carried out.
    doubt: AtomicBool,
}

const NOWHERE: u8 = 0;
const SENT: u8 = 1;
const ANSWERED: u8 = 2;

impl Progress {
    pub(super) fn sent(&self) {
        self.place.store(SENT, Relaxed);
    }

    pub(super) fn answered(&self) {
        self.place.store(ANSWERED, Relaxed);
    }

    pub(super) fn reach(&self) -> Reach {
        match self.place.load(Relaxed) {
            NOWHERE => Reach::NotSent,
            SENT => Reach::Interrupted,
            _ => Reach::BrokenReply,
        }
    }
}

impl CallState<'_> {
    /// Makes attempts until one settles the call or the time runs out.
    pub(super) async fn run(&self, request: Request) -> Result<Response> {
        let Some(deadline) = self.deadline else { return self.attempts(request).await };
        match tokio::time::timeout_at(deadline, self.attempts(request)).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(ErrorKind::Timeout, self.progress.reach())
                .with_message("the time limit of the call has passed", &[])),
        }
    }

    /// Boxed for [`Next`](super::middleware::Next), whose future would otherwise contain itself: a call runs attempts.
    pub(super) fn run_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(self.run(request))
    }

    async fn attempts(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let mut body = Some(body);
        let mut renewed = false;
        let mut tries = 0;
        loop {
            tries += 1;
            let copy = body.as_ref().and_then(crate::Body::try_clone);
            let repeatable_body = copy.is_some();
            let Some(sent) = copy.or_else(|| body.take()) else {
                return Err(Error::other("the body was sent already and cannot be sent again"));
            };
            let number = self.progress.attempts.fetch_add(1, Relaxed) + 1;
            self.progress.place.store(NOWHERE, Relaxed);
            let attempt = Attempt::new(self, number);
            let error = match attempt.run(Request::from_parts(parts.clone(), sent)).await {
                Ok(response) => {
                    self.core.budget.succeeded();
                    return Ok(response);
                }
                Err(error) => error,
            };
            if leaves_doubt(error.reach()) {
                self.progress.doubt.store(true, Relaxed);
            }
            if error.reach() == Reach::Unauthorized
                && let Some(generation) = attempt.generation()
            {
                self.core.auth.retire(generation);
                if !renewed && repeatable_body && self.retries {
                    renewed = true;
                    tries -= 1;
                    continue;
                }
            }
            let Some(delay) = self.delay_before_next(tries, repeatable_body, &error) else { return Err(error) };
            trace::retrying(self.operation, number + 1, delay, &error);
            self.progress.place.store(NOWHERE, Relaxed);
            tokio::time::sleep(delay).await;
        }
    }

    /// How long to wait before another attempt, or `None` where there is to be none.
    fn delay_before_next(&self, tries: u32, repeatable_body: bool, error: &Error) -> Option<Duration> {
        let policy = &self.core.retry;
        let permitted = self.retries
            && tries < policy.max_attempts
            && repeatable_body
            && may_repeat(self.operation.repeatability(), error.reach(), error.kind())
            && (error.reach() != Reach::Faulty || error.status().is_none_or(is_worth_repeating));
        if !permitted {
            return None;
        }
        let asked = error.retry_after().unwrap_or_default();
        let delay = policy.delay(tries + 1, &self.core.jitter).max(asked);
        let fits = asked <= policy.max_retry_after
            && self.deadline.is_none_or(|deadline| Instant::now().checked_add(delay).is_some_and(|end| end < deadline));
        (fits && self.core.budget.try_retry()).then_some(delay)
    }

    /// Completes an error with what only the whole call knows.
    pub(super) fn finish(&self, error: Error) -> Error {
        let doubt = self.progress.doubt.load(Relaxed);
        let told = outcome(self.operation.repeatability(), error.reach(), doubt);
        error.finished(self.operation.name(), self.progress.attempts.load(Relaxed), told, doubt)
    }

    pub(super) fn attempts_made(&self) -> u32 {
        self.progress.attempts.load(Relaxed)
    }
}
